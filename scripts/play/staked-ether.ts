import { LOCAL_CHAIN_ID, readParameters } from "../../deploy/parameters.ts";
import { isProduct, localPartNames } from "../../deploy/product-feeds.ts";
import { STAKED_ETHER } from "./assets.ts";
import { InputError } from "./input-error.ts";
import type { PriceSeries, Window } from "./price-series.ts";
import { ratedSeries } from "./rates.ts";

/**
 * The prices of staked ether in a window: its rate, as the market's parameters start it, times those of ether. Throws an
 * {@link InputError} if those are not among the prices.
 */
export async function stakedEther(series: readonly PriceSeries[], window: Window): Promise<PriceSeries> {
  const { listings } = await readParameters(LOCAL_CHAIN_ID);
  const source = listings.find(({ token }) => token.symbol === STAKED_ETHER)?.feed.source;
  if (source === undefined || !isProduct(source) || source.priceOf === undefined) {
    throw new Error(`The local market does not list ${STAKED_ETHER} as a product with another listing's price.`);
  }
  const { rate, priceOf } = source;
  if (typeof rate.source === "string") throw new Error(`The local market has no rate feed of ${STAKED_ETHER}.`);
  const ether = series.find(({ asset }) => asset === priceOf);
  if (ether === undefined) {
    throw new InputError(
      `--wsteth needs prices of ${priceOf.replace(/^W/, "")}, which make those of ${STAKED_ETHER}: give a file of them too.`,
    );
  }
  const { decimals } = rate;
  const first = rate.source.firstAnswer;
  return ratedSeries(
    STAKED_ETHER,
    { feed: localPartNames.rate(STAKED_ETHER), of: priceOf, decimals, first, start: window.start },
    ether,
  );
}

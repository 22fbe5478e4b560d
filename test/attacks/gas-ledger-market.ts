/** Where a random life of a book takes place: a month-old market in which a loan may pledge two assets twice. */
import { DAY } from "../helpers/chain.ts";
import type { Candidate } from "../helpers/governance.ts";
import {
  deployMarket,
  dollars,
  FEED_AGE,
  link,
  LINK,
  MINOR_TERMS,
  waitWithLiveFeeds,
  wbtc,
  WBTC,
  WETH,
  weth,
  type Market,
} from "../helpers/market.ts";

export const ETHER_AGAIN = 3n;
const BITCOIN_AGAIN = 4n;
export const LISTINGS = [WETH, WBTC, LINK, ETHER_AGAIN, BITCOIN_AGAIN];
export const USUAL = { weth: "2,000", wbtc: "60,000", link: "15" };
export const DISASTER = { weth: "10", wbtc: "100", link: "0.1" };

/** Two thousand dollars of each listing. */
export const PORTION = [weth("1"), wbtc("0.03"), link("133"), weth("1"), wbtc("0.03")];

/** Ether and bitcoin are listed twice; ether refuses accounts that its issuer blocks. */
export async function oldMarket(): Promise<Market> {
  const market = await deployMarket({
    contracts: { weth: "BlockingToken" },
    more: ({ weth: ether, wbtc: bitcoin, feeds }) => {
      const again = (token: typeof ether, feed: typeof feeds.weth, [min, max]: [string, string]): Candidate => {
        const bounds = { minAnswer: dollars(min), maxAnswer: dollars(max) };
        return { token, terms: MINOR_TERMS, feed: { feed, maxAge: FEED_AGE, ...bounds }, cap: 10n ** 24n };
      };
      return [again(ether, feeds.weth, ["10", "100,000"]), again(bitcoin, feeds.wbtc, ["100", "5,000,000"])];
    },
  });
  await waitWithLiveFeeds(market, 30n * DAY);
  return market;
}

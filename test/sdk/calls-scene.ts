/** Markets of tests as the SDK's calls take them. */
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { ZeroHash } from "ethers";

import { connect, type MarketConnection } from "../../sdk/src/calls/index.ts";
import { parseMarketAddresses, type AssetAddresses, type MarketAddresses } from "../../sdk/src/addresses/index.ts";
import { networkHelpers } from "../helpers/chain.ts";
import type { LenderVault, LoanBook } from "../helpers/contracts.ts";
import { deployLens } from "../helpers/loan-lens.ts";
import { standardMarket, type Market } from "../helpers/market.ts";

/** Connections of those who take part in a market. */
export interface CallsScene {
  readonly market: Market;
  readonly addresses: MarketAddresses;
  readonly as: (actor: HardhatEthersSigner) => MarketConnection;
}

export async function callsScene(build: () => Promise<Market> = standardMarket): Promise<CallsScene> {
  const market = await networkHelpers.loadFixture(build);
  const addresses = await addressesOf(market);
  return { market, addresses, as: (actor) => connect(addresses, actor) };
}

/** As a deployment of a market of `deployMarket` would have written them down. */
export async function addressesOf(market: Market): Promise<MarketAddresses> {
  const { feeds } = market;
  const asset = async (name: "usdc" | "weth" | "wbtc" | "link", decimals: number): Promise<AssetAddresses> => {
    const [token, feed] = await Promise.all([market[name].getAddress(), feeds[name].getAddress()]);
    return { symbol: name.toUpperCase(), decimals, token, feed, secondFeed: null };
  };
  const listings = [await asset("weth", 18), await asset("wbtc", 8), await asset("link", 18)];
  return addressesWith(market, await asset("usdc", 6), listings);
}

/** @param listings Where nothing is asked of them, any one will do: a market has one at least. */
export async function addressesWith(
  { vault, book }: { vault: LenderVault; book: LoanBook },
  loanAsset: AssetAddresses,
  listings: readonly AssetAddresses[] = [loanAsset],
): Promise<MarketAddresses> {
  const [ofVault, ofBook] = await Promise.all([vault.getAddress(), book.getAddress()]);
  const lens = await (await deployLens()).getAddress();
  return parseMarketAddresses({
    ...{ chainId: 31337, vault: ofVault, book: ofBook, lens, accessManager: ofBook, libraries: {}, loanAsset },
    listings: listings.map((listing, number) => ({ number, ...listing })),
    ...{ sequencerFeed: null, treasury: ofBook, deployer: ofBook, fromBlock: 0, parametersHash: ZeroHash },
  });
}

/** What a promise is rejected with; undefined if it is not. */
export async function thrownBy(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

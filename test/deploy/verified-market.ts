import { network } from "hardhat";

import { marketAddresses, type MarketAddresses } from "../../deploy/addresses.ts";
import { deployLocalMarket, type LocalMarket } from "../../deploy/local-market.ts";
import { readParameters, type MarketParameters } from "../../deploy/parameters.ts";
import type { Connection } from "../../deploy/session.ts";
import { verifyMarket } from "../../deploy/verify.ts";

/** A market with a few listings, beside its file and its addresses. */
export interface VerifiedMarket {
  readonly connection: Connection;
  readonly parameters: MarketParameters;
  readonly market: LocalMarket;
  readonly addresses: MarketAddresses;
  /** What it differs in from a file and addresses; by default from its own. */
  readonly differences: (file?: MarketParameters, written?: MarketAddresses) => Promise<readonly string[]>;
}

/** Deploys it on a chain of its own. */
export async function deployVerifiedMarket(): Promise<VerifiedMarket> {
  const connection = await network.create();
  const all = await readParameters(31337);
  const parameters = { ...all, listings: all.listings.slice(0, 3) };
  const listed = new Set(parameters.listings.map(({ token }) => token.symbol));
  const market = await deployLocalMarket(connection, {}, { listed });
  const addresses = marketAddresses(market, parameters);
  return {
    ...{ connection, parameters, market, addresses },
    differences: (file = parameters, written = addresses) => verifyMarket(connection.ethers.provider, file, written),
  };
}

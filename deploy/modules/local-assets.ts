import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import type { Future, NamedArtifactContractDeploymentFuture } from "@nomicfoundation/ignition-core";
import { ZeroAddress } from "ethers";

import type { LocalFeedParameters } from "../parameters.ts";

/** After this long an oracle may start a round although the one before it is unfinished. [s] */
const ROUND_TIMEOUT = 600;

/** The oracles are not paid, so any token can stand for the one they would be paid in. */
const PAYMENT = 0n;

/** Answers within what a real feed could be set up with; the market has its own bounds. */
const MIN_SUBMISSION = 1n;
const MAX_SUBMISSION = 2n ** 191n - 1n;

/** A test token of a local market. */
export interface LocalTokenPlan {
  readonly symbol: string;
  readonly decimals: number;
}

/** A feed of a local market. */
export interface LocalFeedPlan extends LocalFeedParameters {
  /** The symbol of the token that it prices, or its {@link localNames.second}. */
  readonly symbol: string;
  readonly description: string;
  readonly decimals: number;
  /** The accounts that submit, as many as `oracles`. */
  readonly accounts: readonly string[];
}

/** What {@link localAssetsModule} calls its contracts, by the symbol of the token. */
export const localNames = {
  token: (symbol: string) => `${symbol}_token`,
  aggregator: (symbol: string) => `${symbol}_aggregator`,
  proxy: (symbol: string) => `${symbol}_feed`,
  /** Stands for the symbol in the names of a second feed. */
  second: (symbol: string) => `${symbol}_second`,
};

/**
 * Test tokens, and for each feed Chainlink's aggregator with oracles, its proxy, and a first answered round: the book
 * accepts no feed without a live answer.
 */
export function localAssetsModule(tokens: readonly LocalTokenPlan[], feeds: readonly LocalFeedPlan[]) {
  return buildModule("LocalAssets", (m) => {
    const contracts: Record<string, NamedArtifactContractDeploymentFuture<string>> = {};
    for (const { symbol, decimals } of tokens) {
      const id = localNames.token(symbol);
      contracts[id] = m.contract("TestToken", [`${symbol} (test token)`, symbol, decimals], { id });
    }
    for (const feed of feeds) {
      const aggregatorId = localNames.aggregator(feed.symbol);
      const submissions = [MIN_SUBMISSION, MAX_SUBMISSION];
      const aggregator = m.contract(
        "FluxAggregator",
        [ZeroAddress, PAYMENT, ROUND_TIMEOUT, ZeroAddress, ...submissions, feed.decimals, feed.description],
        { id: aggregatorId },
      );
      const accounts = [...feed.accounts];
      const count = accounts.length;
      let previous: Future = m.call(aggregator, "changeOracles", [[], accounts, accounts, count, count, 0], {
        id: `${aggregatorId}_oracles`,
      });
      for (const [index, from] of accounts.entries()) {
        const id = `${aggregatorId}_submission_${String(index)}`;
        previous = m.call(aggregator, "submit", [1, feed.firstAnswer], { id, from, after: [previous] });
      }
      const proxyId = localNames.proxy(feed.symbol);
      contracts[aggregatorId] = aggregator;
      contracts[proxyId] = m.contract("EACAggregatorProxy", [aggregator, ZeroAddress], { id: proxyId });
    }
    return contracts;
  });
}

import { Interface, resolveAddress, type AddressLike } from "ethers";

import { NO_ADDRESS } from "../../sdk/src/constants.ts";
import type { Rounds } from "../../sdk/src/market/snapshot-of.ts";
import type { Round } from "../../sdk/src/math/price-feeds.ts";
import type { MarketState } from "../../sdk/src/state/market-state.ts";
import { ethers } from "./chain.ts";
import { isRevert } from "./reverts.ts";

const FEED = new Interface(["function latestRoundData() view returns (uint80, int256, uint256, uint256, uint80)"]);

/** What a feed says; nothing if it reverts or returns less than a round. */
export async function roundOf(feed: AddressLike): Promise<Round | undefined> {
  const [to, data] = [await resolveAddress(feed), FEED.encodeFunctionData("latestRoundData")];
  const answer: unknown = await ethers.provider.send("eth_call", [{ to, data }, "latest"]).catch((error: unknown) => {
    if (isRevert(error)) return "0x";
    throw error;
  });
  const words = String(answer);
  if (words.length < 2 + 5 * 64) return undefined;
  const word = (n: number): bigint => BigInt(`0x${words.slice(2 + 64 * n, 66 + 64 * n)}`);
  return { answer: BigInt.asIntN(256, word(1)), startedAt: word(2), updatedAt: word(3) };
}

/** Asks every feed of a market. */
export async function readRounds(state: MarketState): Promise<Rounds> {
  const read = [...feedsOf(state)].map(async (feed) => [feed, await roundOf(feed)] as const);
  return new Map(await Promise.all(read));
}

/** The addresses of all feeds of a market. */
function feedsOf({ loanAssetFeed, sequencerFeed, listings }: MarketState): Set<string> {
  const configs = [...listings.values()].flatMap(({ feed, secondFeed }) => [feed.feed, secondFeed.feed]);
  const all = new Set([loanAssetFeed?.feed ?? NO_ADDRESS, sequencerFeed, ...configs]);
  all.delete(NO_ADDRESS);
  return all;
}

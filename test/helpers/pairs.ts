/** A market whose listings have two sources each. */
import { parseUnits } from "ethers";

import { clock } from "./chain.ts";
import type { FeedConfig } from "./governance.ts";
import {
  deployMarket,
  FEED_AGE,
  MAJOR_TERMS,
  MINOR_TERMS,
  wbtc,
  weth,
  link,
  type Market,
  type MarketOptions,
} from "./market.ts";
import { deployMock, type TestFeed } from "./mocks.ts";

/** One of a listing's sources, and the decimals of its answers. */
export interface PairedSource {
  feed: TestFeed;
  decimals: number;
}

export interface Pair {
  listing: bigint;
  first: PairedSource;
  second: PairedSource;
}

export interface PairedMarket extends Market {
  /** Ether with a second source of 8 and of 18 decimals, bitcoin, LINK: each with feeds of its own. */
  pairs: { ether: Pair; fine: Pair; bitcoin: Pair; link: Pair };
}

/** The pairs of ether, for tests that run over the decimals of the second source. */
export const ETHER_PAIRS = ["ether", "fine"] as const;

/** The bounds of the pairs' feeds, in dollars. */
export const ETHER_BOUNDS = ["10", "100,000"] as const;
const BITCOIN_BOUNDS = ["100", "5,000,000"] as const;
const LINK_BOUNDS = ["0.1", "10,000"] as const;

/** A price in dollars as a source answers it. */
export function answerOf({ decimals }: PairedSource, price: string): bigint {
  return parseUnits(price.replaceAll(",", ""), decimals);
}

/** Both sources say a price now. */
export async function tell(pair: Pair, first: string, second: string): Promise<void> {
  await pair.first.feed.set(answerOf(pair.first, first));
  await pair.second.feed.set(answerOf(pair.second, second));
}

/** A source says a price that is a second too old. */
export async function tellStale(source: PairedSource, price: string): Promise<void> {
  await source.feed.setAt(answerOf(source, price), clock.now() - FEED_AGE - 1n);
}

/** A source with bounds in dollars, as a listing takes it. */
export function sourceConfig(source: PairedSource, [lowest, highest]: readonly [string, string]): FeedConfig {
  const bounds = { minAnswer: answerOf(source, lowest), maxAnswer: answerOf(source, highest) };
  return { feed: source.feed, maxAge: FEED_AGE, ...bounds };
}

/** The standard market, and after its listings four more with two sources each. */
export async function deployPairs(options: MarketOptions = {}): Promise<PairedMarket> {
  const pairs = {
    ether: await deployPair(3n, "2,000", 8),
    fine: await deployPair(4n, "2,000", 18),
    bitcoin: await deployPair(5n, "60,000", 18),
    link: await deployPair(6n, "15", 8),
  };
  const market = await deployMarket({
    ...options,
    more: (tokens) => {
      const listed = [
        { pair: pairs.ether, token: tokens.weth, terms: MAJOR_TERMS, bounds: ETHER_BOUNDS, cap: weth("5,000") },
        { pair: pairs.fine, token: tokens.weth, terms: MAJOR_TERMS, bounds: ETHER_BOUNDS, cap: weth("5,000") },
        { pair: pairs.bitcoin, token: tokens.wbtc, terms: MAJOR_TERMS, bounds: BITCOIN_BOUNDS, cap: wbtc("500") },
        { pair: pairs.link, token: tokens.link, terms: MINOR_TERMS, bounds: LINK_BOUNDS, cap: link("1,000,000") },
      ];
      return listed.map(({ pair, bounds, ...listing }) => {
        return {
          ...listing,
          feed: sourceConfig(pair.first, bounds),
          secondFeed: sourceConfig(pair.second, bounds),
        };
      });
    },
  });
  return { ...market, pairs };
}

/** The paired market of most tests. */
export async function pairedMarket(): Promise<PairedMarket> {
  return deployPairs();
}

/** All feeds of a paired market, to be kept alive while an action waits. */
export function allFeeds({ feeds, pairs }: PairedMarket): Record<string, TestFeed> {
  const all: Record<string, TestFeed> = { ...feeds };
  for (const [name, { first, second }] of Object.entries(pairs)) {
    all[`${name} first`] = first.feed;
    all[`${name} second`] = second.feed;
  }
  return all;
}

async function deployPair(listing: bigint, price: string, secondDecimals: number): Promise<Pair> {
  return { listing, first: await deploySource(8, price), second: await deploySource(secondDecimals, price) };
}

/** A feed that says a price now. */
export async function deploySource(decimals: number, price: string): Promise<PairedSource> {
  const answer = parseUnits(price.replaceAll(",", ""), decimals);
  return { feed: await deployMock<TestFeed>("TestFeed", decimals, answer), decimals };
}

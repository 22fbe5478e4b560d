/** Replacing feeds in two steps. */
import { resolveAddress, type AddressLike } from "ethers";

import { bookAction, NO_FEED, type FeedConfig } from "./governance.ts";
import { DAY } from "./chain.ts";
import { dollars, LOAN_ASSET_FEED_AGE, type Market } from "./market.ts";
import type { TestFeed } from "./mocks.ts";
import { ETHER_BOUNDS, sourceConfig, type PairedSource } from "./pairs.ts";

/** From which age a proposal may be executed (design, section 2). [s] */
export const IF_DEAD = 3n * DAY;
export const IF_AGREED = 14n * DAY;
export const ANYHOW = 30n * DAY;
export const LIFETIME = 37n * DAY;

/** A feed with its limits as events and views give it. */
export async function configFields({ feed, maxAge, minAnswer, maxAnswer }: FeedConfig): Promise<unknown[]> {
  return [await resolveAddress(feed), maxAge, minAnswer, maxAnswer];
}

async function resolved(config: FeedConfig) {
  return { ...config, feed: await resolveAddress(config.feed) };
}

/** An ether source as a listing takes it. */
export const etherSource = (source: PairedSource): FeedConfig => sourceConfig(source, ETHER_BOUNDS);

export async function replaceFeeds(listing: bigint, first: FeedConfig, second = NO_FEED): Promise<string> {
  return bookAction("replaceFeeds", [listing, await resolved(first), await resolved(second)]);
}

export async function replaceLoanAssetFeed(config: FeedConfig): Promise<string> {
  return bookAction("replaceLoanAssetFeed", [await resolved(config)]);
}

export async function replaceSequencerFeed(feed: AddressLike): Promise<string> {
  return bookAction("replaceSequencerFeed", [await resolveAddress(feed)]);
}

/** The loan asset's bounds of the fixture. */
export const LOAN_ASSET_LIMITS = { maxAge: LOAN_ASSET_FEED_AGE, minAnswer: dollars("0.5"), maxAnswer: dollars("2") };

/** Feeds that are well say again what they said. */
export async function keepAlive(...feeds: TestFeed[]): Promise<void> {
  for (const feed of feeds) await feed.set(await feed.answer());
}

/** The curator proposes and executes. */
export async function propose({ book, curator }: Market, action: string): Promise<unknown> {
  return book.connect(curator).propose(action);
}

export async function execute({ book, curator }: Market, action: string): Promise<unknown> {
  return book.connect(curator).execute(action);
}

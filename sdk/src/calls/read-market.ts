/** A market as it stands in a block, read from the chain. */
import { ZeroAddress } from "ethers";

import { InvalidInputError, requireUint } from "../errors/invalid-input.ts";
import type { ListingSnapshot, MarketSnapshot } from "../market/market-snapshot.ts";
import type { LoanAssetSource } from "../math/book-prices.ts";
import type { FeedSource, PriceSource } from "../math/price-feeds.ts";
import type { FeedConfig } from "../state/events.ts";
import type { MarketConnection } from "./connection.ts";
import { MarketReader, type ReadOptions } from "./reader.ts";

/** What is paused, by `ILenderVault.Activity`. */
const [DEPOSIT, BORROW, FLASH_LOAN] = [0n, 1n, 2n];

/** How a market is read. */
export interface ReadMarketOptions extends ReadOptions {
  /** The time at which the snapshot is looked at: the block's by default, not before it. [s] */
  readonly at?: bigint;
}

/**
 * Reads a market in one block: what previews and the mathematics stand on. Listings are read from the book, with those that were added
 * after the addresses were written down.
 *
 * A feed counts as the book reads it, in a static call with 150,000 gas: one that reverts, burns its gas or returns less than a round
 * has none. Some feeds answer wallets and not contracts; here they are asked by a contract.
 *
 * @throws {@link InvalidInputError} for a block that does not exist, and for an `at` before it.
 */
export async function readMarket(
  connection: MarketConnection,
  { block, at }: ReadMarketOptions = {},
): Promise<MarketSnapshot> {
  const reader = await MarketReader.at(connection, block);
  const now = requireUint("at", at ?? reader.time, 32);
  if (now < reader.time) throw new InvalidInputError("at", at, `not before the block's time, ${reader.time}`);
  const [vault, depositCap, pauses, minDebt, book] = await Promise.all([
    readVault(reader),
    reader.figure("vault", "depositCap"),
    readPauses(reader),
    reader.figure("book", "MIN_DEBT"),
    readBook(reader),
  ]);
  return { now, vault, depositCap, pauses, minDebt, book };
}

async function readVault(reader: MarketReader): Promise<MarketSnapshot["vault"]> {
  const [state, totalSupply, terms] = await Promise.all([
    reader.struct("state"),
    reader.figure("vault", "totalSupply"),
    reader.termSums(),
  ]);
  const { scaledDebt, index, lastAccrual, averagedSupply, cash, reserves, rateAtTarget } = state;
  return { scaledDebt, index, lastAccrual, averagedSupply, cash, reserves, rateAtTarget, terms, totalSupply };
}

async function readPauses(reader: MarketReader): Promise<MarketSnapshot["pauses"]> {
  const until = (activity: bigint): Promise<bigint> => reader.figure("vault", "pausedUntil", activity);
  const [deposit, borrow, flashLoan] = await Promise.all([until(DEPOSIT), until(BORROW), until(FLASH_LOAN)]);
  return { deposit, borrow, flashLoan };
}

async function readBook(reader: MarketReader): Promise<MarketSnapshot["book"]> {
  const [peg, loanAsset, sequencer, listings] = await Promise.all([
    reader.figure("book", "PEG"),
    readLoanAsset(reader),
    readSequencer(reader),
    readListings(reader),
  ]);
  return { loanAsset, peg, sequencer, listings };
}

async function readLoanAsset(reader: MarketReader): Promise<LoanAssetSource> {
  const config = await reader.struct("loanAssetFeed");
  return { feed: config.feed, ...(await readSource(reader, config)) };
}

async function readSequencer(reader: MarketReader): Promise<MarketSnapshot["book"]["sequencer"]> {
  const feed = await reader.address("book", "sequencerFeed");
  return feed === ZeroAddress ? undefined : { round: await reader.round(feed) };
}

async function readListings(reader: MarketReader): Promise<ListingSnapshot[]> {
  const count = Number(await reader.figure("book", "listingCount"));
  return Promise.all(Array.from({ length: count }, (_, number) => readListing(reader, number)));
}

async function readListing(reader: MarketReader, number: number): Promise<ListingSnapshot> {
  const told = await reader.struct("listings", number);
  const { token, terms, feed, exponent, secondFeed, secondExponent, cap, held, isRetired } = told;
  const priceSource = async (config: FeedConfig, power: bigint): Promise<PriceSource> => {
    return { ...(await readSource(reader, config)), exponent: power };
  };
  const [source, secondSource] = await Promise.all([
    priceSource(feed, exponent),
    secondFeed.feed === ZeroAddress ? undefined : priceSource(secondFeed, secondExponent),
  ]);
  return { token, terms, isRetired, source, secondSource, cap, held };
}

async function readSource(reader: MarketReader, config: FeedConfig): Promise<FeedSource> {
  const { feed, maxAge, minAnswer, maxAnswer } = config;
  return { maxAge, minAnswer, maxAnswer, round: await reader.round(feed) };
}

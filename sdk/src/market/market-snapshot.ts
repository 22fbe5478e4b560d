/** A market at a moment: all that the outcome of a call depends on, but for loans, tokens and allowances. */
import { board, type BookFeeds, type ListingFeeds } from "../math/book-prices.ts";
import type { MarketView } from "../math/loan-lens.ts";
import { debtIndex } from "../math/vault.ts";
import type { SharedVault } from "../math/vault-shares.ts";

/** A listing at a moment: its sources with what they say, and what loans pledge of it. */
export interface ListingSnapshot extends ListingFeeds {
  /** Its address. */
  readonly token: string;
  /** The most that the book may hold. [token] */
  readonly cap: bigint;
  /** What loans pledge, and credits that nobody has claimed yet. [token] */
  readonly held: bigint;
}

/** Until when the vault's activities are paused; 0, or a time that has passed, if they are not. [s] */
export interface Pauses {
  /** [s] */
  readonly deposit: bigint;
  /** [s] */
  readonly borrow: bigint;
  /** [s] */
  readonly flashLoan: bigint;
}

/** The feeds of a book with their last rounds, and its listings by number. */
export interface BookSnapshot extends BookFeeds {
  readonly listings: readonly ListingSnapshot[];
}

/** See `readMarket`, which reads it from a chain, and `snapshotOf`, which makes it of a market that is followed by its events. */
export interface MarketSnapshot {
  /** When the call is made: the time of its block. [s] */
  readonly now: bigint;
  /** As it is stored; interest is booked up to its `lastAccrual`. */
  readonly vault: SharedVault;
  /** The most that lenders may have in the vault. [asset] */
  readonly depositCap: bigint;
  /** What is paused. */
  readonly pauses: Pauses;
  /** The smallest debt that a loan may have. [asset] */
  readonly minDebt: bigint;
  /** Its listings, and what the feeds say. */
  readonly book: BookSnapshot;
}

/** The same market at a later time, if nobody does anything with it: interest grows, and answers of feeds grow old. [s] */
export function atTime(market: MarketSnapshot, now: bigint): MarketSnapshot {
  return { ...market, now };
}

/** What loans are judged by at the snapshot's time. */
export function viewOf({ book, vault, minDebt, now }: MarketSnapshot): MarketView {
  return { board: board(book, now), debtIndex: debtIndex(vault, now), minDebt };
}

/**
 * What a book's assets count: with caution where money goes out, and to the borrower's benefit where a loan is judged. Mirrors
 * `BookPrices`.
 */
import { InvalidInputError, requireUint } from "../errors/invalid-input.ts";
import type { ListingTerms } from "../types.ts";
import { max, min } from "./amounts.ts";
import { SEQUENCER_GRACE } from "./margin-call-record.ts";
import {
  inspectSequencer,
  observe,
  priceDown,
  priceUp,
  type FeedSource,
  type PriceSource,
  type Round,
} from "./price-feeds.ts";
import { discounted, forBorrowing, forLiquidation, type PriceForLiquidation } from "./source-pair.ts";

/** What a listing counts by: its terms and its sources. */
export interface ListingFeeds {
  /** Its shares and its bonus. */
  readonly terms: ListingTerms;
  /** Counts nothing for borrowing, and no loan may start to pledge it. */
  readonly isRetired: boolean;
  /** What tells its price. */
  readonly source: PriceSource;
  /** What else does; `undefined` if it has one source. */
  readonly secondSource: PriceSource | undefined;
}

/** The loan asset's feed. */
export interface LoanAssetSource extends FeedSource {
  /** Its address, which errors name. */
  readonly feed: string;
}

/** All that the prices of a book depend on, but for the time. */
export interface BookFeeds {
  /** The loan asset's feed. */
  readonly loanAsset: LoanAssetSource;
  /** What one loan asset is meant to be worth; 0 for none. [feed decimals] */
  readonly peg: bigint;
  /** The uptime feed of the chain's sequencer; `undefined` where there is none. */
  readonly sequencer: { readonly round: Round | undefined } | undefined;
  /** By number. */
  readonly listings: readonly ListingFeeds[];
}

/** A listing's prices as they count at a time. `ILoanBook.Prices`. */
export interface Prices {
  /** Rounded down; 0 if it is uncertain: a source is not live, or the two are apart. [price] */
  readonly forBorrowing: bigint;
  /** Rounded up; from the last answers, moved into the bounds, if no source is live; 0 if the loan asset has no price. [price] */
  readonly forLiquidation: bigint;
  /** At which a liquidator gets it; 0 if it cannot be seized. [price] */
  readonly forSeizure: bigint;
}

/** What a chain's sequencer allows; without one, everything. */
export interface Sequencer {
  /** Whether it has been up for {@link SEQUENCER_GRACE}. */
  readonly isReady: boolean;
  /** 0 if it is not known to be up, or if there is none. [s] */
  readonly upSince: bigint;
}

/** A listing on a {@link Board}. */
export interface BoardListing {
  /** Its shares and its bonus. */
  readonly terms: ListingTerms;
  /** Counts nothing for borrowing. */
  readonly isRetired: boolean;
  /** At the board's time. */
  readonly prices: Prices;
}

/** What loans are judged by at a time. Made by {@link board}, and not checked again by what takes it. */
export interface Board {
  /** When. [s] */
  readonly now: bigint;
  /** What the loan asset counts for calls and liquidation; 0 if it has no price. [feed decimals] */
  readonly loanAsset: bigint;
  /** Without it nothing is borrowed. */
  readonly isLoanAssetLive: boolean;
  /** The address of the loan asset's feed. */
  readonly loanAssetFeed: string;
  /** What it allows. */
  readonly sequencer: Sequencer;
  /** By number. */
  readonly listings: readonly BoardListing[];
}

/**
 * Every price of a book at a time.
 * @param now [s]
 */
export function board(book: BookFeeds, now: bigint): Board {
  return {
    now: requireUint("now", now),
    loanAsset: loanAssetForLiquidation(book.loanAsset, book.peg, now),
    isLoanAssetLive: observe(book.loanAsset, now).isLive,
    loanAssetFeed: book.loanAsset.feed,
    sequencer: sequencer(book.sequencer, now),
    listings: book.listings.map((listing) => {
      const { terms, isRetired } = listing;
      return { terms: requireTerms(terms), isRetired, prices: pricesOf(listing, book.loanAsset, book.peg, now) };
    }),
  };
}

/**
 * A listing on a board.
 * @param listing Its number.
 * @throws {@link InvalidInputError} where the contracts revert with `ListingNotFound`.
 */
export function listingOn({ listings }: Board, listing: number): BoardListing {
  const found = Number.isInteger(listing) ? listings[listing] : undefined;
  if (found === undefined)
    throw new InvalidInputError("listing", listing, `a listing's number, below ${listings.length}`);
  return found;
}

/**
 * The loan asset as it counts for borrowing: the higher of feed and peg. [feed decimals] `BookPrices.loanAssetForBorrowing`.
 * @param peg 0 for none. [feed decimals]
 * @param now [s]
 */
export function loanAssetForBorrowing(
  source: FeedSource,
  peg: bigint,
  now: bigint,
): { readonly loanAsset: bigint; readonly isLive: boolean } {
  const { answer, isLive } = observe(source, now);
  return { loanAsset: max(answer, requireUint("peg", peg)), isLive };
}

/**
 * The loan asset as it counts for calls and liquidation: the lower of feed and peg; the peg if the feed is not live; 0 if there is none
 * either. [feed decimals] `BookPrices.board`.
 * @param peg 0 for none. [feed decimals]
 * @param now [s]
 */
export function loanAssetForLiquidation(source: FeedSource, peg: bigint, now: bigint): bigint {
  const { answer, isLive } = observe(source, now);
  if (requireUint("peg", peg) === 0n) return isLive ? answer : 0n;
  return isLive ? min(answer, peg) : peg;
}

/**
 * A listing's price for borrowing, retirement aside; 0 if it is uncertain. [price], rounded down. `BookPrices.priceForBorrowing`.
 * @param loanAsset As it counts for borrowing. [feed decimals]
 * @param now [s]
 */
export function priceForBorrowing(listing: ListingFeeds, loanAsset: bigint, now: bigint): bigint {
  const first = priceDown(listing.source, loanAsset, now);
  if (listing.secondSource === undefined) return first.price;
  return forBorrowing(first, priceDown(listing.secondSource, loanAsset, now), listing.terms.maxDeviation);
}

/**
 * A listing's price for liquidation. [price], rounded up. `BookPrices.priceForLiquidation`.
 * @param loanAsset As it counts for liquidation, more than 0. [feed decimals]
 * @param now [s]
 */
export function priceForLiquidation(listing: ListingFeeds, loanAsset: bigint, now: bigint): PriceForLiquidation {
  const first = priceUp(listing.source, loanAsset, now);
  if (listing.secondSource === undefined) return { ...first, isApart: false };
  return forLiquidation(first, priceUp(listing.secondSource, loanAsset, now), listing.terms.maxDeviation);
}

/**
 * At what price a liquidator gets a listing. [price], rounded up; 0 if it cannot be seized. `BookPrices.priceForSeizure`.
 * @param found Its price for liquidation.
 */
export function priceForSeizure({ terms }: ListingFeeds, found: PriceForLiquidation): bigint {
  if (!found.isLive) return 0n;
  return found.isApart ? discounted(found.price, terms.maxDeviation) : found.price;
}

/**
 * A listing's prices. `LoanBook.pricesOf`.
 * @param loanAsset The loan asset's feed.
 * @param peg What one loan asset is meant to be worth; 0 for none. [feed decimals]
 * @param now [s]
 */
export function pricesOf(listing: ListingFeeds, loanAsset: FeedSource, peg: bigint, now: bigint): Prices {
  const borrowing = loanAssetForBorrowing(loanAsset, peg, now);
  const price = borrowing.isLive ? priceForBorrowing(listing, borrowing.loanAsset, now) : 0n;
  const judging = loanAssetForLiquidation(loanAsset, peg, now);
  if (judging === 0n) return { forBorrowing: price, forLiquidation: 0n, forSeizure: 0n };
  const found = priceForLiquidation(listing, judging, now);
  return { forBorrowing: price, forLiquidation: found.price, forSeizure: priceForSeizure(listing, found) };
}

/**
 * What a chain's sequencer allows. `BookPrices.sequencer`.
 * @param feed Its uptime feed; `undefined` where there is none.
 * @param now [s]
 */
export function sequencer(feed: BookFeeds["sequencer"], now: bigint): Sequencer {
  if (feed === undefined) return { isReady: true, upSince: 0n };
  const { isUp, since } = inspectSequencer(feed.round, now);
  return isUp ? { isReady: now - since >= SEQUENCER_GRACE, upSince: since } : { isReady: false, upSince: 0n };
}

function requireTerms(terms: ListingTerms): ListingTerms {
  requireUint("borrowLtv", terms.borrowLtv, 16);
  requireUint("callLtv", terms.callLtv, 16);
  requireUint("liquidationLtv", terms.liquidationLtv, 16);
  requireUint("maxBonus", terms.maxBonus, 16);
  requireUint("bonusSlope", terms.bonusSlope, 16);
  requireUint("maxDeviation", terms.maxDeviation, 16);
  return terms;
}

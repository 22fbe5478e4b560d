/**
 * The contracts' mathematics of prices and lines, in their units and with their rounding, so that every loan can be looked at without
 * asking the chain. The play compares what follows from it with what the contracts do.
 *
 * Units: [asset] loan-asset base units, [token] collateral base units, [price] = [asset] / [token] × 1e36, [bps] 1e4. Mirrors
 * PriceFeeds, BookPrices, HealthMath and LoanLines for listings with one source.
 */
import { BPS, mulDivUp } from "./fixed-point.ts";
import { debtOf, type DebtMoment, type LoanState } from "./loan-debt.ts";
import { isAlive } from "./margin-call.ts";

export const PRICE_ONE = 10n ** 36n;

/** The risk terms of a listing. [bps] */
export interface Terms {
  readonly borrowLtv: bigint;
  readonly callLtv: bigint;
  readonly liquidationLtv: bigint;
  readonly maxBonus: bigint;
  readonly bonusSlope: bigint;
}

/** A feed's limits and its last round. */
export interface FeedState {
  readonly maxAge: number;
  readonly minAnswer: bigint;
  readonly maxAnswer: bigint;
  readonly answer: bigint;
  readonly updatedAt: number;
}

/** A listing's terms and its price for liquidation, by number of the listing. */
export interface BoardEntry {
  readonly terms: Terms;
  /** [price] */
  readonly price: bigint;
  readonly isSeizable: boolean;
}

/** What all loans are judged by at a moment. */
export interface Conditions extends DebtMoment {
  readonly board: readonly BoardEntry[];
  /** The smallest debt that a loan may have. [asset] */
  readonly minDebt: bigint;
}

/** Sums over a loan's pledges, each rounded down. [asset] */
export interface Lines {
  readonly value: bigint;
  readonly seizableValue: bigint;
  readonly borrowLimit: bigint;
  readonly callLine: bigint;
  readonly liquidationLine: bigint;
}

/** A feed's answer, moved into its bounds, and whether it is live. */
export function observe(feed: FeedState, now: number): { readonly answer: bigint; readonly isLive: boolean } {
  if (feed.answer < feed.minAnswer) return { answer: feed.minAnswer, isLive: false };
  if (feed.answer > feed.maxAnswer) return { answer: feed.maxAnswer, isLive: false };
  return { answer: feed.answer, isLive: now - feed.updatedAt <= feed.maxAge };
}

/** The loan asset as it counts for liquidation: the lower of feed and peg; the peg if the feed is not live. [feed decimals] */
export function loanAssetForLiquidation(feed: FeedState, peg: bigint, now: number): bigint {
  const { answer, isLive } = observe(feed, now);
  if (!isLive) return peg;
  return peg !== 0n && peg < answer ? peg : answer;
}

/** [price], rounded up. */
export function priceForLiquidation(answer: bigint, exponent: number, loanAsset: bigint): bigint {
  return mulDivUp(answer, 10n ** BigInt(exponent), loanAsset);
}

/** What tokens are worth. [asset], rounded down. */
export function valueDown(tokens: bigint, price: bigint): bigint {
  return (tokens * price) / PRICE_ONE;
}

export function linesOf(loan: LoanState, board: readonly BoardEntry[]): Lines {
  const sum = { value: 0n, seizableValue: 0n, borrowLimit: 0n, callLine: 0n, liquidationLine: 0n };
  for (const [listing, amount] of loan.pledges) {
    const { terms, price, isSeizable } = entryOf(board, listing);
    const value = valueDown(amount, price);
    sum.value += value;
    if (isSeizable) sum.seizableValue += value;
    sum.borrowLimit += (value * terms.borrowLtv) / BPS;
    sum.callLine += (value * terms.callLtv) / BPS;
    sum.liquidationLine += (value * terms.liquidationLtv) / BPS;
  }
  return sum;
}

/** True if anybody may call the loan's margin: it is above its call line, and no call stands that has not lapsed. */
export function isCallable(loan: LoanState, conditions: Conditions): boolean {
  if (loan.base === 0n || isAlive(loan.call, conditions.time)) return false;
  return debtOf(loan, conditions) > linesOf(loan, conditions.board).callLine;
}

export function entryOf(board: readonly BoardEntry[], listing: number): BoardEntry {
  const entry = board[listing];
  if (entry === undefined) throw new RangeError(`There is no listing ${String(listing)}.`);
  return entry;
}

/** The sums over a loan's pledges that its debt is compared with. Mirrors `LoanLines`. */
import { requireUint } from "../errors/invalid-input.ts";
import type { Loan } from "../types.ts";
import { requireAmount } from "./amounts.ts";
import { listingOn, type Board, type BoardListing } from "./book-prices.ts";
import { shareDown, valueDown } from "./health-math.ts";
import { debtUp, growthOf } from "./loan-debt.ts";

/** What a loan pledges, by number of the listing. [token] */
export type Pledges = ReadonlyMap<number, bigint>;

/** Sums at prices for liquidation, each part rounded down. `LoanLines.Lines`. */
export interface Lines {
  /** Of all pledges. [asset] */
  readonly value: bigint;
  /** Of the pledges that have a live source. [asset] */
  readonly seizableValue: bigint;
  /** Σ value × borrow LTV. [asset] */
  readonly borrowLimit: bigint;
  /** Σ value × call LTV. [asset] */
  readonly callLine: bigint;
  /** Σ value × liquidation LTV. [asset] */
  readonly liquidationLine: bigint;
}

/** A loan's debt and lines. `ILoanBook.Health`. */
export interface Health {
  /** Interest up to now included, rounded up. [asset] */
  readonly debt: bigint;
  /** At prices for borrowing, rounded down. [asset] */
  readonly borrowLimit: bigint;
  /** At prices for liquidation, rounded down; the largest number if the loan asset has no price. [asset] */
  readonly callLine: bigint;
  /** Likewise. [asset] */
  readonly liquidationLine: bigint;
}

/** What the contracts say where there is no limit: 2^256 - 1. [any] */
export const UNLIMITED = 2n ** 256n - 1n;

/** A pledge with its listing. */
export interface Holding extends BoardListing {
  /** Its number. */
  readonly listing: number;
  /** How much is pledged. [token] */
  readonly amount: bigint;
}

/** A loan's pledges with their listings, by rising number. */
export function holdingsOf(pledges: Pledges, board: Board): Holding[] {
  return [...pledges]
    .sort(([a], [b]) => a - b)
    .map(([listing, amount]) => ({ listing, amount: requireAmount("pledge", amount), ...listingOn(board, listing) }));
}

/**
 * Σ value × borrow LTV at prices for borrowing; a pledge that is uncertain or retired counts 0. [asset], each part rounded down.
 * `LoanLines.borrowLimit`.
 * @param released The number of the listing that is taken out in the same call: it counts even if it is retired.
 */
export function borrowLimit(pledges: Pledges, board: Board, released?: number): bigint {
  return sum(
    holdingsOf(pledges, board).filter(({ isRetired, listing }) => !isRetired || listing === released),
    ({ amount, prices, terms }) => part(amount, prices.forBorrowing, terms.borrowLtv),
  );
}

/** All sums that calls and liquidations need; all 0 if the loan asset has no price. `LoanLines.lines`. */
export function lines(pledges: Pledges, board: Board): Lines {
  const parts = holdingsOf(pledges, board).map(({ amount, prices, terms }) => {
    return { terms, value: valueDown(amount, prices.forLiquidation), isSeizable: prices.forSeizure !== 0n };
  });
  return {
    value: sum(parts, ({ value }) => value),
    seizableValue: sum(parts, ({ value, isSeizable }) => (isSeizable ? value : 0n)),
    borrowLimit: sum(parts, ({ value, terms }) => shareDown(value, terms.borrowLtv)),
    callLine: sum(parts, ({ value, terms }) => shareDown(value, terms.callLtv)),
    liquidationLine: sum(parts, ({ value, terms }) => shareDown(value, terms.liquidationLtv)),
  };
}

/**
 * A loan's debt and lines. `LoanBook.healthOf`.
 * @param debtIndex The vault's, at the board's time. [WAD]
 */
export function healthOf(loan: Loan, board: Board, debtIndex: bigint): Health {
  requireUint("debtIndex", debtIndex);
  const hasPrice = board.loanAsset !== 0n;
  const { callLine, liquidationLine } = lines(loan.pledges, board);
  return {
    debt: debtUp(growthOf(loan, debtIndex, board.now), requireAmount("base", loan.base)),
    borrowLimit: borrowLimit(loan.pledges, board),
    callLine: hasPrice ? callLine : UNLIMITED,
    liquidationLine: hasPrice ? liquidationLine : UNLIMITED,
  };
}

/**
 * A share of the value of tokens at a price. [asset], rounded down twice. `LoanReader.part`.
 * @param tokens [token]
 * @param price [price]
 * @param ltv [bps]
 */
export function part(tokens: bigint, price: bigint, ltv: bigint): bigint {
  return shareDown(valueDown(tokens, price), ltv);
}

/** Pledges but for those of one listing. */
export function without(pledges: Pledges, listing: number): Pledges {
  return new Map([...pledges].filter(([pledged]) => pledged !== listing));
}

function sum<Item>(items: readonly Item[], of: (item: Item) => bigint): bigint {
  return items.reduce((total, item) => total + of(item), 0n);
}

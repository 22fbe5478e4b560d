/**
 * Finds the rows whose debt is above a line: in float64 where that is certain, in `bigint`, by the mathematics, where it is not.
 *
 * Why the lists are the exact ones. Let D and L be debt and line as the contracts reckon them, D* and L* the same without any
 * rounding, d and l the float64 figures here, n the number of pledges, and u = 2^-53: each float64 operation returns its exact
 * result times 1 + e with |e| ≤ u. Nothing here over- or underflows: what is not 0 lies between 1e-40 and 2^400, and no two
 * figures are subtracted but in the comparison.
 *
 * 1. Debt. `Number(base)` rounds once. Open-term: `Number(index)`, the division by 1e18 (a float64) and the product with the base
 *    round once each, and adding an interest of 0 does not: 4 roundings. Fixed-term: rate and elapsed are float64, and so is UNIT (an
 *    odd part of 39 bits); their product, the quotient, the sum (of figures that are not negative) and the product with the base
 *    round: 5 with the base's own.
 * 2. Line. A factor is `Number(price) × ltv / 1e40`: the price, the product, 1e40 itself and the quotient round: 4. The amount and
 *    the product of both: 6. Summing up n of them, none negative, rounds n - 1 times: n + 5 ≤ 45 roundings of any term.
 * 3. So |d - D*| ≤ g D* and |l - L*| ≤ g L* with g = 45 u / (1 - 45 u).
 * 4. Floors and the ceil. 0 ≤ D - D* < 1. A pledge's value loses less than 1, its part of a line with it at most ltv / 1e4 ≤ 1, and
 *    less than 1 once more: 0 ≤ L* - L < 2 n, or 0 where n is 0. Hence 0 ≤ (D - L) - (D* - L*) < 2 n + 1.
 * 5. The comparison. `debt - line` and `debt + line` round once each; EPSILON is a power of two, so the product with it does not. With
 *    t = `EPSILON × (debt + line)`: |fl(d - l) - (D* - L*)| ≤ u (d + l) + g (D* + L*) ≤ 47 u (d + l) < 64 u (1 - u) (d + l) ≤ t.
 *    - fl(d - l) > t: D* > L*, and so D ≥ D* > L* ≥ L. Above.
 *    - fl(d - l) < -fl(t + 2 n + 2): D - L < D* - L* + 2 n + 1 ≤ fl(d - l) + 47 u (d + l) + 2 n + 1 < 0, since what the two roundings of
 *      t + 2 n + 2 take off is at most 2 u (t + 83), less than the 16 u (d + l) and the 1 that are to spare. Not above.
 *    - Else the mathematics decide. The debt differs from the line by at most 2 t + 2 n + 2 then: for all but tiny or adversarial
 *      loans a few units of the loan asset.
 *
 * In short: |(d - l) - (D - L)| ≤ 2^-47 (d + l) + 2 n + 2.
 *
 * A listing's call LTV is at most its liquidation LTV, so the call line is at most the liquidation line: a loan that is not above the
 * former is on neither list, and most loans are done with after one comparison.
 */
import { InvalidInputError, requireUint } from "../errors/invalid-input.ts";
import { PAGE_SIZE, type LoanPage } from "../loans/loan-page.ts";
import { MAX_LISTINGS } from "../constants.ts";
import { BPS, WAD } from "../math/amounts.ts";
import type { Board } from "../math/book-prices.ts";
import { PRICE_ONE } from "../math/health-math.ts";
import {
  isCallable,
  isLiquidatable,
  marginCallState,
  type MarginCallState,
  type MarketView,
} from "../math/loan-lens.ts";
import { CURE_PERIOD } from "../math/margin-call-record.ts";
import { UNIT } from "../math/term-debt.ts";
import { RowSet } from "./row-set.ts";

/** 64 u, more than all roundings together. */
export const EPSILON = 2 ** -47;

/** What a price times a share is written in. */
const FACTOR_ONE = Number(PRICE_ONE * BPS);
const FLOAT_WAD = Number(WAD);
const FLOAT_UNIT = Number(UNIT);

export const Verdict = { notAbove: 0, above: 1, unsure: 2 } as const;
export type Verdict = (typeof Verdict)[keyof typeof Verdict];

/** Rows, by what can be done to their loans. */
export interface ScreenedRows {
  readonly callable: RowSet;
  readonly liquidatable: RowSet;
  /** How many loans were judged in bigint. */
  readonly rechecked: number;
}

/** A market as pages are judged by it. */
interface Judge {
  readonly market: MarketView;
  /** [s] */
  readonly now: number;
  /** What a unit of an open-term loan's base has grown to. */
  readonly openGrowth: number;
  /** What a token adds to a line, by number of the listing. */
  readonly callFactors: Float64Array;
  readonly liquidationFactors: Float64Array;
  /** Where a call that was made at a time stands. */
  readonly callStateOf: (calledAt: number) => MarginCallState;
}

/** Which loans of some pages are callable and which liquidatable. Where the loan asset has no price none is. */
export function screenPages(pages: readonly LoanPage[], market: MarketView): ScreenedRows {
  const callable = new RowSet(pages.length * PAGE_SIZE);
  const liquidatable = new RowSet(pages.length * PAGE_SIZE);
  const judge = judgeOf(market);
  const judged = market.board.loanAsset === 0n ? [] : pages;
  let rechecked = 0;
  for (const [i, page] of judged.entries()) rechecked += screenPage(page, i * PAGE_SIZE, judge, callable, liquidatable);
  return { callable, liquidatable, rechecked };
}

/**
 * @param firstRow What the page's rows count from.
 * @returns How many loans were judged in bigint.
 */
function screenPage(page: LoanPage, firstRow: number, judge: Judge, callable: RowSet, liquidatable: RowSet): number {
  const { market, now, openGrowth, callFactors, liquidationFactors, callStateOf } = judge;
  const { size, maturity, since, rate, calledAt, first, count, listing } = page;
  const bases = page.base.heads;
  const amounts = page.amount.heads;
  const canSellDue = market.board.sequencer.isReady;
  let rechecked = 0;

  // `?? 0` is for the type: rows and places are within their columns.
  const lineOf = (row: number, factors: Float64Array): number => {
    const start = first[row] ?? 0;
    const end = start + (count[row] ?? 0);
    let line = 0;
    for (let i = start; i < end; i++) line += (amounts[i] ?? 0) * (factors[listing[i] ?? 0] ?? 0);
    return line;
  };

  for (let row = 0; row < size; row++) {
    const base = bases[row] ?? 0;
    if (base === 0) continue; // nothing is owed, so it is above no line
    const pledges = count[row] ?? 0;
    const elapsed = now - (since[row] ?? 0);
    const debt = base * growth(maturity[row] === 0 ? openGrowth : 1, rate[row] ?? 0, elapsed);
    const callVerdict = compare(debt, lineOf(row, callFactors), pledges);
    if (callVerdict === Verdict.notAbove && elapsed >= 0) continue;

    const liquidationVerdict = compare(debt, lineOf(row, liquidationFactors), pledges);
    if (callVerdict !== Verdict.above || liquidationVerdict === Verdict.unsure || elapsed < 0) {
      const loan = page.read(row);
      if (isCallable(market, loan)) callable.add(firstRow + row);
      if (isLiquidatable(market, loan)) liquidatable.add(firstRow + row);
      rechecked++;
      continue;
    }
    const called = calledAt[row] ?? 0;
    const state = called === 0 ? "none" : callStateOf(called);
    if (state === "none" || state === "lapsed") callable.add(firstRow + row);
    if (liquidationVerdict === Verdict.above || (state === "due" && canSellDue)) liquidatable.add(firstRow + row);
  }
  return rechecked;
}

function judgeOf(market: MarketView): Judge {
  const { board, debtIndex } = market;
  requireUint("loanAsset", board.loanAsset);
  return {
    market,
    now: Number(requireUint("now", board.now, 32)),
    openGrowth: openGrowth(requireUint("debtIndex", debtIndex, 72)),
    callFactors: factorsOf(board, "callLtv"),
    liquidationFactors: factorsOf(board, "liquidationLtv"),
    callStateOf: callStates(board),
  };
}

/** What a token adds to a line, by number of the listing. NaN for one that there is not: no comparison with it is sure. */
function factorsOf({ listings }: Board, line: "callLtv" | "liquidationLtv"): Float64Array {
  const factors = new Float64Array(MAX_LISTINGS).fill(NaN);
  for (const [i, { prices, terms }] of listings.entries()) {
    const most = line === "callLtv" ? terms.liquidationLtv : BPS;
    if (requireUint(`listings[${i}].${line}`, terms[line], 16) > most) {
      throw new InvalidInputError(`listings[${i}].${line}`, terms[line], `at most ${most}n`);
    }
    factors[i] = factorOf(requireUint(`listings[${i}].price`, prices.forLiquidation), terms[line]);
  }
  return factors;
}

/** Where a call made at a time stands. Each time is looked at once: calls are made many in a block. */
function callStates(board: Board): (calledAt: number) => MarginCallState {
  const known = new Map<number, MarginCallState>();
  return (time) => {
    let state = known.get(time);
    if (state === undefined) {
      const calledAt = BigInt(time);
      state = marginCallState(board, { call: { caller: "", calledAt, deadline: calledAt + CURE_PERIOD } });
      known.set(time, state);
    }
    return state;
  };
}

/** What a unit of scaled debt has grown to. */
export function openGrowth(index: bigint): number {
  return Number(index) / FLOAT_WAD;
}

/** What a unit of base has grown to: `openGrowth` at a rate of 0, or from 1 at a fixed term's rate [1e-9/year] over a time [s]. */
export function growth(start: number, rate: number, elapsed: number): number {
  return start + (rate * elapsed) / FLOAT_UNIT;
}

/** What a token adds to a line. */
export function factorOf(price: bigint, ltv: bigint): number {
  return (Number(price) * Number(ltv)) / FACTOR_ONE;
}

/** What the float64 figures of a debt and a line of so many pledges tell for certain. */
export function compare(debt: number, line: number, pledges: number): Verdict {
  const gap = debt - line;
  const tolerance = EPSILON * (debt + line);
  if (gap > tolerance) return Verdict.above;
  return gap < -(tolerance + 2 * pledges + 2) ? Verdict.notAbove : Verdict.unsure;
}

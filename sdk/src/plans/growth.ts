/**
 * What plans add to `loan-debt`: the debt of an open term compounds every second at a rate that is assumed to hold. The vault's own rate
 * moves with the market.
 */
import { InvalidInputError, requireUint } from "../errors/invalid-input.ts";
import { min, mulDivUp, requireAmount, WAD } from "../math/amounts.ts";
import { growthOf, isFixedTerm, type Growth } from "../math/loan-debt.ts";
import { debtOf, type MarketView } from "../math/loan-lens.ts";
import { UNLIMITED } from "../math/loan-lines.ts";
import { YEAR } from "../math/rate-curve.ts";
import type { Loan, LoanDebtState } from "../types.ts";

/** 1, as factors of compound growth are written: the rounding of 2^32 steps stays below 1e-26. [1e-36] */
export const FACTOR_ONE = 10n ** 36n;

/** An open-term debt under the assumption that its rate holds. */
export interface OpenDebt {
  /** What is owed at `since`. [asset] */
  readonly owed: bigint;
  /** Nominal, as `LenderVault.borrowRate` tells it. [WAD/year] */
  readonly rate: bigint;
  /** [s] */
  readonly since: bigint;
}

/** What a plan pays back: an open-term debt, or a fixed term as the book stores it. {@link plannedDebt} makes it of any loan. */
export type PlannedDebt = OpenDebt | LoanDebtState;

/**
 * A market's loan as a plan takes it, from the time of the board on.
 * @param rate What an open-term loan is assumed to pay: the vault's `borrowRate`, for one. [WAD/year]
 */
export function plannedDebt(market: MarketView, loan: Loan, rate: bigint): PlannedDebt {
  return isFixedTerm(loan) ? loan : { owed: debtOf(market, loan), rate, since: market.board.now };
}

export function isOpen(debt: PlannedDebt): debt is OpenDebt {
  return "owed" in debt;
}

/** The base that a debt starts with. [asset] */
export function baseOf(debt: PlannedDebt): bigint {
  return isOpen(debt) ? debt.owed : debt.base;
}

/** A debt's growth up to a time that is not before its start. */
export function growthAt(debt: PlannedDebt, time: bigint): Growth {
  // The index is a fixed term's own.
  return isOpen(debt) ? openGrowth(debt.rate, time - debt.since) : growthOf(debt, WAD, time);
}

/**
 * What an open-term debt grows to, rounded up by less than 1e-26 of it; it stops where 256 bits end, far above what a vault can owe.
 * @param rate [WAD/year]
 * @param elapsed [s]
 */
export function openGrowth(rate: bigint, elapsed: bigint): Growth {
  const perSecond = FACTOR_ONE + mulDivUp(requireUint("rate", rate, 64), FACTOR_ONE, WAD * YEAR);
  const index = min(compoundedUp(perSecond, requireUint("elapsed", elapsed, 32)), UNLIMITED);
  return { index, unit: FACTOR_ONE, breakFee: 0n };
}

/** factor ^ exponent, by squaring. [1e-36], rounded up at each step. */
export function compoundedUp(factor: bigint, exponent: bigint): bigint {
  let power = FACTOR_ONE;
  for (let square = factor, left = exponent; left > 0n; left >>= 1n) {
    if ((left & 1n) === 1n) power = mulDivUp(power, square, FACTOR_ONE);
    if (left > 1n) square = mulDivUp(square, square, FACTOR_ONE);
  }
  return power;
}

/** @throws {@link InvalidInputError} for a debt that no loan can have at that time. */
export function requireDebt(debt: PlannedDebt, start: bigint): void {
  requireUint("since", debt.since, 32);
  if (requireUint("start", start, 32) < debt.since) {
    throw new InvalidInputError("start", start, "a time that is not before the debt's");
  }
  requireUint("rate", debt.rate, isOpen(debt) ? 64 : 32);
  if (!isOpen(debt) && requireUint("maturity", debt.maturity, 32) <= debt.since) {
    throw new InvalidInputError(
      "maturity",
      debt.maturity,
      "a time after the term's start; see plannedDebt for open terms",
    );
  }
  if (requireAmount("debt", baseOf(debt)) === 0n) throw new InvalidInputError("debt", 0n, "more than 0");
}

/**
 * Loans as banks quote them: a nominal yearly rate, a fixed part of it per period, whatever the period's length. No loan of the book
 * works so; it is what one is compared with.
 */
import { InvalidInputError, requireUint } from "../errors/invalid-input.ts";
import { mulDivUp, requireAmount, WAD } from "../math/amounts.ts";
import { requireCount, requireDates } from "./dates.ts";
import { compoundedUp, FACTOR_ONE } from "./growth.ts";
import { levelOf, scheduleOf, type Moment, type Plan, type PlanShape } from "./schedule.ts";

/** What a bank quotes. */
export interface AnnuityTerms {
  /** [asset] */
  readonly principal: bigint;
  /** Nominal. [WAD/year] */
  readonly rate: bigint;
  /** 12 for months, which is what it is if it is left out. */
  readonly periodsPerYear?: number;
}

/**
 * The level payment at the end of each of so many periods: P i / (1 - (1 + i)^-n) with i = rate / periods per year; P / n at a rate of 0.
 * @param count How many periods, 1…1,200.
 * @returns [asset], the fraction rounded to the nearest unit, halves up.
 */
export function annuityPayment(terms: AnnuityTerms, count: number): bigint {
  const periods = Array.from({ length: requireCount(count) }, (_, period) => BigInt(period));
  return levelOf(terms.principal, momentsOf(terms, periods));
}

/**
 * The schedule of such a loan.
 * @param start When it is paid out. [s]
 * @param dates The end of each period, for the record: they do not change an amount. [s]
 * @returns Amounts in [asset]. Each balance is rounded up; the last payment leaves exactly 0.
 */
export function annuityPlan(terms: AnnuityTerms, start: bigint, dates: readonly bigint[], shape: PlanShape): Plan {
  const { principal } = terms;
  const moments = momentsOf(terms, requireDates(requireUint("start", start, 32), dates));
  return scheduleOf({ start, base: principal, owed: principal, moments, shape, minDebt: 0n, isFixedTerm: false });
}

/** Growth by whole periods: (1 + rate / periods per year)^k. */
function momentsOf({ principal, rate, periodsPerYear = 12 }: AnnuityTerms, dates: readonly bigint[]): Moment[] {
  if (requireAmount("principal", principal) === 0n) throw new InvalidInputError("principal", 0n, "more than 0");
  if (!Number.isInteger(periodsPerYear) || periodsPerYear < 1 || periodsPerYear > 366) {
    throw new InvalidInputError("periodsPerYear", periodsPerYear, "a whole number from 1 to 366");
  }
  const perPeriod = FACTOR_ONE + mulDivUp(requireUint("rate", rate, 64), FACTOR_ONE, BigInt(periodsPerYear) * WAD);
  return dates.map((date, period) => {
    const index = compoundedUp(perPeriod, BigInt(period) + 1n);
    return { date, growth: { index, unit: FACTOR_ONE, breakFee: 0n } };
  });
}

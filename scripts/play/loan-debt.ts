/**
 * What a loan owes, of either kind: debt = base × index / unit. Mirrors LoanDebt, with its rounding; [asset] are loan-asset base
 * units, [WAD] 1e18.
 */
import { mulDivUp, WAD } from "./fixed-point.ts";
import type { MarginCallTimes } from "./margin-call.ts";

/** A rate of 1e-9 a year, over a second: interest is principal × rate × time / UNIT. */
const UNIT = 365n * 86_400n * 10n ** 9n;

/** A loan as the book stores it. */
export interface LoanState {
  readonly id: bigint;
  /** Open-term: the scaled debt [asset / index]; fixed-term: the principal [asset]. */
  readonly base: bigint;
  /** Fixed-term: from when on interest runs; else 0. [s] */
  readonly since: number;
  /** Fixed-term: from when on anybody may roll it; else 0. [s] */
  readonly maturity: number;
  /** Fixed-term: simple interest; else 0. [1e-9/year] */
  readonly rate: bigint;
  /** The margin call that stands, though it may have lapsed. */
  readonly call: MarginCallTimes | undefined;
  /** By number of the listing. [token] */
  readonly pledges: ReadonlyMap<number, bigint>;
}

/** When debts are looked at. */
export interface DebtMoment {
  /** The vault's, of open-term debts. [WAD] */
  readonly index: bigint;
  /** Unix time. [s] */
  readonly time: number;
}

/** What one unit of a base has grown to, as a fraction. */
interface Growth {
  readonly index: bigint;
  readonly unit: bigint;
}

export function isFixedTerm({ maturity }: LoanState): boolean {
  return maturity !== 0;
}

/** What a loan owes, without the fee for ending a term. [asset], rounded up. */
export function debtOf(loan: LoanState, moment: DebtMoment): bigint {
  const { index, unit } = growthOf(loan, moment);
  return mulDivUp(loan.base, index, unit);
}

/** What a part payment takes off a debt for certain where no fee is due. [asset], rounded down. */
export function retiredDown(loan: LoanState, amount: bigint, moment: DebtMoment): bigint {
  const { index, unit } = growthOf(loan, moment);
  return (((amount * unit) / index) * index) / unit;
}

function growthOf(loan: LoanState, { index, time }: DebtMoment): Growth {
  if (!isFixedTerm(loan)) return { index, unit: WAD };
  return { index: UNIT + loan.rate * BigInt(time - loan.since), unit: UNIT };
}

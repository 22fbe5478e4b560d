/** The walk through a debt's payments, whatever it grows by. Used by the plans, not exported by the package. */
import { InvalidInputError } from "../errors/invalid-input.ts";
import { mulDivDown } from "../math/amounts.ts";
import { baseDown, baseWithFeeDown, debtUp, feeDown, feeUp, paymentUp, type Growth } from "../math/loan-debt.ts";
import { FACTOR_ONE } from "./growth.ts";

/**
 * `level`: the same amount each time. `interestOnly`: each payment brings the debt back to what it was at the start, the last pays it.
 * `bullet`: all of it with the last, nothing before.
 */
export type PlanShape = "level" | "interestOnly" | "bullet";

/** One payment, as `repay` takes it: amount = principal + interest + fee. */
export interface Payment {
  /** [s] */
  readonly date: bigint;
  /** What is paid. [asset] */
  readonly amount: bigint;
  /** What it takes off the debt of the start; a fixed term's: the principal that the contract retires. [asset] */
  readonly principal: bigint;
  /** The rest, the unit that rounding costs included. [asset] */
  readonly interest: bigint;
  /** For ending a term early, rounded as the contract does. [asset] */
  readonly fee: bigint;
  /** What is still owed, without a fee, rounded up; 0 after the last. [asset] */
  readonly balance: bigint;
}

/** Payments that leave exactly 0. */
export interface Plan {
  /** [s] */
  readonly start: bigint;
  /** What is owed at the start, without a fee, rounded up. [asset] */
  readonly owed: bigint;
  /** By date. Payments of nothing are left out. */
  readonly payments: readonly Payment[];
  /** Σ amounts. [asset] */
  readonly total: bigint;
  /** total − owed: interest, fees and rounding. [asset] */
  readonly cost: bigint;
}

/** What a debt may grow to, as a multiple: a century at 69 %. More is no plan, and fractions would lose their digits. */
const MAX_GROWTH = 10n ** 30n;

/** 1, as the weights of level payments are written. */
const WEIGHT_ONE = FACTOR_ONE * FACTOR_ONE;

/** A date and what a unit of base has grown to by then. */
export interface Moment {
  readonly date: bigint;
  readonly growth: Growth;
}

export interface Course {
  readonly start: bigint;
  readonly base: bigint;
  /** [asset] */
  readonly owed: bigint;
  readonly moments: readonly Moment[];
  readonly shape: PlanShape;
  /** [asset] */
  readonly minDebt: bigint;
  /** A fixed term's base is its principal, in whole units; of others fractions are kept, and principal is what the balance falls by. */
  readonly isFixedTerm: boolean;
}

export function scheduleOf(given: Course): Plan {
  const last = given.moments.at(-1);
  if (last && last.growth.index > last.growth.unit * MAX_GROWTH) {
    throw new InvalidInputError("rate", last.growth.index / last.growth.unit, "growth of at most 1e30");
  }
  const course = given.isFixedTerm ? given : withFractions(given);
  const { start, owed, moments, minDebt, isFixedTerm } = course;
  const partOf = partPayment(course);
  const payments: Payment[] = [];
  let { base } = course;
  let balance = owed;
  for (const [position, { date, growth }] of moments.entries()) {
    const isLast = position === moments.length - 1;
    const whole = debtUp(growth, base) + feeUp(growth, base);
    const amount = isLast ? whole : partOf(growth, base, position);
    if (amount === 0n) continue;
    const retired = isLast ? base : baseWithFeeDown(growth, amount);
    if (!isLast && (amount >= whole || retired >= base)) refuse(owed, moments.length);
    const left = debtUp(growth, base - retired);
    if (!isLast && left < minDebt) {
      throw new InvalidInputError("minDebt", minDebt, `at most ${left}, what the payment at ${date} leaves`);
    }
    const fee = isLast ? feeUp(growth, base) : feeDown(growth, retired);
    const principal = isFixedTerm ? retired : balance - left;
    payments.push({ date, amount, principal, interest: amount - principal - fee, fee, balance: left });
    base -= retired;
    balance = left;
  }
  const paid = total(payments.map(({ amount }) => amount));
  return { start, owed, payments, total: paid, cost: paid - owed };
}

/** The same course with a base in 1e-36 units. */
function withFractions(course: Course): Course {
  const moments = course.moments.map(({ date, growth }) => {
    return { date, growth: { ...growth, unit: growth.unit * FACTOR_ONE } };
  });
  return { ...course, base: course.base * FACTOR_ONE, moments };
}

/** What a payment before the last one is, by the growth and the base before it. [asset] */
type PartPayment = (growth: Growth, base: bigint, position: number) => bigint;

function partPayment(course: Course): PartPayment {
  const { shape, owed } = course;
  switch (shape) {
    case "bullet":
      return () => 0n;
    case "interestOnly":
      return (growth, base) => {
        const kept = baseDown(growth, owed);
        return kept < base ? paymentUp(growth, base - kept) : 0n;
      };
    case "level":
      return levelPayment(course);
    default:
      throw new InvalidInputError("shape", shape, '"level", "interestOnly" or "bullet"');
  }
}

/**
 * The exact level payment is base / Σ 1 / (G + F), and leaves base × Σ of those to come / Σ of all. Each payment is what leads there
 * from where the last one's rounding has led, to the nearest unit: so rounding never adds up, however many there are.
 */
function levelPayment({ base: first, owed, moments }: Course): PartPayment {
  const weights = weightsOf(moments);
  const sum = total(weights);
  let rest = sum;
  return ({ index, unit, breakFee }, base, position) => {
    rest -= weights[position] ?? 0n;
    const amount = nearest((base * sum - first * rest) * (index + breakFee), sum * unit);
    return amount > 0n ? amount : refuse(owed, moments.length);
  };
}

/** The exact level payment to the nearest unit, halves up. */
export function levelOf(base: bigint, moments: readonly Moment[]): bigint {
  return nearest(base * WEIGHT_ONE, total(weightsOf(moments)));
}

/** What a unit paid at each moment retires of the base. [1e-72], rounded down: by 1e-42 of it at most, see MAX_GROWTH. */
function weightsOf(moments: readonly Moment[]): bigint[] {
  return moments.map(({ growth }) => mulDivDown(WEIGHT_ONE, growth.unit, growth.index + growth.breakFee));
}

function total(values: readonly bigint[]): bigint {
  return values.reduce((sum, value) => sum + value, 0n);
}

/** numerator / denominator, rounded to the nearest unit, halves up; the denominator positive. */
export function nearest(numerator: bigint, denominator: bigint): bigint {
  return (2n * numerator + denominator) / (2n * denominator);
}

function refuse(owed: bigint, count: number): never {
  throw new InvalidInputError("debt", owed, `enough units for ${count} payments`);
}

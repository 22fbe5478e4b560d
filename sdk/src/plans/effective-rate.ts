/** What a plan costs by the year, whatever it is made of: the rate at which its payments are worth what was owed. */
import { InvalidInputError, requireUint } from "../errors/invalid-input.ts";
import { requireAmount, WAD } from "../math/amounts.ts";
import { YEAR } from "../math/rate-curve.ts";
import { requireDates } from "./dates.ts";
import { compoundedUp, FACTOR_ONE } from "./growth.ts";
import { nearest, type Plan } from "./schedule.ts";

/** The rate per second is found to this: at 1e-32 a second, a year's rate to well below 1e-18. [1e-36] */
const STEP = 10n ** 4n;

/** A unit in balances, so that their rounding does not show. */
const BALANCE_ONE = 10n ** 30n;

/**
 * The effective annual rate: y in owed = Σ amount × (1 + y)^(-time / 365 days), fees included; the annual percentage rate of the EU's
 * consumer credit directive, with years of 365 days.
 * @returns [WAD/year], rounded to the nearest; exact in all digits for a rate below 100 %, but for halves.
 * @throws {@link InvalidInputError} for a plan that pays less than was owed, or whose dates are no plan's.
 */
export function effectiveAnnualRate(plan: Plan): bigint {
  requirePlan(plan);
  let [low, high] = [0n, 1n];
  while (!isTooHigh(plan, high)) [low, high] = [high, 2n * high];
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (isTooHigh(plan, middle)) high = middle;
    else low = middle;
  }
  const factor = compoundedUp(FACTOR_ONE + low * STEP, YEAR);
  return nearest((factor - FACTOR_ONE) * WAD, FACTOR_ONE);
}

/** True if at that rate per second the payments do not pay what was owed. */
function isTooHigh({ start, owed, payments }: Plan, rate: bigint): boolean {
  // Months have few lengths: each is raised to its power once.
  const factors = new Map<bigint, bigint>();
  let balance = owed * BALANCE_ONE;
  let previous = start;
  for (const { date, amount } of payments) {
    const gap = date - previous;
    const factor = factors.get(gap) ?? compoundedUp(FACTOR_ONE + rate * STEP, gap);
    factors.set(gap, factor);
    // Toward 0, by 1e-30 units: far below what a step of the rate moves.
    balance = (balance * factor) / FACTOR_ONE - amount * BALANCE_ONE;
    previous = date;
  }
  return balance > 0n;
}

function requirePlan({ start, owed, payments }: Plan): void {
  requireDates(
    requireUint("start", start, 32),
    payments.map(({ date }) => date),
  );
  if (requireAmount("owed", owed) === 0n) throw new InvalidInputError("owed", owed, "more than 0");
  const total = payments.reduce((sum, { amount }) => sum + requireAmount("amount", amount), 0n);
  if (total < owed) throw new InvalidInputError("payments", total, `${owed} or more together`);
}

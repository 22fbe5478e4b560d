/** How a loan of either kind is paid back. See README.md for the formulas. */
import { InvalidInputError } from "../errors/invalid-input.ts";
import { requireAmount } from "../math/amounts.ts";
import { debtUp } from "../math/loan-debt.ts";
import { requireDates } from "./dates.ts";
import { baseOf, growthAt, isOpen, requireDebt, type PlannedDebt } from "./growth.ts";
import { scheduleOf, type Plan, type PlanShape } from "./schedule.ts";

/** How a debt is to be paid back. */
export interface PlanOptions {
  /** From when on it is planned; not before the debt's `since`. [s] */
  readonly start: bigint;
  /** When payments are due: 1…1,200 times, an hour apart or more; a fixed term's are not after its maturity. [s] */
  readonly dates: readonly bigint[];
  /** How the payments compare with each other. */
  readonly shape: PlanShape;
  /** The book's `MIN_DEBT`: a payment before the last may not leave less. 0 if it is left out. [asset] */
  readonly minDebt?: bigint;
}

/**
 * Payments that leave exactly 0, each as `LoanBook.repay` would book it. Those of a level plan, the last included, are the exact level to
 * the nearest unit, and what rounding leaves over is caught up by the next: a unit more or less.
 *
 * A fixed term's plan is exact to the unit, breaking fees included, if each payment is made in the second it is due. An open term's
 * holds as far as its assumed rate does: it compounds every second at `debt.rate`.
 * @throws {@link InvalidInputError} for what no loan can be, and for a debt of so few units that payments vanish.
 */
export function repaymentPlan(debt: PlannedDebt, { start, dates, shape, minDebt = 0n }: PlanOptions): Plan {
  requireDebt(debt, start);
  requireAmount("minDebt", minDebt);
  const due = requireDates(start, dates);
  for (const date of due) {
    if (!isOpen(debt) && date > debt.maturity) {
      throw new InvalidInputError("dates", date, `no later than the maturity, ${debt.maturity}`);
    }
  }
  const base = baseOf(debt);
  const moments = due.map((date) => ({ date, growth: growthAt(debt, date) }));
  return scheduleOf({
    ...{ start, base, moments, shape, minDebt },
    owed: debtUp(growthAt(debt, start), base),
    isFixedTerm: !isOpen(debt),
  });
}

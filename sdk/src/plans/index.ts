/** How a loan is paid back and what it costs, what a fall of prices does, and the loan against selling. */
export { annuityPayment, annuityPlan, type AnnuityTerms } from "./annuity.ts";
export { evenDates, MAX_PAYMENTS, monthlyDates } from "./dates.ts";
export { effectiveAnnualRate } from "./effective-rate.ts";
export { plannedDebt, type OpenDebt, type PlannedDebt } from "./growth.ts";
export { compareHolding, gainOfHolding, type Choice, type Comparison } from "./hold-or-sell.ts";
export { aboveLineFrom, callDrop, fallenMarket, laterMarket } from "./price-fall.ts";
export { repaymentPlan, type PlanOptions } from "./repayment-plan.ts";
export type { Payment, Plan, PlanShape } from "./schedule.ts";
export { supposedLoan, type Collateral } from "./supposed-loan.ts";

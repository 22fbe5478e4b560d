import { expect } from "chai";

import { MAX_AMOUNT, WAD } from "../../sdk/src/math/amounts.ts";
import { annuityPayment, annuityPlan } from "../../sdk/src/plans/annuity.ts";
import { evenDates, monthlyDates } from "../../sdk/src/plans/dates.ts";
import { effectiveAnnualRate } from "../../sdk/src/plans/effective-rate.ts";
import type { OpenDebt } from "../../sdk/src/plans/growth.ts";
import { compareHolding, gainOfHolding } from "../../sdk/src/plans/hold-or-sell.ts";
import { standingIn } from "../../sdk/src/market/standing.ts";
import { aboveLineFrom, callDrop, fallenMarket, laterMarket } from "../../sdk/src/plans/price-fall.ts";
import { repaymentPlan, type PlanOptions } from "../../sdk/src/plans/repayment-plan.ts";
import { supposedLoan, type Collateral } from "../../sdk/src/plans/supposed-loan.ts";
import type { LoanDebtState } from "../../sdk/src/types.ts";
import { MAJOR_TERMS } from "../helpers/market.ts";
import { expectRefused } from "./vault-refusals.ts";

const START = 1_767_225_600n;
const YEAR = 31_536_000n;
const HOUR = 3_600n;
const dates = evenDates(START, START + YEAR, 12);
const open: OpenDebt = { owed: 10n ** 9n, rate: WAD / 10n, since: START };
const fixed: LoanDebtState = { base: 10n ** 9n, rate: 10n ** 8n, since: START, maturity: START + YEAR };
const options: PlanOptions = { start: START, dates, shape: "level" };
const ether: Collateral = { amount: WAD, price: 2n * 10n ** 27n, terms: MAJOR_TERMS };

/** What callers without types may bring: a field of another type, or one that is missing. */
function spoilt<T extends object>(value: T, field: keyof T, by: unknown): T {
  return { ...value, [field]: by };
}

const NO_AMOUNTS: unknown[] = [-1n, MAX_AMOUNT + 1n, 1, Number.NaN, "1", undefined, null];

describe("SDK plans: refuse", () => {
  it("debts that no loan can have", () => {
    for (const bad of [...NO_AMOUNTS, 0n]) {
      expectRefused("debt", () => repaymentPlan(spoilt(open, "owed", bad), options));
      expectRefused("debt", () => repaymentPlan(spoilt(fixed, "base", bad), options));
    }
    for (const bad of [-1n, 2n ** 64n, 0.1, undefined]) {
      expectRefused("rate", () => repaymentPlan(spoilt(open, "rate", bad), options));
      expectRefused("rate", () => repaymentPlan(spoilt(fixed, "rate", bad), options));
      expectRefused("since", () => repaymentPlan(spoilt(open, "since", bad), options));
      expectRefused("maturity", () => repaymentPlan(spoilt(fixed, "maturity", bad), options));
    }
    expectRefused("maturity", () => repaymentPlan(spoilt(fixed, "maturity", START), options));
    expectRefused("maturity", () => repaymentPlan({ ...fixed, since: 0n, maturity: 0n }, options)); // an open term's
  });

  it("a start before the debt, and dates that are no plan's", () => {
    expectRefused("start", () => repaymentPlan(open, { ...options, start: START - 1n }));
    for (const bad of [
      [],
      [START],
      [START + HOUR - 1n],
      [START + HOUR, START + HOUR],
      [START + 2n * HOUR, START + HOUR],
      [2n ** 32n],
      [1],
      "soon",
      Array.from({ length: 1_201 }, (_, index) => START + BigInt(index + 1) * HOUR),
    ]) {
      const field = Array.isArray(bad) && (bad.length === 0 || bad.length > 1_200) ? "count" : "dates";
      expectRefused(field, () => repaymentPlan(open, spoilt(options, "dates", bad)));
    }
    expectRefused("dates", () => repaymentPlan(fixed, { ...options, dates: [START + YEAR + 1n] }));
  });

  it("other shapes, and what the book refuses", () => {
    expectRefused("shape", () => repaymentPlan(open, spoilt(options, "shape", "balloon")));
    for (const bad of [-1n, 1, MAX_AMOUNT + 1n]) {
      expectRefused("minDebt", () => repaymentPlan(open, spoilt(options, "minDebt", bad)));
    }
    // The eleventh payment leaves a twelfth.
    expectRefused("minDebt", () => repaymentPlan(open, { ...options, minDebt: 10n ** 8n }));
    expect(repaymentPlan(open, { ...options, minDebt: 8n * 10n ** 7n }).payments).to.have.lengthOf(12);
  });

  it("debts of fewer units than payments, and growth beyond any loan", () => {
    for (const units of [1n, 2n, 5n]) {
      expectRefused("debt", () => repaymentPlan({ ...open, owed: units }, options));
      expectRefused("debt", () => repaymentPlan({ ...fixed, base: units }, options));
    }
    const far = { ...options, dates: [2n ** 32n - 1n] };
    expectRefused("rate", () => repaymentPlan({ ...open, rate: WAD }, far));
  });

  it("annuities that are none", () => {
    const terms = { principal: 10n ** 9n, rate: WAD / 10n };
    for (const bad of [...NO_AMOUNTS, 0n]) {
      expectRefused("principal", () => annuityPayment(spoilt(terms, "principal", bad), 12));
      expectRefused("principal", () => annuityPlan(spoilt(terms, "principal", bad), START, dates, "level"));
    }
    for (const bad of [-1n, 2n ** 64n, 0.1]) {
      expectRefused("rate", () => annuityPayment(spoilt(terms, "rate", bad), 12));
    }
    for (const bad of [0, -1, 1.5, Number.NaN, 1_201]) expectRefused("count", () => annuityPayment(terms, bad));
    for (const periodsPerYear of [0, -12, 1.5, Number.NaN, 367]) {
      expectRefused("periodsPerYear", () => annuityPayment({ ...terms, periodsPerYear }, 12));
    }
    expectRefused("start", () => annuityPlan(terms, -1n, dates, "level"));
    expectRefused("dates", () => annuityPlan(terms, START, [START], "level"));
  });

  it("dates from nowhere, or too many", () => {
    expectRefused("start", () => monthlyDates(-1n, 12));
    expectRefused("end", () => evenDates(START, START, 12));
    expectRefused("dates", () => evenDates(START, START + HOUR, 2));
    expectRefused("dates", () => monthlyDates(START, 1_200)); // beyond 2106
    for (const bad of [0, 1.5, Number.NaN, 1_201]) {
      expectRefused("count", () => monthlyDates(START, bad));
      expectRefused("count", () => evenDates(START, START + YEAR, bad));
    }
  });

  it("the rate of what is no plan", () => {
    const plan = repaymentPlan(open, options);
    expectRefused("owed", () => effectiveAnnualRate({ ...plan, owed: 0n }));
    expectRefused("payments", () => effectiveAnnualRate({ ...plan, owed: plan.total + 1n }));
    expectRefused("count", () => effectiveAnnualRate({ ...plan, payments: [] }));
    expectRefused("dates", () => effectiveAnnualRate({ ...plan, payments: [...plan.payments].reverse() }));
  });

  it("loans and falls that cannot be", () => {
    const suppose =
      (field: keyof Collateral, by: unknown): (() => unknown) =>
      () =>
        supposedLoan(open, [spoilt(ether, field, by)]);
    for (const bad of [...NO_AMOUNTS, 0n]) expectRefused("amount", suppose("amount", bad));
    for (const bad of [0n, -1n, 2n ** 218n, 1]) expectRefused("price", suppose("price", bad));
    for (const bad of [0n, 10_001n, -1n, 8_000]) {
      expectRefused("callLtv", suppose("terms", { ...MAJOR_TERMS, callLtv: bad }));
    }
    for (const count of [0, 5])
      expectRefused("collateral", () => supposedLoan(open, Array<Collateral>(count).fill(ether)));
    expectRefused("minDebt", () => supposedLoan(open, [ether], -1n));
    expectRefused("debt", () => supposedLoan({ ...open, owed: 0n }, [ether]));

    const { market, loan } = supposedLoan(open, [ether]);
    for (const bad of [-1n, WAD, 0.2]) expectRefused("fall", () => fallenMarket(market, bad as bigint));
    for (const bad of [-1, 1, 0.5]) expectRefused("listing", () => fallenMarket(market, 0n, bad));
    for (const bad of [START - 1n, 2n ** 32n]) expectRefused("time", () => laterMarket(market, 0n, bad));
    expectRefused("rate", () => laterMarket(market, -1n, START));
    expectRefused("rate", () => aboveLineFrom(market, loan, "call", 2n ** 64n));
    for (const view of [standingIn, callDrop]) expectRefused("base", () => view(market, { ...loan, base: -1n }));
  });

  it("choices without a price, an amount or a cost", () => {
    const choice = { needed: 10n ** 9n, price: 2n * 10n ** 27n, total: 11n * 10n ** 8n };
    for (const bad of [...NO_AMOUNTS, 0n]) {
      expectRefused("needed", () => compareHolding(spoilt(choice, "needed", bad)));
    }
    for (const bad of [0n, -1n, 2n ** 218n, 1]) {
      expectRefused("price", () => compareHolding(spoilt(choice, "price", bad)));
    }
    expectRefused("total", () => compareHolding({ ...choice, total: choice.needed - 1n }));
    for (const saleCost of [-1n, 10_000n]) expectRefused("saleCost", () => compareHolding({ ...choice, saleCost }));
    expectRefused("price", () => gainOfHolding(choice, -1n));
  });
});

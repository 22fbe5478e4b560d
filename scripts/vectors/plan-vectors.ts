/** What the plans are asked. No contract reckons these; fixed terms and prices follow the contracts' libraries. */
import { WAD } from "../../sdk/src/math/amounts.ts";
import { annuityPayment } from "../../sdk/src/plans/annuity.ts";
import { evenDates } from "../../sdk/src/plans/dates.ts";
import { effectiveAnnualRate } from "../../sdk/src/plans/effective-rate.ts";
import type { PlannedDebt } from "../../sdk/src/plans/growth.ts";
import { compareHolding, type Choice } from "../../sdk/src/plans/hold-or-sell.ts";
import { repaymentPlan } from "../../sdk/src/plans/repayment-plan.ts";
import type { PlanShape } from "../../sdk/src/plans/schedule.ts";
import type { BigRandom } from "./big-random.ts";
import { NOW } from "./vault-vectors.ts";
import { asking, type VectorFile } from "./vector-file.ts";

const YEAR = 31_536_000n;

interface PlanQuestion {
  debt: PlannedDebt;
  start: bigint;
  dates: bigint[];
  shape: PlanShape;
}

function someQuestion(random: BigRandom): PlanQuestion {
  const [amount, end] = [random.within(10n ** 8n, 10n ** 12n), NOW + random.within(YEAR / 4n, YEAR)];
  const debt = random.chance(0.5)
    ? { owed: amount, rate: random.upTo(WAD / 2n), since: NOW }
    : { base: amount, since: NOW, maturity: end, rate: random.upTo(5n * 10n ** 8n) };
  const dates = evenDates(NOW, random.chance(0.6) ? end : end - YEAR / 8n, Number(random.within(1n, 8n)));
  return { debt, start: NOW, dates, shape: random.pick(["level", "interestOnly", "bullet"]) };
}

const QUESTION = {
  debt: "{ owed [asset], rate [WAD/year], since [s] } of an open term, { base [asset], since, maturity [s], rate [1e-9/year] } of a fixed one",
  start: "[s]",
  dates: "[s], rising",
  shape: '"level", "interestOnly" or "bullet"',
};

export const PLANS: readonly VectorFile[] = [
  {
    name: "plans",
    source: "none: sdk/src/plans, which stands on LoanDebt",
    notes: [
      "open terms compound every second at `rate`, an assumption; refused: a debt of too few units for its payments",
    ],
    functions: {
      annuityPayment: asking<{ principal: bigint; rate: bigint; periodsPerYear: number; count: number }>({
        arguments: { principal: "[asset]", rate: "[WAD/year]", periodsPerYear: "number", count: "number of periods" },
        result: "[asset], to the nearest unit, halves up",
        answer: ({ principal, rate, periodsPerYear, count }) =>
          annuityPayment({ principal, rate, periodsPerYear }, count),
        edges: [{ principal: 100_000_000_000n, rate: WAD / 10n, periodsPerYear: 12, count: 12 }],
        draw: (random) => ({
          ...{ principal: random.within(1n, 10n ** 15n), rate: random.upTo(WAD) },
          ...{ periodsPerYear: random.pick([1, 4, 12, 52]), count: Number(random.within(1n, 360n)) },
        }),
        count: 30,
      }),
      repaymentPlan: asking<PlanQuestion>({
        arguments: QUESTION,
        result:
          "{ start, owed, payments: [{ date [s], amount, principal, interest, fee, balance [asset] }], total, cost [asset] }",
        answer: ({ debt, ...options }) => repaymentPlan(debt, options),
        draw: someQuestion,
        count: 16,
      }),
      effectiveAnnualRate: asking<PlanQuestion>({
        arguments: QUESTION,
        result: "[WAD/year] of that plan, to the nearest",
        answer: ({ debt, ...options }) => effectiveAnnualRate(repaymentPlan(debt, options)),
        draw: someQuestion,
        count: 20,
      }),
      compareHolding: asking<Required<Choice>>({
        arguments: { needed: "[asset]", price: "[price]", total: "[asset]", saleCost: "[bps]" },
        result: "{ sold [token], breakEvenPrice [price], breakEvenRatio [WAD] }, rounded up",
        answer: compareHolding,
        draw: (random) => {
          const needed = random.within(1n, 10n ** 13n);
          return {
            needed,
            price: random.within(1n, 10n ** 29n),
            total: needed + random.upTo(needed),
            saleCost: random.upTo(3_000n),
          };
        },
        count: 20,
      }),
    },
  },
];

/** What the debts of loans are asked. */
import { MAX_AMOUNT, WAD } from "../../sdk/src/math/amounts.ts";
import * as LoanDebt from "../../sdk/src/math/loan-debt.ts";
import { YEAR } from "../../sdk/src/math/rate-curve.ts";
import { MAX_INDEX } from "../../sdk/src/math/vault.ts";
import type { LoanDebtState } from "../../sdk/src/types.ts";
import type { BigRandom } from "./big-random.ts";
import { NOW } from "./vault-vectors.ts";
import { asking, type VectorFile } from "./vector-file.ts";

const WEEK = 7n * 86_400n;

export function someIndex(random: BigRandom): bigint {
  return random.within(WAD, random.chance(0.7) ? 2n * WAD : MAX_INDEX);
}

/** A term's fields, all zero for an open-term loan; matured or not. */
export function someTerm(random: BigRandom): Omit<LoanDebtState, "base"> {
  if (random.chance(0.4)) return { since: 0n, maturity: 0n, rate: 0n };
  const since = NOW - random.within(WEEK, YEAR / 2n);
  const left = random.chance(0.2)
    ? -random.upTo(NOW - since - WEEK)
    : random.within(1n, random.pick([WEEK, YEAR / 2n]));
  return { since, maturity: NOW + left, rate: random.within(2n * 10n ** 7n, 103n * 10n ** 7n) };
}

const GROWTH = { growth: "{ index, unit, breakFee }: index / unit is what a unit of base has grown to" };

interface OfGrowth {
  growth: LoanDebt.Growth;
}

function someGrowth(random: BigRandom): LoanDebt.Growth {
  return LoanDebt.growthOf({ base: 1n, ...someTerm(random) }, someIndex(random), NOW);
}

const ofBase = (name: "debtUp" | "feeUp" | "feeDown", rounding: string) =>
  asking<OfGrowth & { base: bigint }>({
    arguments: { ...GROWTH, base: "[asset / index], of a fixed term [asset]" },
    result: `[asset], rounded ${rounding}`,
    answer: ({ growth, base }) => LoanDebt[name](growth, base),
    edges: [0n, 1n, MAX_AMOUNT].map((base) => ({ growth: { index: WAD + 1n, unit: WAD, breakFee: 0n }, base })),
    draw: (random) => ({ growth: someGrowth(random), base: random.sized(104) }),
    count: 14,
  });

const ofPayment = (name: "baseDown" | "baseWithFeeDown" | "retiredDown", result: string) =>
  asking<OfGrowth & { amount: bigint }>({
    arguments: { ...GROWTH, amount: "[asset]" },
    result: `${result}, rounded down`,
    answer: ({ growth, amount }) => LoanDebt[name](growth, amount),
    edges: [0n, 1n, MAX_AMOUNT].map((amount) => ({ growth: { index: WAD + 1n, unit: WAD, breakFee: 0n }, amount })),
    draw: (random) => ({ growth: someGrowth(random), amount: random.sized(104) }),
    count: 14,
  });

export const LOAN_DEBTS: readonly VectorFile[] = [
  {
    name: "loan-debt",
    source: "LoanDebt",
    notes: [
      "debt = base × index / unit; maturity 0 is an open term, whose base is its scaled debt; `now` is the same in all cases",
    ],
    functions: {
      growthOf: asking<{ loan: LoanDebtState; debtIndex: bigint; now: bigint }>({
        arguments: {
          loan: "{ base [asset / index] or [asset], since [s], maturity [s], rate [1e-9/year] }",
          debtIndex: "[WAD]",
          now: "[s]",
        },
        result: "{ index, unit, breakFee }",
        answer: ({ loan, debtIndex, now }) => LoanDebt.growthOf(loan, debtIndex, now),
        edges: [0n, 1n, 604_799n, 604_800n, 604_801n].map((left) => ({
          loan: { base: 10n ** 9n, since: NOW - YEAR / 2n, maturity: NOW + left, rate: 5n * 10n ** 7n },
          ...{ debtIndex: WAD, now: NOW },
        })),
        draw: (random) => ({
          loan: { base: random.sized(104), ...someTerm(random) },
          debtIndex: someIndex(random),
          now: NOW,
        }),
        count: 30,
      }),
      debtUp: ofBase("debtUp", "up"),
      feeUp: ofBase("feeUp", "up"),
      feeDown: ofBase("feeDown", "down"),
      baseDown: ofPayment("baseDown", "[asset / index], of a fixed term [asset]"),
      baseWithFeeDown: ofPayment("baseWithFeeDown", "[asset / index], of a fixed term [asset]"),
      retiredDown: ofPayment("retiredDown", "[asset]"),
      scaledUp: asking<{ amount: bigint; debtIndex: bigint }>({
        arguments: { amount: "[asset]", debtIndex: "[WAD]" },
        result: "[asset / index], rounded up",
        answer: ({ amount, debtIndex }) => LoanDebt.scaledUp(amount, debtIndex),
        edges: [0n, 1n, MAX_AMOUNT].map((amount) => ({ amount, debtIndex: WAD + 1n })),
        draw: (random) => ({ amount: random.sized(104), debtIndex: someIndex(random) }),
        count: 14,
      }),
      debtsOf: asking<{ loan: LoanDebtState; base: bigint }>({
        arguments: { loan: "as in growthOf", base: "[asset / index] or [asset]" },
        result: "{ scaled [asset / index], principal, weighted, dated }, as in term-debt",
        answer: ({ loan, base }) => LoanDebt.debtsOf(loan, base),
        draw: (random) => {
          const loan = { base: random.sized(104), ...someTerm(random) };
          return { loan, base: random.upTo(loan.base) };
        },
        count: 15,
      }),
    },
  },
];

import { expect } from "chai";

import { Random } from "../../scripts/play/random.ts";
import { WAD } from "../../sdk/src/math/amounts.ts";
import { annuityPayment, annuityPlan } from "../../sdk/src/plans/annuity.ts";
import { evenDates, monthlyDates } from "../../sdk/src/plans/dates.ts";
import { effectiveAnnualRate } from "../../sdk/src/plans/effective-rate.ts";
import type { PlannedDebt } from "../../sdk/src/plans/growth.ts";
import { repaymentPlan } from "../../sdk/src/plans/repayment-plan.ts";
import type { Plan, PlanShape } from "../../sdk/src/plans/schedule.ts";
import { Fraction, ONE, whole, ZERO } from "../helpers/mathematics.ts";

/** 2026-01-01. */
const START = 1_767_225_600n;
const DAY = 86_400n;
const YEAR = 365n * DAY;
const SHAPES: PlanShape[] = ["level", "interestOnly", "bullet"];
const HUNDRED_THOUSAND = 100_000_000_000n;
const percent = (rate: number): bigint => (BigInt(Math.round(rate * 1e6)) * WAD) / 10n ** 8n;

const open = (owed: bigint, rate: bigint): PlannedDebt => ({ owed, rate, since: START });
const fixed = (base: bigint, rate: bigint, duration = YEAR): PlannedDebt => {
  return { base, rate, since: START, maturity: START + duration };
};
const amounts = ({ payments }: Plan): bigint[] => payments.map(({ amount }) => amount);
const sum = (values: readonly bigint[]): bigint => values.reduce((total, value) => total + value, 0n);

/** What every plan must be, of whatever it is made. */
function expectSound(plan: Plan, principal: bigint): void {
  expect(plan.payments.at(-1)?.balance).to.equal(0n);
  expect(sum(plan.payments.map((payment) => payment.principal))).to.equal(principal);
  expect(sum(amounts(plan))).to.equal(plan.total);
  expect(plan.total - plan.owed).to.equal(plan.cost);
  let previous = plan.start;
  for (const { date, amount, principal: retired, interest, fee } of plan.payments) {
    expect(retired + interest + fee).to.equal(amount);
    expect([amount > 0n, interest >= 0n, fee >= 0n, date > previous]).to.deep.equal([true, true, true, true]);
    previous = date;
  }
}

/** The largest and the least payment. */
function rangeOf(plan: Plan): [least: bigint, largest: bigint] {
  const sorted = amounts(plan).sort((a, b) => (a < b ? -1 : 1));
  return [sorted.at(0) ?? 0n, sorted.at(-1) ?? 0n];
}

/** P / Σ (1 + rate / 12)^-k in fractions that never round. */
function exactLevel(principal: bigint, rate: bigint, count: number): Fraction {
  const factor = ONE.plus(new Fraction(rate, 12n * WAD));
  let [discount, worth] = [ONE, ZERO];
  for (let k = 0; k < count; k++) {
    discount = discount.over(factor);
    worth = worth.plus(discount);
  }
  return whole(principal).over(worth);
}

describe("SDK plans: the annuity", () => {
  it("of 100,000 at 10 % over 12 months is 8,791.588723 a month", () => {
    const terms = { principal: HUNDRED_THOUSAND, rate: percent(10) };
    expect(annuityPayment(terms, 12)).to.equal(8_791_588_723n);
    const plan = annuityPlan(terms, START, monthlyDates(START, 12), "level");
    expect(amounts(plan).slice(0, 11)).to.deep.equal(Array(11).fill(8_791_588_723n));
    expect(plan.payments.at(-1)?.amount).to.equal(8_791_588_724n);
    expect(plan.payments[0]?.interest).to.equal(833_333_333n + 1n); // 100,000 × 10 % / 12, its balance rounded up
    expectSound(plan, HUNDRED_THOUSAND);
  });

  it("is the exact fraction to the nearest unit, over random terms", () => {
    const random = new Random(1);
    for (let round = 0; round < 60; round++) {
      const principal = BigInt(Math.floor(10 ** random.between(4, 15)));
      const [rate, count] = [percent(random.between(0, 40)), Math.floor(random.between(1, 25))];
      const exact = exactLevel(principal, rate, count);
      expect(annuityPayment({ principal, rate }, count)).to.equal(exact.plus(new Fraction(1n, 2n)).floor());
    }
  });

  it("without interest is a part each, and of one period all with its interest", () => {
    expect(annuityPayment({ principal: 1_200n, rate: 0n }, 12)).to.equal(100n);
    expect(annuityPayment({ principal: 1_000n, rate: 0n }, 3)).to.equal(333n);
    expect(annuityPayment({ principal: HUNDRED_THOUSAND, rate: percent(12) }, 1)).to.equal(101_000_000_000n);
  });

  it("has the effective rate (1 + i)^12 - 1 where months are equally long", () => {
    const terms = { principal: 10n ** 24n, rate: percent(12) };
    const plan = annuityPlan(terms, START, evenDates(START, START + YEAR, 12), "level");
    // 1.01^12 = 1.126825030131969720661…; the payments' rounding is worth 1e-24 of it.
    expect(effectiveAnnualRate(plan)).to.equal(126_825_030_131_969_721n);
  });
});

describe("SDK plans: level payments", () => {
  it("stay within a unit of each other, and end with 0, over random annuities and open terms", () => {
    const random = new Random(2);
    for (let round = 0; round < 40; round++) {
      const principal = BigInt(Math.floor(10 ** random.between(6, 20)));
      const [rate, count] = [percent(random.between(0, 60)), Math.floor(random.between(1, 49))];
      const dates = monthlyDates(START, count);
      const annuity = annuityPlan({ principal, rate }, START, dates, "level");
      const plan = repaymentPlan(open(principal, rate), { start: START, dates, shape: "level" });
      for (const each of [annuity, plan]) {
        expectSound(each, principal);
        const [least, largest] = rangeOf(each);
        expect(largest - least).to.be.at.most(2n);
        expect(amounts(each).filter((amount) => amount - least > 1n).length).to.be.at.most(1); // the last, rounded up
      }
      const level = annuityPayment({ principal, rate }, count);
      for (const amount of amounts(annuity)) expect(amount - level).to.be.within(-1n, 2n);
    }
  });

  it("of a fixed term stay as close as the contract's whole units let them, fees included", () => {
    const random = new Random(3);
    for (let round = 0; round < 80; round++) {
      const principal = BigInt(Math.floor(10 ** random.between(6, 20)));
      const [rate, count] = [BigInt(Math.floor(random.between(0, 1.03e9))), Math.floor(random.between(1, 53))];
      const dates = evenDates(START, START + YEAR, count);
      const plan = repaymentPlan(fixed(principal, rate), { start: START, dates, shape: "level" });
      expectSound(plan, principal);
      const [least, largest] = rangeOf(plan);
      expect(largest - least).to.be.at.most(8n); // 2.5 (G + F) + 3, with G + F at most 2.05
    }
  });

  it("of a long loan stay level: 30 and 100 years of months", () => {
    for (const [count, rate] of [
      [360, percent(10)],
      [1_200, percent(5)],
    ] as const) {
      const start = 0n; // a century ends before 2106
      const dates = monthlyDates(start, count);
      const debt: PlannedDebt = { owed: HUNDRED_THOUSAND, rate, since: start };
      const plan = repaymentPlan(debt, { start, dates, shape: "level" });
      expectSound(plan, HUNDRED_THOUSAND);
      const [least, largest] = rangeOf(plan);
      expect(largest - least).to.be.at.most(2n);
    }
  });
});

describe("SDK plans: other shapes and no interest", () => {
  it("without interest any plan costs nothing", () => {
    const dates = evenDates(START, START + YEAR, 7);
    for (const debt of [open(1_000_003n, 0n), fixed(1_000_003n, 0n)]) {
      for (const shape of SHAPES) {
        const plan = repaymentPlan(debt, { start: START, dates, shape });
        expectSound(plan, 1_000_003n);
        expect([plan.cost, effectiveAnnualRate(plan)]).to.deep.equal([0n, 0n]);
        expect(plan.payments.length).to.equal(shape === "level" ? 7 : 1); // payments of nothing are left out
      }
    }
  });

  it("with one date are the same", () => {
    for (const debt of [open(HUNDRED_THOUSAND, percent(10)), fixed(HUNDRED_THOUSAND, 10n ** 8n)]) {
      const plans = SHAPES.map((shape) => repaymentPlan(debt, { start: START, dates: [START + YEAR], shape }));
      expect(plans[1]).to.deep.equal(plans[0]);
      expect(plans[2]).to.deep.equal(plans[0]);
    }
  });

  it("a bullet costs the nominal rate of a term, and the compounded one of an open loan", () => {
    const dates = [START + YEAR];
    const term = repaymentPlan(fixed(HUNDRED_THOUSAND, 10n ** 8n), { start: START, dates, shape: "bullet" });
    expect(amounts(term)).to.deep.equal([110_000_000_000n]);
    expect(effectiveAnnualRate(term)).to.equal(percent(10));
    const loan = repaymentPlan(open(10n ** 30n, percent(10)), { start: START, dates, shape: "bullet" });
    // (1 + 0.1 / 31,536,000)^31,536,000 = e^0.1 × (1 - 0.1² / (2 × 31,536,000) + …): below e^0.1 = 1.105170918075647…
    expect(effectiveAnnualRate(loan)).to.be.within(105_170_917_900_000_000n, 105_170_918_075_647_624n);
  });

  it("interest only holds the debt where it was, until the last pays it", () => {
    const dates = evenDates(START, START + YEAR, 12);
    for (const debt of [open(HUNDRED_THOUSAND, percent(10)), fixed(HUNDRED_THOUSAND, 10n ** 8n)]) {
      const plan = repaymentPlan(debt, { start: START, dates, shape: "interestOnly" });
      expectSound(plan, HUNDRED_THOUSAND);
      for (const { balance } of plan.payments.slice(0, -1)) {
        expect(HUNDRED_THOUSAND - balance).to.be.within(0n, 2n);
      }
    }
  });

  it("a term ended early pays seven days' interest on what it retires", () => {
    const plan = repaymentPlan(fixed(HUNDRED_THOUSAND, 10n ** 8n), {
      ...{ start: START, dates: [START + 100n * DAY], shape: "bullet" as const },
    });
    const perDay = new Fraction(HUNDRED_THOUSAND, 3_650n);
    const [payment] = plan.payments;
    expect(payment?.fee).to.equal(perDay.times(whole(7n)).ceil());
    expect(payment?.interest).to.equal(perDay.times(whole(100n)).ceil());
  });
});

describe("SDK plans: the effective annual rate", () => {
  it("is the rate at which the payments are worth what was owed, over random plans", () => {
    const random = new Random(4);
    for (let round = 0; round < 30; round++) {
      const count = Math.floor(random.between(1, 25));
      const rate = BigInt(Math.floor(random.between(1e7, 1e9)));
      const dates = evenDates(START, START + YEAR, count);
      const shape = SHAPES[round % 3] ?? "level";
      const plan = repaymentPlan(fixed(10n ** 15n, rate), { start: START, dates, shape });
      const yearly = Number(effectiveAnnualRate(plan)) / 1e18;
      let worth = 0;
      for (const { date, amount } of plan.payments) {
        worth += Number(amount) * (1 + yearly) ** (-Number(date - START) / Number(YEAR));
      }
      expect(Math.round(worth - 1e15)).to.be.within(-1_000, 1_000); // what doubles can tell
    }
  });
});

describe("SDK plans: dates", () => {
  it("are the same day of each month, or its last", () => {
    const at = (text: string): bigint => BigInt(Date.parse(text) / 1_000);
    const dates = monthlyDates(at("2027-10-31T12:34:56Z"), 5);
    const expected = ["2027-11-30", "2027-12-31", "2028-01-31", "2028-02-29", "2028-03-31"];
    expect(dates).to.deep.equal(expected.map((day) => at(`${day}T12:34:56Z`)));
  });

  it("are even to the second and end with the end", () => {
    expect(evenDates(START, START + 10_000n * 3n + 1n, 3)).to.deep.equal(
      [10_000n, 20_000n, 30_001n].map((x) => START + x),
    );
  });
});

import { expect } from "chai";

import { Random } from "../../scripts/play/random.ts";
import { MAX_AMOUNT, WAD } from "../../sdk/src/math/amounts.ts";
import { debtOf } from "../../sdk/src/math/loan-lens.ts";
import { UNIT } from "../../sdk/src/math/term-debt.ts";
import { AmountColumn } from "../../sdk/src/loans/amount-column.ts";
import { compare, EPSILON, factorOf, growth, openGrowth, Verdict } from "../../sdk/src/monitor/screening.ts";
import { anyOf, lineOf, loanOf, NOW, viewOf } from "../helpers/monitor.ts";

/** Fractions are compared over this denominator: a float64 of at least 2^-200 is a whole number of it. */
const SCALE = 2n ** 260n;

/** A float64, exactly. [1 / SCALE] */
function exactly(value: number): bigint {
  if (value === 0) return 0n;
  const exponent = Math.max(0, 60 - Math.floor(Math.log2(value)));
  expect(exponent).to.be.at.most(260);
  // In two steps: one power of two might be more than a float64 holds.
  const whole = value * 2 ** Math.floor(exponent / 2) * 2 ** Math.ceil(exponent / 2);
  return BigInt(whole) * (SCALE >> BigInt(exponent));
}

describe("SDK monitor: the error bound", () => {
  it("holds for any base, growth, amounts and prices: float64 differs from the contracts by no more", () => {
    const random = new Random(21);
    const verdicts = { [Verdict.notAbove]: 0, [Verdict.above]: 0, [Verdict.unsure]: 0 };
    let closest = 0;
    for (let i = 0; i < 20_000; i++) {
      const listings = Array.from({ length: 40 }, () => {
        const ltv = 1n + (anyOf(random, 14) % 10_000n);
        return { price: anyOf(random, 256), callLtv: ltv, liquidationLtv: ltv };
      });
      const debtIndex = anyOf(random, 72);
      const market = viewOf(listings, { debtIndex });
      const count = i % 50 === 0 ? 40 : Math.floor(random.uniform() * 5);
      const pledges = new Map(Array.from({ length: count }, (_, number) => [number, 1n + anyOf(random, 103)]));
      const elapsed = anyOf(random, 30);
      const term = { since: NOW - elapsed, maturity: NOW, rate: anyOf(random, 32) };
      const isFixed = random.uniform() < 0.5;
      const loan = loanOf(1n, { pledges, ...(isFixed ? term : {}) });
      const line = lineOf(market, pledges, "callLine");
      const near = isFixed
        ? (line * UNIT) / (UNIT + term.rate * elapsed)
        : (line * WAD) / (debtIndex === 0n ? 1n : debtIndex);
      const base = random.uniform() < 0.7 && near <= MAX_AMOUNT ? near : anyOf(random, 104);
      const debt = debtOf(market, { ...loan, base });

      const grown = isFixed ? growth(1, Number(term.rate), Number(elapsed)) : growth(openGrowth(debtIndex), 0, 0);
      const floatDebt = Number(base) * grown;
      let floatLine = 0;
      for (const [number, amount] of pledges) {
        const { price } = listings[number] ?? { price: 0n };
        floatLine += Number(amount) * factorOf(price, listings[number]?.callLtv ?? 0n);
      }

      const error = exactly(floatDebt) - exactly(floatLine) - (debt - line) * SCALE;
      const relative = (exactly(floatDebt) + exactly(floatLine)) / BigInt(1 / EPSILON);
      const bound = relative + BigInt(2 * count + 2) * SCALE;
      expect(error <= bound && -error <= bound, `loan ${i}`).to.equal(true);
      closest = Math.max(closest, Number(((error < 0n ? -error : error) * 1000n) / bound));

      const verdict = compare(floatDebt, floatLine, count);
      verdicts[verdict]++;
      if (verdict !== Verdict.unsure) expect(verdict === Verdict.above, `loan ${i}`).to.equal(debt > line);
    }
    // Every verdict occurs, and the bound is not so wide that anything would pass.
    for (const times of Object.values(verdicts)) expect(times).to.be.greaterThan(1_000);
    expect(closest).to.be.greaterThan(300);
  });

  it("starts from amounts that are kept exactly", () => {
    const random = new Random(22);
    const edges = [
      0n,
      1n,
      MAX_AMOUNT,
      MAX_AMOUNT - 1n,
      2n ** 84n - 1n,
      2n ** 85n - 2n ** 31n,
      2n ** 103n + 2n ** 50n,
      2n ** 103n + 2n ** 50n - 1n,
      2n ** 53n + 1n,
    ];
    const drawn = Array.from({ length: 20_000 }, () => anyOf(random, 104));
    const amounts = [...edges, ...drawn];
    const all = new AmountColumn(amounts.length);
    for (const [place, amount] of amounts.entries()) {
      const column = new AmountColumn(1);
      column.write(0, amount);
      expect(column.read(0)).to.equal(amount);
      expect(column.heads[0]).to.equal(Number(amount));
      all.write(place, amount);
    }
    // Those of a column that had to be widened for one of them too.
    for (const [place, amount] of amounts.entries()) expect(all.read(place)).to.equal(amount);
  });
});

import { expect } from "chai";

import * as AveragedSupply from "../../sdk/src/math/averaged-supply.ts";
import { expWad } from "../../sdk/src/math/exp-wad.ts";
import * as LoanDebt from "../../sdk/src/math/loan-debt.ts";
import * as RateCurve from "../../sdk/src/math/rate-curve.ts";
import * as TermDebt from "../../sdk/src/math/term-debt.ts";
import * as TermQuote from "../../sdk/src/math/term-quote.ts";
import type { TermSums } from "../../sdk/src/types.ts";
import { BigRandom } from "../../scripts/vectors/big-random.ts";
import { clock, YEAR } from "../helpers/chain.ts";
import { deployHarness, type Ask } from "./vault-harness.ts";
import { answerOf } from "./vault-refusals.ts";

const WAD = 10n ** 18n;
const RUNS = 120;

describe("The SDK's mirrors of the vault's libraries", () => {
  let ask: Ask;
  let random: BigRandom;

  before(async () => {
    ({ ask } = await deployHarness());
  });

  beforeEach(() => {
    random = new BigRandom(5);
  });

  /** Compares the two, over and over; how often they answered, the rest they refused. */
  async function compare(
    draw: () => { name: string; args: unknown[]; sdk: () => bigint | bigint[] },
    runs = RUNS,
  ): Promise<number> {
    let answers = 0;
    for (let run = 0; run < runs; run++) {
      const { name, args, sdk } = draw();
      const answer = answerOf(sdk);
      expect(answer, `${name} of ${JSON.stringify(args, printed)}`).to.deep.equal(await ask(name, ...args));
      if (answer !== undefined) answers++;
    }
    return answers;
  }

  describe("expWad", () => {
    it("is Solady's to the last digit, over all that it takes", async () => {
      const ranges: [low: bigint, high: bigint][] = [
        [-42n * WAD, 0n],
        [-4n * WAD, 4n * WAD],
        [0n, 140n * WAD],
        [-1_000n, 1_000n],
      ];
      const answers = await compare(() => {
        const x = random.within(...random.pick(ranges));
        return { name: "expWad", args: [x], sdk: () => expWad(x) };
      }, 4 * RUNS);
      expect(answers).to.be.within(4 * RUNS - 20, 4 * RUNS - 1); // a little of it is too large
    });

    it("ends where Solady's ends", async () => {
      for (const x of [
        ...[-(2n ** 255n), -41446531673892822314n, -41446531673892822313n, -41446531673892822312n],
        ...[-WAD, -1n, 0n, 1n, WAD, 135305999368893231588n, 135305999368893231589n, 2n ** 255n - 1n],
      ]) {
        expect(answerOf(() => expWad(x))).to.equal(await ask("expWad", x));
      }
      expect(expWad(0n)).to.equal(WAD);
      expect(expWad(WAD)).to.equal(2_718281828459045235n);
      expect(expWad(-41446531673892822313n)).to.equal(0n);
      expect(expWad(-41446531673892822312n)).to.equal(1n);
    });
  });

  describe("RateCurve", () => {
    it("has the utilisation of any cash and debt", async () => {
      const answers = await compare(() => {
        const [cash, debt] = [random.sized(104), random.sized(118)];
        return { name: "utilisation", args: [cash, debt], sdk: () => RateCurve.utilisation(cash, debt) };
      });
      expect(answers).to.equal(RUNS);
    });

    it("has the rate at any utilisation, of fine heights too", async () => {
      const answers = await compare(() => {
        const [height, used] = [random.sized(108), random.upTo(WAD)];
        return { name: "curveRate", args: [height, used], sdk: () => RateCurve.rate(height, used) };
      });
      expect(answers).to.equal(RUNS);
    });

    it("drifts like it, over seconds and over decades", async () => {
      const answers = await compare(() => {
        const height = random.chance(0.2) ? random.sized(48) : random.within(RateCurve.MIN_RATE, RateCurve.MAX_RATE);
        const [used, elapsed] = [random.upTo(WAD), random.sized(32)];
        const sdk = (): bigint[] => {
          const { averageRate, nextRateAtTarget } = RateCurve.drift(height, used, elapsed);
          return [averageRate, nextRateAtTarget];
        };
        return { name: "drift", args: [height, used, elapsed], sdk };
      }, 3 * RUNS);
      expect(answers).to.equal(3 * RUNS);
    });

    it("grows like it", async () => {
      const answers = await compare(() => {
        const [yearly, elapsed] = [random.sized(64), random.sized(32)];
        return { name: "growth", args: [yearly, elapsed], sdk: () => RateCurve.growth(yearly, elapsed) };
      });
      expect(answers).to.equal(RUNS);
    });
  });

  describe("AveragedSupply", () => {
    it("packs and unpacks any average", async () => {
      const packing = await compare(() => {
        const average = random.upTo(random.chance(0.3) ? AveragedSupply.MAX : random.sized(104));
        return { name: "pack", args: [average], sdk: () => AveragedSupply.pack(average) };
      });
      const unpacking = await compare(() => {
        const packed = random.sized(48);
        return { name: "unpack", args: [packed], sdk: () => AveragedSupply.unpack(packed) };
      });
      expect([packing, unpacking]).to.deep.equal([RUNS, RUNS]);
    });

    it("rises and falls like it", async () => {
      const answers = await compare(() => {
        const average = AveragedSupply.pack(random.upTo(random.chance(0.2) ? AveragedSupply.MAX : random.sized(90)));
        const supply = random.chance(0.1) ? AveragedSupply.unpack(average) : random.sized(118);
        const elapsed = random.sized(32);
        return {
          name: "next",
          args: [average, supply, elapsed],
          sdk: () => AveragedSupply.next(average, supply, elapsed),
        };
      }, 3 * RUNS);
      expect(answers).to.equal(3 * RUNS);
    });
  });

  describe("TermDebt", () => {
    const listed = ({ principal, weighted, dated }: TermSums): bigint[] => [principal, weighted, dated];
    const args = (sums: TermSums): Record<string, bigint> => ({ scaled: 0n, ...sums });

    /** What terms of these sizes add up to. */
    function someTerm(bits: number): TermSums {
      const principal = random.sized(bits);
      const weighted = principal * random.sized(32);
      return { principal, weighted, dated: weighted * random.sized(32) };
    }

    it("owes what it owes, and refuses times before the terms", async () => {
      const answers = await compare(() => {
        const [sums, time] = [someTerm(104), random.sized(32)];
        return { name: "owed", args: [sums, time], sdk: () => TermDebt.owed(sums, time) };
      });
      expect(answers).to.be.within(RUNS / 3, RUNS - 50);
    });

    it("adds and removes, and refuses what does not fit", async () => {
      const adding = await compare(() => {
        const [sums, more] = [someTerm(104), someTerm(104)];
        return { name: "add", args: [sums, args(more)], sdk: () => listed(TermDebt.add(sums, more)) };
      });
      expect(adding).to.be.within(RUNS / 2, RUNS - 1);
      const removing = await compare(() => {
        const [rest, less] = [someTerm(102), someTerm(102)];
        const sums = TermDebt.add(rest, less);
        return { name: "remove", args: [sums, args(less)], sdk: () => listed(TermDebt.remove(sums, less)) };
      });
      expect(removing).to.equal(RUNS);
    });
  });

  describe("TermQuote", () => {
    it("quotes like it, and refuses what it refuses", async () => {
      const answers = await compare(() => {
        const [supply, averagedSupply] = [random.sized(105), random.sized(104)];
        const market = {
          debtAfter: random.upTo(2n * supply),
          termDebtAfter: random.upTo(supply / 4n),
          supply,
          totalAssets: random.chance(0.1) ? random.upTo(supply) : supply,
          averagedSupply: random.chance(0.5) ? averagedSupply : supply,
          rateAtTarget: random.within(RateCurve.MIN_RATE, RateCurve.MAX_RATE),
        };
        const duration = random.chance(0.1) ? random.sized(40) : random.within(TermQuote.MIN_DURATION, YEAR);
        return { name: "quote", args: [market, duration], sdk: () => TermQuote.rate(market, duration) };
      }, 3 * RUNS);
      expect(answers).to.be.within(RUNS, 2.7 * RUNS);
    });

    it("has the same limit", async () => {
      const answers = await compare(() => {
        const [assets, average] = [random.sized(118), random.sized(105)];
        return { name: "maxTermDebt", args: [assets, average], sdk: () => TermQuote.maxTermDebt(assets, average) };
      });
      expect(answers).to.equal(RUNS);
    });
  });

  describe("LoanDebt", () => {
    /** A loan of either kind, before its maturity or after. */
    function someLoan(): Record<"base" | "since" | "maturity" | "rate", bigint> {
      const base = random.sized(104);
      if (random.chance(0.4)) return { base, since: 0n, maturity: 0n, rate: 0n };
      const since = clock.now() - random.upTo(YEAR);
      return { base, since, maturity: since + random.within(1n, YEAR), rate: random.sized(32) };
    }

    const stored = (loan: object): Record<string, bigint> => ({ pledged: 0n, flags: 0n, ...loan });
    const someIndex = (): bigint => random.within(WAD, random.chance(0.5) ? 2n * WAD : 2n ** 72n - 1n);

    it("grows like it, and reckons debts, fees and payments like it", async () => {
      const growing = await compare(() => {
        const [loan, index] = [someLoan(), someIndex()];
        const sdk = (): bigint[] => {
          const growth = LoanDebt.growthOf(loan, index, clock.now());
          return [growth.index, growth.unit, growth.breakFee];
        };
        return { name: "growthOf", args: [stored(loan), index], sdk };
      });
      const reckoning = await compare(() => {
        const loan = someLoan();
        const growth = LoanDebt.growthOf(loan, someIndex(), clock.now());
        const payment = random.chance(0.5) ? random.upTo(LoanDebt.debtUp(growth, loan.base)) : random.sized(118);
        const sdk = (): bigint[] => [
          LoanDebt.debtUp(growth, loan.base),
          LoanDebt.feeUp(growth, loan.base),
          LoanDebt.feeDown(growth, loan.base),
          LoanDebt.baseDown(growth, payment),
          LoanDebt.baseWithFeeDown(growth, payment),
          LoanDebt.retiredDown(growth, payment),
        ];
        return { name: "amountsOf", args: [growth, loan.base, payment], sdk };
      }, 2 * RUNS);
      expect([growing, reckoning]).to.deep.equal([RUNS, 2 * RUNS]);
    });

    it("scales draws and adds up what loans contribute like it", async () => {
      const scaling = await compare(() => {
        const [amount, index] = [random.sized(104), someIndex()];
        return { name: "scaledUp", args: [amount, index], sdk: () => LoanDebt.scaledUp(amount, index) };
      });
      const listed = (debts: TermDebt.Debts): bigint[] => [debts.scaled, debts.principal, debts.weighted, debts.dated];
      const contributing = await compare(() => {
        const loan = someLoan();
        const base = random.upTo(loan.base);
        return { name: "debtsOf", args: [stored(loan), base], sdk: () => listed(LoanDebt.debtsOf(loan, base)) };
      });
      const adding = await compare(() => {
        const [one, other] = [someLoan(), someLoan()];
        const sum = LoanDebt.debtsOf(one, one.base);
        const base = random.upTo(other.base);
        const sdk = (): bigint[] => listed(LoanDebt.accumulate(sum, LoanDebt.debtsOf(other, base)));
        return { name: "accumulate", args: [sum, stored(other), base], sdk };
      });
      expect([scaling, contributing, adding]).to.deep.equal([RUNS, RUNS, RUNS]);
    });

    it("makes an open-term loan of one whose term ends, and leaves all else as it is", () => {
      const loan = { id: 7n, base: 0n, since: 1n, maturity: 2n, rate: 3n };
      expect(LoanDebt.endTerm(loan)).to.deep.equal({ id: 7n, base: 0n, since: 0n, maturity: 0n, rate: 0n });
      expect(loan.maturity).to.equal(2n);
    });
  });
});

function printed(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}

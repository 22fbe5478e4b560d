import { expect } from "chai";

import { borrowerWords, delay, planBorrowers } from "../../scripts/play/borrower-plan.ts";
import { Random } from "../../scripts/play/random.ts";

const HOUR = 3_600;
const DAY = 24 * HOUR;
const SHARES = { termsPercent: 30, watchingPercent: 60 };

describe("Planned borrowers", () => {
  const owners = planBorrowers(1_000, 1, SHARES);

  it("are the same for the same seed and others for another", () => {
    expect(planBorrowers(1_000, 1, SHARES)).to.deep.equal(owners);
    expect(planBorrowers(1_000, 2, SHARES)).to.not.deep.equal(owners);
  });

  it("want terms and watch in exactly the shares that were asked for, to half a loan", () => {
    const counts = (count: number, termsPercent: number, watchingPercent: number) => {
      const planned = planBorrowers(count, 3, { termsPercent, watchingPercent });
      return [
        planned.filter(({ term }) => term !== undefined).length,
        planned.filter(({ isWatching }) => isWatching).length,
      ];
    };
    expect(counts(1_000, 30, 60)).to.deep.equal([300, 600]);
    expect(counts(60, 30, 60)).to.deep.equal([18, 36]);
    expect(counts(7, 50, 10)).to.deep.equal([4, 1]);
    expect(counts(7, 0, 100)).to.deep.equal([0, 7]);
  });

  it("take terms of 30, 90 and 180 days in turn, and watch whatever their terms are", () => {
    const terms = owners.flatMap(({ term }) => (term === undefined ? [] : [term / DAY]));
    expect(terms.slice(0, 4)).to.deep.equal([30, 90, 180, 30]);
    const both = owners.filter(({ term, isWatching }) => term !== undefined && isWatching).length;
    expect(both).to.be.within(150, 210); // 180 expected
  });

  it("cure by repaying and by pledging, half and half", () => {
    expect(owners.filter(({ curesBy }) => curesBy === "repaying").length).to.be.within(450, 550);
  });

  it("take a time that is log-normal around three hours, σ 1", () => {
    const random = new Random(11);
    const delays = Array.from({ length: 10_000 }, () => delay(random)).sort((a, b) => a - b);
    const quantile = (share: number) => (delays[Math.round(share * 9_999)] ?? 0) / HOUR;
    expect(quantile(0.5)).to.be.within(2.85, 3.15);
    // A standard deviation to either side: 3 / e and 3 × e hours.
    expect(quantile(0.1587)).to.be.within(1.03, 1.18);
    expect(quantile(0.8413)).to.be.within(7.7, 8.6);
  });

  it("draw their own times, whatever the others do", () => {
    const [first, second] = owners.map(({ seed }) => delay(new Random(seed)));
    expect(first).to.not.equal(second);
    expect(planBorrowers(1_000, 1, SHARES).map(({ seed }) => delay(new Random(seed)))[0]).to.equal(first);
  });

  it("are told in words", () => {
    expect(borrowerWords(SHARES)).to.match(
      /^30\.0 % want fixed terms of 30, 90 and 180 days\. 60\.0 % of the owners watch: .* log-normal around 3 hours \(σ 1\)/,
    );
    expect(borrowerWords({ termsPercent: 0, watchingPercent: 0 })).to.equal("None has a fixed term. No owner watches.");
  });
});

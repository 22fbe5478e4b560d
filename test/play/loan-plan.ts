import { expect } from "chai";

import { bookWords, planLoans, type PlannedListing, type PlannedLoan } from "../../scripts/play/loan-plan.ts";
import { Random } from "../../scripts/play/random.ts";

const LISTINGS: readonly PlannedListing[] = [
  { asset: "WETH", listing: 0, decimals: 18, borrowLtvBps: 7_800, price: 200_00000000n },
  { asset: "WBTC", listing: 1, decimals: 8, borrowLtvBps: 7_800, price: 8_000_00000000n },
  { asset: "LINK", listing: 2, decimals: 18, borrowLtvBps: 6_500, price: 4_12345678n },
];
const USDC = 1_000_000;

/** Debt, value and borrow limit of a planned loan. [USD] */
function measure({ debt, pledges }: PlannedLoan): { debt: number; value: number; limit: number } {
  let [value, limit] = [0, 0];
  for (const { listing, amount } of pledges) {
    const { decimals, price, borrowLtvBps } = LISTINGS[listing] ?? { decimals: 0, price: 0n, borrowLtvBps: 0 };
    const worth = (Number(amount) / 10 ** decimals) * (Number(price) / 1e8);
    value += worth;
    limit += (worth * borrowLtvBps) / 10_000;
  }
  return { debt: Number(debt) / USDC, value, limit };
}

describe("A planned book", () => {
  const book = planLoans(2_000, 1, LISTINGS);
  const measured = book.map(measure);

  it("is the same for the same seed and another for another", () => {
    expect(planLoans(20, 5, LISTINGS)).to.deep.equal(planLoans(20, 5, LISTINGS));
    expect(planLoans(20, 5, LISTINGS)).to.not.deep.equal(planLoans(20, 6, LISTINGS));
    expect(planLoans(20, 1, LISTINGS)).to.deep.equal(book.slice(0, 20));
  });

  it("has debts around 20,000, none below 1,000 or above 5,000,000", () => {
    const debts = measured.map(({ debt }) => debt).sort((a, b) => a - b);
    expect(debts[1_000]).to.be.within(17_000, 23_000);
    expect(debts[0]).to.equal(1_000);
    expect(debts.at(-1)).to.be.at.most(5_000_000);
  });

  it("has LTVs from 30 % to just below the borrow limit", () => {
    for (const { debt, value, limit } of measured) {
      expect(debt / value).to.be.at.least(0.2999);
      expect(debt).to.be.below(limit);
    }
    expect(Math.max(...measured.map(({ debt, value }) => debt / value))).to.be.within(0.765, 0.7751);
  });

  it("has all assets, some loans with two of them", () => {
    const count = (listing: number) =>
      book.filter(({ pledges }) => pledges.some((pledge) => pledge.listing === listing)).length;
    expect(count(0)).to.be.above(count(1));
    expect(count(1)).to.be.above(count(2));
    expect(count(2)).to.be.above(200);
    expect(book.filter(({ pledges }) => pledges.length === 2).length).to.be.within(220, 380);
    for (const { pledges } of book)
      expect(new Set(pledges.map(({ listing }) => listing)).size).to.equal(pledges.length);
  });

  it("has up to four assets in a loan where there are as many to choose from", () => {
    const four = [...LISTINGS, { asset: "AAVE", listing: 3, decimals: 18, borrowLtvBps: 6_500, price: 250_00000000n }];
    const wide = planLoans(2_000, 1, four);
    const withCount = (count: number): PlannedLoan[] => wide.filter(({ pledges }) => pledges.length === count);
    for (const count of [2, 3, 4]) expect(withCount(count).length).to.be.within(60, 140);
    expect(withCount(1).length).to.be.within(1_600, 1_800);
    for (const { pledges } of wide) {
      expect(new Set(pledges.map(({ listing }) => listing)).size).to.equal(pledges.length);
      for (const { amount } of pledges) expect(amount > 0n).to.equal(true);
    }
  });

  it("keeps a loan of four assets at the LTV it was planned with", () => {
    const equal = [0, 1, 2, 3].map((listing) => ({
      ...{ asset: `A${String(listing)}`, listing, decimals: 18, borrowLtvBps: 7_000, price: 1_00000000n },
    }));
    for (const { debt, pledges } of planLoans(500, 2, equal)) {
      const value = pledges.reduce((sum, { amount }) => sum + Number(amount) / 1e18, 0);
      expect(Number(debt) / USDC / value).to.be.within(0.2999, 0.695);
    }
  });

  it("is told in words, with the share of each asset", () => {
    expect(bookWords(["WETH", "WBTC", "LINK"])).to.match(
      /in parts of WETH 50, WBTC 35 and LINK 15, .* with two of them$/,
    );
    expect(bookWords(["WETH", "wstETH", "SOL", "ADA"])).to.match(
      /wstETH 30, SOL 15 and ADA 15, .* two, three or four of them$/,
    );
    expect(bookWords(["WETH"])).to.match(/in parts of WETH 50$/);
  });

  it("leaves out assets that have no price", () => {
    const alone = planLoans(50, 1, LISTINGS.slice(1, 2));
    expect(alone.every(({ pledges }) => pledges.length === 1 && pledges[0]?.listing === 1)).to.equal(true);
  });
});

describe("Random numbers", () => {
  it("are even over [0, 1) and normal around 0", () => {
    const random = new Random(42);
    const uniform = Array.from({ length: 10_000 }, () => random.uniform());
    expect(Math.min(...uniform)).to.be.at.least(0);
    expect(Math.max(...uniform)).to.be.below(1);
    expect(mean(uniform)).to.be.within(0.48, 0.52);
    const normal = Array.from({ length: 10_000 }, () => random.normal());
    expect(mean(normal)).to.be.within(-0.05, 0.05);
    expect(mean(normal.map((x) => x * x))).to.be.within(0.94, 1.06);
  });

  it("pick by weight", () => {
    const random = new Random(1);
    const picks = Array.from({ length: 4_000 }, () =>
      random.pick([
        ["a", 3],
        ["b", 1],
        ["c", 0],
      ]),
    );
    expect(picks.filter((pick) => pick === "a").length).to.be.within(2_850, 3_150);
    expect(picks).to.not.include("c");
    expect(() => random.pick([])).to.throw("Nothing to pick from.");
  });
});

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

import { expect } from "chai";

import { unpackAverage } from "../helpers/averaged-supply.ts";
import { clock, networkHelpers } from "../helpers/chain.ts";
import { deployMarket, openLoan, WETH, weth, type Market } from "../helpers/market.ts";

const CALLS = 300n;
const BLOCK = 12n;

/** Markets whose loan asset has so many decimals; one fixture each. */
const FIXTURES = {
  0: async () => deployMarket({ loanAssetDecimals: 0 }),
  2: async () => deployMarket({ loanAssetDecimals: 2 }),
  6: async () => deployMarket({ loanAssetDecimals: 6 }),
} as const;

/** Anybody books interest again and again, every so many seconds. */
async function callOften({ vault }: Market, times: bigint, every: bigint): Promise<void> {
  for (let i = 0n; i < times; i++) {
    await clock.advance(every);
    await vault.accrue();
  }
}

/** How far the average of a market that small comes, if somebody calls every so many seconds. [asset] */
async function averageOf(
  fixture: () => Promise<Market>,
  supply: bigint,
  times: bigint,
  every: bigint,
): Promise<bigint> {
  const market = await networkHelpers.loadFixture(fixture);
  const { vault, lender } = market;
  await vault.connect(lender).redeem(await vault.balanceOf(lender), lender, lender);
  await vault.connect(lender).deposit(supply, lender);
  await callOften(market, times, every);
  return unpackAverage((await vault.state()).averagedSupply);
}

// These succeed: what counts is units, which are dear where a loan asset has few decimals. The threshold is 0.6 dollars with six.
describe("Attacks by booking interest all the time, in a loan asset of few decimals", () => {
  // A call closes so much of the gap that less than a unit of it is lost: 1 / (1 - e^(-1 s / 7 d)), and a twelfth of that.
  for (const [supply, every, called, undisturbed] of [
    [600_000n, 1n, 0n, 297n],
    [610_000n, 1n, 300n, 302n],
    [50_000n, BLOCK, 0n, 296n],
    [51_000n, BLOCK, 300n, 302n],
  ] as const) {
    it(`the average of ${String(supply)} units, called every ${String(every)} s, is ${String(called)} after 300 calls`, async () => {
      const fixture = FIXTURES[2];
      expect(await averageOf(fixture, supply, CALLS, every)).to.equal(called);
      expect(await averageOf(fixture, supply, 1n, CALLS * every)).to.equal(undisturbed);
    });
  }

  // The lenders have what the reserves lose.
  for (const [decimals, grown, reserved] of [
    [0, 4n, 0n],
    [2, 410n, 0n],
    [6, 4_109_623n, 410_700n],
  ] as const) {
    it(`reserves get ${String(reserved)} of ${String(grown)} units of interest, called every block: ${String(decimals)} decimals`, async () => {
      const market = await networkHelpers.loadFixture(FIXTURES[decimals]);
      const { vault, borrower } = market;
      const amount = 900_000n * 10n ** BigInt(decimals);
      await openLoan(market, { pledges: [[WETH, weth("2,000")]], amount, owner: borrower });
      await callOften(market, CALLS, BLOCK);
      expect((await vault.totalDebt()) - amount).to.equal(grown);
      expect((await vault.state()).reserves).to.equal(reserved);
      // A call loses less than a unit: with six decimals that is a thousandth of the tenth, at this size.
      expect(grown / 10n - reserved).to.be.within(0n, CALLS);
    });
  }
});

import { expect } from "chai";

import { clock, networkHelpers, YEAR } from "../helpers/chain.ts";
import {
  DAY,
  HOUR,
  openLoan,
  standardMarket,
  usdc,
  waitWithLiveFeeds,
  WETH,
  weth,
  type Market,
} from "../helpers/market.ts";
import { grainOf, unpackAverage } from "../helpers/averaged-supply.ts";
import { accrue, borrowRate, debtOf, totalAssets, wad, WAD, whole, type VaultFigures } from "../helpers/mathematics.ts";

/** A market of which the given dollars of a million are lent out. */
async function lent(amount: string): Promise<Market & { id: bigint }> {
  const market = await networkHelpers.loadFixture(standardMarket);
  const id = await openLoan(market, { pledges: [[WETH, weth("1,000")]], amount: usdc(amount) });
  return { ...market, id };
}

describe("Interest", () => {
  it("at the 90 % target is 4 % a year and stays there", async () => {
    const { vault, book, id } = await lent("900,000");
    expect(await vault.utilisation()).to.equal(9n * 10n ** 17n);
    expect(await vault.borrowRate()).to.equal(4n * 10n ** 16n);
    // 4 % × 900,000 × 0.9 of it to lenders, on 1,000,000.
    expect(await vault.lendRate()).to.equal(324n * 10n ** 14n);

    await clock.advance(YEAR);

    // 0.04 + 0.04² / 2 + 0.04³ / 6, rounded up
    expect(await vault.debtIndex()).to.equal(1_040_810_666_666_666_667n - 1n);
    expect(await book.debtOf(id)).to.equal(usdc("936,729.6"));
    const state = await vault.accruedState();
    expect(state.rateAtTarget).to.equal(4n * 10n ** 12n);
    expect(state.reserves).to.equal(usdc("3,672.96") - 1n); // a tenth of 36,729.599999, rounded down
  });

  it("starts at a quarter of the target rate when nothing is lent, and at four times it when all is", async () => {
    const { vault } = await networkHelpers.loadFixture(standardMarket);
    expect(await vault.borrowRate()).to.equal(10n ** 16n);
    expect(await vault.utilisation()).to.equal(0n);
    const { vault: full } = await lent("1,000,000");
    expect(await full.utilisation()).to.equal(WAD);
    expect(await full.borrowRate()).to.equal(16n * 10n ** 16n);
  });

  it("of an empty market is that of nothing lent", async () => {
    const { vault, lender } = await networkHelpers.loadFixture(standardMarket);
    await vault.connect(lender).withdraw(usdc("1,000,000"), lender, lender);
    expect(await vault.utilisation()).to.equal(0n);
    expect(await vault.lendRate()).to.equal(0n);
    expect(await vault.totalAssets()).to.equal(0n);
  });

  it("drifts up when all is lent: doubling the target rate in a little over five days", async () => {
    const { vault } = await lent("1,000,000");
    await clock.advance(5n * DAY);
    // e^(50 × 5 / 365) = 1.98363…
    const { rateAtTarget } = await vault.accruedState();
    expect(rateAtTarget).to.be.within(79_345n * 10n ** 8n, 79_346n * 10n ** 8n);
  });

  it("drifts to its bounds and no further", async () => {
    const { vault } = await lent("1,000,000");
    await clock.advance(365n * DAY);
    expect((await vault.accruedState()).rateAtTarget).to.equal(25n * 10n ** 12n);
    expect(await vault.borrowRate()).to.equal(WAD); // 100 % a year

    const { vault: idle } = await networkHelpers.loadFixture(standardMarket);
    await clock.advance(365n * DAY);
    expect((await idle.accruedState()).rateAtTarget).to.equal(5n * 10n ** 11n);
    expect(await idle.borrowRate()).to.equal(125n * 10n ** 13n); // a quarter of 0.5 %
  });

  it("rounds the index up, by the second", async () => {
    const { vault } = await lent("1,000,000");
    await clock.advance(YEAR);
    await vault.accrue(); // now the rate is exactly 100 % a year, and stays there
    const { index } = await vault.state();
    await clock.advance(1n);
    // x = 10^18 / 31,536,000 and x² / 2, each rounded down; x³ / 6 is nothing.
    const growth = 31_709_791_983n + 502n;
    expect((index * growth) % WAD).not.to.equal(0n);
    expect(await vault.debtIndex()).to.equal(index + (index * growth) / WAD + 1n);
  });

  describe("against the independent calculation", () => {
    const scenarios: [lent: string, elapsed: bigint][] = [
      ["100", 1n],
      ["250,000", 1n],
      ["250,000", HOUR],
      ["500,000", 7n * DAY],
      ["899,999.999999", 30n * DAY],
      ["900,000.000001", 30n * DAY],
      ["950,000", 3n * DAY],
      ["990,000", 20n * DAY],
      ["1,000,000", 400n * DAY],
      ["600,000", 3n * YEAR],
    ];
    for (const [amount, elapsed] of scenarios) {
      it(`grows as much in ${String(elapsed)} s with ${amount} of a million lent`, async () => {
        const { vault, book, id } = await lent(amount);
        const before = await vault.state();
        await clock.advance(elapsed);

        const expected = accrue(before, elapsed);
        expectClose(await vault.accruedState(), expected);
        expectDebt(await book.debtOf(id), debtOf(before.scaledDebt, expected.index));
        expect(await vault.totalAssets()).to.be.within(totalAssets(expected) - 2n, totalAssets(expected) + 2n);
      });
    }

    it("grows as much over many steps", async () => {
      const market = await lent("930,000");
      const { vault, book, borrower, id } = market;
      let expected: VaultFigures = await vault.state();
      let steps = 0n;
      for (const [elapsed, repaid] of [
        [HOUR, "10,000"],
        [5n * DAY, "100,000"],
        [77_777n, "0.5"],
        [40n * DAY, "300,000"],
        [2n * YEAR, "1"],
      ] as const) {
        expected = accrue(expected, elapsed);
        await waitWithLiveFeeds(market, elapsed);
        await book.connect(borrower).repay(id, usdc(repaid));
        expected = {
          ...expected,
          cash: expected.cash + usdc(repaid),
          scaledDebt: expected.scaledDebt - whole(usdc(repaid)).over(wad(expected.index)).floor(),
        };
        steps++;
        expectClose(await vault.state(), expected, steps);
      }
    });

    it("gives the rate of now", async () => {
      const { vault } = await lent("940,000");
      await clock.advance(9n * DAY);
      const rate = borrowRate(await vault.accruedState())
        .times(whole(WAD))
        .floor();
      // The contract rounds the debt down to a unit, 1e-12 of the supply; the curve rises by 30 times that.
      expect(await vault.borrowRate()).to.be.within(rate - rate / 10n ** 11n, rate);
    });
  });

  it("averages the supply over seven days as it rises and over twelve hours as it falls", async () => {
    const { vault, lender } = await networkHelpers.loadFixture(standardMarket);
    await clock.advance(DAY);
    // 10^12 units × (1 - e^(-1/7))
    expect(unpackAverage((await vault.accruedState()).averagedSupply)).to.equal(usdc("133,122.100249"));
    await clock.advance(69n * DAY);
    await vault.connect(lender).withdraw(usdc("900,000"), lender, lender);
    const before = await vault.state();
    expect(unpackAverage(before.averagedSupply)).to.equal(usdc("999,954.600070")); // × (1 - e^-10)
    await clock.advance(DAY);
    // 100,000 + 899,954.600070 × e^-2
    const after = usdc("221,795.610700");
    expect(unpackAverage((await vault.accruedState()).averagedSupply)).to.equal(after);
    expect(unpackAverage(accrue(before, DAY).averagedSupply)).to.equal(after);
  });

  it("is the same to everyone who borrowed at any time", async () => {
    const market = await lent("400,000");
    const { vault, book, stranger, id } = market;
    await waitWithLiveFeeds(market, 50n * DAY);
    const other = await openLoan(market, { pledges: [[WETH, weth("300")]], amount: usdc("400,000"), owner: stranger });
    await waitWithLiveFeeds(market, 50n * DAY);
    await vault.accrue();

    const { index } = await vault.state();
    for (const loan of [id, other]) {
      expect(await book.debtOf(loan)).to.equal(debtOf((await book.loan(loan)).base, index));
    }
    expect((await book.loan(other)).base).to.be.below(usdc("400,000"));
    // What the vault claims is never more than what the loans owe.
    const owed = (await book.debtOf(id)) + (await book.debtOf(other));
    expect(owed - (await vault.totalDebt())).to.be.within(0n, 2n);
  });

  it("is booked by anyone, once a second, and by views without being booked", async () => {
    const { vault, stranger } = await lent("800,000");
    await clock.advance(DAY);
    const index = await vault.debtIndex();
    expect((await vault.state()).index).to.equal(WAD);

    await expect(vault.connect(stranger).accrue()).to.emit(vault, "Accrued").withArgs(index);
    expect((await vault.state()).index).to.equal(index);
    await vault.connect(stranger).accrue();
    expect((await vault.state()).index).to.equal(index);
    expect((await vault.state()).lastAccrual).to.equal(clock.now());
  });

  it("is nothing where nothing is lent", async () => {
    const { vault } = await networkHelpers.loadFixture(standardMarket);
    await clock.advance(YEAR);
    expect(await vault.totalDebt()).to.equal(0n);
    expect(await vault.totalAssets()).to.equal(usdc("1,000,000"));
    expect((await vault.accruedState()).reserves).to.equal(0n);
  });
});

/**
 * The contract rounds utilisation, distance and drift on the way, each at the eighteenth digit, and rateAtTarget to its unit
 * of 1e-14 a year in the middle and at the end: two units of it for each step, and 1e-11 of the growth.
 */
function expectClose(actual: VaultFigures, expected: VaultFigures, steps = 1n): void {
  expect(actual.scaledDebt).to.equal(expected.scaledDebt);
  expect(actual.cash).to.equal(expected.cash);
  const growth = (expected.index - WAD) / 10n ** 11n + 2n;
  expect(actual.index).to.be.within(expected.index - growth, expected.index + growth);
  const slack = 2n * steps;
  expect(actual.rateAtTarget).to.be.within(expected.rateAtTarget - slack, expected.rateAtTarget + slack);
  expect(actual.reserves).to.be.within(expected.reserves - slack, expected.reserves + slack);
  // The debt of which it is an average is as close as the index and rounded down to a unit, and so is each step.
  const average = unpackAverage(expected.averagedSupply);
  const averageSlack = whole(expected.scaledDebt).times(wad(growth)).ceil() + slack * grainOf(average);
  expect(unpackAverage(actual.averagedSupply)).to.be.within(average - averageSlack, average + averageSlack);
}

/** As above: a unit of rounding, and 1e-11 of the debt. */
function expectDebt(actual: bigint, expected: bigint): void {
  const slack = expected / 10n ** 11n + 1n;
  expect(actual).to.be.within(expected - slack, expected + slack);
}

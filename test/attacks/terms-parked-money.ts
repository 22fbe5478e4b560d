import { expect } from "chai";

import { unpackAverage } from "../helpers/averaged-supply.ts";
import { DAY, networkHelpers } from "../helpers/chain.ts";
import { usdc, waitWithLiveFeeds } from "../helpers/market.ts";
import { exponential, Fraction, ONE, whole } from "../helpers/mathematics.ts";
import {
  expectTermInvariants,
  figuresOf,
  MONTH,
  mostTermDebt,
  openTermLoan,
  quoteOf,
  useMarket,
  WEEK,
  type QuoteFigures,
  type TermMarket,
} from "../helpers/terms.ts";
import { usedMarket } from "./terms-scene.ts";

const TERM = usdc("20,000");

/** The part of a gap that the average closes in a time: 1 - e^-(time / 7 days). */
function closed(time: bigint): Fraction {
  return ONE.minus(exponential(new Fraction(-time, WEEK)));
}

/** The stranger deposits and leaves it there. Returns the figures before, of the same second. */
async function park(market: TermMarket, amount: bigint, time: bigint): Promise<QuoteFigures> {
  await market.vault.connect(market.stranger).deposit(amount, market.stranger);
  const figures = await figuresOf(market);
  await waitWithLiveFeeds(market, time);
  return figures;
}

async function leave({ vault, stranger }: TermMarket): Promise<void> {
  await vault.connect(stranger).redeem(await vault.balanceOf(stranger), stranger, stranger);
}

describe("Attacks on terms by money that is parked for a while", () => {
  for (const [name, time, permille] of [
    ["a block", 12n, 0n],
    ["an hour", 3_600n, 5n],
    ["half a day", DAY / 2n, 68n],
    ["a day", DAY, 133n],
  ] as const) {
    for (const amount of [usdc("1,000,000"), usdc("8,000,000")]) {
      const millions = String(amount / usdc("1,000,000"));
      it(`${millions} times the market for ${name} count for ${String(permille)} in a thousand of themselves`, async () => {
        const market = await networkHelpers.loadFixture(usedMarket);
        const before = await park(market, amount, time);
        const supply = before.cash + before.openDebt;
        const gap = whole(supply - before.averagedSupply);
        const risen = gap.times(closed(time));
        const { averagedSupply } = await market.vault.accruedState();
        const moved = unpackAverage(averagedSupply) - before.averagedSupply;
        // Stored to 42 bits, from a power that is rounded down at 1e-18.
        expect(risen.floor() - moved).to.be.within(0n, 4n);
        expect(closed(time).times(whole(1_000n)).floor()).to.equal(permille);
        expect(moved * 100n).to.be.below(14n * gap.floor()); // what the design promises of a day

        // The quote and the share are those of that supply: no more.
        const figures = await figuresOf(market);
        expect(await market.vault.quoteTerm(TERM, TERM, MONTH)).to.equal(quoteOf(figures, TERM, MONTH));
        expect(mostTermDebt(figures)).to.equal((figures.averagedSupply * 3n) / 10n);
      });
    }
  }

  it("as much again moves a quote of 9.82 % to 9.81 % in a block, 9.12 % in an hour, and 3.99 % in a day", async () => {
    const market = await networkHelpers.loadFixture(usedMarket);
    const rates: bigint[] = [await market.vault.quoteTerm(TERM, TERM, MONTH)];
    await park(market, usdc("1,000,000"), 0n);
    rates.push(await market.vault.quoteTerm(TERM, TERM, MONTH));
    for (const time of [12n, 3_588n, 23n * 3_600n]) {
      await waitWithLiveFeeds(market, time);
      rates.push(await market.vault.quoteTerm(TERM, TERM, MONTH));
    }
    expect(rates).to.deep.equal([98_168_762n, 98_168_762n, 98_145_195n, 91_177_901n, 39_883_690n]);
    // By then the market has been half empty for a day: the last is its rate at target and the premium of a month.
    const { rateAtTarget } = await market.vault.accruedState();
    const target = new Fraction(rateAtTarget, 10n ** 14n).plus(new Fraction(3n * MONTH, 100n * 365n * DAY));
    expect(target.times(whole(10n ** 9n)).ceil()).to.equal(rates.at(-1));
  });

  it("has to stay for the draw: once it leaves, quote and share are those of what is left", async () => {
    const market = await networkHelpers.loadFixture(usedMarket);
    const { vault } = market;
    const first = await figuresOf(market);
    await park(market, usdc("8,000,000"), DAY);
    await leave(market);
    const figures = await figuresOf(market);
    expect(figures.averagedSupply).to.be.above(2n * first.averagedSupply); // it is high still, and does not matter
    const quote = await vault.quoteTerm(TERM, TERM, MONTH);
    expect(quote).to.equal(quoteOf(figures, TERM, MONTH));
    // Just that of the market before, had its average caught up, at the rate at target of now: a day's interest is all between.
    const { averagedSupply, rateAtTarget } = figures;
    const before = quoteOf({ ...first, averagedSupply, rateAtTarget }, TERM, MONTH);
    expect(quote).to.be.within((before * 999n) / 1_000n, (before * 1_001n) / 1_000n);
    expect(quote).to.be.above(2n * 39_883_690n); // twice that of the target
    const assets = figures.cash + figures.openDebt - figures.reserves;
    expect(mostTermDebt(figures)).to.equal((assets * 3n) / 10n);
    expect(mostTermDebt(figures) - mostTermDebt(first)).to.be.within(0n, usdc("3,000"));
  });

  it("that leaves after the draw leaves terms at 30 % of all that was averaged: of eight times the market, 61.5 % of it", async () => {
    const market = await networkHelpers.loadFixture(usedMarket);
    const { vault } = market;
    await useMarket(market, 3_000n);
    await park(market, usdc("8,000,000"), DAY);
    const most = mostTermDebt(await figuresOf(market));
    const id = await openTermLoan(market, { amount: most, duration: MONTH, ether: "500" });
    await leave(market);
    const [assets, termDebt] = [await vault.totalAssets(), await vault.termDebt()];
    const share = new Fraction(termDebt, assets);
    const bound = new Fraction(3n, 10n).times(ONE.plus(whole(8n).times(new Fraction(14n, 100n))));
    expect(share.isBelow(bound)).to.equal(true);
    expect(share.times(whole(1_000n)).floor()).to.equal(615n);
    // The next terms wait until the share is back.
    await expect(vault.quoteTerm(1n, 1n, MONTH))
      .to.be.revertedWithCustomError(vault, "TermShareExceeded")
      .withArgs(termDebt + 1n, (assets * 3n) / 10n);
    await expectTermInvariants(market, [id, market.whale]);
  });

  it("falls out of the average in hours: half a day after it left, little more than a third of its part is there", async () => {
    const market = await networkHelpers.loadFixture(usedMarket);
    const before = await figuresOf(market);
    await park(market, usdc("8,000,000"), DAY);
    await leave(market);
    const { averagedSupply: high, cash, openDebt } = await figuresOf(market);
    await waitWithLiveFeeds(market, DAY / 2n);
    const { averagedSupply: low } = await figuresOf(market);
    const kept = exponential(new Fraction(-1n, 1n)); // half a day is the time constant
    const expected = whole(cash + openDebt).plus(whole(high - cash - openDebt).times(kept));
    expect(expected.floor() - low).to.be.within(0n, 4n);
    expect(high).to.be.above(before.averagedSupply);
  });
});

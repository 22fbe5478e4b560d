import { expect } from "chai";

import { unpackAverage } from "../helpers/averaged-supply.ts";
import { DAY, networkHelpers, YEAR } from "../helpers/chain.ts";
import { BITCOIN, feedsOf, lensMarket, openAt, wait, type LensMarket } from "../helpers/lens.ts";
import { bps, curve, Fraction, larger, smaller, whole } from "../helpers/mathematics.ts";
import { FeedMode } from "../helpers/mocks.ts";

const VARIANTS = [0, 6, 18];
const AMOUNT_LIMIT = 2n ** 104n;

/** Most of the lender's million lent out, for three weeks. */
async function usedMarket(assetDecimals: number): Promise<LensMarket> {
  const market = await lensMarket({ assetDecimals });
  await openAt(market, 0n, [[BITCOIN, 100n * 10n ** 8n]], 780_000n * market.unit);
  await wait(market, 21n * DAY);
  return market;
}

const newMarket = async (): Promise<LensMarket> => lensMarket();
const dollarMarket = async (): Promise<LensMarket> => usedMarket(6);

/** The averaged supply, and what else a quote depends on. */
async function figures({ vault }: LensMarket) {
  const state = await vault.accruedState();
  const averaged = unpackAverage(state.averagedSupply);
  const [debt, assets] = [await vault.totalDebt(), await vault.totalAssets()];
  const most = ((averaged < assets ? averaged : assets) * 3n) / 10n;
  return { state, averaged, debt, assets, most };
}

/** The formula of design.md, section 5, rounded once. [1e-9/year] */
async function expected(market: LensMarket, amount: bigint, duration: bigint): Promise<bigint> {
  const { state, averaged, debt } = await figures(market);
  const supply = smaller(whole(state.cash + debt), whole(averaged));
  const used = smaller(whole(1n), whole(debt + amount).over(supply));
  const open = new Fraction(state.rateAtTarget, 10n ** 14n).times(curve(larger(bps(9_000n), used)));
  const premium = bps(300n).times(new Fraction(duration, YEAR));
  const rate = larger(bps(200n), open.plus(premium));
  return rate.times(whole(10n ** 9n)).ceil();
}

describe("Lens: what a fixed term would cost", () => {
  for (const decimals of VARIANTS) {
    const fixture = async (): Promise<LensMarket> => usedMarket(decimals);

    it(`by the formula, with a loan asset of ${String(decimals)} decimals`, async () => {
      const market = await networkHelpers.loadFixture(fixture);
      const { lens, book, unit } = market;
      const { most } = await figures(market);
      expect(most).to.be.above(250_000n * unit);
      let [atTarget, above] = [0, 0];
      for (const amount of [0n, 1n, 5_000n * unit, 50_000n * unit, 120_000n * unit, 180_000n * unit + 7n, most]) {
        for (const duration of [7n * DAY, 30n * DAY + 1n, 364n * DAY, 365n * DAY]) {
          const rate = await lens.quoteTerm(book, amount, duration);
          expect(rate).to.equal(await expected(market, amount, duration));
          if (rate === (await expected(market, 0n, duration))) atTarget++;
          else above++;
        }
      }
      expect(atTarget).to.be.above(4);
      expect(above).to.be.above(4);
    });

    it(`up to the share that terms may have, with ${String(decimals)} decimals`, async () => {
      const market = await networkHelpers.loadFixture(fixture);
      const { lens, book, vault } = market;
      const { most } = await figures(market);
      expect(await lens.quoteTerm(book, most, 30n * DAY)).to.be.above(0n);
      await expect(lens.quoteTerm(book, most + 1n, 30n * DAY))
        .to.be.revertedWithCustomError(vault, "TermShareExceeded")
        .withArgs(most + 1n, most);
    });
  }

  it("nothing yet in a market that has no supply of any age", async () => {
    const market = await networkHelpers.loadFixture(newMarket);
    const { lens, book, vault, lender, unit } = market;
    await expect(lens.quoteTerm(book, unit, 30n * DAY))
      .to.be.revertedWithCustomError(vault, "TermShareExceeded")
      .withArgs(unit, 0n);
    await wait(market, 30n * DAY);
    expect(await lens.quoteTerm(book, unit, 30n * DAY)).to.equal(await expected(market, unit, 30n * DAY));

    // A deposit of a moment ago adds nothing to what may be lent for terms, and lowers no quote.
    const { most } = await figures(market);
    const before = await lens.quoteTerm(book, most, 30n * DAY);
    await vault.connect(lender).withdraw(400_000n * unit, lender, lender);
    const dearer = await lens.quoteTerm(book, 170_000n * unit, 30n * DAY);
    expect(dearer).to.be.at.least(before);
    expect((await figures(market)).most).to.equal(180_000n * unit);
  });

  it("for 7 to 365 days only, and for amounts that fit", async () => {
    const market = await networkHelpers.loadFixture(dollarMarket);
    const { lens, book, vault } = market;
    for (const duration of [0n, 7n * DAY - 1n, 365n * DAY + 1n]) {
      await expect(lens.quoteTerm(book, 1n, duration))
        .to.be.revertedWithCustomError(vault, "TermDurationOutOfRange")
        .withArgs(duration, 7n * DAY, 365n * DAY);
    }
    await expect(lens.quoteTerm(book, AMOUNT_LIMIT, 30n * DAY))
      .to.be.revertedWithCustomError(lens, "AmountTooLarge")
      .withArgs(AMOUNT_LIMIT, AMOUNT_LIMIT - 1n);
  });

  it("whatever the feeds say", async () => {
    const market = await networkHelpers.loadFixture(dollarMarket);
    const { lens, book, unit } = market;
    const before = await lens.quoteTerm(book, unit, 30n * DAY);
    for (const feed of feedsOf(market)) await feed.setMode(FeedMode.revert);
    expect(await lens.quoteTerm(book, unit, 30n * DAY)).to.equal(before);
  });
});

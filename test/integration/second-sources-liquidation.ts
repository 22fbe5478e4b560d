import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { networkHelpers } from "../helpers/chain.ts";
import { NO_LOAN } from "../helpers/loans.ts";
import { dollars, MAJOR_TERMS, ONE_DOLLAR, openLoan, usdc, WETH, weth } from "../helpers/market.ts";
import {
  bonus,
  Fraction,
  line,
  liquidation,
  pairPrices,
  priceOf,
  value,
  WAD,
  whole,
  type LoanFigures,
  type PledgeFigures,
} from "../helpers/mathematics.ts";
import { FeedMode } from "../helpers/mocks.ts";
import { ETHER_PAIRS, pairedMarket, tell, tellStale, type Pair, type PairedMarket } from "../helpers/pairs.ts";

const MIN_DEBT = usdc("100");
const DEBT = usdc("15,351"); // the liquidation line of ten ether at 1,785 dollars

type Scene = PairedMarket & { pair: Pair; id: bigint };

async function scene(name: "ether" | "fine"): Promise<Scene> {
  const market = await pairedMarket();
  const pair = market.pairs[name];
  const id = await openLoan(market, { pledges: [[pair.listing, weth("10")]], amount: DEBT });
  return { ...market, pair, id };
}

const SCENES = { ether: async () => scene("ether"), fine: async () => scene("fine") };

const inUnits = (price: string): Fraction => priceOf(new Fraction(dollars(price), ONE_DOLLAR), 18n, 6n);

/** A pledge of ether with two sources, each a price in dollars if it is live. At least one is. */
function paired(amount: bigint, first: string | undefined, second: string | undefined): PledgeFigures {
  const [a, b] = [first, second].map((price) => ({ price: inUnits(price ?? "1"), isLive: price !== undefined }));
  if (a === undefined || b === undefined) throw new RangeError("There are two sources.");
  const { forLiquidation, forSeizure } = pairPrices(a, b, MAJOR_TERMS.maxDeviation);
  return { amount, price: forLiquidation, seizurePrice: forSeizure, terms: MAJOR_TERMS };
}

/** Liquidates as the reference says, to the unit, and leaves the loan as section 9 promises. */
async function expectLiquidation(
  { book, keeper }: PairedMarket,
  { id, listing, maxRepay }: { id: bigint; listing: bigint; maxRepay?: bigint },
  loan: LoanFigures,
  taken: PledgeFigures,
): Promise<{ repaid: bigint; seized: bigint }> {
  const expected = liquidation(loan, taken, { minDebt: MIN_DEBT, ...(maxRepay !== undefined && { maxRepay }) });
  const order = { id, listing, maxRepay: maxRepay ?? MaxUint256, minSeized: 0n };
  const { repaid, seized } = await book.connect(keeper).liquidate.staticCall(order, "0x");
  const batch = await book.connect(keeper).liquidateBatch.staticCall([order], "0x");
  expect([batch.repaid, batch.filled]).to.deep.equal([repaid, 1n]);

  // β and the divisor are rounded to 18 decimals, so that x may be a unit higher; what that buys is exact but for the last
  // of 18 digits of β.
  expect(repaid).to.be.within(expected.repaid, expected.repaid + 1n);
  const exact = liquidation(loan, taken, { minDebt: MIN_DEBT, maxRepay: repaid }).seized;
  expect(seized).to.be.within(exact - exact / WAD - 1n, exact);

  // What the last pledge does not pay is lost with it.
  const lost = loan.pledges.length === 1 && seized === taken.amount ? loan.debt - repaid : 0n;
  await expect(book.connect(keeper).liquidate({ ...order, minSeized: seized }, "0x"))
    .to.emit(book, "Liquidated")
    .withArgs(id, listing, keeper.address, repaid, seized, lost, false);
  expect(await book.debtOf(id)).to.equal(loan.debt - repaid - lost);

  // INV-06: what the debt exceeds the line by shrinks, and at 1.01 times the debt or more the rest is covered no worse.
  const left = loan.pledges.map((pledge) =>
    pledge === taken ? { ...pledge, amount: pledge.amount - seized } : pledge,
  );
  const after = { debt: loan.debt - repaid - lost, pledges: left };
  const excess = (figures: LoanFigures): Fraction => whole(figures.debt).minus(line(figures, "liquidationLtv"));
  expect(excess(after).isBelow(excess(loan))).to.equal(true);
  const isCovered = !value(loan).isBelow(new Fraction(loan.debt * 101n, 100n));
  const cover = (figures: LoanFigures): Fraction => whole(figures.debt).over(value(figures));
  if (isCovered && after.debt !== 0n) expect(cover(loan).isBelow(cover(after))).to.equal(false);
  return { repaid, seized };
}

for (const name of ETHER_PAIRS) {
  const scenery = SCENES[name];
  describe(`Liquidation at two prices of 8 and ${name === "ether" ? 8 : 18} decimals`, () => {
    for (const [row, first, second] of [
      ["as far apart as may be, the second lower", "1,750", "1,715"],
      ["as far apart as may be, the first lower", "1,715", "1,750"],
    ] as const) {
      it(`${row}: as at one price, the higher`, async () => {
        const market = await networkHelpers.loadFixture(scenery);
        const { pair, id } = market;
        await tell(pair, first, second);
        const taken = paired(weth("10"), first, second);
        const loan = { debt: DEBT, pledges: [taken] };
        const result = await expectLiquidation(market, { id, listing: pair.listing }, loan, taken);
        // D / L = 15,351 / 15,050 = 1.02, β 1 %; x = (15,351 - 13,650) / (1 - 0.78 × 1.01); seized x × 1.01 / 1,750.
        expect(result).to.deep.equal({ repaid: usdc("8,016.022621"), seized: 4_626_390_198_405_714_285n });
      });
    }

    for (const [row, first, second] of [
      ["a unit too far apart, the second lower", "1,750", "1,714.99999999"],
      ["a unit too far apart, the first lower", "1,714.99999999", "1,750"],
      ["far apart, the second lower", "1,750", "1,000"],
      ["far apart, the first lower", "10", "1,750"],
    ] as const) {
      it(`${row}: seized at 98 % of the higher, and the difference counts in the bonus`, async () => {
        const market = await networkHelpers.loadFixture(scenery);
        const { book, pair, id } = market;
        await tell(pair, first, second);
        const taken = paired(weth("10"), first, second);
        const loan = { debt: DEBT, pledges: [taken] };
        const { repaid, seized } = await expectLiquidation(market, { id, listing: pair.listing }, loan, taken);
        // β = 1.01 × 1,750 / 1,715 - 1 = 3 / 98; x = 1,701 / (1 - 0.78 × 101 / 98) = 1,701 × 98 / 19.22.
        expect(bonus(loan, taken).times(whole(98n)).floor()).to.equal(3n);
        expect(repaid).to.equal((usdc("1,701") * 9_800n) / 1_922n + 1n);
        // At the price at which it is seized, 1,715, the liquidator has 1 % like anybody.
        expect((seized * 1_715n) / 10n ** 12n).to.equal((repaid * 101n) / 100n);
        // At the third column the loan is back at its borrow limit; for borrowing the pledge still counts nothing.
        const { debt, borrowLimit, liquidationLine } = await book.healthOf(id);
        expect(borrowLimit).to.equal(0n);
        const limit = ((weth("10") - seized) * 1_750n * 78n) / 10n ** 14n;
        expect(debt).to.be.within(limit, limit + 1n);
        await expect(
          book.connect(market.keeper).liquidate({ id, listing: pair.listing, maxRepay: 1n, minSeized: 0n }, "0x"),
        )
          .to.be.revertedWithCustomError(book, "NotLiquidatable")
          .withArgs(id, debt, liquidationLine);
      });
    }

    for (const [row, prepare, first, second] of [
      ["only the first live", async (pair: Pair) => tellStale(pair.second, "3,000"), "1,750", undefined],
      ["only the second live", async (pair: Pair) => pair.first.feed.setMode(FeedMode.revert), undefined, "1,750"],
    ] as const) {
      it(`${row}: as at one price, the live one`, async () => {
        const market = await networkHelpers.loadFixture(scenery);
        const { pair, id } = market;
        await tell(pair, first ?? "3,000", second ?? "3,000");
        await prepare(pair);
        const taken = paired(weth("10"), first, second);
        const loan = { debt: DEBT, pledges: [taken] };
        const result = await expectLiquidation(market, { id, listing: pair.listing }, loan, taken);
        expect(result).to.deep.equal({ repaid: usdc("8,016.022621"), seized: 4_626_390_198_405_714_285n });
      });
    }

    for (const [higher, percent, why] of [
      ["1,784.9999", 2n, "at the line nothing but the difference: 1 / 0.98 - 1"],
      ["1,700", 4n, "D / L = 1.05: 1.025 / 0.98 - 1 = 4.59 %"],
      ["1,650", 6n, "D / L = 1.082: 1.041 / 0.98 - 1 = 6.22 %, below the equity of 7.48 %"],
      ["1,627.206", 6n, "V / D = 1.06 caps 1.0485 / 0.98 - 1 = 6.99 %"],
      ["1,596.504", 4n, "V / D = 1.04 caps 1.05 / 0.98 - 1 = 7.14 %"],
      ["1,545", 1n, "V / D = 1.0064: the last bonus, and no limit but the pledge"],
      ["1,400", 1n, "V < D: the last bonus"],
    ] as const) {
      for (const maxRepay of [undefined, usdc("2,000.000001")]) {
        it(`apart at ${higher}, ${maxRepay === undefined ? "all there is" : "a part"}: ${why}`, async () => {
          const market = await networkHelpers.loadFixture(scenery);
          const { pair, id } = market;
          await tell(pair, higher, "1,111");
          const taken = paired(weth("10"), higher, "1,111");
          const loan = { debt: DEBT, pledges: [taken] };
          expect(bonus(loan, taken).times(whole(100n)).floor()).to.equal(percent);
          const order = { id, listing: pair.listing, ...(maxRepay !== undefined && { maxRepay }) };
          await expectLiquidation(market, order, loan, taken);
        });
      }
    }

    it("at or above the line at the higher price nobody is liquidated, whatever the lower says", async () => {
      const { book, keeper, pair, id } = await networkHelpers.loadFixture(scenery);
      const order = { id, listing: pair.listing, maxRepay: MaxUint256, minSeized: 0n };
      for (const [first, second] of [
        ["1,785", "10"],
        ["10", "1,785"],
        ["1,785", "1,750"],
      ] as const) {
        await tell(pair, first, second);
        await expect(book.connect(keeper).liquidate(order, "0x"))
          .to.be.revertedWithCustomError(book, "NotLiquidatable")
          .withArgs(id, DEBT, DEBT);
      }
    });
  });
}

describe("Liquidation of several pledges, with two sources", () => {
  /** Five ether of one source, five of two, and five whose sources may die; 19,000 of debt. Its line is 1,473 dollars each. */
  async function mixed(): Promise<Scene> {
    const market = await pairedMarket();
    const { ether: pair, fine } = market.pairs;
    const pledges: [bigint, bigint][] = [WETH, pair.listing, fine.listing].map((listing) => [listing, weth("5")]);
    const id = await openLoan(market, { pledges, amount: usdc("19,000") });
    return { ...market, pair, id };
  }

  it("the bonus has the difference of the pledge that is taken, and of no other", async () => {
    const market = await networkHelpers.loadFixture(mixed);
    const { feeds, pairs, pair, id } = market;
    await feeds.weth.set(dollars("1,460"));
    await tell(pair, "1,400", "1,460");
    await tell(pairs.fine, "1,450", "1,460");
    const single = { amount: weth("5"), price: inUnits("1,460"), terms: MAJOR_TERMS };
    const apart = paired(weth("5"), "1,400", "1,460");
    const agreed = paired(weth("5"), "1,450", "1,460");
    const loan = { debt: usdc("19,000"), pledges: [single, apart, agreed] };
    const bonuses = loan.pledges.map((pledge) => bonus(loan, pledge));
    // D / L = 19,000 / 18,834: 0.44 %, and 1.0044 / 0.98 - 1 = 2.49 %.
    expect(bonuses.map((beta) => beta.times(whole(10_000n)).floor())).to.deep.equal([44n, 249n, 44n]);
    const snapshot = await networkHelpers.takeSnapshot();
    for (const [listing, taken] of [
      [WETH, single],
      [pair.listing, apart],
      [pairs.fine.listing, agreed],
    ] as const) {
      await expectLiquidation(market, { id, listing }, loan, taken);
      await snapshot.restore();
    }
  });

  it("equity is what can be seized: a pledge without a live source counts in no bonus, and is not seized", async () => {
    const market = await networkHelpers.loadFixture(mixed);
    const { book, keeper, feeds, pairs, pair, id } = market;
    await feeds.weth.set(dollars("1,300"));
    await tell(pair, "1,000", "1,300");
    await tellStale(pairs.fine.first, "1,550");
    await tellStale(pairs.fine.second, "1,500");
    const single = { amount: weth("5"), price: inUnits("1,300"), terms: MAJOR_TERMS };
    const apart = paired(weth("5"), "1,000", "1,300");
    const dead = { amount: weth("5"), price: inUnits("1,550"), terms: MAJOR_TERMS, isSeizable: false };
    const loan = { debt: usdc("19,000"), pledges: [single, apart, dead] };
    // L = 17,845, D / L = 1.0647; V = 20,750 leaves 9 % of equity, but V' = 13,000 none: the last bonus.
    expect(bonus(loan, single).times(whole(100n)).floor()).to.equal(1n);
    expect(bonus(loan, apart).times(whole(100n)).floor()).to.equal(1n);
    await expect(
      book.connect(keeper).liquidate({ id, listing: pairs.fine.listing, maxRepay: 1_000n, minSeized: 0n }, "0x"),
    )
      .to.be.revertedWithCustomError(book, "FeedNotLive")
      .withArgs(pairs.fine.listing);
    const snapshot = await networkHelpers.takeSnapshot();
    await expectLiquidation(market, { id, listing: WETH }, loan, single);
    await snapshot.restore();
    await expectLiquidation(market, { id, listing: pair.listing, maxRepay: usdc("1,000") }, loan, apart);
  });

  it("a batch keeps who is apart and who is dead through all its orders", async () => {
    const market = await networkHelpers.loadFixture(mixed);
    const { book, keeper, stranger, pairs, pair } = market;
    const first = await openLoan(market, { pledges: [[pair.listing, weth("10")]], amount: DEBT, number: 2n });
    const second = await openLoan(market, { pledges: [[pair.listing, weth("10")]], amount: DEBT, owner: stranger });
    const third = await openLoan(market, { pledges: [[pairs.fine.listing, weth("10")]], amount: DEBT, number: 3n });
    await tell(pair, "1,750", "1,500");
    await tellStale(pairs.fine.first, "1,700");
    await tellStale(pairs.fine.second, "1,700");
    const taken = paired(weth("10"), "1,750", "1,500");
    const { seized } = liquidation({ debt: DEBT, pledges: [taken] }, taken, { minDebt: MIN_DEBT });
    const repaid = (usdc("1,701") * 9_800n) / 1_922n + 1n;
    const within = (amount: bigint): boolean => amount >= seized - 6n && amount <= seized; // β's last digit
    const orders = [first, third, second].map((id) => {
      const listing = id === third ? pairs.fine.listing : pair.listing;
      return { id, listing, maxRepay: MaxUint256, minSeized: 0n };
    });
    const call = book.connect(keeper).liquidateBatch(orders, "0x");
    for (const id of [first, second]) {
      await expect(call)
        .to.emit(book, "Liquidated")
        .withArgs(id, pair.listing, keeper.address, repaid, within, 0n, false);
    }
    expect(await book.debtOf(third)).to.equal(DEBT);
    expect(await market.usdc.balanceOf(keeper)).to.equal(usdc("1,000,000") - 2n * repaid);
  });
});

describe("Writing off, with two sources", () => {
  /** A tenth of an ether of two sources and of one source each, 300 of debt. Worthless is below 5. */
  async function small(): Promise<Scene> {
    const market = await pairedMarket();
    const pair = market.pairs.fine;
    const pledges: [bigint, bigint][] = [pair, market.pairs.ether].map(({ listing }) => [listing, weth("0.1")]);
    const id = await openLoan(market, { pledges, amount: usdc("300") });
    await tell(market.pairs.ether, "20", "20"); // two dollars
    return { ...market, pair, id };
  }

  for (const [row, bring] of [
    ["apart", async (pair) => tell(pair, "10", "29.99")],
    [
      "one live",
      async (pair) => {
        await tell(pair, "29.99", "10");
        await tellStale(pair.second, "2,000");
      },
    ],
  ] as [string, (pair: Pair) => Promise<unknown>][]) {
    it(`${row}: below the limit at the third column, all goes to the taker`, async () => {
      const market = await networkHelpers.loadFixture(small);
      const { book, keeper, pair, id } = market;
      await bring(pair);
      await expect(book.connect(keeper).writeOff(id))
        .to.emit(book, "WrittenOff")
        .withArgs(id, keeper.address, usdc("300"));
      expect(await market.weth.balanceOf(keeper)).to.equal(weth("10,000.2"));
      expect(await book.loan(id)).to.deep.equal(NO_LOAN);
    });
  }

  it("apart: at the limit at the higher price it is refused, however low the other is", async () => {
    const { book, keeper, pair, id } = await networkHelpers.loadFixture(small);
    await tell(pair, "10", "30");
    await expect(book.connect(keeper).writeOff(id))
      .to.be.revertedWithCustomError(book, "NotWorthless")
      .withArgs(id, usdc("5"), usdc("5"));
  });

  it("refused while one pledge has no live source: by name, or because its bound is worth too much", async () => {
    const { book, keeper, pair, id } = await networkHelpers.loadFixture(small);
    await tellStale(pair.first, "10");
    await tellStale(pair.second, "29.99");
    await expect(book.connect(keeper).writeOff(id))
      .to.be.revertedWithCustomError(book, "FeedNotLive")
      .withArgs(pair.listing);
    await pair.second.feed.setMode(FeedMode.returnShort);
    await expect(book.connect(keeper).writeOff(id))
      .to.be.revertedWithCustomError(book, "NotWorthless")
      .withArgs(id, usdc("10,002"), usdc("5"));
    // One of them comes back.
    await tell(pair, "25", "25");
    await expect(book.connect(keeper).writeOff(id)).to.emit(book, "WrittenOff");
  });
});

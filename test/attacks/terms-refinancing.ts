import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { DAY, HOUR, networkHelpers, YEAR } from "../helpers/chain.ts";
import { openLoan, usdc, waitWithLiveFeeds, WETH, weth } from "../helpers/market.ts";
import { Fraction, whole } from "../helpers/mathematics.ts";
import {
  debtOf,
  expectTermInvariants,
  feeOf,
  MONTH,
  openTermLoan,
  refinancing,
  termMarket,
  UNIT,
  useMarket,
  WEEK,
  type TermMarket,
} from "../helpers/terms.ts";

const AMOUNT = usdc("50,000");

type Scene = TermMarket & { quick: bigint; calm: bigint };

/** Two equal open-term loans in a calm market: the borrower's, who watches, and the keeper's, who does nothing. */
async function scene(): Promise<Scene> {
  const market = await termMarket();
  const loan = { pledges: [[WETH, weth("100")] satisfies [bigint, bigint]], amount: AMOUNT, number: 2n };
  const quick = await openLoan(market, loan);
  const calm = await openLoan(market, { ...loan, owner: market.keeper });
  await useMarket(market, 8_000n);
  return { ...market, quick, calm };
}

/** The borrower fixes his rate, all of the market is lent out for a time, he goes back at once and adds the fee to his debt. */
async function sitOut(market: Scene, spike: bigint): Promise<void> {
  const { book, borrower, quick } = market;
  await book.connect(borrower).refinance(quick, refinancing(borrower, { duration: WEEK }));
  const term = await book.loan(quick);
  await useMarket(market, 10_000n);
  await waitWithLiveFeeds(market, spike);
  await useMarket(market, 8_000n);
  await book.connect(borrower).refinance(quick, refinancing(borrower, { addFee: true }));
  // The bound: interest and fee are a week at the quote of before, however short the spike.
  const week = new Fraction(term.base * term.rate * WEEK, UNIT);
  expect((await book.debtOf(quick)) - term.base - week.floor()).to.be.within(0n, 3n); // two roundings, and a third of the open debt
}

describe("Attacks by refinancing", () => {
  it("to and fro within a second costs the fee each time, to the unit, and gains nothing", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, vault, borrower, quick, calm, whale } = market;
    const owed = await book.debtOf(quick);
    const { reserves } = await vault.accruedState();
    const assets = await vault.totalAssets();
    let fees = 0n;
    for (const duration of [YEAR, 0n, WEEK, MONTH, 0n, WEEK, 0n]) {
      const loan = await book.loan(quick);
      fees += loan.maturity === 0n ? 0n : feeOf(loan);
      await book.connect(borrower).refinance(quick, refinancing(borrower, { duration, addFee: true }));
    }
    expect((await book.debtOf(quick)) - owed - fees).to.be.within(0n, 7n); // a unit a step
    expect((await vault.state()).reserves - reserves).to.equal(fees);
    expect((await vault.totalAssets()) - assets).to.be.within(0n, 7n);
    expect(fees).to.be.above(usdc("160")); // four times 50,000 for a week
    await expectTermInvariants(market, [quick, calm, whale]);
  });

  it("there is no way out of a term that costs less than its fee", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, borrower } = market;
    const id = await openTermLoan(market, { amount: AMOUNT, duration: 200n * DAY, number: 3n });
    await waitWithLiveFeeds(market, 20n * DAY);
    const term = await book.loan(id);
    const [debt, fee] = [debtOf(term), feeOf(term)];
    const me = book.connect(borrower);
    const refinance = async (of: Parameters<typeof refinancing>[1]): Promise<unknown> =>
      me.refinance(id, refinancing(borrower, of));
    const ways: Record<string, () => Promise<unknown>> = {
      "repaying all": async () => me.repay(id, MaxUint256),
      closing: async () => me.close(id, MaxUint256, borrower),
      "for an open term first": async () => (await refinance({}), me.repay(id, MaxUint256)),
      "for the shortest term first": async () => (await refinance({ duration: WEEK }), me.repay(id, MaxUint256)),
      "in two parts": async () => (await me.repay(id, usdc("25,000")), me.repay(id, MaxUint256)),
      "drawing more, and repaying that too": async () => (
        await refinance({ duration: WEEK, amount: usdc("1,000"), addFee: true }),
        me.repay(id, MaxUint256)
      ),
    };
    const costs: Record<string, bigint> = {};
    for (const [name, way] of Object.entries(ways)) {
      const snapshot = await networkHelpers.takeSnapshot();
      const holds = await market.usdc.balanceOf(borrower);
      await way();
      costs[name] = holds - (await market.usdc.balanceOf(borrower)) - debt - fee;
      expect(await book.debtOf(id)).to.equal(0n);
      await snapshot.restore();
    }
    expect(costs).to.deep.equal({
      "repaying all": 0n,
      closing: 0n,
      "for an open term first": 1n,
      "for the shortest term first": usdc("33.561353"), // a second fee
      "in two parts": 0n,
      "drawing more, and repaying that too": usdc("34.266725"),
    });
  });

  for (const [hours, cycles, lost] of [
    [6n, 4, "125.882823"],
    [24n, 4, "67.745563"],
  ] as const) {
    it(`before each of ${String(cycles)} spikes of ${String(hours)} hours costs ${lost} more than sitting them out`, async () => {
      const market = await networkHelpers.loadFixture(scene);
      const { book, quick, calm, whale } = market;
      for (let cycle = 0; cycle < cycles; cycle++) {
        await sitOut(market, hours * HOUR);
        await waitWithLiveFeeds(market, 5n * DAY);
      }
      expect((await book.debtOf(quick)) - (await book.debtOf(calm))).to.equal(usdc(lost));
      await expectTermInvariants(market, [quick, calm, whale]);
    });
  }

  it("pays only if everything is lent out for 39 hours and more, at four times the rate: a week's interest comes first", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, quick, calm } = market;
    const gains: bigint[] = [];
    for (const hours of [30n, 36n, 38n, 39n, 48n, 168n]) {
      const snapshot = await networkHelpers.takeSnapshot();
      await sitOut(market, hours * HOUR);
      gains.push((await book.debtOf(calm)) - (await book.debtOf(quick)));
      await snapshot.restore();
    }
    expect(gains).to.deep.equal(["-8.997937", "-2.364219", "-0.100658", "1.041125", "11.62509", "224.10751"].map(usdc));
  });

  for (const [days, gained] of [
    [99n, "1,268.941283"],
    [8n, "-1.998517"],
  ] as const) {
    it(`for a lower rate with ${String(days)} days left gains ${gained}: what those save, less the fee`, async () => {
      const market = await networkHelpers.loadFixture(scene);
      const { book, lens, borrower } = market;
      await useMarket(market, 9_300n);
      const id = await openTermLoan(market, { amount: AMOUNT, duration: 100n * DAY, number: 3n });
      await useMarket(market, 8_000n);
      const left = days * DAY;
      await waitWithLiveFeeds(market, 100n * DAY - left);
      const term = await book.loan(id);
      const fee = feeOf(term);
      const [rate] = await lens.quoteRefinancing(book, id, left, 0n, true);
      expect(rate).to.be.below(term.rate / 2n);
      const stays = debtOf(term, term.maturity);
      await book.connect(borrower).refinance(id, refinancing(borrower, { duration: left, addFee: true }));
      const next = await book.loan(id);
      expect(next.maturity).to.equal(term.maturity);
      const gain = stays - debtOf(next, term.maturity);
      // Exactly: the difference of the rates for the time left, less the fee, and the interest on what became principal.
      const saved = new Fraction(term.base * (term.rate - next.rate) * left, UNIT);
      const onMore = new Fraction((next.base - term.base) * next.rate * left, UNIT);
      expect(saved.minus(onMore).minus(whole(fee)).floor() - gain).to.be.within(-2n, 2n);
      expect(gain).to.equal(usdc(gained));
    });
  }
});

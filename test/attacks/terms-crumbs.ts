import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { expectUntouched } from "../helpers/contract-state.ts";
import { clock, DAY, networkHelpers } from "../helpers/chain.ts";
import { shares, usdc, waitWithLiveFeeds, WETH, weth } from "../helpers/market.ts";
import { Fraction, whole } from "../helpers/mathematics.ts";
import {
  debtOf,
  expectTermInvariants,
  feeOf,
  feeShare,
  growth,
  MONTH,
  openTermLoan,
  payment,
  refinancing,
  termMarket,
  type Term,
  type TermMarket,
} from "../helpers/terms.ts";

const CRUMBS = 40n;

type Scene = TermMarket & { id: bigint; term: Term };

/** 30,000.000007 for 30 days. */
async function scene(): Promise<Scene> {
  const market = await termMarket();
  const id = await openTermLoan(market, { amount: usdc("30,000.000007"), duration: MONTH });
  const { base, rate, since, maturity } = await market.book.loan(id);
  return { ...market, id, term: { base, rate, since, maturity } };
}

const MOMENTS: [name: string, elapsed: bigint][] = [
  ["in its first second", 0n],
  ["ten days later", 10n * DAY],
  ["a day before its maturity", 29n * DAY],
  ["a month after it", 2n * MONTH],
];

describe("Attacks on a fixed-term loan by crumbs", () => {
  for (const [name, elapsed] of MOMENTS) {
    it(`a stranger's single units retire nothing ${name}, move no date, and are a gift to the lenders`, async () => {
      const market = await networkHelpers.loadFixture(scene);
      const { book, vault, stranger, id, term } = market;
      await waitWithLiveFeeds(market, elapsed);
      const loan = await book.loan(id);
      const { reserves, cash } = await vault.accruedState();
      const assets = await vault.totalAssets();
      const price = await vault.convertToAssets(shares("1,000,000"));
      const holds = await market.usdc.balanceOf(stranger);

      for (let i = 0n; i < CRUMBS; i++) await book.connect(stranger).repay(id, 1n);

      expect(await book.loan(id)).to.deep.equal(loan); // to the bit
      expect(await book.debtOf(id)).to.equal(debtOf(term));
      expect(holds - (await market.usdc.balanceOf(stranger))).to.equal(CRUMBS);
      const after = await vault.state();
      expect([after.cash, after.reserves]).to.deep.equal([cash + CRUMBS, reserves]);
      expect((await vault.totalAssets()) - assets).to.equal(CRUMBS);
      // A million shares are nearly all there are: their price rises by the gift, and no more.
      expect((await vault.convertToAssets(shares("1,000,000"))) - price).to.be.within(0n, CRUMBS);
    });

    it(`payments in crumbs retire less than one of their sum ${name}, whoever makes them`, async () => {
      const market = await networkHelpers.loadFixture(scene);
      const { book, vault, borrower, id, term } = market;
      await waitWithLiveFeeds(market, elapsed);
      const { reserves } = await vault.accruedState();
      const termDebt = await vault.termDebt();
      let [paid, left] = [0n, term];
      for (const crumb of [2n, 3n, 7n, 19n, 50n, 101n, 999n, 12_345n]) {
        const expected = payment(left, crumb);
        // Interest and fee are within what is paid for what is retired: exactly, before any rounding.
        const due = whole(expected.retired).times(growth(term).plus(feeShare(term)));
        expect(due.ceil()).to.be.lte(crumb);
        await book.connect(borrower).repay(id, crumb);
        [paid, left] = [paid + crumb, expected.left];
        expect((await book.loan(id)).base).to.equal(left.base);
      }
      const once = payment(term, paid);
      expect(left.base - once.left.base).to.be.within(0n, 8n); // a unit a payment
      expect((await vault.state()).reserves - reserves).to.be.within(once.fee - 8n < 0n ? 0n : once.fee - 8n, once.fee);
      // What the fee loses to rounding the lenders get: nothing comes back to the payer.
      expect(termDebt - (await vault.termDebt())).to.be.lte(paid - ((await vault.state()).reserves - reserves));
      await expectTermInvariants(market, [id, market.whale]);
    });
  }

  it("the fee cannot be dodged by payments too small to have one: the whole costs more in parts", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, borrower, id, term } = market;
    await waitWithLiveFeeds(market, 5n * DAY);
    const all = debtOf(term) + feeOf(term);
    const holds = await market.usdc.balanceOf(borrower);
    // 7 days at 4.4 % are 0.085 %: up to 1,180 units of principal have a fee below a unit.
    for (let i = 0n; i < CRUMBS; i++) await book.connect(borrower).repay(id, 1_000n);
    await book.connect(borrower).repay(id, MaxUint256);
    const cost = holds - (await market.usdc.balanceOf(borrower));
    expect(cost - all).to.be.within(0n, CRUMBS);
    expect(cost).to.be.above(all);
  });

  it("do not keep the owner from closing, refinancing, releasing or repaying all, at the figures known before", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, lens, borrower, stranger, id, term } = market;
    await waitWithLiveFeeds(market, 3n * DAY);
    const [debt, fee] = [debtOf(term), feeOf(term)];
    const most = await lens.maxRelease(book, id, WETH);
    const [rate] = await lens.quoteRefinancing(book, id, MONTH, 0n, false);
    const exits = [
      async () => book.connect(borrower).close(id, debt + fee, borrower),
      async () => book.connect(borrower).repay(id, debt + fee),
      async () => book.connect(borrower).release(id, WETH, most, borrower),
      async () => book.connect(borrower).refinance(id, refinancing(borrower, { maxFee: fee })),
      async () =>
        book.connect(borrower).refinance(id, refinancing(borrower, { duration: MONTH, maxFee: fee, maxRate: rate })),
    ];
    for (const exit of exits) {
      const snapshot = await networkHelpers.takeSnapshot();
      for (const crumb of [1n, 1n, 2n, 3n, 1_000n]) await book.connect(stranger).repay(id, crumb);
      await exit();
      await snapshot.restore();
    }
  });

  it("cannot push a loan under the smallest debt, where the owner could not borrow or pay on", async () => {
    const market = await networkHelpers.loadFixture(termMarket);
    const { book, borrower, stranger } = market;
    const id = await openTermLoan(market, { amount: usdc("100"), duration: MONTH, number: 5n });
    for (let i = 0; i < 5; i++) await book.connect(stranger).repay(id, 1n); // retires nothing
    await expectUntouched(market, async () => {
      for (const crumb of [2n, 3n, 1_000n, usdc("99")]) {
        const { debt } = payment(await book.loan(id), crumb);
        await expect(book.connect(stranger).repay(id, crumb))
          .to.be.revertedWithCustomError(book, "DebtBelowMin")
          .withArgs(debt, usdc("100"));
      }
    });
    await book.connect(borrower).close(id, MaxUint256, borrower);
  });

  it("a pledge or a payment of somebody else's never restarts, prolongs or ends a term", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, stranger, id, term } = market;
    await waitWithLiveFeeds(market, 12n * DAY);
    await book.connect(stranger).pledge(id, WETH, 1n);
    await book.connect(stranger).repay(id, usdc("12,000"));
    const { base, rate, since, maturity } = await book.loan(id);
    expect([rate, since, maturity]).to.deep.equal([term.rate, term.since, term.maturity]);
    expect(base).to.equal(payment(term, usdc("12,000")).left.base);
    expect(await book.pledgeOf(id, WETH)).to.equal(weth("200") + 1n);
    await clock.advance(DAY);
    const left: Term = { base, rate, since, maturity };
    expect(await book.debtOf(id)).to.equal(debtOf(left));
    // The owner owes less by just what the payment bought, at the same rate: nobody paid for him in vain.
    const share = new Fraction(base, term.base);
    expect(whole(debtOf(term)).times(share).ceil() - debtOf(left)).to.be.within(0n, 1n);
  });
});

import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { DAY, networkHelpers, YEAR } from "../helpers/chain.ts";
import { dollars, MAJOR_TERMS, usdc, WETH, weth } from "../helpers/market.ts";
import { bonus, Fraction, liquidation, ONE, whole, type LoanFigures } from "../helpers/mathematics.ts";
import {
  debtOf,
  expectTermInvariants,
  feeOf,
  goToMaturity,
  growth,
  MONTH,
  openTermLoan,
  termMarket,
  type Term,
  type TermMarket,
} from "../helpers/terms.ts";

type Scene = TermMarket & { id: bigint; term: Term };

/** 15,000 for 30 days against ten ether at 2,000. */
async function scene(): Promise<Scene> {
  const market = await termMarket();
  const id = await openTermLoan(market, { amount: usdc("15,000"), duration: MONTH, ether: "10" });
  const { base, rate, since, maturity } = await market.book.loan(id);
  return { ...market, id, term: { base, rate, since, maturity } };
}

/** The loan as liquidations see it, with ether at a price in whole dollars. */
function figuresAt(debt: bigint, ether: bigint, price: bigint): LoanFigures & { pledges: [LoanFigures["pledges"][0]] } {
  const each = new Fraction(price * 10n ** 6n, 10n ** 18n);
  return { debt, pledges: [{ amount: ether, price: each, terms: MAJOR_TERMS }], isRounded: true };
}

describe("Maturity", () => {
  it("is no cliff: the debt grows by the same each second, and lines and rate stay", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, id, term } = market;
    // 15,000 × 4.2…% / 31,536,000: a second's interest, in parts of a unit.
    const second = whole(term.base).times(new Fraction(term.rate, YEAR * 10n ** 9n));
    for (const time of [-2n, -1n, 0n, 1n, 2n]) {
      await goToMaturity(market, time);
      const interest = second.times(whole(MONTH + time)).ceil();
      const { debt, borrowLimit, callLine, liquidationLine } = await book.healthOf(id);
      expect(debt).to.equal(usdc("15,000") + interest);
      expect([borrowLimit, callLine, liquidationLine]).to.deep.equal(
        ["15,600", "16,000", "17,200"].map((amount) => usdc(amount)),
      );
      expect((await book.loan(id)).rate).to.equal(term.rate);
    }
  });

  it("by itself lets nobody call, sell or take anything, not a year later either", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, lens, stranger, id, term } = market;
    const order = { id, listing: WETH, maxRepay: MaxUint256, minSeized: 0n };
    for (const late of [0n, DAY, 200n * DAY]) {
      await goToMaturity(market, late);
      const debt = debtOf(term);
      expect(debt).to.be.below(usdc("15,600"));
      await expect(book.connect(stranger).callMargin(id))
        .to.be.revertedWithCustomError(book, "NotCallable")
        .withArgs(id, debt, usdc("16,000"));
      await expect(book.connect(stranger).liquidate(order, "0x"))
        .to.be.revertedWithCustomError(book, "NotLiquidatable")
        .withArgs(id, debt, usdc("17,200"));
      expect(await lens.liquidatable(book, [id])).to.deep.equal([]);
      expect(await lens.callable(book, [id])).to.deep.equal([]);
    }
  });

  it("ends the fee, and nothing else: no borrowing, no release beyond the limit, at any time", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, borrower, id, term } = market;
    for (const time of [-MONTH, -1n, 0n, MONTH]) {
      await goToMaturity(market, time);
      await expect(book.connect(borrower).borrow(id, 1n, borrower))
        .to.be.revertedWithCustomError(book, "NotOpenTerm")
        .withArgs(id);
      const debt = debtOf(term);
      const most = weth("10") - ((debt * 10n ** 12n + 1_559n) / 1_560n + 10n ** 9n); // a unit's worth of ether, spare
      await book.connect(borrower).release.staticCall(id, WETH, most, borrower);
      await expect(
        book.connect(borrower).release(id, WETH, most + 2n * 10n ** 9n, borrower),
      ).to.be.revertedWithCustomError(book, "AboveBorrowLimit");
      expect(feeOf(term) === 0n).to.equal(time >= 0n);
      const all = await book.connect(borrower).close.staticCall(id, MaxUint256, borrower);
      expect(all).to.equal(debt + feeOf(term));
    }
  });
});

describe("Liquidating a fixed-term loan", () => {
  for (const [name, time] of [
    ["before its maturity", -20n * DAY],
    ["after it", 20n * DAY],
  ] as const) {
    it(`${name} takes debt and no fee, and the sums of the vault lose just its part`, async () => {
      const market = await networkHelpers.loadFixture(scene);
      const { book, vault, feeds, keeper, id, term, whale } = market;
      await goToMaturity(market, time);
      await feeds.weth.set(dollars("1,700"));
      const debt = debtOf(term);
      const figures = figuresAt(debt, weth("10"), 1_700n);
      const { repaid, seized } = liquidation(figures, figures.pledges[0], { minDebt: usdc("100") });
      const { reserves, cash } = await vault.accruedState();
      const termDebt = await vault.termDebt();

      const order = { id, listing: WETH, maxRepay: MaxUint256, minSeized: 0n };
      await book.connect(keeper).liquidate(order, "0x");

      const paid = (await vault.state()).cash - cash;
      expect(paid - repaid).to.be.within(0n, 1n);
      expect(seized - (weth("10") - (await book.pledgeOf(id, WETH)))).to.be.within(-(10n ** 9n), 10n ** 9n); // that unit's
      const { base, rate, since, maturity } = await book.loan(id);
      expect([rate, since, maturity]).to.deep.equal([term.rate, term.since, term.maturity]);
      expect(term.base - base).to.equal(whole(paid).over(growth(term)).floor()); // principal with its interest
      expect((await vault.state()).reserves).to.equal(reserves); // no fee
      expect(termDebt - (await vault.termDebt())).to.be.within(paid - 1n, paid + 1n);
      expect(await book.debtOf(id)).to.be.below(usdc("13,260") + 2n); // back at its borrow limit, ten ether less what went
      await expectTermInvariants(market, [id, whale]);
    });
  }

  it("writes off what the sums hold for it, and not a unit of the others", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, vault, feeds, keeper, id, term, whale } = market;
    await goToMaturity(market, -7n * DAY);
    const other = await openTermLoan(market, { amount: usdc("20,000.000001"), duration: MONTH, number: 2n });
    const stays = await book.loan(other);
    await goToMaturity(market, 33n);
    await feeds.weth.set(dollars("1,000"));
    const debt = debtOf(term);
    const figures = figuresAt(debt, weth("10"), 1_000n);
    // Under water by a third: the bonus is the 1 % that is always left.
    expect(bonus(figures, figures.pledges[0]).minus(new Fraction(1n, 100n)).numerator).to.equal(0n);
    const paid = whole(usdc("10,000"))
      .over(ONE.plus(new Fraction(1n, 100n)))
      .ceil();
    const { reserves } = await vault.accruedState();
    const assets = await vault.totalAssets();

    const order = { id, listing: WETH, maxRepay: MaxUint256, minSeized: weth("10") };
    const call = book.connect(keeper).liquidate(order, "0x");
    await expect(call)
      .to.emit(book, "Liquidated")
      .withArgs(id, WETH, keeper.address, paid, weth("10"), debt - paid, false);

    expect(await book.loan(id)).to.deep.equal([0n, 0n, 0n, 0n, 0n, 0n]);
    expect(await book.loan(other)).to.deep.equal(stays);
    expect(await vault.termDebt()).to.equal(debtOf(stays) - 1n); // one rounds up, the sum down
    const lost = debt - paid;
    expect(reserves).to.be.below(lost);
    expect(assets - (await vault.totalAssets()) - (lost - reserves)).to.be.within(-2n, 2n);
    await expectTermInvariants(market, [id, other, whale]);
  });
});

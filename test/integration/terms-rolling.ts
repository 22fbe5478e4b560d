import { expect } from "chai";

import { clock, DAY, networkHelpers, YEAR } from "../helpers/chain.ts";
import { loanId, openLoan, usdc, waitWithLiveFeeds, WETH, weth } from "../helpers/market.ts";
import { Fraction, WAD, whole } from "../helpers/mathematics.ts";
import { FeedMode } from "../helpers/mocks.ts";
import {
  debtOf,
  expectTermInvariants,
  figuresOf,
  goToMaturity,
  MONTH,
  mostTermDebt,
  openTermLoan,
  refinancing,
  termMarket,
  UNIT,
  type Term,
  type TermMarket,
} from "../helpers/terms.ts";

const BORROW = 1n;

type Scene = TermMarket & { id: bigint; term: Term };

/** 45,678.901234 for 30 days. */
async function scene(): Promise<Scene> {
  const market = await termMarket();
  const id = await openTermLoan(market, { amount: usdc("45,678.901234"), duration: MONTH });
  const { base, rate, since, maturity } = await market.book.loan(id);
  return { ...market, id, term: { base, rate, since, maturity } };
}

describe("Rolling a loan that has matured", () => {
  for (const [name, late] of [
    ["in the second of its maturity", 0n],
    ["an hour later", 3_600n],
    ["two years later", 2n * YEAR],
  ] as const) {
    it(`makes it an open-term loan that owes what it owed, ${name}, whoever calls`, async () => {
      const market = await networkHelpers.loadFixture(scene);
      const { book, vault, stranger, id, term, whale } = market;
      await goToMaturity(market, late);
      const debt = debtOf(term);
      expect(debt - term.base).to.equal((term.base * term.rate * (MONTH + late) + UNIT - 1n) / UNIT); // the same rate
      const { index, cash, reserves } = await vault.accruedState();
      const assets = await vault.totalAssets();
      const holds = await market.usdc.balanceOf(stranger);

      await expect(book.connect(stranger).roll(id)).to.emit(book, "Rolled").withArgs(id, stranger.address);

      const base = whole(debt).times(new Fraction(WAD, index)).ceil();
      expect(await book.loan(id)).to.deep.equal([base, 1n << WETH, 0n, 0n, 0n, 0n]);
      expect((await book.debtOf(id)) - debt).to.be.within(0n, 1n); // rounded up twice
      expect(await vault.termDebt()).to.equal(0n);
      const after = await vault.state();
      expect([after.cash, after.reserves]).to.deep.equal([cash, reserves]); // no fee
      expect((await vault.totalAssets()) - assets).to.be.within(0n, 3n);
      expect(await market.usdc.balanceOf(stranger)).to.equal(holds);
      await expectTermInvariants(market, [id, whale]);
    });
  }

  it("goes on with the open-term rate, compounding, as any loan drawn in that second", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, vault, keeper, id } = market;
    await goToMaturity(market, 5n * DAY);
    await book.roll(id);
    const { base } = await book.loan(id);
    const twin = await openLoan(market, {
      pledges: [[WETH, weth("200")]],
      amount: await book.debtOf(id),
      owner: keeper,
      number: 2n,
    });
    expect((await book.loan(twin)).base - base).to.be.within(0n, 1n); // drawn from a debt that was rounded up
    for (const pause of [1n, DAY, YEAR]) {
      await waitWithLiveFeeds(market, pause);
      const grown = whole(base).times(new Fraction(await vault.debtIndex(), WAD));
      expect(await book.debtOf(id)).to.equal(grown.ceil());
    }
    await expectTermInvariants(market, [id, twin, market.whale]);
  });

  it("before its maturity is refused, to the second, also to its owner", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, borrower, stranger, id, term } = market;
    for (const left of [MONTH, DAY, 1n]) {
      await goToMaturity(market, -left);
      for (const caller of [borrower, stranger]) {
        await expect(book.connect(caller).roll(id))
          .to.be.revertedWithCustomError(book, "NotMatured")
          .withArgs(id, term.maturity);
      }
    }
    await goToMaturity(market, 0n);
    await book.connect(stranger).roll(id);
  });

  it("needs a fixed-term loan: not an open one, not one rolled or repaid already, not none", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, borrower, stranger, id, whale } = market;
    const other = await openTermLoan(market, { amount: usdc("1,000"), duration: MONTH, number: 2n });
    await book.connect(borrower).repay(other, usdc("2,000"));
    await goToMaturity(market, 1n);
    await book.connect(stranger).roll(id);
    for (const wrong of [whale, id, other, loanId(stranger), 0n]) {
      await expect(book.connect(stranger).roll(wrong))
        .to.be.revertedWithCustomError(book, "NotFixedTerm")
        .withArgs(wrong);
    }
  });

  it("reads no price, is never paused, and needs no cash", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, vault, guardian, lender, stranger, feeds, id } = market;
    await goToMaturity(market, 0n);
    await vault.connect(lender).withdraw((await vault.state()).cash, lender, lender);
    for (const activity of [0n, BORROW, 2n]) await vault.connect(guardian).pause(activity);
    await book.connect(guardian).retire(WETH);
    for (const feed of Object.values(feeds)) await feed.setMode(FeedMode.revert);
    await book.connect(stranger).roll(id);
    expect((await book.loan(id)).maturity).to.equal(0n);
  });

  it("frees its share of the market for other terms, and its owner to borrow again", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, vault, borrower, id, whale } = market;
    await goToMaturity(market, 0n);
    await expect(book.connect(borrower).borrow(id, usdc("100"), borrower))
      .to.be.revertedWithCustomError(book, "NotOpenTerm")
      .withArgs(id);
    await book.roll(id);
    await book.connect(borrower).borrow(id, usdc("100"), borrower);
    const most = mostTermDebt(await figuresOf(market));
    const next = await openTermLoan(market, { amount: most, duration: MONTH, number: 2n, ether: "300" });
    expect(await vault.termDebt()).to.equal(most);
    await expectTermInvariants(market, [id, next, whale]);
  });

  it("leaves the other terms as they are", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, vault, id, whale } = market;
    const other = await openTermLoan(market, { amount: usdc("10,000.000003"), duration: YEAR, number: 2n });
    const left = await book.loan(other);
    await goToMaturity(market, 0n);
    await book.roll(id);
    expect(await book.loan(other)).to.deep.equal(left);
    await clock.advance(DAY);
    expect(await vault.termDebt()).to.be.within(debtOf(left) - 1n, debtOf(left));
    await expectTermInvariants(market, [id, other, whale]);
  });

  it("is what refinancing for an open term does then, which only the owner may", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, borrower, id } = market;
    await goToMaturity(market, 7n);
    const snapshot = await networkHelpers.takeSnapshot();
    await book.roll(id);
    const rolled = await book.loan(id);
    await snapshot.restore();
    await book.connect(borrower).refinance(id, refinancing(borrower, { maxFee: 0n }));
    expect(await book.loan(id)).to.deep.equal(rolled);
  });
});

import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { clock, networkHelpers } from "../helpers/chain.ts";
import { expectNothingLeft, HALF_BITCOIN, purses } from "../helpers/flash-actors.ts";
import { expectInvariants } from "../helpers/invariants.ts";
import { NO_LOAN, openTermLoan } from "../helpers/loans.ts";
import { dollars, loanId, usdc, WBTC, weth } from "../helpers/market.ts";
import { accrue, debtOf as openDebtOf } from "../helpers/mathematics.ts";
import { debtOf, expectTermInvariants, feeOf } from "../helpers/terms.ts";
import { BOTH, NEW_WBTC, NEW_WETH, twoMarkets, twoMarketsWithTerm, type MovingScene } from "../helpers/two-markets.ts";

const order = ({ id, newId }: MovingScene) => ({ id, newId, maxDebt: usdc("10,500"), assets: BOTH });

describe("A loan moved to another market", () => {
  it("has the same pledges and the same debt there, and nobody has paid or got anything: one transaction", async () => {
    const scene = await networkHelpers.loadFixture(twoMarkets);
    const { vault, book, other, borrower, mover, id, newId } = scene;
    const stored = await vault.state();
    const { scaledDebt, index, reserves } = accrue(stored, clock.now() - stored.lastAccrual);
    const debt = openDebtOf(scaledDebt, index);
    expect(debt).to.be.above(usdc("10,000"));
    const before = await purses(scene, borrower);

    const moving = await mover.move(order(scene));
    const self = await mover.getAddress();
    await expect(moving).to.emit(vault, "FlashLoan").withArgs(self, self, usdc("10,500"));
    await expect(moving).to.emit(book, "Repaid").withArgs(id, self, debt);
    await expect(moving).to.emit(other.book, "Borrowed").withArgs(newId, self, self, debt);

    expect(await book.loan(id)).to.deep.equal(NO_LOAN);
    // Nobody has borrowed in the other market before: its index is still 1.
    expect(await other.book.loan(newId)).to.deep.equal(openTermLoan(debt, (1n << NEW_WETH) | (1n << NEW_WBTC)));
    expect(await other.book.debtOf(newId)).to.equal(debt);
    expect(await other.book.pledgeOf(newId, NEW_WETH)).to.equal(weth("10"));
    expect(await other.book.pledgeOf(newId, NEW_WBTC)).to.equal(HALF_BITCOIN);

    expect(await purses(scene, borrower)).to.deep.equal(before);
    expect(await purses(scene, vault, book, other.vault, other.book)).to.deep.equal([
      [usdc("990,000") + debt, 0n, 0n],
      [0n, 0n, 0n],
      [usdc("500,000") - debt, 0n, 0n],
      [0n, weth("10"), HALF_BITCOIN],
    ]);
    const after = await vault.state();
    expect([after.cash, after.scaledDebt, after.reserves]).to.deep.equal([usdc("990,000") + debt, 0n, reserves]);
    expect((await other.vault.state()).cash).to.equal(usdc("500,000") - debt);
    await expectNothingLeft(scene, mover);
    await expectNothingLeft(other, mover);
    await expectInvariants(scene, [id]);
    await expectInvariants(other, [newId]);
  });

  it("from a fixed rate owes there the fee for ending the term too", async () => {
    const scene = await networkHelpers.loadFixture(twoMarketsWithTerm);
    const { vault, book, other, mover, borrower, whale, id } = scene;
    const term = await book.loan(id);
    const debt = debtOf(term) + feeOf(term);
    const { cash, reserves } = await vault.accruedState();
    const before = await purses(scene, borrower);

    await mover.move({ id, newId: id, maxDebt: debt, assets: BOTH.slice(0, 1) });

    expect(await other.book.debtOf(id)).to.equal(debt);
    expect(await other.book.pledgeOf(id, NEW_WETH)).to.equal(weth("200"));
    expect(await book.loan(id)).to.deep.equal(NO_LOAN);
    expect(await purses(scene, borrower)).to.deep.equal(before);
    const after = await vault.state();
    expect([after.cash, after.reserves]).to.deep.equal([cash + debt, reserves + feeOf(term)]);
    await expectNothingLeft(scene, mover);
    await expectTermInvariants(scene, [whale, id]);
    await expectInvariants(other, [id]);
  });

  it("leaves behind, free of debt, what it is not told to take along", async () => {
    const scene = await networkHelpers.loadFixture(twoMarkets);
    const { book, other, borrower, mover, id, newId } = scene;
    const debt = await book.debtOf(id);
    await mover.move({ ...order(scene), assets: BOTH.slice(0, 1) });
    expect(await other.book.debtOf(newId)).to.equal(debt);
    expect(await book.loan(id)).to.deep.equal(openTermLoan(0n, 1n << WBTC));
    const bitcoin = await scene.wbtc.balanceOf(borrower);
    await book.connect(borrower).release(id, WBTC, MaxUint256, borrower);
    expect(await scene.wbtc.balanceOf(borrower)).to.equal(bitcoin + HALF_BITCOIN);
    await expectNothingLeft(scene, mover);
  });

  it("needs the money only once in the new market, because the old one lends for the moment", async () => {
    const scene = await networkHelpers.loadFixture(twoMarkets);
    const { book, other, lender, mover, id, newId } = scene;
    const debt = await book.debtOf(id);
    await other.vault.connect(lender).withdraw(usdc("500,000") - debt, lender, lender);
    await mover.move(order(scene));
    expect((await other.vault.state()).cash).to.equal(0n);
    expect(await other.book.debtOf(newId)).to.equal(debt);
  });

  describe("stays where it is", () => {
    /** Both markets stand as they stood, and nobody has anything less or more. */
    async function expectUndone(scene: MovingScene, attempt: () => Promise<unknown>): Promise<void> {
      const { book, vault, other, borrower, mover, id, newId } = scene;
      const state = async () => [
        await book.loan(id),
        await purses(scene, borrower, vault, book, other.vault, other.book, mover),
      ];
      const before = await state();
      await attempt();
      expect(await state()).to.deep.equal(before);
      expect(await other.book.loan(newId)).to.deep.equal(NO_LOAN);
    }

    it("if the new market has not the money", async () => {
      const scene = await networkHelpers.loadFixture(twoMarkets);
      const { book, other, lender, mover, id } = scene;
      const debt = await book.debtOf(id);
      await other.vault.connect(lender).withdraw(usdc("500,000") - debt + 1n, lender, lender);
      await expectUndone(scene, async () =>
        expect(mover.move(order(scene)))
          .to.be.revertedWithCustomError(other.vault, "InsufficientCash")
          .withArgs(debt, debt - 1n),
      );
    });

    it("if the new market does not lend as much on what moves", async () => {
      const scene = await networkHelpers.loadFixture(twoMarkets);
      const { book, other, mover, feeds, id } = scene;
      await feeds.weth.set(dollars("1,200")); // the ether alone carries 78 % of 12,000
      const debt = await book.debtOf(id);
      await expectUndone(scene, async () =>
        expect(mover.move({ ...order(scene), assets: BOTH.slice(0, 1) }))
          .to.be.revertedWithCustomError(other.book, "AboveBorrowLimit")
          .withArgs(debt, usdc("9,360")),
      );
    });

    it("if the new listing is of another asset", async () => {
      const scene = await networkHelpers.loadFixture(twoMarkets);
      const { other, mover } = scene;
      const assets = [{ oldListing: WBTC, newListing: NEW_WETH }];
      // Half a bitcoin is as many units as next to no ether, of which the mover has none anyway.
      await expectUndone(scene, async () =>
        expect(mover.move({ ...order(scene), assets }))
          .to.be.revertedWithCustomError(other.book, "AboveBorrowLimit")
          .withArgs(await scene.book.debtOf(scene.id), 0n),
      );
    });

    it("if less is borrowed than is owed", async () => {
      const scene = await networkHelpers.loadFixture(twoMarkets);
      const { book, mover, id } = scene;
      const left = (await book.debtOf(id)) - usdc("9,000");
      // The ether would come out, the bitcoin after it would not.
      await expectUndone(scene, async () =>
        expect(mover.move({ ...order(scene), maxDebt: usdc("9,000") }))
          .to.be.revertedWithCustomError(book, "AboveBorrowLimit")
          .withArgs((debt: bigint) => debt === left || debt === left + 1n, 0n),
      );
    });

    it("if the mover is an operator in only one of the books", async () => {
      const scene = await networkHelpers.loadFixture(twoMarkets);
      const { book, other, borrower, mover, id, newId } = scene;
      const self = await mover.getAddress();
      for (const [refusing, loan] of [
        [other.book, newId],
        [book, id],
      ] as const) {
        await refusing.connect(borrower).setAuthorization(mover, false);
        await expectUndone(scene, async () =>
          expect(mover.move(order(scene)))
            .to.be.revertedWithCustomError(refusing, "NotOwnerOrOperator")
            .withArgs(loan, self),
        );
        await refusing.connect(borrower).setAuthorization(mover, true);
      }
    });

    it("if another than the owner of both asks for it", async () => {
      const scene = await networkHelpers.loadFixture(twoMarkets);
      const { mover, stranger, id } = scene;
      const own = loanId(stranger, 5n);
      await expectUndone(scene, async () => {
        await expect(mover.connect(stranger).move({ ...order(scene), newId: own }))
          .to.be.revertedWithCustomError(mover, "NotOwner")
          .withArgs(id, stranger.address);
        await expect(mover.move({ ...order(scene), newId: own }))
          .to.be.revertedWithCustomError(mover, "NotOwner")
          .withArgs(own, scene.borrower.address);
      });
    });
  });
});

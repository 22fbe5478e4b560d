import { expect } from "chai";
import { MaxUint256, type ContractTransactionResponse } from "ethers";

import { clock, networkHelpers } from "../helpers/chain.ts";
import {
  callableLoan,
  calledLoan,
  CURE,
  DEBT,
  expectCall,
  expectCleared,
  expectStands,
  fixedLoan,
  goPastDeadline,
  goTo,
  LAPSE,
  orderFor,
  type Scene,
} from "../helpers/margin-calls.ts";
import { DAY, dollars, openLoan, usdc, WETH, weth } from "../helpers/market.ts";
import { FeedMode } from "../helpers/mocks.ts";
import { pairedMarket, tell } from "../helpers/pairs.ts";
import { refinancing } from "../helpers/terms.ts";

/** At this price and above the loan is at or below its borrow limit: 7.8 × 1,916 is 14,944.8. */
const SOUND = "1,916";

/** What a transaction emits that nobody expected. */
async function expectSilent(scene: Scene, call: Promise<ContractTransactionResponse>): Promise<void> {
  await expect(call).not.to.emit(scene.book, "MarginCallCleared");
}

describe("Clearing a margin call", () => {
  describe("by name", () => {
    for (const who of ["borrower", "stranger", "keeper", "lender"] as const) {
      it(`is anybody's, as the ${who}'s, at the borrow limit`, async () => {
        const scene = await networkHelpers.loadFixture(calledLoan);
        const { book, feeds, id, [who]: caller } = scene;
        await feeds.weth.set(dollars("1,915.3846154"));
        expect((await book.healthOf(id)).borrowLimit).to.equal(DEBT);
        await expectCleared(scene, book.connect(caller).clearMarginCall(id));
      });
    }

    it("is anybody's once the call has lapsed, far above the line and without any price", async () => {
      const scene = await networkHelpers.loadFixture(calledLoan);
      const { book, feeds, id } = scene;
      await goTo(scene, clock.now() + CURE + LAPSE);
      for (const feed of Object.values(feeds)) await feed.setMode(FeedMode.revert);
      await expectCleared(scene, book.connect(scene.keeper).clearMarginCall(id));
    });

    it("looks at the third column: a retired asset counts, and the higher of two sources", async () => {
      const market = await networkHelpers.loadFixture(pairedMarket);
      const { book, guardian, stranger } = market;
      const { fine } = market.pairs;
      const id = await openLoan(market, { pledges: [[fine.listing, weth("10")]], amount: DEBT });
      await tell(fine, "1,800", "1,800");
      await book.connect(stranger).callMargin(id);
      await book.connect(guardian).retire(fine.listing);
      await tell(fine, "1,000", SOUND);
      expect((await book.healthOf(id)).borrowLimit).to.equal(0n);
      await expectCleared({ ...market, id }, book.connect(stranger).clearMarginCall(id));
    });

    it("is needed only while it stands: another may be made after it", async () => {
      const scene = await networkHelpers.loadFixture(calledLoan);
      const { book, feeds, keeper, id } = scene;
      await feeds.weth.set(dollars(SOUND));
      await book.connect(keeper).clearMarginCall(id);
      await feeds.weth.set(dollars("1,800"));
      await book.connect(keeper).callMargin(id);
      await expectCall(book, id, { caller: keeper, calledAt: clock.now() });
    });
  });

  describe("by what ends at or below the borrow limit:", () => {
    async function recovered(): Promise<Scene> {
      const scene = await calledLoan();
      await scene.feeds.weth.set(dollars("1,950"));
      return scene;
    }

    it("a borrow", async () => {
      const scene = await networkHelpers.loadFixture(recovered);
      const { book, borrower, id } = scene;
      // Down to the limit exactly: 78 % of 19,500.
      await expectCleared(scene, book.connect(borrower).borrow(id, usdc("15,210") - DEBT, borrower));
    });

    it("a release", async () => {
      const scene = await networkHelpers.loadFixture(recovered);
      const { book, borrower, id } = scene;
      await expectCleared(scene, book.connect(borrower).release(id, WETH, weth("0.1"), borrower));
    });

    it("a release of an asset that is retired, toward which it counts itself", async () => {
      const scene = await networkHelpers.loadFixture(recovered);
      const { book, guardian, borrower, id } = scene;
      await book.connect(guardian).retire(WETH);
      await expectCleared(scene, book.connect(borrower).release(id, WETH, weth("0.1"), borrower));
    });

    it("neither of them if it is refused", async () => {
      const scene = await networkHelpers.loadFixture(calledLoan);
      const { book, borrower, id } = scene;
      for (const call of [
        book.connect(borrower).borrow(id, usdc("1"), borrower),
        book.connect(borrower).release(id, WETH, weth("0.1"), borrower),
      ]) {
        await expect(call).to.be.revertedWithCustomError(book, "AboveBorrowLimit");
      }
      await expectStands(scene);
    });

    it("a refinancing into a term, with more debt and without, and none that ends above it", async () => {
      const scene = await networkHelpers.loadFixture(agedCall);
      const { book, borrower, feeds, id } = scene;
      const calledAt = clock.now();
      await expectSilent(scene, book.connect(borrower).refinance(id, refinancing(borrower, { duration: 30n * DAY })));
      await expectStands(scene, calledAt);
      await feeds.weth.set(dollars("1,960"));
      const snapshot = await networkHelpers.takeSnapshot();
      for (const amount of [0n, usdc("10")]) {
        const order = refinancing(borrower, { duration: 30n * DAY, amount });
        await expectCleared(scene, book.connect(borrower).refinance(id, order));
        await snapshot.restore();
      }
    });

    it("a refinancing without more debt, at the third column: for borrowing the pledge counts nothing", async () => {
      const scene = await networkHelpers.loadFixture(agedCall);
      const { book, guardian, borrower, feeds, id } = scene;
      await book.connect(guardian).retire(WETH);
      await feeds.weth.set(dollars("1,960"));
      await expectCleared(scene, book.connect(borrower).refinance(id, refinancing(borrower, { duration: 30n * DAY })));
    });

    it("a roll, and none that ends above it", async () => {
      const scene = await networkHelpers.loadFixture(fixedLoan);
      const { book, stranger, keeper, feeds, id } = scene;
      await goTo(scene, (await book.loan(id)).maturity);
      await feeds.weth.set(dollars("1,800"));
      await book.connect(stranger).callMargin(id);
      const snapshot = await networkHelpers.takeSnapshot();
      await expectSilent(scene, book.connect(keeper).roll(id));
      await expectStands(scene);
      await snapshot.restore();
      await feeds.weth.set(dollars("1,960"));
      await expectCleared(scene, book.connect(keeper).roll(id));
    });

    it("a hard liquidation, and none of a part", async () => {
      const scene = await networkHelpers.loadFixture(calledLoan);
      const { book, keeper, feeds, id } = scene;
      await feeds.weth.set(dollars("1,630"));
      await expectSilent(scene, book.connect(keeper).liquidate(orderFor(id, WETH, usdc("1,000")), "0x"));
      await expectStands(scene);
      await expectCleared(scene, book.connect(keeper).liquidate(orderFor(id), "0x"));
      const { debt, borrowLimit } = await book.healthOf(id);
      expect(debt).to.be.within(borrowLimit - 1n, borrowLimit);
    });

    // Value and limit of what is left are rounded down, x is not larger for that.
    it("a unit more, where the roundings of a hard liquidation leave it above the limit", async () => {
      const scene = await networkHelpers.loadFixture(calledLoan);
      const { book, borrower, keeper, feeds, id } = scene;
      await feeds.weth.set(dollars("1,700"));
      await expectSilent(scene, book.connect(keeper).liquidate(orderFor(id), "0x"));
      const { debt, borrowLimit } = await book.healthOf(id);
      expect(debt).to.equal(borrowLimit + 1n);
      await expectStands(scene);
      await expectCleared(scene, book.connect(borrower).repay(id, 1n));
    });
  });

  describe("by what leaves no debt:", () => {
    it("closing the loan", async () => {
      const scene = await networkHelpers.loadFixture(calledLoan);
      const { book, borrower, id } = scene;
      await expectCleared(scene, book.connect(borrower).close(id, MaxUint256, borrower));
    });

    it("a hard liquidation of all of it", async () => {
      const scene = await networkHelpers.loadFixture(calledLoan);
      const { book, keeper, feeds, id } = scene;
      await feeds.weth.set(dollars("1,500")); // worth 1.004 of the debt
      await expectCleared(scene, book.connect(keeper).liquidate(orderFor(id), "0x"));
      expect(await book.debtOf(id)).to.equal(0n);
    });

    it("a hard liquidation of the last pledge, with what it does not pay", async () => {
      const scene = await networkHelpers.loadFixture(calledLoan);
      const { book, keeper, feeds, id } = scene;
      await feeds.weth.set(dollars("1,010"));
      await expectCleared(scene, book.connect(keeper).liquidate(orderFor(id), "0x"));
      expect([await book.debtOf(id), await book.pledgeOf(id, WETH)]).to.deep.equal([0n, 0n]);
    });

    it("a soft liquidation of all of it", async () => {
      const scene = await networkHelpers.loadFixture(callableLoan);
      const { book, stranger, keeper, feeds } = scene;
      await feeds.weth.set(dollars("2,000"));
      const id = await openLoan(scene, { pledges: [[WETH, weth("0.067")]], amount: usdc("100"), number: 2n });
      await feeds.weth.set(dollars("1,850")); // C = 99.16
      await book.connect(stranger).callMargin(id);
      await goPastDeadline({ ...scene, id }, 3_600n);
      await expectCleared({ ...scene, id }, book.connect(keeper).liquidate(orderFor(id), "0x"));
      expect(await book.debtOf(id)).to.equal(0n);
      expect(await book.pledgeOf(id, WETH)).to.be.above(weth("0.012"));
    });

    it("writing it off", async () => {
      const scene = await networkHelpers.loadFixture(callableLoan);
      const { book, stranger, keeper, feeds } = scene;
      await feeds.weth.set(dollars("2,000"));
      const id = await openLoan(scene, { pledges: [[WETH, weth("0.1")]], amount: usdc("150"), number: 2n });
      await feeds.weth.set(dollars("49"));
      await book.connect(stranger).callMargin(id);
      await expectCleared({ ...scene, id }, book.connect(keeper).writeOff(id));
    });
  });
});

/** The called loan in a market that sells terms: it is a month old. */
async function agedCall(): Promise<Scene> {
  const scene = await callableLoan();
  await goTo(scene, clock.now() + 30n * DAY);
  await scene.book.connect(scene.stranger).callMargin(scene.id);
  return scene;
}

import { expect } from "chai";

import { clock, networkHelpers } from "../helpers/chain.ts";
import {
  callableLoan,
  calledLoan,
  CURE,
  DEBT,
  etherPledge,
  expectCall,
  expectNoCall,
  expectSale,
  figures,
  goPastDeadline,
  goTo,
  HALF_WAY,
  LAPSE,
  type Scene,
} from "../helpers/margin-calls.ts";
import { dollars, HOUR, LINK, usdc, WETH } from "../helpers/market.ts";
import { expectBalancedBooks, greedyOrder } from "./scene.ts";

/** The keeper can sell the loan down to its call line, for the bonus of this time past the deadline. */
async function expectSold(scene: Scene, overdue: bigint, caller: string): Promise<void> {
  const { book, id } = scene;
  const taken = etherPledge(await book.pledgeOf(id, WETH), HALF_WAY);
  const loan = figures(await book.debtOf(id), taken);
  await expectSale(scene, loan, taken, { id, overdue, caller });
  const { debt, callLine } = await book.healthOf(id);
  expect(debt).to.be.within(callLine - 2n, callLine + 1n);
  await expectBalancedBooks(scene);
}

/** Nobody can sell anything of it now. */
async function expectSafe({ book, keeper, id }: Scene, error: string): Promise<void> {
  await expect(book.connect(keeper).liquidate(greedyOrder(id), "0x")).to.be.revertedWithCustomError(book, error);
}

describe("Attacks on the notice of a margin call", () => {
  describe("an owner who calls his own loan", () => {
    it("gains no time: it is due when a stranger's call would be", async () => {
      const scene = await networkHelpers.loadFixture(callableLoan);
      const { book, borrower, stranger, id } = scene;
      await book.connect(borrower).callMargin(id);
      const calledAt = clock.now();
      await expect(book.connect(stranger).callMargin(id))
        .to.be.revertedWithCustomError(book, "AlreadyCalled")
        .withArgs(id, calledAt + CURE);
      await goTo(scene, calledAt + CURE + HOUR);
      await expectSold(scene, HOUR, borrower.address);
    });

    it("cannot renew it before its lapse: of every 36 hours above the line, the last 12 are the liquidators'", async () => {
      const scene = await networkHelpers.loadFixture(callableLoan);
      const { book, borrower, id } = scene;
      for (let round = 0; round < 3; round++) {
        await book.connect(borrower).callMargin(id);
        const calledAt = clock.now();
        for (const age of [0n, CURE, CURE + 1n, CURE + LAPSE - 1n]) {
          await goTo(scene, calledAt + age);
          await expect(book.connect(borrower).callMargin(id))
            .to.be.revertedWithCustomError(book, "AlreadyCalled")
            .withArgs(id, calledAt + CURE);
          await expect(book.connect(borrower).clearMarginCall(id)).to.be.revertedWithCustomError(
            book,
            "MarginCallStands",
          );
        }
        const snapshot = await networkHelpers.takeSnapshot();
        await expectSold(scene, LAPSE - 1n, borrower.address);
        await snapshot.restore();
        await goTo(scene, calledAt + CURE + LAPSE);
      }
    });

    it("does not keep a hard liquidation away", async () => {
      const scene = await networkHelpers.loadFixture(callableLoan);
      const { book, borrower, keeper, feeds, id } = scene;
      await book.connect(borrower).callMargin(id);
      await feeds.weth.set(dollars("1,700"));
      const [repaid] = await book.connect(keeper).liquidate.staticCall(greedyOrder(id), "0x");
      await book.connect(keeper).liquidate(greedyOrder(id), "0x");
      expect(await book.debtOf(id)).to.be.within(DEBT - repaid, DEBT - repaid + 1n);
      const { debt, borrowLimit } = await book.healthOf(id);
      expect(debt).to.be.within(borrowLimit, borrowLimit + 1n);
    });
  });

  // Euler's and Aave's lesson: what a unit can dodge, a bot will dodge for ever.
  it("an owner cannot cure by units, paid or pledged, before the deadline or in front of a sale", async () => {
    for (const overdue of [-HOUR, HOUR]) {
      const scene = await networkHelpers.loadFixture(calledLoan);
      const { book, borrower, stranger, id } = scene;
      const calledAt = clock.now();
      await goPastDeadline(scene, overdue);
      const debt = await book.debtOf(id);
      for (let i = 0; i < 10; i++) {
        await book.connect(borrower).repay(id, 1n);
        await book.connect(borrower).pledge(id, WETH, 1n);
      }
      await book.connect(borrower).pledge(id, LINK, 1n); // one more pledge to look at
      expect(await book.debtOf(id)).to.be.within(debt - 10n, debt);
      await expectCall(book, id, { caller: stranger, calledAt });
      if (overdue > 0n) {
        const { repaid } = await book.connect(scene.keeper).liquidate.staticCall(greedyOrder(id), "0x");
        await book.connect(scene.keeper).liquidate(greedyOrder(id), "0x");
        expect(repaid).to.be.above(usdc("2,700"));
        const { debt: left, callLine } = await book.healthOf(id);
        expect(left).to.be.within(callLine - 2n, callLine + 1n);
      }
    }
  });

  it("an owner cannot hide behind a soft sale of crumbs to himself", async () => {
    const scene = await networkHelpers.loadFixture(calledLoan);
    const { book, borrower, stranger, id } = scene;
    const calledAt = clock.now();
    await goPastDeadline(scene, HOUR);
    for (const crumb of [2n, 100n, usdc("1")]) {
      await book.connect(borrower).liquidate(greedyOrder(id, WETH, crumb), "0x");
      await expectCall(book, id, { caller: stranger, calledAt });
    }
    await expectSold(scene, HOUR, stranger.address);
  });

  describe("a caller who calls again and again", () => {
    it("cannot in the block of the cure, and a second later gives a fresh day each time", async () => {
      const scene = await networkHelpers.loadFixture(calledLoan);
      const { book, borrower, stranger, id } = scene;
      for (let round = 0; round < 3; round++) {
        await book.connect(borrower).repay(id, (await book.debtOf(id)) - usdc("14,400") + 1n);
        await expectNoCall(book, id);
        await expect(book.connect(stranger).callMargin(id)).to.be.revertedWithCustomError(book, "NotCallable");
        await expectSafe(scene, "NotLiquidatable");
        await goTo(scene, clock.now() + 60n); // interest lifts it over the line, by cents
        await book.connect(stranger).callMargin(id);
        await expectCall(book, id, { caller: stranger, calledAt: clock.now() });
        await goTo(scene, clock.now() + CURE);
        await expectSafe(scene, "InCurePeriod");
      }
    });

    it("has nothing to sell of one who left a dollar of room, and cannot call him", async () => {
      const scene = await networkHelpers.loadFixture(calledLoan);
      const { book, borrower, stranger, id } = scene;
      await book.connect(borrower).repay(id, usdc("545"));
      await goTo(scene, clock.now() + CURE + HOUR);
      await expect(book.connect(stranger).callMargin(id)).to.be.revertedWithCustomError(book, "NotCallable");
      await expectSafe(scene, "NotLiquidatable");
    });

    it("cannot in the second in which it was cleared, at the limit; and a new fall gives a fresh day", async () => {
      const scene = await networkHelpers.loadFixture(calledLoan);
      const { book, borrower, stranger, feeds, id } = scene;
      await goPastDeadline(scene, HOUR);
      await feeds.weth.set(dollars("1,920"));
      await book.connect(borrower).clearMarginCall(id);
      await expect(book.connect(stranger).callMargin(id)).to.be.revertedWithCustomError(book, "NotCallable");
      await feeds.weth.set(dollars(HALF_WAY));
      await book.connect(stranger).callMargin(id);
      await expectSafe(scene, "InCurePeriod");
      await expectCall(book, id, { caller: stranger, calledAt: clock.now() });
    });
  });
});

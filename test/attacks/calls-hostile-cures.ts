import { expect } from "chai";

import { networkHelpers } from "../helpers/chain.ts";
import { setCap } from "../helpers/governance.ts";
import {
  callableLoan,
  CURE,
  DEBT,
  expectCall,
  expectNoCall,
  goPastDeadline,
  HALF_WAY,
  inUnits,
  type Scene,
} from "../helpers/margin-calls.ts";
import { clock, dollars, HOUR, openLoan, usdc, WETH, weth } from "../helpers/market.ts";
import { bps, whole } from "../helpers/mathematics.ts";
import { pairedMarket, tell, type PairedMarket } from "../helpers/pairs.ts";
import { expectBalancedBooks, greedyOrder } from "./scene.ts";

/** Two loans alike, both called. */
async function twoCalled(): Promise<Scene & { second: bigint }> {
  const scene = await callableLoan();
  const { book, stranger, feeds, id } = scene;
  await feeds.weth.set(dollars("2,000"));
  const second = await openLoan(scene, { pledges: [[WETH, weth("10")]], amount: DEBT, number: 2n });
  await feeds.weth.set(dollars(HALF_WAY));
  await book.connect(stranger).callMarginBatch([id, second]);
  return { ...scene, second };
}

/** A called loan of 110 dollars, ten above the smallest there is. */
async function smallCalled(): Promise<Scene> {
  const scene = await callableLoan();
  const { book, stranger, feeds } = scene;
  await feeds.weth.set(dollars("2,000"));
  const id = await openLoan(scene, { pledges: [[WETH, weth("0.0737")]], amount: usdc("110"), number: 2n });
  await feeds.weth.set(dollars("1,780"));
  await book.connect(stranger).callMargin(id);
  return { ...scene, id };
}

/** A called loan on ether of two sources, which are apart: the higher one judges it. */
async function apartCalled(): Promise<PairedMarket & { id: bigint; listing: bigint }> {
  const market = await pairedMarket();
  const { book, stranger, pairs } = market;
  const { listing } = pairs.ether;
  const id = await openLoan(market, { pledges: [[listing, weth("10")]], amount: DEBT });
  await tell(pairs.ether, HALF_WAY, "1,700");
  await book.connect(stranger).callMargin(id);
  return { ...market, id, listing };
}

describe("Attacks by and on those who cure", () => {
  // 0.38 ether cure either loan. If a cure were enough to take them out again, one stack would cure any number.
  it("one stack of ether cures one loan, not two in turn", async () => {
    const scene = await networkHelpers.loadFixture(twoCalled);
    const { book, borrower, stranger, id, second } = scene;
    const calledAt = clock.now();
    const stack = weth("0.38");
    const encode = (method: "pledge" | "release", args: unknown[]): string =>
      book.interface.encodeFunctionData(method as "pledge", args as [bigint, bigint, bigint]);
    const steps = [
      encode("pledge", [id, WETH, stack]),
      encode("release", [id, WETH, stack, borrower.address]),
      encode("pledge", [second, WETH, stack]),
    ];
    await expect(book.connect(borrower).multicall(steps))
      .to.be.revertedWithCustomError(book, "AboveBorrowLimit")
      .withArgs(DEBT, (usdc("1,800") * 78n) / 10n);

    await book.connect(borrower).pledge(id, WETH, stack);
    await expectNoCall(book, id);
    await expectCall(book, second, { caller: stranger, calledAt });
    await expect(book.connect(borrower).release(id, WETH, 1n, borrower)).to.be.revertedWithCustomError(
      book,
      "AboveBorrowLimit",
    );
    // Nor does a cured loan pay for the other: what it may borrow is nothing.
    await expect(book.connect(borrower).borrow(id, 1n, borrower)).to.be.revertedWithCustomError(
      book,
      "AboveBorrowLimit",
    );
    await expectBalancedBooks(scene);
  });

  it("a unit paid in front of an owner who pays down to the smallest loan stops that payment, and no other cure", async () => {
    const scene = await networkHelpers.loadFixture(smallCalled);
    const { book, borrower, stranger, id } = scene;
    const toSmallest = (await book.debtOf(id)) - usdc("100");
    await book.connect(stranger).repay(id, 2n);
    await expect(book.connect(borrower).repay(id, toSmallest)).to.be.revertedWithCustomError(book, "DebtBelowMin");
    const snapshot = await networkHelpers.takeSnapshot();
    const cures = [
      async () => book.connect(borrower).repay(id, toSmallest - usdc("1")), // a dollar of room
      async () => book.connect(borrower).repay(id, usdc("1,000")), // all
      async () => book.connect(borrower).pledge(id, WETH, weth("0.005")),
    ];
    for (const cure of cures) {
      await cure();
      await expectNoCall(book, id);
      await snapshot.restore();
    }
  });

  describe("who fills the cap, while the sources of the pledge are apart,", () => {
    it("keeps its owner from adding to it, not from curing, and can sell it no sooner", async () => {
      const scene = await networkHelpers.loadFixture(apartCalled);
      const { book, borrower, stranger, keeper, pairs, id, listing } = scene;
      const { deadline } = await book.marginCallOf(id);
      await setCap(scene, listing, (await book.listings(listing)).held);
      await tell(pairs.ether, HALF_WAY, "1,700");
      await expect(book.connect(borrower).pledge(id, listing, weth("1")))
        .to.be.revertedWithCustomError(book, "CapExceeded")
        .withArgs(listing, weth("11"), weth("10"));
      await expect(book.connect(keeper).liquidate(greedyOrder(id, listing), "0x"))
        .to.be.revertedWithCustomError(book, "InCurePeriod")
        .withArgs(id, deadline);

      const snapshot = await networkHelpers.takeSnapshot();
      await book.connect(borrower).repay(id, usdc("541"));
      await expectNoCall(book, id);
      await snapshot.restore();

      // Where the sources meet, or one is silent, the cap makes room for what cures, to the unit.
      await tell(pairs.ether, HALF_WAY, HALF_WAY);
      const { debt, callLine } = await book.healthOf(id);
      const value = whole(debt - callLine)
        .over(bps(8_000n))
        .ceil();
      const missing = whole(value).over(inUnits(HALF_WAY)).ceil();
      expect(await book.connect(borrower).pledge.staticCall(id, listing, weth("1"))).to.equal(missing);
      await book.connect(borrower).pledge(id, listing, weth("1"));
      await expectNoCall(book, id);
      await expect(book.connect(stranger).callMargin(id)).to.be.revertedWithCustomError(book, "NotCallable");
    });
  });

  it("a deadline that is passed is not brought back by a cure and a fall: the next call is a new one", async () => {
    const scene = await networkHelpers.loadFixture(twoCalled);
    const { book, borrower, stranger, keeper, feeds, id } = scene;
    await goPastDeadline(scene, HOUR);
    await book.connect(borrower).repay(id, usdc("545"));
    await feeds.weth.set(dollars("1,760"));
    await expect(book.connect(keeper).liquidate(greedyOrder(id), "0x")).to.be.revertedWithCustomError(
      book,
      "NotLiquidatable",
    );
    await book.connect(stranger).callMargin(id);
    await expect(book.connect(keeper).liquidate(greedyOrder(id), "0x"))
      .to.be.revertedWithCustomError(book, "InCurePeriod")
      .withArgs(id, clock.now() + CURE);
  });
});

import { expect } from "chai";

import { clock, networkHelpers } from "../helpers/chain.ts";
import {
  callableLoan,
  calledLoan,
  calledWithoutPeg,
  CURE,
  DEBT,
  goPastDeadline,
  goTo,
  LAPSE,
  orderFor,
} from "../helpers/margin-calls.ts";
import { dollars, openLoan, usdc, WBTC, wbtc, WETH, weth } from "../helpers/market.ts";
import { FeedMode } from "../helpers/mocks.ts";

describe("A soft liquidation, refused", () => {
  it("to the second of the deadline, and from the second of the lapse on", async () => {
    const scene = await networkHelpers.loadFixture(calledLoan);
    const { book, keeper, id } = scene;
    const deadline = clock.now() + CURE;
    const order = orderFor(id, WETH, usdc("100"));
    for (const time of [-CURE, -1n, 0n]) {
      await goTo(scene, deadline + time);
      await expect(book.connect(keeper).liquidate(order, "0x"))
        .to.be.revertedWithCustomError(book, "InCurePeriod")
        .withArgs(id, deadline);
    }
    for (const time of [1n, LAPSE - 1n]) {
      await goTo(scene, deadline + time);
      await expect(book.connect(keeper).liquidate(order, "0x")).to.emit(book, "Liquidated");
    }
    for (const time of [LAPSE, LAPSE + 1n, 9n * CURE]) {
      await goTo(scene, deadline + time);
      await expect(book.connect(keeper).liquidate(order, "0x"))
        .to.be.revertedWithCustomError(book, "MarginCallLapsed")
        .withArgs(id, deadline + LAPSE);
    }
  });

  it("in a batch by its own, with nothing else to fill", async () => {
    const { book, keeper, id } = await networkHelpers.loadFixture(calledLoan);
    await expect(book.connect(keeper).liquidateBatch([orderFor(id)], "0x"))
      .to.be.revertedWithCustomError(book, "NothingLiquidated")
      .withArgs(1n);
  });

  it("without a call, and after it was replaced", async () => {
    const scene = await networkHelpers.loadFixture(callableLoan);
    const { book, stranger, keeper, id } = scene;
    const order = orderFor(id);
    await expect(book.connect(keeper).liquidate(order, "0x"))
      .to.be.revertedWithCustomError(book, "NotLiquidatable")
      .withArgs(id, DEBT, usdc("15,480"));
    await book.connect(stranger).callMargin(id);
    await goPastDeadline(scene, LAPSE);
    await book.connect(stranger).callMargin(id);
    await goPastDeadline(scene, 0n);
    await expect(book.connect(keeper).liquidate(order, "0x"))
      .to.be.revertedWithCustomError(book, "InCurePeriod")
      .withArgs(id, clock.now());
  });

  it("at the call line exactly, whatever the state of the call", async () => {
    const scene = await networkHelpers.loadFixture(calledLoan);
    const { book, borrower, keeper, feeds, id } = scene;
    for (const time of [0n, 1n, LAPSE]) {
      const snapshot = await networkHelpers.takeSnapshot();
      await goPastDeadline(scene, time);
      await book.connect(borrower).repay(id, (await book.debtOf(id)) - DEBT);
      const debt = await book.debtOf(id);
      await feeds.weth.set(dollars("1,867.5000002")); // C is two units above 14,940
      await expect(book.connect(keeper).liquidate(orderFor(id), "0x"))
        .to.be.revertedWithCustomError(book, "NotLiquidatable")
        .withArgs(id, debt, usdc("16,060.500001"));
      await snapshot.restore();
    }
  });

  it("of a pledge that is dead, or not there, and for nothing", async () => {
    const scene = await networkHelpers.loadFixture(callableLoan);
    const { book, stranger, keeper, feeds } = scene;
    await feeds.weth.set(dollars("2,000"));
    const pledges: [bigint, bigint][] = [
      [WETH, weth("10")],
      [WBTC, wbtc("0.01")],
    ];
    const id = await openLoan(scene, { pledges, amount: usdc("15,400"), number: 2n });
    await feeds.weth.set(dollars("1,800")); // 18,600 in all: C = 14,880, L = 15,996
    await book.connect(stranger).callMargin(id);
    await goPastDeadline({ ...scene, id }, 1n);
    await feeds.wbtc.setAt(dollars("60,000"), clock.now() - CURE);
    await expect(book.connect(keeper).liquidate(orderFor(id, WBTC), "0x"))
      .to.be.revertedWithCustomError(book, "FeedNotLive")
      .withArgs(WBTC);
    await expect(book.connect(keeper).liquidate(orderFor(id, 2n), "0x"))
      .to.be.revertedWithCustomError(book, "NotPledged")
      .withArgs(id, 2n);
    await expect(book.connect(keeper).liquidate(orderFor(id, WETH, 0n), "0x"))
      .to.be.revertedWithCustomError(book, "ZeroAmount")
      .withArgs();
    await expect(book.connect(keeper).liquidate(orderFor(id), "0x")).to.emit(book, "Liquidated");
  });

  it("that gives less than asked for, after the caller's part", async () => {
    const scene = await networkHelpers.loadFixture(calledLoan);
    const { book, keeper, id } = scene;
    await goPastDeadline(scene, 7_200n);
    const { seized } = await book.connect(keeper).liquidate.staticCall(orderFor(id), "0x");
    await expect(book.connect(keeper).liquidate({ ...orderFor(id), minSeized: seized + 1n }, "0x"))
      .to.be.revertedWithCustomError(book, "SeizedBelowMin")
      .withArgs(seized, seized + 1n);
    await expect(book.connect(keeper).liquidate({ ...orderFor(id), minSeized: seized }, "0x")).to.emit(
      book,
      "Credited",
    );
  });

  it("that leaves a debt too small to be a loan", async () => {
    const scene = await networkHelpers.loadFixture(callableLoan);
    const { book, stranger, keeper, feeds } = scene;
    await feeds.weth.set(dollars("2,000"));
    const id = await openLoan(scene, { pledges: [[WETH, weth("0.0737")]], amount: usdc("110"), number: 2n });
    await feeds.weth.set(dollars("1,780"));
    await book.connect(stranger).callMargin(id);
    await goPastDeadline({ ...scene, id }, 1n);
    const debt = await book.debtOf(id);
    const left = usdc("99.999999");
    await expect(book.connect(keeper).liquidate(orderFor(id, WETH, debt - left), "0x"))
      .to.be.revertedWithCustomError(book, "DebtBelowMin")
      .withArgs(left, usdc("100"));
  });

  it("while the loan asset has no price and no peg", async () => {
    const scene = await networkHelpers.loadFixture(calledWithoutPeg);
    const { book, keeper, feeds, id } = scene;
    await goPastDeadline(scene, 1n);
    await feeds.usdc.setMode(FeedMode.revert);
    await expect(book.connect(keeper).liquidate(orderFor(id), "0x"))
      .to.be.revertedWithCustomError(book, "LoanAssetFeedNotLive")
      .withArgs(await feeds.usdc.getAddress());
  });
});

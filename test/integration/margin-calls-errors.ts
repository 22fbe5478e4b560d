import { expect } from "chai";

import { clock, networkHelpers } from "../helpers/chain.ts";
import {
  callableLoan,
  calledLoan,
  calledWithoutPeg,
  CURE,
  DEBT,
  expectCall,
  goPastDeadline,
  goTo,
  LAPSE,
  soundLoan,
} from "../helpers/margin-calls.ts";
import { dollars, loanId, usdc, WETH, weth } from "../helpers/market.ts";
import { DEAD_MODES, FeedMode } from "../helpers/mocks.ts";

describe("A margin call, refused", () => {
  it("at the call line exactly, and below it", async () => {
    const { book, stranger, feeds, id } = await networkHelpers.loadFixture(soundLoan);
    for (const [price, callLine] of [
      ["2,000", "16,000"],
      ["1,867.5", "14,940"],
    ] as const) {
      await feeds.weth.set(dollars(price));
      await expect(book.connect(stranger).callMargin(id))
        .to.be.revertedWithCustomError(book, "NotCallable")
        .withArgs(id, DEBT, usdc(callLine));
    }
  });

  it("of no loan, and of one without a debt", async () => {
    const { book, borrower, stranger } = await networkHelpers.loadFixture(callableLoan);
    const [none, free] = [loanId(borrower, 8n), loanId(borrower, 9n)];
    await book.connect(borrower).pledge(free, WETH, weth("1"));
    await expect(book.connect(stranger).callMargin(none))
      .to.be.revertedWithCustomError(book, "NotCallable")
      .withArgs(none, 0n, 0n);
    await expect(book.connect(stranger).callMargin(free))
      .to.be.revertedWithCustomError(book, "NotCallable")
      .withArgs(free, 0n, usdc("1,440"));
  });

  it("while one stands, to the last second before its lapse, whoever calls, however deep the loan is", async () => {
    const scene = await networkHelpers.loadFixture(calledLoan);
    const { book, borrower, stranger, keeper, feeds, id } = scene;
    const calledAt = clock.now();
    await feeds.weth.set(dollars("1,500"));
    for (const time of [0n, 1n, CURE - 1n, CURE, CURE + 1n, CURE + LAPSE - 1n]) {
      await goTo(scene, calledAt + time);
      for (const caller of [borrower, stranger, keeper]) {
        await expect(book.connect(caller).callMargin(id))
          .to.be.revertedWithCustomError(book, "AlreadyCalled")
          .withArgs(id, calledAt + CURE);
      }
    }
    await expectCall(book, id, { caller: stranger, calledAt });
  });

  it("in place of one that has lapsed, if the loan is not above its line", async () => {
    const scene = await networkHelpers.loadFixture(calledLoan);
    const { book, stranger, feeds, id } = scene;
    const calledAt = clock.now();
    await goTo(scene, calledAt + CURE + LAPSE);
    await feeds.weth.set(dollars("1,900"));
    await expect(book.callMargin(id))
      .to.be.revertedWithCustomError(book, "NotCallable")
      .withArgs(id, await book.debtOf(id), usdc("15,200"));
    await expectCall(book, id, { caller: stranger, calledAt });
  });

  it("while the loan asset has no price and no peg, alone and in a batch", async () => {
    for (const mode of DEAD_MODES) {
      const { book, feeds, id } = await networkHelpers.loadFixture(calledWithoutPeg);
      await feeds.usdc.setMode(FeedMode[mode]);
      for (const call of [book.callMargin(id), book.callMarginBatch([id]), book.callMarginBatch([])]) {
        await expect(call)
          .to.be.revertedWithCustomError(book, "LoanAssetFeedNotLive")
          .withArgs(await feeds.usdc.getAddress());
      }
    }
  });

  it("in a batch of which none can be called, or which is empty", async () => {
    const { book, borrower, feeds, id } = await networkHelpers.loadFixture(calledLoan);
    await expect(book.callMarginBatch([])).to.be.revertedWithCustomError(book, "NothingCalled").withArgs(0n);
    await feeds.weth.set(dollars("1,700"));
    await expect(book.callMarginBatch([id, loanId(borrower, 2n), id]))
      .to.be.revertedWithCustomError(book, "NothingCalled")
      .withArgs(3n);
  });
});

describe("Clearing a margin call, refused", () => {
  it("a unit above the borrow limit, before and after the deadline", async () => {
    const scene = await networkHelpers.loadFixture(calledLoan);
    const { book, borrower, stranger, feeds, id } = scene;
    const calledAt = clock.now();
    await feeds.weth.set(dollars("1,915.38461539"));
    for (const caller of [borrower, stranger]) {
      await expect(book.connect(caller).clearMarginCall(id))
        .to.be.revertedWithCustomError(book, "MarginCallStands")
        .withArgs(id, DEBT, DEBT - 1n);
    }
    await goPastDeadline(scene, LAPSE - 1n);
    await expect(book.clearMarginCall(id))
      .to.be.revertedWithCustomError(book, "MarginCallStands")
      .withArgs(id, await book.debtOf(id), DEBT - 1n);
    await expectCall(book, id, { caller: stranger, calledAt });
  });

  it("where the price has cured the loan: between borrow limit and call line it stands", async () => {
    const { book, feeds, id } = await networkHelpers.loadFixture(calledLoan);
    await feeds.weth.set(dollars("1,900"));
    await expect(book.clearMarginCall(id))
      .to.be.revertedWithCustomError(book, "MarginCallStands")
      .withArgs(id, DEBT, usdc("14,820"));
  });

  it("where none stands", async () => {
    const { book, borrower, feeds, id } = await networkHelpers.loadFixture(calledLoan);
    await feeds.weth.set(dollars("2,000"));
    await book.clearMarginCall(id);
    for (const loan of [id, loanId(borrower, 7n)]) {
      await expect(book.clearMarginCall(loan)).to.be.revertedWithCustomError(book, "NoMarginCall").withArgs(loan);
    }
  });

  it("while the loan asset has no price and no peg, until it lapses", async () => {
    const scene = await networkHelpers.loadFixture(calledWithoutPeg);
    const { book, feeds, id } = scene;
    await goPastDeadline(scene, LAPSE - 1n);
    await feeds.usdc.setMode(FeedMode.revert);
    await expect(book.clearMarginCall(id))
      .to.be.revertedWithCustomError(book, "LoanAssetFeedNotLive")
      .withArgs(await feeds.usdc.getAddress());
    await clock.advance(1n);
    await expect(book.clearMarginCall(id)).to.emit(book, "MarginCallCleared").withArgs(id);
  });
});

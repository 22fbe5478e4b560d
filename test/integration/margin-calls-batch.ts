import { expect } from "chai";
import { MaxUint256, ZeroAddress } from "ethers";

import { clock, networkHelpers } from "../helpers/chain.ts";
import { callableLoan, CURE, expectCall, expectNoCall, goTo, LAPSE, type Scene } from "../helpers/margin-calls.ts";
import { dollars, loanId, openLoan, usdc, WBTC, wbtc, WETH, weth } from "../helpers/market.ts";
import { DEAD_MODES, FeedMode } from "../helpers/mocks.ts";
import { calledAddresses } from "../helpers/traces.ts";

describe("Margin calls in a batch", () => {
  /** Three loans: one to call, one below its line, one that is called already. */
  async function threeLoans(): Promise<Scene & { ids: [bigint, bigint, bigint] }> {
    const scene = await callableLoan();
    const { book, keeper } = scene;
    const pledges: [bigint, bigint][] = [[WETH, weth("10")]];
    await scene.feeds.weth.set(dollars("2,000"));
    const sound = await openLoan(scene, { pledges, amount: usdc("10,000"), number: 2n });
    const called = await openLoan(scene, {
      pledges: [...pledges, [WBTC, wbtc("0.1")]],
      amount: usdc("20,000"),
      number: 3n,
    });
    await scene.feeds.weth.set(dollars("1,800"));
    await book.connect(keeper).callMargin(called);
    return { ...scene, ids: [scene.id, sound, called] };
  }

  it("calls what can be called, and skips the rest", async () => {
    const { book, stranger, keeper, borrower, ids } = await networkHelpers.loadFixture(threeLoans);
    const [callable, sound, called] = ids;
    const list = [loanId(borrower, 9n), sound, callable, called];
    expect(await book.connect(stranger).callMarginBatch.staticCall(list)).to.equal(1n);
    const call = book.connect(stranger).callMarginBatch(list);
    await expect(call)
      .to.emit(book, "MarginCalled")
      .withArgs(callable, stranger.address, clock.now() + CURE);
    const receipt = await (await call).wait();
    expect(receipt?.logs).to.have.lengthOf(1);
    await expectCall(book, callable, { caller: stranger, calledAt: clock.now() });
    await expectNoCall(book, sound);
    await expectCall(book, called, { caller: keeper, calledAt: clock.now() });
  });

  it("counts a loan that is named twice once, and replaces what has lapsed", async () => {
    const scene = await networkHelpers.loadFixture(threeLoans);
    const { book, stranger, ids } = scene;
    const [callable, , called] = ids;
    await goTo(scene, clock.now() + CURE + LAPSE);
    expect(await book.connect(stranger).callMarginBatch.staticCall([callable, called, callable])).to.equal(2n);
    await book.connect(stranger).callMarginBatch([callable, called, callable]);
    for (const id of [callable, called]) await expectCall(book, id, { caller: stranger, calledAt: clock.now() });
  });

  // A bad id must not cost a monitor the others of its batch.
  it("never reverts for one that cannot be called, wherever it stands in the list", async () => {
    const scene = await networkHelpers.loadFixture(threeLoans);
    const { book, borrower, stranger, ids } = scene;
    const [callable, sound, called] = ids;
    const free = loanId(borrower, 5n);
    await book.connect(borrower).pledge(free, WETH, weth("1"));
    const bad = [0n, MaxUint256, loanId(borrower, 9n), loanId(ZeroAddress), free, sound, called];
    for (const id of bad) {
      for (const list of [
        [id, callable],
        [callable, id],
        [id, callable, id],
      ]) {
        expect(await book.connect(stranger).callMarginBatch.staticCall(list)).to.equal(1n);
      }
      await expect(book.connect(stranger).callMarginBatch([id, id]))
        .to.be.revertedWithCustomError(book, "NothingCalled")
        .withArgs(2n);
    }
    await book.connect(stranger).callMarginBatch([...bad, callable, ...bad]);
    await expectCall(book, callable, { caller: stranger, calledAt: clock.now() });
  });

  it("is no worse for pledges whose feeds give no answer: they count their upper bound", async () => {
    const scene = await networkHelpers.loadFixture(threeLoans);
    const { book, stranger, feeds, ids } = scene;
    const [callable] = ids;
    const other = await openLoan(scene, { pledges: [[WBTC, wbtc("0.3")]], amount: usdc("14,000"), number: 6n });
    for (const mode of DEAD_MODES) {
      await feeds.wbtc.setMode(FeedMode[mode]);
      expect(await book.connect(stranger).callMarginBatch.staticCall([other, callable])).to.equal(1n);
    }
  });

  it("reads each price once, and none for a loan whose call stands", async () => {
    const { book, stranger, feeds, ids, ...scene } = await networkHelpers.loadFixture(threeLoans);
    const fourth = await openLoan(
      { ...scene, book, stranger, feeds },
      { pledges: [[WETH, weth("10")]], amount: usdc("14,000"), number: 4n },
    );
    await feeds.weth.set(dollars("1,700"));
    const { hash } = await book.connect(stranger).callMarginBatch([...ids, fourth]);
    const calls = await calledAddresses(hash);
    for (const [feed, times] of [
      [feeds.weth, 1],
      [feeds.usdc, 1],
      [feeds.wbtc, 0],
    ] as const) {
      const address = (await feed.getAddress()).toLowerCase();
      expect(calls.filter((called) => called === address)).to.have.lengthOf(times);
    }
  });
});

import { expect } from "chai";

import { clock, networkHelpers } from "../helpers/chain.ts";
import { setCap } from "../helpers/governance.ts";
import {
  callableLoan,
  calledLoan,
  CURE,
  DEBT,
  expectCall,
  expectNoCall,
  goTo,
  LAPSE,
  soundLoan,
  type Scene,
} from "../helpers/margin-calls.ts";
import { DAY, dollars, openLoan, usdc, waitWithLiveFeeds, WETH, weth } from "../helpers/market.ts";
import { FeedMode } from "../helpers/mocks.ts";
import { pairedMarket, tell, tellStale, type PairedMarket } from "../helpers/pairs.ts";

/** One tick below the call line of 14,940 beside ten ether. */
const JUST_BELOW = "1,867.49999999";

async function callOf({ book, stranger, id }: Scene): Promise<void> {
  await expect(book.connect(stranger).callMargin(id))
    .to.emit(book, "MarginCalled")
    .withArgs(id, stranger.address, clock.now() + CURE);
  await expectCall(book, id, { caller: stranger, calledAt: clock.now() });
}

describe("A margin call", () => {
  it("is made one tick below the call line", async () => {
    const scene = await networkHelpers.loadFixture(soundLoan);
    await scene.feeds.weth.set(dollars(JUST_BELOW));
    await callOf(scene);
  });

  it("is made above the liquidation line too", async () => {
    const scene = await networkHelpers.loadFixture(soundLoan);
    await scene.feeds.weth.set(dollars("1,500"));
    await callOf(scene);
  });

  it("is made when interest alone has carried the debt over the line", async () => {
    const scene = await networkHelpers.loadFixture(soundLoan);
    await scene.feeds.weth.set(dollars("1,867.5"));
    await waitWithLiveFeeds(scene, 1n);
    expect(await scene.book.debtOf(scene.id)).to.be.above(DEBT);
    await callOf(scene);
  });

  for (const who of ["borrower", "lender", "keeper", "stranger", "guardian"] as const) {
    it(`is made by anyone, as by the ${who}, who is recorded`, async () => {
      const { book, id, [who]: caller } = await networkHelpers.loadFixture(callableLoan);
      expect(await book.connect(caller).callMargin.staticCall(id)).to.equal(clock.now() + DAY);
      await expect(book.connect(caller).callMargin(id))
        .to.emit(book, "MarginCalled")
        .withArgs(id, caller.address, clock.now() + DAY);
      expect(await book.marginCallOf(id)).to.deep.equal([
        caller.address,
        clock.now(),
        clock.now() + 86_400n,
        clock.now() + 129_600n, // 36 hours
      ]);
    });
  }

  it("changes nothing but its record and a flag", async () => {
    const { book, vault, stranger, id } = await networkHelpers.loadFixture(callableLoan);
    const [before, state] = [await book.loan(id), await vault.state()];
    await book.connect(stranger).callMargin(id);
    const { base, pledged, since, maturity, rate, flags } = await book.loan(id);
    expect([base, pledged, since, maturity, rate, flags]).to.deep.equal([before.base, before.pledged, 0n, 0n, 0n, 1n]);
    expect(await vault.state()).to.deep.equal(state);
    expect(await book.pledgeOf(id, WETH)).to.equal(weth("10"));
  });

  it("that has lapsed is replaced, with fresh notice and another caller", async () => {
    const scene = await networkHelpers.loadFixture(calledLoan);
    const { book, keeper, stranger, id } = scene;
    const calledAt = clock.now();
    await goTo(scene, calledAt + CURE + LAPSE);
    await expectCall(book, id, { caller: stranger, calledAt }); // told until then, though it has lapsed
    await expect(book.connect(keeper).callMargin(id))
      .to.emit(book, "MarginCalled")
      .withArgs(id, keeper.address, clock.now() + CURE);
    await expectCall(book, id, { caller: keeper, calledAt: calledAt + CURE + LAPSE });
  });

  it("can be made again once it was cleared", async () => {
    const scene = await networkHelpers.loadFixture(calledLoan);
    const { book, borrower, feeds, id } = scene;
    await book.connect(borrower).pledge(id, WETH, weth("1"));
    await expectNoCall(book, id);
    await feeds.weth.set(dollars("1,600"));
    await waitWithLiveFeeds(scene, 60n);
    await callOf(scene);
  });

  it("is made in every pause, on a retired listing, and under a cap of 0", async () => {
    const scene = await networkHelpers.loadFixture(callableLoan);
    for (const activity of [0n, 1n, 2n]) await scene.vault.connect(scene.guardian).pause(activity);
    await scene.book.connect(scene.guardian).retire(WETH);
    await setCap(scene, WETH, 0n);
    await callOf(scene);
  });

  describe("at prices of the third column:", () => {
    it("a dead feed counts what it said last", async () => {
      const scene = await networkHelpers.loadFixture(callableLoan);
      await scene.feeds.weth.setAt(dollars("1,800"), clock.now() - DAY);
      await callOf(scene);
    });

    it("a dollar of 1.03 counts one, a dead feed of it counts its peg", async () => {
      const scene = await networkHelpers.loadFixture(soundLoan);
      const { book, stranger, feeds, id } = scene;
      await feeds.usdc.set(dollars("1.03"));
      await expect(book.callMargin(id))
        .to.be.revertedWithCustomError(book, "NotCallable")
        .withArgs(id, DEBT, usdc("16,000"));
      await feeds.weth.set(dollars(JUST_BELOW));
      await feeds.usdc.setMode(FeedMode.revert);
      await book.connect(stranger).callMargin(id);
      await expectCall(book, id, { caller: stranger, calledAt: clock.now() });
    });

    it("a dollar of 0.96 counts that: ether at 1,800 is worth 1,875 of it", async () => {
      const { book, feeds, id } = await networkHelpers.loadFixture(callableLoan);
      await feeds.usdc.set(dollars("0.96"));
      await expect(book.callMargin(id))
        .to.be.revertedWithCustomError(book, "NotCallable")
        .withArgs(id, DEBT, usdc("15,000"));
    });

    it("of two sources the higher counts, however far apart they are", async () => {
      const market = await networkHelpers.loadFixture(pairedMarket);
      const { book, stranger, pairs } = market;
      const id = await openLoan(market, { pledges: [[pairs.fine.listing, weth("10")]], amount: DEBT });
      for (const [first, second] of [
        ["1,867.5", "10"],
        ["10", "1,867.5"],
        ["1,867.5", "1,860"],
      ] as const) {
        await tell(pairs.fine, first, second);
        await expect(book.callMargin(id)).to.be.revertedWithCustomError(book, "NotCallable").withArgs(id, DEBT, DEBT);
      }
      await tell(pairs.fine, JUST_BELOW, JUST_BELOW);
      await callOf({ ...market, stranger, id });
    });

    it("of two sources the live one counts, and the higher of two dead ones", async () => {
      const market = await networkHelpers.loadFixture(pairedMarket);
      const { book, pairs } = market;
      const id = await openLoan(market, { pledges: [[pairs.fine.listing, weth("10")]], amount: DEBT });
      await tell(pairs.fine, "1,800", "1,800");
      await tellStale(pairs.fine.second, "1,867.5");
      await callOf({ ...market, id });
      const other = await openBeside(market);
      await tellStale(pairs.ether.first, "1,800");
      await tellStale(pairs.ether.second, "1,867.5");
      await expect(book.callMargin(other))
        .to.be.revertedWithCustomError(book, "NotCallable")
        .withArgs(other, DEBT, DEBT);
      await tellStale(pairs.ether.second, JUST_BELOW);
      await callOf({ ...market, id: other });
    });
  });
});

/** Another loan of the same debt, on ether with other sources. */
async function openBeside(market: PairedMarket): Promise<bigint> {
  const { pairs } = market;
  return openLoan(market, { pledges: [[pairs.ether.listing, weth("10")]], amount: DEBT, number: 2n });
}

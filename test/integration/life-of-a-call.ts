import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { clock, networkHelpers } from "../helpers/chain.ts";
import { betaInWad, creditInUnits } from "../helpers/credits.ts";
import {
  callableLoan,
  CURE,
  DEBT,
  etherPledge,
  expectCall,
  expectHeld,
  expectNoCall,
  expectSale,
  figures,
  fixedLoan,
  goPastDeadline,
  goTo,
  HALF_WAY,
  LAPSE,
  orderFor,
  SOFT_RAMP,
  type Scene,
} from "../helpers/margin-calls.ts";
import { DAY, dollars, HOUR, usdc, WETH, weth, type Market } from "../helpers/market.ts";
import { Fraction, ONE, whole } from "../helpers/mathematics.ts";

/** INV-01 for the loan asset: the vault holds its cash. */
async function expectCash({ vault, usdc: asset }: Market): Promise<void> {
  expect(await asset.balanceOf(vault)).to.equal((await vault.state()).cash);
}

/** The keeper's attempt is refused. */
async function expectRefused({ book, keeper, id }: Scene, error: string): Promise<void> {
  await expect(book.connect(keeper).liquidate(orderFor(id), "0x")).to.be.revertedWithCustomError(book, error);
}

describe("The life of a margin call", () => {
  it("from the call to its cure, in two steps, and from a new fall to a new call", async () => {
    const scene = await networkHelpers.loadFixture(callableLoan);
    const { book, borrower, stranger, keeper, feeds, id } = scene;
    await book.connect(stranger).callMargin(id);
    const calledAt = clock.now();
    await goTo(scene, calledAt + 6n * HOUR);
    await book.connect(borrower).repay(id, usdc("300"));
    await expectCall(book, id, { caller: stranger, calledAt });

    // What is missing after half a dozen hours' interest: (D - 14,400) / 0.8 / 1,800 of ether.
    const debt = await book.debtOf(id);
    const missing = new Fraction((debt - usdc("14,400")) * 10n * weth("1"), 8n * usdc("1,800")).ceil();
    await expect(book.connect(borrower).pledge(id, WETH, missing))
      .to.emit(book, "MarginCallCleared")
      .withArgs(id);
    await expectNoCall(book, id);
    await expectRefused(scene, "NotLiquidatable");
    await expect(book.connect(keeper).callMargin(id))
      .to.be.revertedWithCustomError(book, "NotCallable")
      .withArgs(id, debt, debt);

    await goTo(scene, calledAt + CURE + 1n); // the old deadline is nothing any more
    await feeds.weth.set(dollars("1,790"));
    await expectRefused(scene, "NotLiquidatable");
    await book.connect(keeper).callMargin(id);
    await expectCall(book, id, { caller: keeper, calledAt: calledAt + CURE + 1n });
    await expectRefused(scene, "InCurePeriod");
    await expectHeld(scene, [id], [stranger, keeper]);
    await expectCash(scene);
  });

  it("from the call to a soft sale, its caller's credit, and the recovery that clears it", async () => {
    const scene = await networkHelpers.loadFixture(callableLoan);
    const { book, vault, borrower, stranger, keeper, feeds, id } = scene;
    await book.connect(stranger).callMargin(id);
    const calledAt = clock.now();
    await goPastDeadline(scene, SOFT_RAMP);
    const taken = etherPledge(weth("10"), HALF_WAY);
    const loan = figures(await book.debtOf(id), taken);
    const [assets, paid] = [await vault.totalAssets(), await scene.usdc.balanceOf(keeper)];
    const { repaid, seized, credit } = await expectSale(scene, loan, taken, {
      ...{ id, overdue: SOFT_RAMP, caller: stranger.address },
    });
    expect(credit).to.equal(creditInUnits(seized, betaInWad(loan, taken, SOFT_RAMP)));
    expect(paid - (await scene.usdc.balanceOf(keeper))).to.equal(repaid);
    expect(await vault.totalAssets()).to.be.within(assets, assets + 1n); // lenders neither pay nor gain
    await expectHeld(scene, [id], [stranger]);
    await expectCash(scene);

    await expectCall(book, id, { caller: stranger, calledAt }); // at the call line, not at the limit yet
    await expect(book.clearMarginCall(id)).to.be.revertedWithCustomError(book, "MarginCallStands");
    await feeds.weth.set(dollars("1,850"));
    await expectRefused(scene, "NotLiquidatable");
    await expect(book.connect(borrower).clearMarginCall(id)).to.emit(book, "MarginCallCleared").withArgs(id);
    await expectNoCall(book, id);

    await book.connect(stranger).claimCredit(WETH, stranger);
    await book.connect(borrower).close(id, MaxUint256, borrower);
    expect(await scene.weth.balanceOf(stranger)).to.equal(weth("10,000") + credit);
    expect(await scene.weth.balanceOf(keeper)).to.equal(weth("10,000") + seized - credit);
    expect(await scene.weth.balanceOf(borrower)).to.equal(weth("10,000") - seized);
    expect(await scene.weth.balanceOf(book)).to.equal(0n);
  });

  it("from the call to its lapse, to another call, and to the sale that is its second caller's", async () => {
    const scene = await networkHelpers.loadFixture(callableLoan);
    const { book, borrower, stranger, keeper, id } = scene;
    await book.connect(stranger).callMargin(id);
    const calledAt = clock.now();
    await goTo(scene, calledAt + CURE + LAPSE - 1n);
    await book.connect(keeper).liquidate.staticCall(orderFor(id), "0x"); // the last second
    await goTo(scene, calledAt + CURE + LAPSE);
    await expectRefused(scene, "MarginCallLapsed");
    await expectCall(book, id, { caller: stranger, calledAt });

    await book.connect(borrower).callMargin(id);
    await expectCall(book, id, { caller: borrower, calledAt: calledAt + CURE + LAPSE });
    await expectRefused(scene, "InCurePeriod");
    await goPastDeadline(scene, HOUR);
    const taken = etherPledge(weth("10"), HALF_WAY);
    const loan = figures(await book.debtOf(id), taken);
    await expectSale(scene, loan, taken, { id, overdue: HOUR, caller: borrower.address });
    expect(await book.creditOf(stranger, WETH)).to.equal(0n);
    await expectHeld(scene, [id], [stranger, borrower]);
  });

  it("from the call to its lapse, while a fixed term ends: a roll changes nothing about it", async () => {
    const scene = await networkHelpers.loadFixture(fixedLoan);
    const { book, stranger, keeper, feeds, id } = scene;
    const { base, rate, since, maturity } = await book.loan(id);
    expect(base).to.equal(DEBT);
    await goTo(scene, maturity - CURE + HOUR);
    await feeds.weth.set(dollars(HALF_WAY));
    await book.connect(stranger).callMargin(id);
    const calledAt = clock.now();
    await goTo(scene, maturity);
    await book.connect(keeper).roll(id);
    const debt = whole(DEBT)
      .times(ONE.plus(new Fraction(rate * (maturity - since), 365n * DAY * 10n ** 9n)))
      .ceil();
    expect(await book.debtOf(id)).to.be.within(debt, debt + 1n);
    await expectCall(book, id, { caller: stranger, calledAt });
    await goPastDeadline(scene, HOUR);
    const taken = etherPledge(weth("10"), HALF_WAY);
    const loan = figures(await book.debtOf(id), taken);
    const snapshot = await networkHelpers.takeSnapshot();
    await expectSale(scene, loan, taken, { id, overdue: HOUR, caller: stranger.address });
    await snapshot.restore();
    await goPastDeadline(scene, LAPSE);
    await expectRefused(scene, "MarginCallLapsed");
    await expect(book.connect(keeper).clearMarginCall(id)).to.emit(book, "MarginCallCleared").withArgs(id);
    await expectNoCall(book, id);
  });
});

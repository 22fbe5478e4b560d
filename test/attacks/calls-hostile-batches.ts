import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { networkHelpers } from "../helpers/chain.ts";
import { calledLoan, expectHeld, goPastDeadline, SOFT_RAMP, type Scene } from "../helpers/margin-calls.ts";
import { dollars, loanId, usdc, WBTC, WETH, weth } from "../helpers/market.ts";
import { expectBalancedBooks, greedyOrder } from "./scene.ts";

/** The called loan, with the whole soft bonus. */
async function dueLoan(): Promise<Scene> {
  const scene = await calledLoan();
  await goPastDeadline(scene, SOFT_RAMP);
  return scene;
}

/** What is left of the loan: debt, pledge, and the credit of its call's caller. */
async function rest({ book, stranger, id }: Scene): Promise<bigint[]> {
  return [await book.debtOf(id), await book.pledgeOf(id, WETH), await book.creditOf(stranger, WETH)];
}

describe("Attacks by batches", () => {
  it("orders that make no sense neither stop nor change an honest one between them", async () => {
    const scene = await networkHelpers.loadFixture(dueLoan);
    const { book, keeper, borrower, stranger, id } = scene;
    const snapshot = await networkHelpers.takeSnapshot();
    const alone = await book.connect(keeper).liquidate.staticCall(greedyOrder(id), "0x");
    await book.connect(keeper).liquidate(greedyOrder(id), "0x");
    const expected = await rest(scene);
    await snapshot.restore();

    const nonsense = [
      ...[0n, 1n, MaxUint256, loanId(borrower, 2n ** 96n - 1n), id ^ 1n].map((loan) => greedyOrder(loan)),
      ...[WBTC, 39n, 40n, 255n, 256n, 2n ** 255n, MaxUint256].map((listing) => greedyOrder(id, listing)),
      greedyOrder(id, WETH, 0n),
      greedyOrder(id, WETH, 1n), // a unit, which retires nothing
      { ...greedyOrder(id), minSeized: MaxUint256 },
      { ...greedyOrder(id), minSeized: alone.seized + 1n },
    ];
    const orders = [...nonsense, greedyOrder(id), ...nonsense];
    const { repaid, filled } = await book.connect(keeper).liquidateBatch.staticCall(orders, "0x");
    expect([repaid, filled]).to.deep.equal([alone.repaid, 1n]);
    await book.connect(keeper).liquidateBatch(orders, "0x");
    expect(await rest(scene)).to.deep.equal(expected);
    await expectHeld(scene, [id], [stranger]);
  });

  it("ids that make no sense do not stop a call either", async () => {
    const scene = await networkHelpers.loadFixture(dueLoan);
    const { book, keeper, borrower, feeds } = scene;
    await feeds.weth.set(dollars("2,000"));
    const second = loanId(borrower, 2n);
    await book.connect(borrower).open(second, [{ listing: WETH, amount: weth("1") }], usdc("1,550"), borrower);
    await feeds.weth.set(dollars("1,800"));
    const ids = [0n, MaxUint256, scene.id, second ^ (1n << 255n), second, second, 1n];
    expect(await book.connect(keeper).callMarginBatch.staticCall(ids)).to.equal(1n);
    await book.connect(keeper).callMarginBatch(ids);
    expect((await book.marginCallOf(second)).caller).to.equal(keeper.address);
  });

  it("the same loan again and again is sold once: later orders see what the first has written", async () => {
    const scene = await networkHelpers.loadFixture(dueLoan);
    const { book, keeper, stranger, id } = scene;
    const snapshot = await networkHelpers.takeSnapshot();
    await book.connect(keeper).liquidate(greedyOrder(id), "0x");
    const expected = await rest(scene);
    await snapshot.restore();

    const orders = Array.from({ length: 20 }, () => greedyOrder(id));
    const { filled } = await book.connect(keeper).liquidateBatch.staticCall(orders, "0x");
    await book.connect(keeper).liquidateBatch(orders, "0x");
    // What the first leaves may be a unit above the line, of which a second takes five.
    expect(filled).to.be.within(1n, 2n);
    const [debt = 0n, pledged = 0n, credit = 0n] = await rest(scene);
    const [onceDebt = 0n, oncePledged = 0n, onceCredit = 0n] = expected;
    expect(onceDebt - debt).to.be.within(0n, 5n);
    expect(oncePledged - pledged).to.be.within(0n, 5n * 10n ** 9n);
    expect(credit - onceCredit).to.be.within(0n, 10n ** 9n);
    await expectHeld(scene, [id], [stranger]);
    await expectBalancedBooks(scene);
  });

  /**
   * Hard sales go down to the borrow limit, soft ones to the call line. A keeper who sells just enough by the first to be allowed the
   * second sells less of the loan than by the first alone, and gets less for it.
   */
  it("a hard crumb and then a soft sale take no more than a hard sale", async () => {
    const scene = await networkHelpers.loadFixture(dueLoan);
    const { book, vault, keeper, stranger, feeds, id } = scene;
    await feeds.weth.set(dollars("1,735")); // above the liquidation line by 19 dollars
    const whole = await rest(scene);
    const taken = async (): Promise<{ repaid: bigint; seized: bigint; credit: bigint }> => {
      const [debt = 0n, pledged = 0n, credit = 0n] = await rest(scene);
      return { repaid: (whole[0] ?? 0n) - debt, seized: (whole[1] ?? 0n) - pledged, credit: credit - (whole[2] ?? 0n) };
    };
    const assets = await vault.totalAssets();
    const snapshot = await networkHelpers.takeSnapshot();
    await book.connect(keeper).liquidate(greedyOrder(id), "0x");
    const hard = await taken();
    await snapshot.restore();

    const orders = [greedyOrder(id, WETH, usdc("200")), greedyOrder(id)];
    const call = book.connect(keeper).liquidateBatch(orders, "0x");
    const isHard = (soft: boolean): boolean => !soft;
    const any = (): boolean => true;
    await expect(call).to.emit(book, "Liquidated").withArgs(id, WETH, keeper.address, usdc("200"), any, 0n, isHard);
    await expect(call).to.emit(book, "Liquidated").withArgs(id, WETH, keeper.address, any, any, 0n, true);
    const both = await taken();
    const { debt, callLine, borrowLimit } = await book.healthOf(id);
    expect(debt).to.be.within(callLine - 2n, callLine + 2n);
    expect(debt).to.be.above(borrowLimit);
    expect(both.repaid).to.be.below(hard.repaid);
    expect(both.seized * hard.repaid).to.be.below(hard.seized * both.repaid); // fewer tokens a dollar
    expect(both.credit).to.be.below(hard.credit);
    expect((await vault.totalAssets()) - assets).to.be.within(0n, 3n);
    await expectHeld(scene, [id], [stranger]);
  });
});

import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { clock, networkHelpers } from "../helpers/chain.ts";
import { setCap } from "../helpers/governance.ts";
import { expectInvariants } from "../helpers/invariants.ts";
import { dollars, openLoan, standardMarket, usdc, WETH, weth, type Market } from "../helpers/market.ts";

/**
 * Ten ether at 1,750 are worth 17,500: the borrow limit is 13,650, the call line 14,000, the liquidation line 15,050. For each
 * line one loan that stands at it, and one that owes a unit more.
 */
interface Scene extends Market {
  atLimit: bigint;
  aboveLimit: bigint;
  atCall: bigint;
  aboveCall: bigint;
  atLiquidation: bigint;
  aboveLiquidation: bigint;
}

const LIMIT = usdc("13,650");
const CALL = usdc("14,000");
const LIQUIDATION = usdc("15,050");

async function sixLoans(): Promise<Scene> {
  const market = await standardMarket();
  const open = async (amount: bigint, number: bigint): Promise<bigint> =>
    openLoan(market, { pledges: [[WETH, weth("10")]], amount, number });
  const scene = {
    ...market,
    atLimit: await open(LIMIT, 1n),
    aboveLimit: await open(LIMIT + 1n, 2n),
    atCall: await open(CALL, 3n),
    aboveCall: await open(CALL + 1n, 4n),
    atLiquidation: await open(LIQUIDATION, 5n),
    aboveLiquidation: await open(LIQUIDATION + 1n, 6n),
  };
  await market.feeds.weth.set(dollars("1,750"));
  return scene;
}

describe("Edges of lines", () => {
  let scene: Scene;

  beforeEach(async () => {
    scene = await networkHelpers.loadFixture(sixLoans);
  });

  afterEach(async () => {
    const { atLimit, aboveLimit, atCall, aboveCall, atLiquidation, aboveLiquidation } = scene;
    await expectInvariants(scene, [atLimit, aboveLimit, atCall, aboveCall, atLiquidation, aboveLiquidation]);
  });

  it("are where they are said to be", async () => {
    const { book, atLimit } = scene;
    expect(await book.healthOf(atLimit)).to.deep.equal([LIMIT, LIMIT, CALL, LIQUIDATION]);
  });

  it("a loan at its borrow limit borrows nothing more and releases nothing", async () => {
    const { book, borrower, atLimit } = scene;
    await expect(book.connect(borrower).borrow(atLimit, 1n, borrower))
      .to.be.revertedWithCustomError(book, "AboveBorrowLimit")
      .withArgs(LIMIT + 1n, LIMIT);
    // A base unit of ether takes a unit off the value, 78 % of one off the limit, and that rounds down.
    await expect(book.connect(borrower).release(atLimit, WETH, 1n, borrower))
      .to.be.revertedWithCustomError(book, "AboveBorrowLimit")
      .withArgs(LIMIT, LIMIT - 1n);
  });

  it("a loan a unit above its borrow limit that repays a unit may be opened as it stands", async () => {
    const { book, borrower, aboveLimit } = scene;
    await expect(book.connect(borrower).borrow(aboveLimit, 1n, borrower))
      .to.be.revertedWithCustomError(book, "AboveBorrowLimit")
      .withArgs(LIMIT + 2n, LIMIT);
    await book.connect(borrower).repay(aboveLimit, 2n);
    await book.connect(borrower).borrow(aboveLimit, 1n, borrower);
    expect(await book.debtOf(aboveLimit)).to.equal(LIMIT);
  });

  it("a full cap is lifted for a loan a unit above its call line, for what cures it, and not for one at it", async () => {
    const { book, borrower, atCall, aboveCall } = scene;
    await setCap(scene, WETH, weth("60"));
    await expect(book.connect(borrower).pledge(atCall, WETH, 1n))
      .to.be.revertedWithCustomError(book, "CapExceeded")
      .withArgs(WETH, weth("60") + 1n, weth("60"));

    // A unit of debt needs two units of value (1.25, up), which are 2e12 / 1,750 base units of ether, up.
    const cure = 1_142_857_143n;
    expect(await book.connect(borrower).pledge.staticCall(aboveCall, WETH, weth("1"))).to.equal(cure);
    await book.connect(borrower).pledge(aboveCall, WETH, weth("1"));
    const { debt, callLine } = await book.healthOf(aboveCall);
    expect(debt).to.equal(callLine);
    await expect(book.connect(borrower).pledge(aboveCall, WETH, 1n))
      .to.be.revertedWithCustomError(book, "CapExceeded")
      .withArgs(WETH, weth("60") + cure + 1n, weth("60"));
  });

  it("a loan at its liquidation line is left alone, one a unit above it is liquidated", async () => {
    const { book, keeper, atLiquidation, aboveLiquidation } = scene;
    const order = { listing: WETH, maxRepay: MaxUint256, minSeized: 0n };
    await expect(book.connect(keeper).liquidate({ ...order, id: atLiquidation }, "0x"))
      .to.be.revertedWithCustomError(book, "NotLiquidatable")
      .withArgs(atLiquidation, LIQUIDATION, LIQUIDATION);

    const orders = [atLiquidation, aboveLiquidation].map((id) => ({ ...order, id }));
    const { filled } = await book.connect(keeper).liquidateBatch.staticCall(orders, "0x");
    expect(filled).to.equal(1n);
    await book.connect(keeper).liquidateBatch(orders, "0x");
    expect(await book.debtOf(atLiquidation)).to.equal(LIQUIDATION);
    // x = 1,400.000001 / (1 - 0.78 × (1 + β)), β half of a unit in 15,050: 1,400.000001 / 0.22, up; a bonus of 3e-11 moves no unit.
    const { debt, borrowLimit } = await book.healthOf(aboveLiquidation);
    expect(LIQUIDATION + 1n - debt).to.equal(usdc("6,363.636369"));
    expect(borrowLimit).to.be.within(debt - 2n, debt + 2n);
  });

  it("a loan at its liquidation line passes it with the first second of interest", async () => {
    const { book, keeper, feeds, atLiquidation } = scene;
    const order = { id: atLiquidation, listing: WETH, maxRepay: usdc("1"), minSeized: 0n };
    await clock.advance(1n);
    await feeds.weth.set(dollars("1,750"));
    // 84,150.000003 of a million are lent: 4 % × (1/4 + 3/4 × 0.08415 / 0.9), on 15,050 for a second, are 6.1e-6 dollars, and a
    // debt rounds up.
    expect(await book.debtOf(atLiquidation)).to.equal(LIQUIDATION + 7n);
    await expect(book.connect(keeper).liquidate(order, "0x")).to.emit(book, "Liquidated");
  });

  it("a loan worth 1.01 times its debt is paid whole with all of its pledge; one worth less leaves a loss", async () => {
    const { book, vault, keeper, feeds, atLiquidation, aboveLiquidation } = scene;
    const order = { listing: WETH, maxRepay: MaxUint256, minSeized: weth("10") };
    // V = 15,200.5: β is the equity, 1 %, and (D - 0.78 × 1.01 D) / (1 - 0.78 × 1.01) is D.
    await feeds.weth.set(dollars("1,520.05"));
    await expect(book.connect(keeper).liquidate({ ...order, id: atLiquidation }, "0x"))
      .to.emit(book, "Liquidated")
      .withArgs(atLiquidation, WETH, keeper.address, LIQUIDATION, weth("10"), 0n, false);
    // The same pledge pays for 15,050 of this loan too; the last unit is lost.
    const call = book.connect(keeper).liquidate({ ...order, id: aboveLiquidation }, "0x");
    await expect(call)
      .to.emit(book, "Liquidated")
      .withArgs(aboveLiquidation, WETH, keeper.address, LIQUIDATION, weth("10"), 1n, false);
    await expect(call).to.emit(vault, "LossBooked").withArgs(1n, 0n);
  });
});

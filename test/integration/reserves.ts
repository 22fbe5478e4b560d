import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { networkHelpers, YEAR } from "../helpers/chain.ts";
import { openLoan, standardMarket, usdc, waitWithLiveFeeds, WETH, weth, type Market } from "../helpers/market.ts";

/** A year at the target rate: 900,000 have become 936,729.6, and reserves hold 3,672.959999. */
async function afterAYear(): Promise<Market & { id: bigint }> {
  const market = await standardMarket();
  const id = await openLoan(market, { pledges: [[WETH, weth("1,000")]], amount: usdc("900,000") });
  await waitWithLiveFeeds(market, YEAR);
  await market.vault.accrue();
  return { ...market, id };
}

/** A year with everything lent out: the rate has gone to 100 %, and reserves are far above their target. */
async function afterADearYear(): Promise<Market & { id: bigint }> {
  const market = await standardMarket();
  const id = await openLoan(market, { pledges: [[WETH, weth("2,000")]], amount: usdc("1,000,000") });
  await waitWithLiveFeeds(market, YEAR);
  await market.vault.accrue();
  return { ...market, id };
}

describe("Reserves", () => {
  it("get a tenth of the interest, which lenders do not own", async () => {
    const { vault } = await networkHelpers.loadFixture(afterAYear);
    const { reserves, cash } = await vault.state();
    expect(reserves).to.equal(usdc("3,672.959999"));
    expect(await vault.totalAssets()).to.equal(cash + (await vault.totalDebt()) - reserves);
  });

  it("stay in the vault up to two hundredths of the debt", async () => {
    const { vault, treasurer } = await networkHelpers.loadFixture(afterAYear);
    await expect(vault.connect(treasurer).sweepReserves())
      .to.be.revertedWithCustomError(vault, "NothingToSweep")
      .withArgs(usdc("3,672.959999"), usdc("18,734.592")); // 2 % of 936,729.599999, rounded up
  });

  it("are swept whole to the treasury when there is no debt", async () => {
    const market = await networkHelpers.loadFixture(afterAYear);
    const { vault, book, borrower, treasurer, treasury, id } = market;
    await book.connect(borrower).repay(id, MaxUint256);
    const assets = await vault.totalAssets();

    expect(await vault.connect(treasurer).sweepReserves.staticCall()).to.equal(usdc("3,672.959999"));
    await expect(vault.connect(treasurer).sweepReserves())
      .to.emit(vault, "ReservesSwept")
      .withArgs(treasury.address, usdc("3,672.959999"));

    expect(await market.usdc.balanceOf(treasury)).to.equal(usdc("3,672.959999"));
    expect((await vault.state()).reserves).to.equal(0n);
    expect(await vault.totalAssets()).to.equal(assets);
    expect(await market.usdc.balanceOf(vault)).to.equal((await vault.state()).cash);
  });

  it("are swept down to the target, and not beyond the cash", async () => {
    const market = await networkHelpers.loadFixture(afterADearYear);
    const { vault, book, borrower, treasurer, treasury, id } = market;
    await book.connect(borrower).repay(id, usdc("1,000"));
    const assets = await vault.totalAssets();

    await vault.connect(treasurer).sweepReserves();
    expect(await market.usdc.balanceOf(treasury)).to.equal(usdc("1,000"));
    expect((await vault.state()).cash).to.equal(0n);

    await book.connect(borrower).repay(id, usdc("500,000"));
    await vault.connect(treasurer).sweepReserves();
    const target = ((await vault.totalDebt()) * 200n + 9_999n) / 10_000n;
    expect((await vault.state()).reserves).to.equal(target);
    // Neither repayment nor sweep moves what lenders own by more than the rounding of the repayments.
    expect(await vault.totalAssets()).to.be.within(assets, assets + 2n);
    await expect(vault.connect(treasurer).sweepReserves())
      .to.be.revertedWithCustomError(vault, "NothingToSweep")
      .withArgs(target, target);
  });
});

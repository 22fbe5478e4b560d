import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { networkHelpers } from "../helpers/chain.ts";
import { deployMarket, dollars, openLoan, usdc, WBTC, wbtc, WETH, weth, type Market } from "../helpers/market.ts";
import type { BlockingToken } from "../helpers/mocks.ts";

async function silentMarket(): Promise<Market> {
  return deployMarket({ contracts: { usdc: "SilentToken", weth: "SilentToken" } });
}

async function blockingMarket(): Promise<Market> {
  return deployMarket({ contracts: { usdc: "BlockingToken", wbtc: "BlockingToken" } });
}

describe("Odd tokens", () => {
  describe("that return nothing, and revert when nothing is moved", () => {
    it("serve as loan asset and collateral of a whole loan", async () => {
      const market = await networkHelpers.loadFixture(silentMarket);
      const { book, vault, borrower, lender } = market;
      const id = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("10,000") });
      await book.connect(borrower).repay(id, usdc("4,000"));
      await book.connect(borrower).release(id, WETH, weth("1"), borrower);
      await book.connect(borrower).close(id, MaxUint256, borrower);
      expect(await market.weth.balanceOf(borrower)).to.equal(weth("10,000"));
      await vault.connect(lender).withdraw(usdc("1,000,000"), lender, lender);
      expect(await market.usdc.balanceOf(vault)).to.equal(0n);
    });

    it("close a loan without debt, and are liquidated", async () => {
      const market = await networkHelpers.loadFixture(silentMarket);
      const { book, borrower, keeper, feeds } = market;
      const id = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("15,351") });
      await feeds.weth.set(dollars("1,750"));
      await book.connect(keeper).liquidate({ id, listing: WETH, maxRepay: usdc("1,750"), minSeized: 0n }, "0x");
      expect(await market.weth.balanceOf(keeper)).to.equal(weth("10,001.01"));
      await book.connect(keeper).repay(id, MaxUint256);
      await book.connect(borrower).close(id, 0n, borrower);
      expect(await market.weth.balanceOf(borrower)).to.equal(weth("9,998.99"));
    });
  });

  describe("that can block accounts", () => {
    it("as loan asset: a blocked borrower cannot repay, anyone else can for it", async () => {
      const market = await networkHelpers.loadFixture(blockingMarket);
      const { book, borrower, stranger } = market;
      const blocking = market.usdc as BlockingToken;
      const id = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("10,000") });
      await blocking.setBlocked(borrower, true);

      await expect(book.connect(borrower).repay(id, MaxUint256))
        .to.be.revertedWithCustomError(blocking, "Blocked")
        .withArgs(borrower.address);
      await book.connect(stranger).repay(id, MaxUint256);
      await book.connect(borrower).close(id, 0n, borrower);
      expect(await market.weth.balanceOf(borrower)).to.equal(weth("10,000"));
    });

    it("as collateral: a blocked book keeps nobody from repaying or from taking the other pledges", async () => {
      const market = await networkHelpers.loadFixture(blockingMarket);
      const { book, borrower } = market;
      const blocking = market.wbtc as BlockingToken;
      const pledges: [bigint, bigint][] = [
        [WETH, weth("10")],
        [WBTC, wbtc("1")],
      ];
      const id = await openLoan(market, { pledges, amount: usdc("10,000") });
      await blocking.setBlocked(await book.getAddress(), true);

      await expect(book.connect(borrower).close(id, MaxUint256, borrower))
        .to.emit(book, "ReleaseFailed")
        .withArgs(id, WBTC, wbtc("1"));
      expect(await market.weth.balanceOf(borrower)).to.equal(weth("10,000"));
      expect(await book.debtOf(id)).to.equal(0n);

      await blocking.setBlocked(await book.getAddress(), false);
      await book.connect(borrower).close(id, 0n, borrower);
      expect(await market.wbtc.balanceOf(borrower)).to.equal(wbtc("1,000"));
    });

    it("as collateral: a blocked book is liquidated of its other pledges only", async () => {
      const market = await networkHelpers.loadFixture(blockingMarket);
      const { book, keeper, feeds } = market;
      const blocking = market.wbtc as BlockingToken;
      const pledges: [bigint, bigint][] = [
        [WETH, weth("10")],
        [WBTC, wbtc("0.01")],
      ];
      const id = await openLoan(market, { pledges, amount: usdc("16,000") });
      await feeds.weth.set(dollars("1,700"));
      await blocking.setBlocked(await book.getAddress(), true);
      const order = { id, maxRepay: MaxUint256, minSeized: 0n };

      await expect(book.connect(keeper).liquidate({ ...order, listing: WBTC }, "0x")).to.be.revertedWithCustomError(
        blocking,
        "Blocked",
      );
      await expect(book.connect(keeper).liquidate({ ...order, listing: WETH }, "0x")).to.emit(book, "Liquidated");
      const { debt, liquidationLine } = await book.healthOf(id);
      expect(debt).to.be.below(liquidationLine);
    });
  });
});

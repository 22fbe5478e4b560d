import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { networkHelpers } from "../helpers/chain.ts";
import {
  DAY,
  dollars,
  loanId,
  marketWithoutPeg,
  openLoan,
  standardMarket,
  usdc,
  waitWithLiveFeeds,
  WBTC,
  wbtc,
  WETH,
  weth,
  type Market,
} from "../helpers/market.ts";
import { DEAD_MODES, FeedMode } from "../helpers/mocks.ts";

/** A loan of 15,351 against 10 ether; with ether at 1,750 it can be liquidated for a bonus of 1 %. */
async function fallenLoan(market: Market): Promise<bigint> {
  const id = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("15,351") });
  await market.feeds.weth.set(dollars("1,750"));
  return id;
}

describe("Liquidation, refused", () => {
  it("at the liquidation line", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, keeper, feeds } = market;
    const id = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("15,351") });
    await feeds.weth.set(dollars("1,785")); // 0.86 × 17,850 = 15,351

    await expect(book.connect(keeper).liquidate({ id, listing: WETH, maxRepay: MaxUint256, minSeized: 0n }, "0x"))
      .to.be.revertedWithCustomError(book, "NotLiquidatable")
      .withArgs(id, usdc("15,351"), usdc("15,351"));
  });

  it("of a pledge that the loan does not have, or of no loan", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, borrower, keeper } = market;
    const id = await fallenLoan(market);
    const order = { listing: WBTC, maxRepay: MaxUint256, minSeized: 0n };

    await expect(book.connect(keeper).liquidate({ id, ...order }, "0x"))
      .to.be.revertedWithCustomError(book, "NotPledged")
      .withArgs(id, WBTC);
    const other = loanId(borrower, 77n);
    await expect(book.connect(keeper).liquidate({ id: other, ...order }, "0x"))
      .to.be.revertedWithCustomError(book, "NotPledged")
      .withArgs(other, WBTC);
  });

  it("for nothing", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, keeper } = market;
    const id = await fallenLoan(market);

    await expect(
      book.connect(keeper).liquidate({ id, listing: WETH, maxRepay: 0n, minSeized: 0n }, "0x"),
    ).to.be.revertedWithCustomError(book, "ZeroAmount");
  });

  it("if it gives less than the liquidator asks for", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, keeper } = market;
    const id = await fallenLoan(market);

    const order = { id, listing: WETH, maxRepay: usdc("1,750"), minSeized: weth("1.01") + 1n };
    await expect(book.connect(keeper).liquidate(order, "0x"))
      .to.be.revertedWithCustomError(book, "SeizedBelowMin")
      .withArgs(weth("1.01"), weth("1.01") + 1n);
  });

  it("if it gives nothing", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, vault, keeper, feeds } = market;
    const id = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("15,351") });
    await waitWithLiveFeeds(market, 365n * DAY);
    await feeds.weth.set(dollars("1,750"));
    await vault.accrue();
    const { base } = await book.loan(id);

    // With the index above 1, a unit retires no scaled debt: it must not take collateral.
    await expect(book.connect(keeper).liquidate({ id, listing: WETH, maxRepay: 1n, minSeized: 0n }, "0x"))
      .to.be.revertedWithCustomError(book, "SeizedBelowMin")
      .withArgs(0n, 1n);
    // Two units retire one, and what is seized is worth one: 1.01… units' worth of ether.
    const order = { id, listing: WETH, maxRepay: 2n, minSeized: 0n };
    const [repaid, seized] = await book.connect(keeper).liquidate.staticCall(order, "0x");
    expect(repaid).to.equal(2n);
    expect(seized).to.be.within(weth("1") / usdc("1,750"), (weth("1") * 105n) / (usdc("1,750") * 100n));
    await book.connect(keeper).liquidate(order, "0x");
    expect((await book.loan(id)).base).to.equal(base - 1n);
  });

  it("if it leaves a debt too small to be a loan", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, keeper, feeds } = market;
    const id = await openLoan(market, { pledges: [[WETH, weth("0.1")]], amount: usdc("153.51") });
    await feeds.weth.set(dollars("1,750"));

    const order = { id, listing: WETH, maxRepay: usdc("53.510001"), minSeized: 0n };
    await expect(book.connect(keeper).liquidate(order, "0x"))
      .to.be.revertedWithCustomError(book, "DebtBelowMin")
      .withArgs(usdc("99.999999"), usdc("100"));
    await book.connect(keeper).liquidate({ ...order, maxRepay: usdc("53.51") }, "0x");
    expect(await book.debtOf(id)).to.equal(usdc("100"));
  });

  it("if it leaves pledges that nobody would take beside a larger debt", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, keeper, feeds } = market;
    const id = await openLoan(market, { pledges: [[WETH, weth("1")]], amount: usdc("1,500") });
    // V = 1,010. At the last bonus of 1 %, 1,000 takes the pledge whole and 995.05 leaves 4.9995.
    await feeds.weth.set(dollars("1,010"));

    const order = { id, listing: WETH, maxRepay: usdc("995.05"), minSeized: 0n };
    await expect(book.connect(keeper).liquidate(order, "0x"))
      .to.be.revertedWithCustomError(book, "RemainderTooSmall")
      .withArgs(usdc("4.9995"), usdc("5"));

    // 995.04 leaves 5.0096, which is worth taking.
    await book.connect(keeper).liquidate({ ...order, maxRepay: usdc("995.04") }, "0x");
    expect(await book.debtOf(id)).to.equal(usdc("504.96"));
  });

  for (const mode of DEAD_MODES) {
    it(`of a pledge whose feed is dead (${mode})`, async () => {
      const market = await networkHelpers.loadFixture(standardMarket);
      const { book, keeper, feeds } = market;
      const pledges: [bigint, bigint][] = [
        [WETH, weth("10")],
        [WBTC, wbtc("0.0002")],
      ];
      const id = await openLoan(market, { pledges, amount: usdc("15,351") });
      await feeds.weth.set(dollars("1,500"));
      await feeds.wbtc.setMode(FeedMode[mode]);

      // Without an answer 0.0002 bitcoin counts at the upper bound of 5,000,000: 1,000. V is 16,000 and L 13,760.
      await expect(book.connect(keeper).liquidate({ id, listing: WBTC, maxRepay: MaxUint256, minSeized: 0n }, "0x"))
        .to.be.revertedWithCustomError(book, "FeedNotLive")
        .withArgs(WBTC);
      await expect(book.connect(keeper).liquidate({ id, listing: WETH, maxRepay: usdc("1,000"), minSeized: 0n }, "0x"))
        .to.emit(book, "Liquidated")
        // V is 4 % more than D, but only 15,000 of it can be seized, less than D: the bonus is the last 1 %.
        .withArgs(id, WETH, keeper.address, usdc("1,000"), weth("1,010") / 1_500n, 0n, false);
    });
  }

  it("while the loan asset has no price and no peg", async () => {
    const market = await networkHelpers.loadFixture(marketWithoutPeg);
    const { book, keeper, feeds } = market;
    const id = await fallenLoan(market);
    await feeds.usdc.setMode(FeedMode.revert);
    const order = { id, listing: WETH, maxRepay: MaxUint256, minSeized: 0n };
    const feed = await feeds.usdc.getAddress();

    await expect(book.connect(keeper).liquidate(order, "0x"))
      .to.be.revertedWithCustomError(book, "LoanAssetFeedNotLive")
      .withArgs(feed);
    await expect(book.connect(keeper).liquidateBatch([order], "0x"))
      .to.be.revertedWithCustomError(book, "LoanAssetFeedNotLive")
      .withArgs(feed);
    await expect(book.connect(keeper).writeOff(id))
      .to.be.revertedWithCustomError(book, "LoanAssetFeedNotLive")
      .withArgs(feed);
  });

  it("not while the loan asset's feed is dead, if it has a peg", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, keeper, feeds } = market;
    const id = await fallenLoan(market);
    await feeds.usdc.setMode(FeedMode.revert);

    await expect(book.connect(keeper).liquidate({ id, listing: WETH, maxRepay: usdc("1,750"), minSeized: 0n }, "0x"))
      .to.emit(book, "Liquidated")
      .withArgs(id, WETH, keeper.address, usdc("1,750"), weth("1.01"), 0n, false);
  });

  it("if the liquidator cannot pay", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, keeper } = market;
    const id = await fallenLoan(market);
    await market.usdc.connect(keeper).approve(book, 0n);

    await expect(
      book.connect(keeper).liquidate({ id, listing: WETH, maxRepay: usdc("1,750"), minSeized: 0n }, "0x"),
    ).to.be.revertedWithCustomError(market.usdc, "ERC20InsufficientAllowance");
    expect(await book.debtOf(id)).to.equal(usdc("15,351"));
    expect(await book.pledgeOf(id, WETH)).to.equal(weth("10"));
  });
});

import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { networkHelpers } from "../helpers/chain.ts";
import { NO_LOAN } from "../helpers/loans.ts";
import {
  DAY,
  dollars,
  LINK,
  link,
  loanId,
  openLoan,
  standardMarket,
  usdc,
  waitWithLiveFeeds,
  WETH,
  weth,
} from "../helpers/market.ts";
import { FeedMode } from "../helpers/mocks.ts";

describe("Writing off", () => {
  it("what the last pledge does not cover, in the same call; lenders bear it where there are no reserves", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, vault, keeper, feeds } = market;
    const id = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("15,150") });
    await feeds.weth.set(dollars("1,010"));

    // The pledge is worth 10,100 and costs 10,000 at the last bonus of 1 %: 5,150 of the debt is lost.
    const call = book
      .connect(keeper)
      .liquidate({ id, listing: WETH, maxRepay: MaxUint256, minSeized: weth("10") }, "0x");
    await expect(call)
      .to.emit(book, "Liquidated")
      .withArgs(id, WETH, keeper.address, usdc("10,000"), weth("10"), usdc("5,150"), false);
    await expect(call).to.emit(vault, "LossBooked").withArgs(usdc("5,150"), 0n);

    expect(await book.loan(id)).to.deep.equal(NO_LOAN);
    expect(await vault.totalDebt()).to.equal(0n);
    expect(await vault.totalAssets()).to.equal(usdc("1,000,000") - usdc("5,150"));
    expect(await vault.maxWithdraw(market.lender)).to.be.within(usdc("994,849.999999"), usdc("994,850"));
  });

  it("takes from the reserves first, then from the lenders", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, vault, stranger, keeper, feeds } = market;
    // A large loan that pays most of the interest, and a small one that is lost.
    await openLoan(market, { pledges: [[WETH, weth("600")]], amount: usdc("900,000") });
    const id = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("15,000"), owner: stranger });
    await waitWithLiveFeeds(market, 30n * DAY);
    await vault.accrue();
    const { reserves } = await vault.state();
    const assets = await vault.totalAssets();
    const debt = await book.debtOf(id);
    expect(reserves).to.be.above(usdc("300")); // a tenth of a month's interest

    await feeds.weth.set(dollars("1,500")); // V is a little less than the debt
    const call = book.connect(keeper).liquidate({ id, listing: WETH, maxRepay: MaxUint256, minSeized: 0n }, "0x");
    const lost = debt - usdc("14,851.485149"); // 15,000 / 1.01, up
    // What is paid takes off a debt that is rounded down, so that what is left may be a unit more.
    const lostOrMore = (amount: bigint): boolean => amount === lost || amount === lost + 1n;
    await expect(call)
      .to.emit(book, "Liquidated")
      .withArgs(id, WETH, keeper.address, usdc("14,851.485149"), weth("10"), lostOrMore, false);

    // Reserves cover all of it. The loan's debt is rounded up, the vault's sum is not: a unit or two.
    const booked = reserves - (await vault.state()).reserves;
    expect(booked).to.be.within(lost - 2n, lost + 2n);
    expect(await vault.totalAssets()).to.be.within(assets - 2n, assets + 2n);

    // The second loss is larger than what reserves have left.
    const second = loanId(market.borrower);
    const left = (await vault.state()).reserves;
    await feeds.weth.set(dollars("1,400"));
    const before = await vault.totalAssets();
    const secondDebt = await book.debtOf(second);
    const secondCall = book
      .connect(keeper)
      .liquidate({ id: second, listing: WETH, maxRepay: MaxUint256, minSeized: 0n }, "0x");
    const secondLost = secondDebt - usdc("831,683.168317"); // 840,000 / 1.01, up
    await expect(secondCall).to.emit(book, "Liquidated");
    expect((await vault.state()).reserves).to.equal(0n);
    const borne = before - (await vault.totalAssets());
    expect(borne).to.be.within(secondLost - left - 2n, secondLost - left + 2n);
  });

  it("of a loan whose pledges are worthless is anyone's, who keeps them", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, vault, stranger, feeds } = market;
    const pledges: [bigint, bigint][] = [
      [WETH, weth("0.05")],
      [LINK, link("10")],
    ];
    const id = await openLoan(market, { pledges, amount: usdc("150") });
    await feeds.weth.set(dollars("60"));
    await feeds.link.set(dollars("0.1999")); // 3 + 1.999 < 5, a twentieth of the smallest loan

    expect(await book.connect(stranger).writeOff.staticCall(id)).to.equal(usdc("150"));
    const call = book.connect(stranger).writeOff(id);
    await expect(call).to.emit(book, "WrittenOff").withArgs(id, stranger.address, usdc("150"));
    await expect(call).to.emit(vault, "LossBooked").withArgs(usdc("150"), 0n);

    expect(await market.weth.balanceOf(stranger)).to.equal(weth("10,000.05"));
    expect(await market.link.balanceOf(stranger)).to.equal(link("2,000,010"));
    expect(await book.loan(id)).to.deep.equal(NO_LOAN);
    expect(await book.pledgeOf(id, WETH)).to.equal(0n);
    expect((await book.listings(LINK)).held).to.equal(0n);
    expect(await vault.totalAssets()).to.equal(usdc("999,850"));
  });

  it("is refused while the pledges are worth a twentieth of the smallest loan", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, stranger, feeds } = market;
    const id = await openLoan(market, { pledges: [[WETH, weth("0.1")]], amount: usdc("150") });
    await feeds.weth.set(dollars("50")); // exactly 5

    await expect(book.connect(stranger).writeOff(id))
      .to.be.revertedWithCustomError(book, "NotWorthless")
      .withArgs(id, usdc("5"), usdc("5"));
    await feeds.weth.set(dollars("49.99999999"));
    await expect(book.connect(stranger).writeOff(id)).to.emit(book, "WrittenOff");
  });

  it("is refused where there is no debt, or where a pledge has no live price", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, borrower, stranger, feeds } = market;
    const nothing = loanId(borrower, 5n);
    await expect(book.connect(stranger).writeOff(nothing))
      .to.be.revertedWithCustomError(book, "NoDebt")
      .withArgs(nothing);

    const pledges: [bigint, bigint][] = [
      [WETH, weth("0.1")],
      [LINK, link("1")],
    ];
    const id = await openLoan(market, { pledges, amount: usdc("150") });
    await feeds.weth.set(dollars("10"));
    // An answer below the lower bound of 0.1 is not live and counts as 0.1.
    await feeds.link.set(dollars("0.09"));
    await expect(book.connect(stranger).writeOff(id)).to.be.revertedWithCustomError(book, "FeedNotLive").withArgs(LINK);
    // Without any answer it counts at its upper bound of 10,000.
    await feeds.link.setMode(FeedMode.revert);
    await expect(book.connect(stranger).writeOff(id))
      .to.be.revertedWithCustomError(book, "NotWorthless")
      .withArgs(id, usdc("10,001"), usdc("5"));
  });
});

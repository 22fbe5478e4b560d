import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { networkHelpers } from "../helpers/chain.ts";
import { NO_LOAN, openTermLoan } from "../helpers/loans.ts";
import {
  DAY,
  deployMarket,
  LINK,
  link,
  loanId,
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
import { accrue, debtOf } from "../helpers/mathematics.ts";
import { FeedMode, type BlockingToken } from "../helpers/mocks.ts";

async function etherLoan(market: Market): Promise<bigint> {
  return openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("10,000") });
}

/** A market whose bitcoin can block accounts. */
async function blockingMarket(): Promise<Market & { blocking: BlockingToken }> {
  const market = await deployMarket({ contracts: { wbtc: "BlockingToken" } });
  return { ...market, blocking: market.wbtc as BlockingToken };
}

describe("Repaying", () => {
  it("a part takes it off the debt", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, vault, borrower } = market;
    const id = await etherLoan(market);

    await expect(book.connect(borrower).repay(id, usdc("4,000")))
      .to.emit(book, "Repaid")
      .withArgs(id, borrower.address, usdc("4,000"));
    expect(await book.debtOf(id)).to.equal(usdc("6,000"));
    expect(await vault.totalDebt()).to.equal(usdc("6,000"));
    expect((await vault.state()).cash).to.equal(usdc("994,000"));
    expect(await market.usdc.balanceOf(vault)).to.equal(usdc("994,000"));
  });

  it("a third party pays from its own tokens", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, borrower, stranger } = market;
    const id = await etherLoan(market);
    const ofBorrower = await market.usdc.balanceOf(borrower);

    await expect(book.connect(stranger).repay(id, usdc("1,000")))
      .to.emit(book, "Repaid")
      .withArgs(id, stranger.address, usdc("1,000"));
    expect(await market.usdc.balanceOf(borrower)).to.equal(ofBorrower);
    expect(await market.usdc.balanceOf(stranger)).to.equal(usdc("20,999,000"));
    expect(await book.debtOf(id)).to.equal(usdc("9,000"));
  });

  it("everything leaves exactly nothing, however odd the time", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, vault, borrower } = market;
    const id = await etherLoan(market);
    const before = await vault.state();
    const elapsed = 12_345_677n;
    await waitWithLiveFeeds(market, elapsed);
    const expected = debtOf(before.scaledDebt, accrue(before, elapsed).index);

    expect(await book.connect(borrower).repay.staticCall(id, MaxUint256)).to.equal(expected);
    await book.connect(borrower).repay(id, MaxUint256);

    expect(await book.debtOf(id)).to.equal(0n);
    expect((await book.loan(id)).base).to.equal(0n);
    expect((await vault.state()).scaledDebt).to.equal(0n);
    expect((await vault.state()).cash).to.equal(usdc("990,000") + expected);
  });

  it("down to the smallest loan, and not below it", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, borrower } = market;
    const id = await etherLoan(market);

    await expect(book.connect(borrower).repay(id, usdc("9,900.000001")))
      .to.be.revertedWithCustomError(book, "DebtBelowMin")
      .withArgs(usdc("99.999999"), usdc("100"));
    await book.connect(borrower).repay(id, usdc("9,900"));
    expect(await book.debtOf(id)).to.equal(usdc("100"));
    await book.connect(borrower).repay(id, usdc("100"));
    expect(await book.debtOf(id)).to.equal(0n);
  });

  it("takes the debt and no more where more was offered", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, stranger } = market;
    const id = await etherLoan(market);
    await book.connect(stranger).repay(id, usdc("50,000"));
    expect(await market.usdc.balanceOf(stranger)).to.equal(usdc("20,990,000"));
  });

  it("works while every feed is dead", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, borrower, feeds } = market;
    const id = await etherLoan(market);
    for (const feed of Object.values(feeds)) await feed.setMode(FeedMode.burnGas);

    await book.connect(borrower).repay(id, usdc("5,000"));
    await book.connect(borrower).close(id, MaxUint256, borrower);
    expect(await market.weth.balanceOf(borrower)).to.equal(weth("10,000"));
  });
});

describe("Closing", () => {
  it("repays all and releases all in one transaction", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, vault, borrower, stranger } = market;
    const pledges: [bigint, bigint][] = [
      [WETH, weth("10")],
      [WBTC, wbtc("0.25")],
      [LINK, link("100")],
    ];
    const id = await openLoan(market, { pledges, amount: usdc("10,000") });
    await waitWithLiveFeeds(market, 200n * DAY);
    const debt = await book.debtOf(id);

    const call = book.connect(borrower).close(id, debt, stranger);
    await expect(call).to.emit(book, "Repaid").withArgs(id, borrower.address, debt);
    for (const [listing, amount] of pledges) {
      await expect(call).to.emit(book, "Released").withArgs(id, listing, stranger.address, amount);
      expect((await book.listings(listing)).held).to.equal(0n);
      expect(await book.pledgeOf(id, listing)).to.equal(0n);
    }
    expect(await book.loan(id)).to.deep.equal(NO_LOAN);
    expect(await vault.totalDebt()).to.equal(0n);
    expect(await market.wbtc.balanceOf(stranger)).to.equal(wbtc("1,000.25"));
  });

  it("of a loan without debt takes no payment", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, borrower } = market;
    const id = loanId(borrower);
    await book.connect(borrower).pledge(id, WETH, weth("1"));

    expect(await book.connect(borrower).close.staticCall(id, 0n, borrower)).to.equal(0n);
    await expect(book.connect(borrower).close(id, 0n, borrower)).not.to.emit(book, "Repaid");
    expect(await book.loan(id)).to.deep.equal(NO_LOAN);
  });

  for (const quiet of [false, true]) {
    it(`leaves behind a pledge whose transfer ${quiet ? "says no" : "reverts"}, to be released later`, async () => {
      const market = await networkHelpers.loadFixture(blockingMarket);
      const { book, vault, borrower, stranger, blocking } = market;
      const pledges: [bigint, bigint][] = [
        [WETH, weth("10")],
        [WBTC, wbtc("0.25")],
        [LINK, link("100")],
      ];
      const id = await openLoan(market, { pledges, amount: usdc("10,000") });
      await blocking.setQuiet(quiet);
      await blocking.setBlocked(borrower, true);

      const call = book.connect(borrower).close(id, usdc("10,000"), borrower);
      await expect(call).to.emit(book, "ReleaseFailed").withArgs(id, WBTC, wbtc("0.25"));
      await expect(call).to.emit(book, "Released").withArgs(id, WETH, borrower.address, weth("10"));
      await expect(call).to.emit(book, "Released").withArgs(id, LINK, borrower.address, link("100"));

      expect(await book.loan(id)).to.deep.equal(openTermLoan(0n, 1n << WBTC));
      expect(await book.pledgeOf(id, WBTC)).to.equal(wbtc("0.25"));
      expect((await book.listings(WBTC)).held).to.equal(wbtc("0.25"));
      expect(await vault.totalDebt()).to.equal(0n);

      // To the blocked wallet it fails loudly; another receiver gets it.
      const release = book.connect(borrower).release(id, WBTC, MaxUint256, borrower);
      if (quiet) {
        await expect(release)
          .to.be.revertedWithCustomError(book, "SafeERC20FailedOperation")
          .withArgs(await blocking.getAddress());
      } else {
        await expect(release).to.be.revertedWithCustomError(blocking, "Blocked").withArgs(borrower.address);
      }
      await book.connect(borrower).release(id, WBTC, MaxUint256, stranger);
      expect(await market.wbtc.balanceOf(stranger)).to.equal(wbtc("1,000.25"));
      expect(await book.loan(id)).to.deep.equal(NO_LOAN);
    });
  }
});

describe("Repaying and closing, refused", () => {
  it("without debt, or for nothing", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, borrower } = market;
    const id = await etherLoan(market);
    const nothing = loanId(borrower, 9n);

    await expect(book.connect(borrower).repay(nothing, 1n))
      .to.be.revertedWithCustomError(book, "NoDebt")
      .withArgs(nothing);
    await expect(book.connect(borrower).repay(id, 0n)).to.be.revertedWithCustomError(book, "ZeroAmount");
  });

  it("a close by anyone but the owner, or of no loan", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, borrower, stranger } = market;
    const id = await etherLoan(market);
    const nothing = loanId(borrower, 9n);

    await expect(book.connect(stranger).close(id, MaxUint256, stranger))
      .to.be.revertedWithCustomError(book, "NotOwnerOrOperator")
      .withArgs(id, stranger.address);
    await expect(book.connect(borrower).close(nothing, MaxUint256, borrower))
      .to.be.revertedWithCustomError(book, "NoLoan")
      .withArgs(nothing);
  });

  it("a close for less than the debt", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, borrower } = market;
    const id = await etherLoan(market);

    await expect(book.connect(borrower).close(id, usdc("9,999.999999"), borrower))
      .to.be.revertedWithCustomError(book, "DebtAboveMax")
      .withArgs(usdc("10,000"), usdc("9,999.999999"));
  });

  it("a close to a receiver that could not use the pledges", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, vault, borrower } = market;
    const id = await etherLoan(market);

    for (const receiver of [`0x${"0".repeat(40)}`, await vault.getAddress(), await book.getAddress()]) {
      await expect(book.connect(borrower).close(id, MaxUint256, receiver))
        .to.be.revertedWithCustomError(book, "InvalidReceiver")
        .withArgs(receiver);
    }
  });

  it("if the caller has not approved the payment", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, borrower } = market;
    const id = await etherLoan(market);
    await market.usdc.connect(borrower).approve(book, usdc("9,999"));

    await expect(book.connect(borrower).repay(id, MaxUint256))
      .to.be.revertedWithCustomError(market.usdc, "ERC20InsufficientAllowance")
      .withArgs(await book.getAddress(), usdc("9,999"), usdc("10,000"));
    expect(await book.debtOf(id)).to.equal(usdc("10,000"));
  });
});

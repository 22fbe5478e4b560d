import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { clock, networkHelpers } from "../helpers/chain.ts";
import { addListing, setCap } from "../helpers/governance.ts";
import {
  dollars,
  FEED_AGE,
  LINK,
  link,
  loanId,
  MAJOR_TERMS,
  openLoan,
  standardMarket,
  usdc,
  WBTC,
  WETH,
  weth,
  type Market,
} from "../helpers/market.ts";
import { deployMock, DEAD_MODES, FeedMode, type TestToken } from "../helpers/mocks.ts";

async function etherLoan(market: Market, amount = "10,000"): Promise<bigint> {
  return openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc(amount) });
}

describe("Pledging and releasing", () => {
  it("adds to a pledge, from the caller's tokens, whoever calls", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, stranger } = market;
    const id = await etherLoan(market);

    await expect(book.connect(stranger).pledge(id, WETH, weth("2")))
      .to.emit(book, "Pledged")
      .withArgs(id, WETH, stranger.address, weth("2"));
    expect(await book.pledgeOf(id, WETH)).to.equal(weth("12"));
    expect(await market.weth.balanceOf(stranger)).to.equal(weth("9,998"));
  });

  it("reads no price to add to a pledge", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, stranger, feeds } = market;
    const id = await etherLoan(market);
    for (const feed of [feeds.weth, feeds.usdc]) await feed.setMode(FeedMode.revert);

    await book.connect(stranger).pledge(id, WETH, weth("1"));
    expect(await book.pledgeOf(id, WETH)).to.equal(weth("11"));
  });

  it("releases as far as the borrow limit", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, borrower, stranger } = market;
    const id = await etherLoan(market, "7,800"); // needs 5 ether

    await expect(book.connect(borrower).release(id, WETH, weth("5"), stranger))
      .to.emit(book, "Released")
      .withArgs(id, WETH, stranger.address, weth("5"));
    expect(await market.weth.balanceOf(stranger)).to.equal(weth("10,005"));
    expect((await book.listings(WETH)).held).to.equal(weth("5"));
    // One base unit of ether less: its value, and with it the limit, is a unit lower.
    await expect(book.connect(borrower).release(id, WETH, 1n, borrower))
      .to.be.revertedWithCustomError(book, "AboveBorrowLimit")
      .withArgs(usdc("7,800"), usdc("7,799.999999"));
  });

  it("releases all of a pledge that the loan does not need, and forgets it", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, borrower } = market;
    const pledges: [bigint, bigint][] = [
      [WETH, weth("10")],
      [LINK, link("100")],
    ];
    const id = await openLoan(market, { pledges, amount: usdc("10,000") });

    expect(await book.connect(borrower).release.staticCall(id, LINK, MaxUint256, borrower)).to.equal(link("100"));
    await book.connect(borrower).release(id, LINK, MaxUint256, borrower);
    expect((await book.loan(id)).pledged).to.equal(1n << WETH);
    expect(await book.pledgeOf(id, LINK)).to.equal(0n);
  });

  for (const mode of DEAD_MODES) {
    it(`releases a debt-free loan while every feed is dead (${mode})`, async () => {
      const market = await networkHelpers.loadFixture(standardMarket);
      const { book, borrower, feeds } = market;
      const id = await etherLoan(market);
      for (const feed of Object.values(feeds)) await feed.setMode(FeedMode[mode]);

      await book.connect(borrower).repay(id, MaxUint256);
      await book.connect(borrower).release(id, WETH, MaxUint256, borrower);
      expect(await market.weth.balanceOf(borrower)).to.equal(weth("10,000"));
    });
  }

  it("pledges four assets, and a fifth only after one is gone", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, borrower, feeds } = market;
    const feed = { feed: feeds.link, maxAge: FEED_AGE, minAnswer: dollars("0.1"), maxAnswer: dollars("10,000") };
    for (const name of ["Fourth", "Fifth"]) {
      const token = await deployMock<TestToken>("TestToken", name, name, 18);
      await token.mint(borrower, weth("10"));
      await token.connect(borrower).approve(book, MaxUint256);
      await addListing(market, { token, terms: MAJOR_TERMS, feed, cap: weth("10") });
    }
    const id = loanId(borrower);
    for (const listing of [WETH, WBTC, LINK, 3n]) await book.connect(borrower).pledge(id, listing, 1_000n);
    expect((await book.loan(id)).pledged).to.equal(0b1111n);

    await expect(book.connect(borrower).pledge(id, 4n, 1_000n))
      .to.be.revertedWithCustomError(book, "TooManyPledges")
      .withArgs(id, 4n);
    await book.connect(borrower).pledge(id, 3n, 1_000n); // more of one it has
    await book.connect(borrower).release(id, WBTC, 1_000n, borrower);
    await book.connect(borrower).pledge(id, 4n, 1_000n);
    expect((await book.loan(id)).pledged).to.equal(0b11101n);
  });

  describe("at a listing's cap", () => {
    /** A loan of 15,600 against 10 ether at a price at which its call line is 14,400; the cap of ether is reached. */
    async function calledLoanAtCap(): Promise<Market & { id: bigint }> {
      const market = await standardMarket();
      const id = await etherLoan(market, "15,600");
      await setCap(market, WETH, weth("10"));
      await market.feeds.weth.set(dollars("1,800"));
      return { ...market, id };
    }

    it("a loan above its call line may pledge what cures it, and no more is taken", async () => {
      const { book, stranger, weth: ether, id } = await networkHelpers.loadFixture(calledLoanAtCap);
      // 1,200 are missing at the call line: 1,200 / 0.8 / 1,800 ether.
      const cure = 833_333_333_333_333_334n;

      expect(await book.connect(stranger).pledge.staticCall(id, WETH, weth("5"))).to.equal(cure);
      await expect(book.connect(stranger).pledge(id, WETH, weth("5")))
        .to.emit(book, "Pledged")
        .withArgs(id, WETH, stranger.address, cure);

      expect(await ether.balanceOf(stranger)).to.equal(weth("10,000") - cure);
      const { debt, callLine } = await book.healthOf(id);
      expect(callLine).to.equal(debt);
      expect((await book.listings(WETH)).held).to.equal(weth("10") + cure);
    });

    it("less than what cures is taken whole", async () => {
      const { book, borrower, id } = await networkHelpers.loadFixture(calledLoanAtCap);
      expect(await book.connect(borrower).pledge.staticCall(id, WETH, weth("0.5"))).to.equal(weth("0.5"));
      await book.connect(borrower).pledge(id, WETH, weth("0.5"));
      expect(await book.pledgeOf(id, WETH)).to.equal(weth("10.5"));
    });

    it("a loan that needs no cure is refused, also right after its cure", async () => {
      const { book, borrower, feeds, id } = await networkHelpers.loadFixture(calledLoanAtCap);
      await book.connect(borrower).pledge(id, WETH, weth("5"));
      const pledged = await book.pledgeOf(id, WETH);
      await expect(book.connect(borrower).pledge(id, WETH, 1n))
        .to.be.revertedWithCustomError(book, "CapExceeded")
        .withArgs(WETH, pledged + 1n, weth("10"));

      await feeds.weth.set(dollars("2,000"));
      await expect(book.connect(borrower).pledge(id, WETH, MaxUint256))
        .to.be.revertedWithCustomError(book, "CapExceeded")
        .withArgs(WETH, MaxUint256, weth("10")); // the sum saturates
    });

    it("the room that is left is not taken by way of a cure that needs less", async () => {
      const market = await networkHelpers.loadFixture(calledLoanAtCap);
      const { book, borrower, id } = market;
      // Raising it takes a week, so the debt is a little more than 15,600.
      await setCap(market, WETH, weth("13"));
      // The cure is 0.83 ether, the cap leaves 3: of 5, the 3 are taken that anybody may pledge.
      expect(await book.connect(borrower).pledge.staticCall(id, WETH, weth("5"))).to.equal(weth("3"));
      await book.connect(borrower).pledge(id, WETH, weth("5"));
      expect((await book.listings(WETH)).held).to.equal(weth("13"));
    });

    it("cures with another asset than the one that fell", async () => {
      const market = await networkHelpers.loadFixture(calledLoanAtCap);
      const { book, borrower, id } = market;
      await setCap(market, LINK, 0n);
      // 1,200 / 0.68 / 15
      const cure = await book.connect(borrower).pledge.staticCall(id, LINK, link("1,000"));
      expect(cure).to.equal(117_647_058_866_666_666_667n); // the value, 1,764.705883, is rounded up first
    });

    it("is told by the peg while the loan asset's feed is dead", async () => {
      const { book, borrower, feeds, id } = await networkHelpers.loadFixture(calledLoanAtCap);
      await feeds.usdc.setMode(FeedMode.revert);
      expect(await book.connect(borrower).pledge.staticCall(id, WETH, weth("5"))).to.equal(833_333_333_333_333_334n);
    });

    it("is not told by a price that nobody gives: a full cap is lifted at a live one only", async () => {
      const { book, borrower, feeds, id } = await networkHelpers.loadFixture(calledLoanAtCap);
      await feeds.weth.setAt(dollars("1,800"), clock.now() - FEED_AGE - 1n);
      await expect(book.connect(borrower).pledge(id, WETH, weth("5")))
        .to.be.revertedWithCustomError(book, "CapExceeded")
        .withArgs(WETH, weth("15"), weth("10"));
      expect((await book.healthOf(id)).callLine).to.equal(usdc("14,400")); // it is above its call line all the same
    });
  });
});

describe("Pledging and releasing, refused", () => {
  it("the first pledge of an asset by anyone but the owner", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, stranger } = market;
    const id = await etherLoan(market);

    await expect(book.connect(stranger).pledge(id, WBTC, 1n))
      .to.be.revertedWithCustomError(book, "NotOwnerOrOperator")
      .withArgs(id, stranger.address);
  });

  for (const mode of DEAD_MODES) {
    it(`the first pledge of an asset whose feed is dead (${mode})`, async () => {
      // Else a loan could hide behind the last answer of a feed that died, or behind its upper bound.
      const market = await networkHelpers.loadFixture(standardMarket);
      const { book, borrower, feeds } = market;
      const id = await etherLoan(market);
      await feeds.wbtc.setMode(FeedMode[mode]);

      await expect(book.connect(borrower).pledge(id, WBTC, 1n))
        .to.be.revertedWithCustomError(book, "FeedNotLive")
        .withArgs(WBTC);
      const pledges = [
        { listing: WETH, amount: weth("10") },
        { listing: WBTC, amount: 1n },
      ];
      await expect(book.connect(borrower).open(loanId(borrower, 2n), pledges, usdc("100"), borrower))
        .to.be.revertedWithCustomError(book, "FeedNotLive")
        .withArgs(WBTC);
    });
  }

  it("nothing, or an asset that is not listed", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, borrower } = market;
    const id = await etherLoan(market);

    await expect(book.connect(borrower).pledge(id, WETH, 0n)).to.be.revertedWithCustomError(book, "ZeroAmount");
    for (const listing of [3n, 39n, 40n, MaxUint256]) {
      await expect(book.connect(borrower).pledge(id, listing, 1n))
        .to.be.revertedWithCustomError(book, "ListingNotFound")
        .withArgs(listing, 3n);
    }
  });

  it("a release by anyone but the owner", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, stranger } = market;
    const id = await etherLoan(market);

    await expect(book.connect(stranger).release(id, WETH, 1n, stranger))
      .to.be.revertedWithCustomError(book, "NotOwnerOrOperator")
      .withArgs(id, stranger.address);
  });

  it("a release of what is not there", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, borrower } = market;
    const id = await etherLoan(market);

    await expect(book.connect(borrower).release(id, WBTC, 1n, borrower))
      .to.be.revertedWithCustomError(book, "NotPledged")
      .withArgs(id, WBTC);
    await expect(book.connect(borrower).release(id, WETH, weth("10") + 1n, borrower))
      .to.be.revertedWithCustomError(book, "PledgeTooSmall")
      .withArgs(weth("10") + 1n, weth("10"));
    await expect(book.connect(borrower).release(id, WETH, 0n, borrower)).to.be.revertedWithCustomError(
      book,
      "ZeroAmount",
    );
  });

  it("a release to a receiver that could not use it", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, vault, borrower } = market;
    const id = await etherLoan(market);

    for (const receiver of [`0x${"0".repeat(40)}`, await vault.getAddress(), await book.getAddress()]) {
      await expect(book.connect(borrower).release(id, WETH, 1n, receiver))
        .to.be.revertedWithCustomError(book, "InvalidReceiver")
        .withArgs(receiver);
    }
  });

  it("a release with debt while the loan asset's feed is dead", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, borrower, feeds } = market;
    const id = await etherLoan(market);
    await feeds.usdc.setMode(FeedMode.revert);

    await expect(book.connect(borrower).release(id, WETH, 1n, borrower))
      .to.be.revertedWithCustomError(book, "LoanAssetFeedNotLive")
      .withArgs(await feeds.usdc.getAddress());
  });

  it("a pledge that does not fit its field", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, borrower } = market;
    const largest = 2n ** 96n - 1n;
    await setCap(market, LINK, largest);
    await market.link.mint(borrower, largest);
    await book.connect(borrower).pledge(loanId(borrower), LINK, largest);

    // At the cap, and without debt there is nothing to cure.
    await expect(book.connect(borrower).pledge(loanId(borrower), LINK, 1n))
      .to.be.revertedWithCustomError(book, "CapExceeded")
      .withArgs(LINK, largest + 1n, largest);
  });
});

import { expect } from "chai";
import { MaxUint256, parseUnits } from "ethers";

import { clock, networkHelpers, YEAR } from "../helpers/chain.ts";
import { bookAction, raiseDepositCap } from "../helpers/governance.ts";
import {
  deployMarket,
  dollars,
  loanId,
  MAJOR_TERMS,
  openLoan,
  standardMarket,
  usdc,
  waitWithLiveFeeds,
  WETH,
  weth,
  type Market,
  FEED_AGE,
} from "../helpers/market.ts";
import { deployMock, type TestFeed, type TestToken } from "../helpers/mocks.ts";
import { expectBalancedBooks, greedyOrder } from "./scene.ts";

const MAX_INDEX = 2n ** 72n - 1n;
const MAX_AMOUNT = 2n ** 104n - 1n;
const MAX_TOKENS = 2n ** 96n - 1n;

/** A market in which everything is lent, at the highest utilisation there is. */
async function lentOut(): Promise<Market & { id: bigint }> {
  const market = await standardMarket();
  const id = await openLoan(market, { pledges: [[WETH, weth("1,000")]], amount: usdc("1,000,000") });
  return { ...market, id };
}

/** The coarsest market: a loan asset without decimals, ether with 24. */
async function coarseMarket(): Promise<Market> {
  return deployMarket({ loanAssetDecimals: 0, wethDecimals: 24 });
}

describe("Attacks at the extremes", () => {
  // Interest as a denial of service: an accrual that reverts locks everybody in.
  it("decades of silence at full utilisation saturate the index and stop no exit", async () => {
    const market = await networkHelpers.loadFixture(lentOut);
    const { vault, book, borrower, stranger, lender, id } = market;
    let last = await vault.debtIndex();
    for (const years of [1n, 10n, 30n, 30n]) {
      await waitWithLiveFeeds(market, years * YEAR);
      await vault.accrue();
      const { index } = await vault.state();
      expect(index).to.be.gte(last);
      last = index;
    }
    expect(last).to.equal(MAX_INDEX);

    const debt = await book.debtOf(id);
    expect(debt).to.equal((usdc("1,000,000") * MAX_INDEX + 10n ** 18n - 1n) / 10n ** 18n);
    await clock.advance(YEAR);
    expect(await book.debtOf(id)).to.equal(debt); // nothing grows past the end
    await market.usdc.mint(stranger, debt);
    await book.connect(stranger).repay(id, MaxUint256);
    await book.connect(borrower).close(id, 0n, borrower);
    await vault.connect(lender).redeem(await vault.maxRedeem(lender), lender, lender);

    expect(await vault.balanceOf(lender)).to.equal(0n);
    const { cash, reserves } = await vault.state();
    // What is left is the virtual shares': a millionth of a millionth of the lender's.
    expect(cash - reserves).to.be.within(0n, debt / 10n ** 12n + 1n);
    await expectBalancedBooks(market);
  });

  it("an index far above one lets nobody borrow for less than a whole unit of scaled debt", async () => {
    const market = await networkHelpers.loadFixture(lentOut);
    const { vault, book, stranger } = market;
    await waitWithLiveFeeds(market, 70n * YEAR);
    await vault.connect(market.guardian).lowerDepositCap(1n);
    await market.usdc.mint(stranger, usdc("10,000,000"));
    await book.connect(stranger).repay(loanId(market.borrower), usdc("2,000,000"));
    const { cash } = await vault.state();

    const id = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("100") + 1n, owner: stranger });
    const unit = MAX_INDEX / 10n ** 18n + 1n; // 4,723
    expect((await book.debtOf(id)) - usdc("100") - 1n).to.be.within(0n, unit);
    await book.connect(stranger).close(id, MaxUint256, stranger);
    expect((await vault.state()).cash - cash).to.be.within(0n, unit);
    await expectBalancedBooks(market);
  });

  it("the coarsest decimals lend, accrue and liquidate within one unit a step", async () => {
    const market = await networkHelpers.loadFixture(coarseMarket);
    const { vault, book, feeds, borrower, keeper, stranger } = market;
    const id = loanId(borrower);
    await book.connect(borrower).open(id, [{ listing: WETH, amount: parseUnits("10", 24) }], 15_600n, borrower);
    await waitWithLiveFeeds(market, YEAR);
    const assets = await vault.totalAssets();
    const debt = await book.debtOf(id);
    await feeds.weth.set(dollars("1,750"));

    await book.connect(keeper).liquidate(greedyOrder(id), "0x");

    const { debt: left, borrowLimit } = await book.healthOf(id);
    expect(left).to.be.within(borrowLimit - 4n, borrowLimit + 4n);
    const seized = parseUnits("10", 24) - (await book.pledgeOf(id, WETH));
    const value = (seized * 1_750n) / 10n ** 24n;
    expect(value).to.be.within(debt - left, ((debt - left + 1n) * 105n) / 100n);
    expect((await vault.totalAssets()) - assets).to.be.within(0n, 1n);
    await book.connect(stranger).repay(id, MaxUint256);
    await book.connect(borrower).close(id, 0n, borrower);
    await expectBalancedBooks(market);
  });

  // Casts that cut off: 2^104 + 1 must never be booked as 1.
  it("no amount is cut off where it is narrowed", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { vault, book, borrower, curator, stranger } = market;
    const id = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("1,000") });
    await market.usdc.mint(stranger, 2n ** 200n);
    const before = [await vault.state(), await book.loan(id), (await book.listings(WETH)).held];
    for (const amount of [2n ** 104n + 1n, 2n ** 128n + 1n, 2n ** 200n, MaxUint256]) {
      const tooLarge = async (call: Promise<unknown>, max = MAX_AMOUNT): Promise<void> => {
        await expect(call).to.be.revertedWithCustomError(book, "AmountTooLarge").withArgs(amount, max);
      };
      await tooLarge(book.connect(borrower).borrow(id, amount, borrower));
      await tooLarge(book.connect(curator).propose(bookAction("raiseCap", [WETH, amount])), MAX_TOKENS);
      await tooLarge(vault.connect(curator).propose(raiseDepositCap(amount)));
      await expect(vault.connect(stranger).deposit(amount, stranger))
        .to.be.revertedWithCustomError(vault, "ERC4626ExceededMaxDeposit")
        .withArgs(stranger.address, amount, usdc("9,000,000"));
      await expect(book.connect(borrower).pledge(id, WETH, amount)).to.be.revertedWithCustomError(book, "CapExceeded");
    }
    const after = [await vault.state(), await book.loan(id), (await book.listings(WETH)).held];
    expect(after).to.deep.equal(before);
  });

  it("the largest pledge at the highest price overflows nothing that a liquidation needs", async () => {
    const token = await deployMock<TestToken>("TestToken", "Widest", "WIDE", 18);
    const highest = 65_535n * 10n ** 17n; // [feed] 65 trillion dollars
    const feed = await deployMock<TestFeed>("TestFeed", 8, highest);
    const config = { feed, maxAge: FEED_AGE, minAnswer: 1n, maxAnswer: highest };
    const widest = { token, terms: MAJOR_TERMS, feed: config, cap: MAX_TOKENS };
    const { book, borrower, keeper } = await deployMarket({ more: () => [widest] });
    const listing = 3n;
    await token.mint(borrower, MAX_TOKENS);
    await token.connect(borrower).approve(book, MaxUint256);
    const id = loanId(borrower);
    await book.connect(borrower).open(id, [{ listing, amount: MAX_TOKENS }], usdc("1,000,000"), borrower);

    const value = (MAX_TOKENS * highest * 10n ** 16n) / 10n ** 36n; // 6 + 36 decimals for 18 + 8
    expect((await book.healthOf(id)).borrowLimit).to.equal((value * 7_800n) / 10_000n);
    await feed.set(1n);
    const all = (MAX_TOKENS * 10n ** 16n) / 10n ** 36n; // a hundred-millionth of a dollar a token
    expect((await book.healthOf(id)).liquidationLine).to.equal((all * 8_600n) / 10_000n);
    await book.connect(keeper).liquidate(greedyOrder(id, listing, usdc("100")), "0x");
    expect(await book.debtOf(id)).to.equal(usdc("999,900"));
  });
});

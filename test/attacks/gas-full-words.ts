import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { clock, networkHelpers, YEAR } from "../helpers/chain.ts";
import type { Candidate } from "../helpers/governance.ts";
import {
  deployMarket,
  FEED_AGE,
  fund,
  loanId,
  MAJOR_TERMS,
  usdc,
  waitWithLiveFeeds,
  WETH,
  weth,
  type Market,
} from "../helpers/market.ts";
import { deployMock, type TestFeed, type TestToken } from "../helpers/mocks.ts";
import { expectBalancedBooks, greedyOrder } from "./scene.ts";

const MAX_PLEDGE = 2n ** 96n - 1n;
const MAX_AMOUNT = 2n ** 104n - 1n;
const MAX_INDEX = 2n ** 72n - 1n;

/** The last of forty. */
const LAST = 39n;

/** A unit of the widest token is worth half a dollar at most, as much as it may be; now a thousandth of that. [8 decimals] */
const HIGHEST = 5n * 10n ** 25n;

type Scene = Market & { wide: TestToken; feed: TestFeed; id: bigint };

/** Forty listings, of which the last four are of a token that fills every field, and a lender's 2^104 - 1. */
async function widest(): Promise<Scene> {
  const wide = await deployMock<TestToken>("TestToken", "Widest", "WIDE", 18);
  const feed = await deployMock<TestFeed>("TestFeed", 8, HIGHEST / 1_000n);
  const config = { feed, maxAge: FEED_AGE, minAnswer: 1n, maxAnswer: HIGHEST };
  const market = await deployMarket({
    depositCap: MAX_AMOUNT,
    more: () =>
      Array.from({ length: 37 }, (): Candidate => ({ token: wide, terms: MAJOR_TERMS, feed: config, cap: MAX_PLEDGE })),
  });
  const { vault, book, lender, borrower, keeper } = market;
  await fund(borrower, book, [[wide, 2n ** 100n]]);
  await fund(keeper, book, [[market.usdc, 2n ** 180n]]);
  await market.usdc.mint(lender, MAX_AMOUNT);
  await vault.connect(lender).deposit(MAX_AMOUNT - usdc("1,000,000"), lender);
  return { ...market, wide, feed, id: loanId(borrower) };
}

/** The largest loan there can be: each field of its word is full, and the flag of a margin call is set. */
async function fullLoan(): Promise<Scene> {
  const scene = await widest();
  const { book, borrower, stranger, feed, id } = scene;
  await book.connect(borrower).open(id, [{ listing: LAST, amount: MAX_PLEDGE }], MAX_AMOUNT, borrower);
  // Between the call line and the liquidation line: worth 1.22 times the debt. [8 decimals, a unit in base units]
  await feed.set((MAX_AMOUNT * 122n * 10n ** 20n) / (100n * MAX_PLEDGE));
  await book.connect(stranger).callMargin(id);
  return scene;
}

async function expectAlone({ book, id }: Scene, amount: bigint): Promise<void> {
  for (let listing = 0n; listing < 40n; listing++) {
    expect(await book.pledgeOf(id, listing)).to.equal(listing === LAST ? amount : 0n);
    expect((await book.listings(listing)).held).to.equal(listing === LAST ? amount : 0n);
  }
}

describe("Attacks with amounts that fill every field", () => {
  it("the largest loan against the largest pledge of the last listing, called, spills over into no other field", async () => {
    const scene = await networkHelpers.loadFixture(fullLoan);
    const { book, vault, borrower, stranger, id } = scene;
    expect(await book.loan(id)).to.deep.equal([MAX_AMOUNT, 1n << LAST, 0n, 0n, 0n, 1n]);
    await expectAlone(scene, MAX_PLEDGE);
    expect(await book.debtOf(id)).to.equal(MAX_AMOUNT);
    expect((await vault.state()).cash).to.equal(0n);

    await book.connect(stranger).repay(id, usdc("1,000")); // too little for a cure
    expect(await book.loan(id)).to.deep.equal([MAX_AMOUNT - usdc("1,000"), 1n << LAST, 0n, 0n, 0n, 1n]);
    await expectAlone(scene, MAX_PLEDGE);
    await scene.feed.set(HIGHEST);
    await book.connect(stranger).clearMarginCall(id);
    await book.connect(borrower).release(id, LAST, 1n, borrower);
    expect(await book.loan(id)).to.deep.equal([MAX_AMOUNT - usdc("1,000"), 1n << LAST, 0n, 0n, 0n, 0n]);
    await expectAlone(scene, MAX_PLEDGE - 1n);
  });

  it("a unit more than the largest pledge is refused by every way in, whatever loan it is for", async () => {
    const { book, borrower, id } = await networkHelpers.loadFixture(widest);
    const isTooLarge = async (call: Promise<unknown>, value: bigint): Promise<void> => {
      await expect(call).to.be.revertedWithCustomError(book, "CapExceeded").withArgs(LAST, value, MAX_PLEDGE);
    };
    const [one, all] = [
      { listing: LAST, amount: 1n },
      { listing: LAST, amount: MAX_PLEDGE },
    ];
    for (const value of [MAX_PLEDGE + 1n, MAX_PLEDGE + 2n, MAX_AMOUNT]) {
      const pledges = [{ listing: LAST, amount: value }];
      await isTooLarge(book.connect(borrower).pledge(id, LAST, value), value);
      await isTooLarge(book.connect(borrower).open(id, pledges, usdc("1,000"), borrower), value);
    }
    await isTooLarge(book.connect(borrower).open(id, [all, one], usdc("1,000"), borrower), MAX_PLEDGE + 1n);
    await book.connect(borrower).pledge(id, LAST, MAX_PLEDGE);
    // The book holds no more, so that no second loan adds to it either.
    await isTooLarge(book.connect(borrower).pledge(id, LAST, 1n), MAX_PLEDGE + 1n);
    await isTooLarge(book.connect(borrower).pledge(id + 1n, LAST, 1n), MAX_PLEDGE + 1n);
    await book.connect(borrower).pledge(id + 1n, LAST - 1n, 1n); // by another listing it does
    await book.connect(borrower).release(id, LAST, MaxUint256, borrower);
    await book.connect(borrower).pledge(id + 1n, LAST, 1n);
    expect(await book.pledgeOf(id + 1n, LAST)).to.equal(1n);
  });

  // Sums that are not checked: a price of the most that a unit may be worth, four of the largest pledges.
  it("four of the largest pledges at the highest price are worth what they are", async () => {
    const { book, borrower, wide, feed, id } = await networkHelpers.loadFixture(widest);
    await fund(borrower, book, [[wide, 2n ** 100n]]);
    for (let listing = LAST - 3n; listing <= LAST; listing++)
      await book.connect(borrower).pledge(id, listing, MAX_PLEDGE);
    await feed.set(HIGHEST);
    const value = MAX_PLEDGE * usdc("0.5");
    const { borrowLimit, callLine, liquidationLine } = await book.healthOf(id);
    expect(borrowLimit).to.equal(4n * ((value * 7_800n) / 10_000n));
    expect(callLine).to.equal(4n * ((value * 8_000n) / 10_000n));
    expect(liquidationLine).to.equal(4n * ((value * 8_600n) / 10_000n));
    await book.connect(borrower).borrow(id, MAX_AMOUNT, borrower);
    expect(await book.debtOf(id)).to.equal(MAX_AMOUNT);
  });

  it("the vault's words, full after seventy-five years, keep what is in each field", async () => {
    const market = await networkHelpers.loadFixture(widest);
    const { vault, book, borrower, id } = market;
    await book.connect(borrower).open(id, [{ listing: LAST, amount: MAX_PLEDGE }], MAX_AMOUNT, borrower);
    await vault.connect(market.guardian).pause(2n);
    for (const years of [1n, 20n, 40n, 14n]) {
      await waitWithLiveFeeds(market, years * YEAR);
      await vault.accrue();
    }
    const { scaledDebt, index, lastAccrual, averagedSupply, cash, reserves, rateAtTarget, flags } = await vault.state();
    expect([scaledDebt, index, lastAccrual]).to.deep.equal([MAX_AMOUNT, MAX_INDEX, clock.now()]);
    expect([cash, reserves, rateAtTarget, flags]).to.deep.equal([0n, MAX_PLEDGE, 25n * 10n ** 12n, 4n]); // reserves have 96 bits too
    expect(averagedSupply).to.equal(((2n ** 42n - 1n) << 6n) | 63n);
    const debt = (MAX_AMOUNT * MAX_INDEX) / 10n ** 18n;
    expect(await vault.totalAssets()).to.equal(debt - MAX_PLEDGE);
    expect(await vault.borrowRate()).to.equal(10n ** 18n);
    expect(await vault.utilisation()).to.equal(10n ** 18n);
  });

  it("the largest loan is sold for all that it owes, and its loss is what it does not pay", async () => {
    const scene = await networkHelpers.loadFixture(fullLoan);
    const { vault, book, feed, keeper, id, wide } = scene;
    await feed.set((MAX_AMOUNT * 10n ** 20n) / (2n * MAX_PLEDGE)); // half of the debt
    const assets = await vault.totalAssets();
    await book.connect(keeper).liquidate(greedyOrder(id, LAST), "0x");
    expect(await book.loan(id)).to.deep.equal([0n, 0n, 0n, 0n, 0n, 0n]);
    await expectAlone(scene, 0n);
    expect(await wide.balanceOf(keeper)).to.equal(MAX_PLEDGE);
    const { cash, scaledDebt } = await vault.state();
    expect(scaledDebt).to.equal(0n);
    expect(cash).to.be.within((MAX_AMOUNT / 203n) * 100n, (MAX_AMOUNT / 202n) * 100n + 1n); // half, less a bonus of 1 %
    expect(await vault.totalAssets()).to.equal(assets - (MAX_AMOUNT - cash));
    await expectBalancedBooks(scene);
    await book.connect(scene.borrower).open(id, [{ listing: WETH, amount: weth("1") }], usdc("1,000"), scene.borrower);
    expect(await book.pledgeOf(id, LAST)).to.equal(0n);
  });
});

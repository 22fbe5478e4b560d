import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { grainOf, MAX_AVERAGE, unpackAverage } from "../helpers/averaged-supply.ts";
import { clock, networkHelpers, YEAR } from "../helpers/chain.ts";
import { NO_LOAN } from "../helpers/loans.ts";
import {
  DAY,
  deployMarket,
  FEED_AGE,
  fund,
  loanId,
  MAJOR_TERMS,
  waitWithLiveFeeds,
  type Market,
} from "../helpers/market.ts";
import { deployMock, type TestFeed, type TestToken } from "../helpers/mocks.ts";

const MAX_AMOUNT = 2n ** 104n - 1n;
const MAX_INDEX = 2n ** 72n - 1n;
const MAX_RESERVES = 2n ** 96n - 1n;
const LISTING = 3n;
const MIN_DEBT = 100n * 10n ** 18n;
/** The highest price of the widest listing, 65,535e9 dollars a token. [feed] */
const HIGHEST = 65_535n * 10n ** 17n;

interface Scene extends Market {
  id: bigint;
  token: TestToken;
  feed: TestFeed;
}

/**
 * A loan asset of 18 decimals of which the vault has all that it can, 20 trillion tokens, and all of them are lent: the borrower
 * has pledged one token, worth 65 trillion dollars.
 */
async function fullToTheLastBit(): Promise<Scene> {
  const token = await deployMock<TestToken>("TestToken", "Widest", "WIDE", 18);
  const feed = await deployMock<TestFeed>("TestFeed", 8, HIGHEST);
  const config = { feed, maxAge: FEED_AGE, minAnswer: 10n ** 8n, maxAnswer: HIGHEST };
  const market = await deployMarket({
    loanAssetDecimals: 18,
    depositCap: MAX_AMOUNT,
    more: () => [{ token, terms: MAJOR_TERMS, feed: config, cap: 2n ** 96n - 1n }],
  });
  const { vault, book, borrower, stranger } = market;
  const feeds = { ...market.feeds, wide: feed };
  await fund(stranger, vault, [[market.usdc, MAX_AMOUNT]]);
  await fund(borrower, book, [[token, 10n ** 18n]]);
  await vault.connect(stranger).deposit(await vault.maxDeposit(stranger), stranger);
  const id = loanId(borrower);
  const pledges = [{ listing: LISTING, amount: 10n ** 18n }];
  await book.connect(borrower).open(id, pledges, MAX_AMOUNT, borrower);
  return { ...market, feeds, id, token, feed };
}

async function wait({ feeds, feed, ...market }: Scene, seconds: bigint): Promise<void> {
  await waitWithLiveFeeds({ ...market, feeds }, seconds);
  await feed.set(await feed.answer());
}

describe("Edges of stored fields", () => {
  let present: Awaited<ReturnType<typeof networkHelpers.takeSnapshot>>;

  // A fixture that is not there yet is set up in the chain's present, which the decades here must not become.
  before(async () => {
    present = await networkHelpers.takeSnapshot();
  });

  after(async () => present.restore());

  it("the vault takes 2^104 - 1 units and lends them all", async () => {
    const scene = await networkHelpers.loadFixture(fullToTheLastBit);
    const { vault, book, id } = scene;
    expect((await vault.state()).cash).to.equal(0n);
    expect((await vault.state()).scaledDebt).to.equal(MAX_AMOUNT);
    expect(await book.debtOf(id)).to.equal(MAX_AMOUNT);
    expect(await vault.totalAssets()).to.equal(MAX_AMOUNT);
    expect(await vault.maxDeposit(scene.stranger)).to.equal(0n);
    expect((await book.loan(id)).base).to.equal(MAX_AMOUNT);
  });

  it("at the last bit of debt nobody borrows a unit more, also from cash that a repayment brings", async () => {
    const scene = await networkHelpers.loadFixture(fullToTheLastBit);
    const { book, borrower, stranger, id } = scene;
    await expect(book.connect(borrower).borrow(id, 1n, borrower))
      .to.be.revertedWithCustomError(book, "AmountTooLarge")
      .withArgs(MAX_AMOUNT + 1n, MAX_AMOUNT);
    await fund(stranger, book, [[scene.usdc, MIN_DEBT]]);
    await book.connect(stranger).repay(id, MIN_DEBT);
    await book.connect(borrower).borrow(id, MIN_DEBT, borrower);
    expect(await book.debtOf(id)).to.equal(MAX_AMOUNT);
  });

  it("another loan cannot push the sum of all debt past its field", async () => {
    const scene = await networkHelpers.loadFixture(fullToTheLastBit);
    const { vault, book, borrower, id, usdc: asset, token } = scene;
    await wait(scene, YEAR);
    await asset.mint(borrower, MAX_AMOUNT);
    await token.mint(borrower, 10n ** 18n);
    await book.connect(borrower).repay(id, MIN_DEBT * 2n);
    // A unit is less than a unit of scaled debt has become: it retires nothing, and is cash.
    for (let n = 0; n < 9; n++) await book.connect(borrower).repay(id, 1n);
    const { scaledDebt, index, cash } = await vault.state();
    expect(cash).to.equal(MIN_DEBT * 2n + 9n);
    const room = MAX_AMOUNT - scaledDebt;
    const most = (room * index) / 10n ** 18n; // what the room is worth, down

    const other = loanId(borrower, 2n);
    const pledges = [{ listing: LISTING, amount: 10n ** 18n }];
    await expect(book.connect(borrower).open(other, pledges, most + 1n, borrower))
      .to.be.revertedWithCustomError(vault, "AmountTooLarge")
      .withArgs(MAX_AMOUNT + 1n, MAX_AMOUNT);
    await book.connect(borrower).open(other, pledges, most, borrower);
    expect((await vault.state()).scaledDebt).to.equal(MAX_AMOUNT);
  });

  it("averaged supply ends at (2^42 - 1) × 2^63, and falls again from there", async () => {
    const scene = await networkHelpers.loadFixture(fullToTheLastBit);
    const { vault, borrower, book, stranger, id, usdc: asset } = scene;
    const average = async (): Promise<bigint> => unpackAverage((await vault.state()).averagedSupply);
    await wait(scene, YEAR);
    await vault.accrue();
    expect(await average()).to.be.within(MAX_AMOUNT - 2n * grainOf(MAX_AMOUNT), MAX_AMOUNT);
    for (let n = 0; n < 2; n++) {
      expect(await vault.totalDebt()).to.be.above(MAX_AVERAGE);
      await wait(scene, 300n * DAY);
      await vault.accrue();
      expect(await average()).to.equal(MAX_AVERAGE);
    }

    await fund(borrower, book, [[asset, 2n ** 110n]]);
    while ((await vault.totalDebt()) > MAX_AMOUNT) {
      await book.connect(borrower).repay(id, MAX_AMOUNT);
      await vault.connect(stranger).withdraw(await vault.maxWithdraw(stranger), stranger, stranger);
    }
    const before = await average();
    const supply = (await vault.state()).cash + (await vault.totalDebt());
    expect(supply).to.be.below(before);
    await clock.advance(10n * DAY);
    await vault.accrue();
    // Twenty times the constant of falling: e^-20 of the gap is left.
    const gap = before - supply;
    expect(await average()).to.be.within(supply - grainOf(supply), supply + gap / 10n ** 8n);
  });

  it("reserves end at 2^96 - 1 units; what is beyond is the lenders'", async () => {
    const scene = await networkHelpers.loadFixture(fullToTheLastBit);
    const { vault } = scene;
    await wait(scene, YEAR);
    await vault.accrue();
    const debt = await vault.totalDebt();
    expect((debt - MAX_AMOUNT) / 10n).to.be.above(MAX_RESERVES);
    expect((await vault.state()).reserves).to.equal(MAX_RESERVES);
    expect(await vault.totalAssets()).to.equal(debt - MAX_RESERVES);
    await wait(scene, YEAR);
    await vault.accrue();
    expect((await vault.state()).reserves).to.equal(MAX_RESERVES);
    expect(await vault.totalAssets()).to.equal((await vault.totalDebt()) - MAX_RESERVES);
  });

  it("a debt beyond 2^104 - 1 is paid in parts, and lenders take each part out: nothing is stuck", async () => {
    const scene = await networkHelpers.loadFixture(fullToTheLastBit);
    const { vault, book, borrower, keeper, stranger, treasurer, lender, id, usdc: asset } = scene;
    for (let year = 0; year < 12; year++) {
      await wait(scene, YEAR);
      await vault.accrue();
    }
    expect((await vault.state()).index).to.equal(MAX_INDEX);
    const debt = await book.debtOf(id);
    expect(debt).to.equal((MAX_AMOUNT * MAX_INDEX + 10n ** 18n - 1n) / 10n ** 18n);
    for (const payer of [borrower, keeper]) await asset.mint(payer, debt);

    // Cash has 104 bits: more than that cannot be brought in one payment.
    for (const call of [
      book.connect(borrower).repay(id, MaxUint256),
      book.connect(borrower).close(id, MaxUint256, borrower),
    ]) {
      await expect(call).to.be.revertedWithCustomError(vault, "AmountTooLarge").withArgs(debt, MAX_AMOUNT);
    }
    await book.connect(borrower).repay(id, MAX_AMOUNT);
    expect((await vault.state()).cash).to.equal(MAX_AMOUNT);
    await expect(book.connect(borrower).repay(id, MIN_DEBT))
      .to.be.revertedWithCustomError(vault, "AmountTooLarge")
      .withArgs(MAX_AMOUNT + MIN_DEBT, MAX_AMOUNT);
    await vault.connect(stranger).withdraw(MAX_AMOUNT, stranger, stranger);

    // The pledge is worth 65 trillion beside 96,000: more than the field holds too. It goes in parts, and the rest is lost.
    const order = { id, listing: LISTING, maxRepay: MAX_AMOUNT, minSeized: 0n };
    const pays = [MAX_AMOUNT, MAX_AMOUNT, MAX_AMOUNT, MaxUint256];
    for (const maxRepay of pays) {
      await book.connect(keeper).liquidate({ ...order, maxRepay }, "0x");
      await vault.connect(stranger).withdraw(await vault.maxWithdraw(stranger), stranger, stranger);
    }
    expect(await book.loan(id)).to.deep.equal(NO_LOAN);
    expect(await vault.totalDebt()).to.equal(0n);
    expect(await asset.balanceOf(vault)).to.equal((await vault.state()).cash);
    if ((await vault.state()).reserves > 0n) await vault.connect(treasurer).sweepReserves();
    for (const owner of [lender, stranger]) {
      await vault.connect(owner).redeem(await vault.maxRedeem(owner), owner, owner);
      expect(await vault.balanceOf(owner)).to.equal(0n);
    }
  });
});

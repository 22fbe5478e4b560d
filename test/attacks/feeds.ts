import { expect } from "chai";
import { MaxInt256, MaxUint256, MinInt256 } from "ethers";

import { clock, networkHelpers } from "../helpers/chain.ts";
import { setCap } from "../helpers/governance.ts";
import { NO_LOAN } from "../helpers/loans.ts";
import {
  dollars,
  FEED_AGE,
  LINK,
  link,
  openLoan,
  standardMarket,
  usdc,
  WETH,
  weth,
  type Market,
} from "../helpers/market.ts";
import { FeedMode } from "../helpers/mocks.ts";
import { expectBalancedBooks, greedyOrder } from "./scene.ts";

type Scene = Market & { id: bigint };

/** A loan on ether and LINK, near its borrow limit of 15,600 + 975. */
async function mixedLoan(): Promise<Scene> {
  const market = await standardMarket();
  const pledges: [bigint, bigint][] = [
    [WETH, weth("10")],
    [LINK, link("100")],
  ];
  const id = await openLoan(market, { pledges, amount: usdc("16,500") });
  return { ...market, id };
}

const HOSTILE = [FeedMode.revert, FeedMode.burnGas, FeedMode.returnShort];
const PRICE_ONE = 10n ** 36n;
const priceOf = (answer: bigint): bigint => (answer * PRICE_ONE) / 10n ** 20n; // 6 + 36 decimals for 18 + 8

describe("Attacks through the feeds", () => {
  // Gas griefing of try/catch and low-level calls (the 63/64 rule): a starved read must not look like a dead feed.
  it("no amount of gas makes a live feed look dead", async () => {
    const { book, id } = await networkHelpers.loadFixture(mixedLoan);
    const health = await book.healthOf(id);
    const answers = new Set<string>();
    let refusals = 0;
    for (let gasLimit = 40_000n; gasLimit <= 420_000n; gasLimit += 5_000n) {
      const answer = await book.healthOf(id, { gasLimit }).catch(() => undefined);
      if (answer === undefined) refusals++;
      else answers.add(answer.join());
    }
    expect([...answers]).to.deep.equal([health.join()]);
    expect(refusals).to.be.within(20, 60);
  });

  it("a starved liquidation or write-off is refused, not decided on a missing price", async () => {
    const { book, feeds, keeper, id } = await networkHelpers.loadFixture(mixedLoan);
    await feeds.weth.set(dollars("1,600"));
    const all = await book.connect(keeper).liquidate.staticCall(greedyOrder(id), "0x");
    const outcomes = new Set<string>();
    for (let gasLimit = 60_000n; gasLimit <= 600_000n; gasLimit += 20_000n) {
      const outcome = await book
        .connect(keeper)
        .liquidate.staticCall(greedyOrder(id), "0x", { gasLimit })
        .catch(() => undefined);
      if (outcome !== undefined) outcomes.add(outcome.join());
    }
    expect([...outcomes]).to.deep.equal([all.join()]);
  });

  // A feed as a kill switch: reverting, burning gas, or answering short.
  for (const mode of HOSTILE) {
    it(`a hostile feed (mode ${mode}) stops no exit and carries no release`, async () => {
      const market = await networkHelpers.loadFixture(mixedLoan);
      const { book, feeds, borrower, stranger, id } = market;
      await feeds.link.setMode(mode);
      await book.connect(stranger).repay(id, usdc("500"));
      await book.connect(stranger).pledge(id, LINK, link("1"));
      await book.connect(borrower).pledge(id, WETH, weth("0.5"));
      // LINK without a price carries no release: 10.2 ether do not cover 16,000.
      await expect(book.connect(borrower).release(id, WETH, weth("0.3"), borrower))
        .to.be.revertedWithCustomError(book, "AboveBorrowLimit")
        .withArgs(usdc("16,000"), usdc("15,912"));
      await book.connect(stranger).repay(id, MaxUint256);
      await book.connect(borrower).release(id, LINK, MaxUint256, borrower);
      await book.connect(borrower).close(id, 0n, borrower);
      expect(await book.loan(id)).to.deep.equal(NO_LOAN);
      await expectBalancedBooks(market);
    });
  }

  // LUNA on Venus and Blizz, 2022: a feed that stands still while the market falls.
  it("a loan cannot take shelter behind an asset whose feed has died", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, feeds, borrower, keeper } = market;
    const id = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("15,600") });
    await feeds.weth.set(dollars("1,500"));
    const shelters = [
      () => feeds.link.setMode(FeedMode.revert), // would count at its upper bound, 10,000 dollars
      () => feeds.link.set(0n), // likewise
      () => feeds.link.set(dollars("10,000.00000001")), // likewise
      async () => feeds.link.setAt(dollars("15"), clock.now() - FEED_AGE - 1n), // would count at its last answer
    ];
    for (const kill of shelters) {
      await feeds.link.setMode(FeedMode.answer);
      await kill();
      await expect(book.connect(borrower).pledge(id, LINK, link("1,000")))
        .to.be.revertedWithCustomError(book, "FeedNotLive")
        .withArgs(LINK);
    }
    await expect(book.connect(keeper).liquidate(greedyOrder(id), "0x")).to.emit(book, "Liquidated");
  });

  it("a unit held beforehand of an asset whose feed dies shelters no more than the cap has room for", async () => {
    const market = await networkHelpers.loadFixture(mixedLoan);
    const { book, feeds, borrower, keeper } = market;
    const id = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("15,600"), number: 2n });
    await setCap(market, LINK, link("101")); // the other loan holds 100
    await book.connect(borrower).pledge(id, LINK, 1n);
    await feeds.link.setMode(FeedMode.revert);
    await feeds.weth.set(dollars("1,500"));
    await expect(book.connect(borrower).pledge(id, LINK, link("1")))
      .to.be.revertedWithCustomError(book, "CapExceeded")
      .withArgs(LINK, link("101") + 1n, link("101"));
    await setCap(market, LINK, 0n);
    await expect(book.connect(borrower).pledge(id, LINK, 1n)).to.be.revertedWithCustomError(book, "CapExceeded");
    await expect(book.connect(keeper).liquidate(greedyOrder(id), "0x")).to.emit(book, "Liquidated");
    await expectBalancedBooks(market);
  });

  it("no answer overflows into a refusal: extremes count at the bounds and seize nothing", async () => {
    const { book, feeds, keeper, id } = await networkHelpers.loadFixture(mixedLoan);
    const lower = priceOf(dollars("10"));
    const upper = priceOf(dollars("100,000"));
    const extremes: [bigint, bigint][] = [
      [MaxInt256, upper],
      [dollars("100,000") + 1n, upper],
      [1n, lower],
      [dollars("10") - 1n, lower],
      [0n, upper],
      [-1n, upper],
      [MinInt256, upper],
    ];
    for (const [answer, price] of extremes) {
      await feeds.weth.set(answer);
      expect(await book.pricesOf(WETH), `answer ${answer}`).to.deep.equal([0n, price, 0n]);
      const { debt, liquidationLine } = await book.healthOf(id);
      const liquidation = expect(book.connect(keeper).liquidate(greedyOrder(id), "0x"));
      if (debt <= liquidationLine) await liquidation.to.be.revertedWithCustomError(book, "NotLiquidatable");
      else await liquidation.to.be.revertedWithCustomError(book, "FeedNotLive").withArgs(WETH);
    }
    for (const answer of [dollars("10"), dollars("100,000")]) {
      await feeds.weth.set(answer);
      expect(await book.pricesOf(WETH)).to.deep.equal([priceOf(answer), priceOf(answer), priceOf(answer)]);
    }
  });

  it("a time that is not yet, or never was, is no time", async () => {
    const { book, feeds, borrower, id } = await networkHelpers.loadFixture(mixedLoan);
    for (const updatedAt of [0n, clock.now() + 2n, MaxUint256, clock.now() - FEED_AGE - 1n]) {
      await feeds.weth.setAt(dollars("50,000"), updatedAt);
      expect((await book.pricesOf(WETH)).forBorrowing, `updated at ${updatedAt}`).to.equal(0n);
      await expect(book.connect(borrower).borrow(id, 1n, borrower)).to.be.revertedWithCustomError(
        book,
        "AboveBorrowLimit",
      );
    }
  });

  // Depegs as a discount: borrowing against a loan asset that is quoted too low, liquidating one quoted too high.
  it("a quote of the loan asset away from its peg lets nobody borrow more and liquidates nobody", async () => {
    const { book, feeds, id } = await networkHelpers.loadFixture(mixedLoan);
    const fair = await book.healthOf(id);
    for (const quote of ["0.5", "0.9", "1.03", "2"]) {
      await feeds.usdc.set(dollars(quote));
      const health = await book.healthOf(id);
      expect(health.borrowLimit, quote).to.be.lte(fair.borrowLimit);
      expect(health.liquidationLine, quote).to.be.gte(fair.liquidationLine);
    }
  });
});

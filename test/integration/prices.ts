import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { clock, networkHelpers } from "../helpers/chain.ts";
import { setCap } from "../helpers/governance.ts";
import {
  dollars,
  FEED_AGE,
  LOAN_ASSET_FEED_AGE,
  loanId,
  marketWithoutPeg,
  openLoan,
  standardMarket,
  usdc,
  WBTC,
  wbtc,
  WETH,
  weth,
  type Market,
} from "../helpers/market.ts";
import { DEAD_MODES, FeedMode } from "../helpers/mocks.ts";

/** What one dollar per ether is as a price: loan asset units per wei, times 1e36. */
const DOLLAR_PER_ETHER = 10n ** 24n;

describe("Prices", () => {
  it("are what the feeds say, in loan asset units per token unit times 1e36", async () => {
    const { book, feeds } = await networkHelpers.loadFixture(standardMarket);
    await feeds.weth.set(dollars("2,345.67891234"));
    expect(await book.pricesOf(WETH)).to.deep.equal([
      (DOLLAR_PER_ETHER * dollars("2,345.67891234")) / dollars("1"),
      (DOLLAR_PER_ETHER * dollars("2,345.67891234")) / dollars("1"),
      (DOLLAR_PER_ETHER * dollars("2,345.67891234")) / dollars("1"),
    ]);
    // 60,000 dollars for 1e8 base units: 600 units each.
    expect((await book.pricesOf(WBTC)).forBorrowing).to.equal(600n * 10n ** 36n);
  });

  describe("of a collateral", () => {
    it("live at its greatest age, not a second longer; then the last answer counts for liquidation only", async () => {
      const { book } = await networkHelpers.loadFixture(standardMarket);
      await clock.advance(FEED_AGE);
      expect(await book.pricesOf(WETH)).to.deep.equal([
        2_000n * DOLLAR_PER_ETHER,
        2_000n * DOLLAR_PER_ETHER,
        2_000n * DOLLAR_PER_ETHER,
      ]);
      await clock.advance(1n);
      expect(await book.pricesOf(WETH)).to.deep.equal([0n, 2_000n * DOLLAR_PER_ETHER, 0n]);
    });

    it("not live if it was updated in the future, or never", async () => {
      const { book, feeds } = await networkHelpers.loadFixture(standardMarket);
      for (const updatedAt of [clock.now() + 1n, 0n, MaxUint256]) {
        await feeds.weth.setAt(dollars("1,900"), updatedAt);
        expect(await book.pricesOf(WETH)).to.deep.equal([0n, 1_900n * DOLLAR_PER_ETHER, 0n]);
      }
    });

    it("live at its bounds, moved into them outside", async () => {
      const { book, feeds } = await networkHelpers.loadFixture(standardMarket);
      for (const [answer, counted, live] of [
        [dollars("10"), 10n, true],
        [dollars("10") - 1n, 10n, false],
        [1n, 10n, false],
        [dollars("100,000"), 100_000n, true],
        [dollars("100,000") + 1n, 100_000n, false],
        [2n ** 255n - 1n, 100_000n, false],
      ] as const) {
        await feeds.weth.set(answer);
        const price = counted * DOLLAR_PER_ETHER;
        expect(await book.pricesOf(WETH)).to.deep.equal([live ? price : 0n, price, live ? price : 0n]);
      }
    });

    it("an answer of nothing or less counts as the upper bound, for liquidation only", async () => {
      const { book, feeds } = await networkHelpers.loadFixture(standardMarket);
      for (const answer of [0n, -1n, -(2n ** 255n)]) {
        await feeds.weth.set(answer);
        expect(await book.pricesOf(WETH)).to.deep.equal([0n, 100_000n * DOLLAR_PER_ETHER, 0n]);
      }
    });

    for (const mode of DEAD_MODES) {
      it(`no answer (${mode}) counts as the upper bound, for liquidation only`, async () => {
        const { book, feeds } = await networkHelpers.loadFixture(standardMarket);
        await feeds.weth.setMode(FeedMode[mode]);
        expect(await book.pricesOf(WETH)).to.deep.equal([0n, 100_000n * DOLLAR_PER_ETHER, 0n]);
      });
    }

    it("an answer of 100 kilobytes is read to its fifth word only", async () => {
      const market = await networkHelpers.loadFixture(standardMarket);
      const { book, borrower, feeds } = market;
      const pledges: [bigint, bigint][] = [
        [WETH, weth("10")],
        [WBTC, wbtc("1")],
      ];
      const id = await openLoan(market, { pledges, amount: usdc("10,000") });
      const before = await book.connect(borrower).borrow.estimateGas(id, 1n, borrower);
      await feeds.wbtc.setMode(FeedMode.returnLong);
      expect((await book.pricesOf(WBTC)).forBorrowing).to.equal(0n);
      // The feed pays for its own memory out of its budget; the reader copies 160 bytes.
      expect(await book.connect(borrower).borrow.estimateGas(id, 1n, borrower)).to.be.below(before + 150_000n);
    });
  });

  describe("while one pledge is uncertain", () => {
    /** A loan of 10,000 against 10 ether and 1 bitcoin, whose feed is dead. */
    async function uncertainLoan(): Promise<Market & { id: bigint }> {
      const market = await standardMarket();
      const pledges: [bigint, bigint][] = [
        [WETH, weth("10")],
        [WBTC, wbtc("1")],
      ];
      const id = await openLoan(market, { pledges, amount: usdc("10,000") });
      await market.feeds.wbtc.setMode(FeedMode.revert);
      return { ...market, id };
    }

    it("a borrow goes through as far as the others carry it", async () => {
      const { book, borrower, id } = await networkHelpers.loadFixture(uncertainLoan);
      expect((await book.healthOf(id)).borrowLimit).to.equal(usdc("15,600"));
      await expect(book.connect(borrower).borrow(id, usdc("5,600.000001"), borrower))
        .to.be.revertedWithCustomError(book, "AboveBorrowLimit")
        .withArgs(usdc("15,600.000001"), usdc("15,600"));
      await book.connect(borrower).borrow(id, usdc("5,600"), borrower);
      expect(await book.debtOf(id)).to.equal(usdc("15,600"));
    });

    it("a release goes through as far as the others carry it, of the uncertain pledge too", async () => {
      const { book, borrower, id } = await networkHelpers.loadFixture(uncertainLoan);
      await book.connect(borrower).release(id, WBTC, wbtc("1"), borrower);
      await book.connect(borrower).release(id, WETH, weth("3"), borrower);
      expect(await book.pledgeOf(id, WETH)).to.equal(weth("7"));
    });

    it("its lines count it at the upper bound, so that a dead feed liquidates nobody", async () => {
      const { book, keeper, feeds, id } = await networkHelpers.loadFixture(uncertainLoan);
      await feeds.weth.set(dollars("500"));
      // 0.86 × (10 × 500 + 5,000,000)
      const { liquidationLine, callLine } = await book.healthOf(id);
      expect(liquidationLine).to.equal(usdc("4,304,300"));
      expect(callLine).to.equal(usdc("4,004,000"));
      await expect(book.connect(keeper).liquidate({ id, listing: WETH, maxRepay: MaxUint256, minSeized: 0n }, "0x"))
        .to.be.revertedWithCustomError(book, "NotLiquidatable")
        .withArgs(id, usdc("10,000"), usdc("4,304,300"));
    });

    it("is seen with its last answer where that is all there is", async () => {
      const { book, feeds, id } = await networkHelpers.loadFixture(uncertainLoan);
      await feeds.wbtc.setMode(FeedMode.answer);
      await feeds.wbtc.setAt(dollars("50,000"), clock.now() - FEED_AGE - 1n);
      const { borrowLimit, liquidationLine } = await book.healthOf(id);
      expect(borrowLimit).to.equal(usdc("15,600"));
      expect(liquidationLine).to.equal(usdc("60,200")); // 0.86 × (20,000 + 50,000)
    });
  });

  describe("of the loan asset", () => {
    it("above its peg counts for borrowing, not for liquidation", async () => {
      const market = await networkHelpers.loadFixture(standardMarket);
      const { book, borrower, feeds } = market;
      const id = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("10,000") });
      await feeds.usdc.set(dollars("1.04"));

      const { forBorrowing, forLiquidation } = await book.pricesOf(WETH);
      expect(forBorrowing).to.equal((2_000n * DOLLAR_PER_ETHER * 100n) / 104n);
      expect(forLiquidation).to.equal(2_000n * DOLLAR_PER_ETHER);
      const { borrowLimit, liquidationLine } = await book.healthOf(id);
      expect(borrowLimit).to.equal(usdc("14,999.999999")); // 0.78 × 19,230.769230 (down)
      expect(liquidationLine).to.equal(usdc("17,200"));
      await expect(book.connect(borrower).borrow(id, usdc("5,000"), borrower))
        .to.be.revertedWithCustomError(book, "AboveBorrowLimit")
        .withArgs(usdc("15,000"), usdc("14,999.999999"));
    });

    it("below its peg counts for liquidation, not for borrowing", async () => {
      const market = await networkHelpers.loadFixture(standardMarket);
      const { book, feeds } = market;
      const id = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("10,000") });
      await feeds.usdc.set(dollars("0.8"));

      const { forBorrowing, forLiquidation } = await book.pricesOf(WETH);
      expect(forBorrowing).to.equal(2_000n * DOLLAR_PER_ETHER);
      expect(forLiquidation).to.equal(2_500n * DOLLAR_PER_ETHER);
      const { borrowLimit, liquidationLine } = await book.healthOf(id);
      expect(borrowLimit).to.equal(usdc("15,600"));
      expect(liquidationLine).to.equal(usdc("21,500")); // 0.86 × 25,000
    });

    for (const [name, kill] of [
      ["dead", async ({ feeds }: Market) => feeds.usdc.setMode(FeedMode.revert)],
      ["out of bounds", async ({ feeds }: Market) => feeds.usdc.set(dollars("0.49"))],
      [
        "too old",
        async ({ feeds }: Market) => feeds.usdc.setAt(dollars("0.99"), clock.now() - LOAN_ASSET_FEED_AGE - 1n),
      ],
    ] as const) {
      it(`${name}: nothing can be borrowed, liquidation uses the peg`, async () => {
        const market = await networkHelpers.loadFixture(standardMarket);
        const { book, borrower, feeds } = market;
        const id = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("10,000") });
        await kill(market);

        expect(await book.pricesOf(WETH)).to.deep.equal([0n, 2_000n * DOLLAR_PER_ETHER, 2_000n * DOLLAR_PER_ETHER]);
        const { borrowLimit, liquidationLine } = await book.healthOf(id);
        expect(borrowLimit).to.equal(0n);
        expect(liquidationLine).to.equal(usdc("17,200"));
        await expect(book.connect(borrower).borrow(id, usdc("1"), borrower))
          .to.be.revertedWithCustomError(book, "LoanAssetFeedNotLive")
          .withArgs(await feeds.usdc.getAddress());
      });
    }

    it("without a peg counts as it is, both ways", async () => {
      const { book, feeds } = await networkHelpers.loadFixture(marketWithoutPeg);
      for (const [answer, price] of [
        ["1.25", 1_600n],
        ["0.8", 2_500n],
      ] as const) {
        await feeds.usdc.set(dollars(answer));
        expect(await book.pricesOf(WETH)).to.deep.equal([
          price * DOLLAR_PER_ETHER,
          price * DOLLAR_PER_ETHER,
          price * DOLLAR_PER_ETHER,
        ]);
      }
    });

    it("without a peg and not live: no price, no line, no liquidation; repaying and pledging go on", async () => {
      const market = await networkHelpers.loadFixture(marketWithoutPeg);
      const { book, borrower, feeds } = market;
      const id = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("10,000") });
      await feeds.usdc.setMode(FeedMode.returnShort);

      expect(await book.pricesOf(WETH)).to.deep.equal([0n, 0n, 0n]);
      expect(await book.healthOf(id)).to.deep.equal([usdc("10,000"), 0n, MaxUint256, MaxUint256]);
      await book.connect(borrower).repay(id, usdc("5,000"));
      await book.connect(borrower).pledge(id, WETH, weth("1"));
      // At a full cap nobody can tell a cure: the pledge is refused like any other.
      await setCap(market, WETH, 0n);
      await expect(book.connect(borrower).pledge(id, WETH, 1n))
        .to.be.revertedWithCustomError(book, "CapExceeded")
        .withArgs(WETH, weth("11") + 1n, 0n);
    });
  });

  it("round down for borrowing and up for liquidation", async () => {
    const { book, feeds } = await networkHelpers.loadFixture(marketWithoutPeg);
    await feeds.usdc.set(dollars("1.5"));
    await feeds.weth.set(dollars("2,000"));
    const exact = 2_000n * DOLLAR_PER_ETHER * 10n; // × 1 / 15
    const { forBorrowing, forLiquidation } = await book.pricesOf(WETH);
    expect(forBorrowing).to.equal(exact / 15n);
    expect(forLiquidation).to.equal(exact / 15n + 1n);
  });

  describe("with too little gas", () => {
    /** Each feed needs its whole budget: 150,000 × 64 / 63 + 3,000. */
    const NEEDED = 155_380n;

    it("the call is reverted and says so", async () => {
      const market = await networkHelpers.loadFixture(standardMarket);
      const { book, borrower } = market;
      const id = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("10,000") });
      const tooLittle = (available: bigint): boolean => available < NEEDED;
      await expect(book.connect(borrower).borrow(id, usdc("1"), borrower, { gasLimit: 200_000n }))
        .to.be.revertedWithCustomError(book, "InsufficientGas")
        .withArgs(tooLittle, NEEDED);
    });

    it("no amount of it turns a live feed dead", async () => {
      const market = await networkHelpers.loadFixture(standardMarket);
      const { book, borrower } = market;
      const id = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("10,000") });
      const outcomes = new Set<string>();
      for (let gasLimit = 60_000n; gasLimit <= 420_000n; gasLimit += 6_000n) {
        outcomes.add(
          await outcomeOf(book, async () =>
            book.connect(borrower).borrow.staticCall(id, usdc("1"), borrower, { gasLimit }),
          ),
        );
      }
      // Never AboveBorrowLimit: a starved feed is not a dead one.
      expect([...outcomes].sort()).to.deep.equal(["InsufficientGas", "none"]);
    });

    it("no amount of it liquidates at another price", async () => {
      const market = await networkHelpers.loadFixture(standardMarket);
      const { book, keeper, feeds } = market;
      const id = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("15,351") });
      // At 0.99 the line is 15,462.6. Starved, the loan asset would count as its peg, and the line would be 15,308.
      await feeds.weth.set(dollars("1,780"));
      await feeds.usdc.set(dollars("0.99"));
      const order = { id, listing: WETH, maxRepay: MaxUint256, minSeized: 0n };
      const outcomes = new Set<string>();
      for (let gasLimit = 60_000n; gasLimit <= 420_000n; gasLimit += 6_000n) {
        outcomes.add(
          await outcomeOf(book, async () => book.connect(keeper).liquidate.staticCall(order, "0x", { gasLimit })),
        );
      }
      expect([...outcomes].sort()).to.deep.equal(["InsufficientGas", "NotLiquidatable"]);
      expect((await book.healthOf(loanId(market.borrower))).debt).to.equal(usdc("15,351"));
    });
  });
});

/** The name of the error a call ends with, or "none". */
async function outcomeOf(book: Market["book"], call: () => Promise<unknown>): Promise<string> {
  try {
    await call();
    return "none";
  } catch (error) {
    const data: unknown = error instanceof Error && "data" in error ? error.data : undefined;
    if (typeof data === "string" && data.length > 2) return book.interface.parseError(data)?.name ?? data;
    throw error;
  }
}

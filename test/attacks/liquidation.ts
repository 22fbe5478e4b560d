import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { networkHelpers, YEAR } from "../helpers/chain.ts";
import { addListingAction } from "../helpers/governance.ts";
import { NO_LOAN } from "../helpers/loans.ts";
import {
  dollars,
  FEED_AGE,
  LINK,
  loanId,
  MAJOR_TERMS,
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
import { deployMock, type TestFeed, type TestToken } from "../helpers/mocks.ts";
import { expectBalancedBooks, greedyOrder, wealthOf } from "./scene.ts";

type Scene = Market & { id: bigint };

/** A loan at its borrow limit: ten ether at 2,000, so that it can be liquidated below 1,813.95. */
async function fullLoan(): Promise<Scene> {
  const market = await standardMarket();
  const id = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("15,600") });
  return { ...market, id };
}

/** The same after a fall to 1,750: 1.05 % of bonus, 8,866.99 to repay. */
async function fallenLoan(): Promise<Scene> {
  const scene = await fullLoan();
  await scene.feeds.weth.set(dollars("1,750"));
  return scene;
}

/** What a pledge costs that is worth less than 1.01 times the debt. */
const lastPrice = (value: bigint): bigint => (value * 100n + 100n) / 101n;

const equity = (value: bigint, debt: bigint): bigint => (value > debt ? value - debt : 0n);

describe("Attacks by liquidation", () => {
  // Euler, 2023: a discount on a loan that its owner had made bad himself.
  const sizes = { everything: MaxUint256, "a part": usdc("2,000"), "a crumb": 7n };
  for (const [what, size] of Object.entries(sizes)) {
    it(`liquidating ${what} of one's own loan gains nothing at any depth but the last 1 % of an insolvent one`, async () => {
      const depths = [
        "1,813.9",
        "1,800",
        "1,750",
        "1,700",
        "1,650",
        "1,600",
        "1,580",
        "1,575.5",
        "1,570",
        "1,500",
        "1,010",
      ];
      for (const price of depths) {
        const market = await networkHelpers.loadFixture(fullLoan);
        const { vault, book, feeds, borrower, id } = market;
        await feeds.weth.set(dollars(price));
        const debt = await book.debtOf(id);
        const value = dollars(price) / 10n; // ten ether [asset]
        const assets = await vault.totalAssets();
        const before = (await wealthOf(market, borrower)) + equity(value, debt);

        await book.connect(borrower).liquidate(greedyOrder(id, WETH, size), "0x");

        const left = ((await book.pledgeOf(id, WETH)) * dollars(price)) / weth("100");
        const gained = (await wealthOf(market, borrower)) + equity(left, await book.debtOf(id)) - before;
        const lost = assets - (await vault.totalAssets());
        const lastBonus = value - lastPrice(value) - equity(value, debt);
        if (value * 100n >= debt * 101n) {
          expect(gained, `gain at ${price}`).to.be.within(-debt, 2n); // values round down twice
          expect(lost, `loss at ${price}`).to.equal(0n);
        } else {
          expect(gained, `gain at ${price}`).to.be.within(-2n, lastBonus + 2n);
          expect(lost, `loss at ${price}`).to.equal(size === MaxUint256 ? debt - lastPrice(value) : 0n);
        }
        await expectBalancedBooks(market);
      }
    });
  }

  it("an owner cannot deepen its loan to raise the bonus", async () => {
    const { book, borrower, id } = await networkHelpers.loadFixture(fallenLoan);
    const limit = usdc("13,650");
    await expect(book.connect(borrower).borrow(id, 1n, borrower))
      .to.be.revertedWithCustomError(book, "AboveBorrowLimit")
      .withArgs(usdc("15,600") + 1n, limit);
    await expect(book.connect(borrower).release(id, WETH, 1n, borrower))
      .to.be.revertedWithCustomError(book, "AboveBorrowLimit")
      .withArgs(usdc("15,600"), limit - 1n);
  });

  // Salami slices to take more than the close factor allows, or at a better price.
  it("in thirty slices takes no more, and no cheaper, than in one cut", async () => {
    const { book, keeper, id } = await networkHelpers.loadFixture(fallenLoan);
    const [whole, seizedWhole] = await book.connect(keeper).liquidate.staticCall(greedyOrder(id), "0x");

    const slices = Array.from({ length: 30 }, () => greedyOrder(id, WETH, whole / 29n));
    await book.connect(keeper).liquidateBatch(slices, "0x");

    const repaid = usdc("15,600") - (await book.debtOf(id));
    const seized = weth("10") - (await book.pledgeOf(id, WETH));
    expect(repaid).to.be.lte(whole + 1n);
    expect(seized).to.be.lt(seizedWhole);
    expect(seized * whole).to.be.lt(seizedWhole * repaid); // fewer tokens a dollar: the bonus falls with every slice
    await expect(book.connect(keeper).liquidate(greedyOrder(id), "0x")).to.be.revertedWithCustomError(
      book,
      "NotLiquidatable",
    );
  });

  // Liquidations dodged by a front-run of one unit (Aave and Compound forks with exact close amounts).
  it("an owner cannot dodge a liquidation by paying or pledging a unit before it", async () => {
    const dodges: [string, (scene: Scene) => Promise<unknown>][] = [
      ["repay", ({ book, borrower, id }) => book.connect(borrower).repay(id, 1n)],
      ["pledge", ({ book, borrower, id }) => book.connect(borrower).pledge(id, WETH, 1n)],
      ["a new pledge", ({ book, borrower, id }) => book.connect(borrower).pledge(id, LINK, 1n)],
      ["liquidate", ({ book, borrower, id }) => book.connect(borrower).liquidate(greedyOrder(id, WETH, 2n), "0x")],
    ];
    for (const [name, dodge] of dodges) {
      const scene = await networkHelpers.loadFixture(fallenLoan);
      const { book, keeper, id } = scene;
      const [expected] = await book.connect(keeper).liquidate.staticCall(greedyOrder(id), "0x");
      await dodge(scene);

      await book.connect(keeper).liquidate(greedyOrder(id), "0x");

      expect(usdc("15,600") - (await book.debtOf(id)), name).to.be.within(expected - 12n, expected + 12n); // a unit of debt is 5 to repay
      const { debt, borrowLimit } = await book.healthOf(id);
      expect(debt, name).to.be.within(borrowLimit - 2n, borrowLimit + 2n);
    }
  });

  it("a unit paid before it stops an order for an exact part, never an order for all", async () => {
    const { book, borrower, keeper, id } = await networkHelpers.loadFixture(fullLoan);
    const { feeds } = await networkHelpers.loadFixture(fullLoan);
    await feeds.weth.set(dollars("1,570"));
    const part = greedyOrder(id, WETH, usdc("15,500")); // leaves 100, the smallest loan
    await book.connect(borrower).repay(id, 1n);

    await expect(book.connect(keeper).liquidate(part, "0x"))
      .to.be.revertedWithCustomError(book, "DebtBelowMin")
      .withArgs(usdc("100") - 1n, usdc("100"));
    await book.connect(keeper).liquidate(greedyOrder(id), "0x");
    expect(await book.loan(id)).to.deep.equal(NO_LOAN);
  });

  // Batches broken by a poisoned entry.
  it("orders that make no sense, and the same order again, change nothing in a batch", async () => {
    const { book, keeper, borrower, id } = await networkHelpers.loadFixture(fallenLoan);
    const [repaid, seized] = await book.connect(keeper).liquidate.staticCall(greedyOrder(id), "0x");
    const poison = [
      ...[40n, 255n, 256n, 1n << 255n, MaxUint256].map((listing) => greedyOrder(id, listing)),
      greedyOrder(id, WBTC),
      greedyOrder(0n),
      greedyOrder(MaxUint256),
      greedyOrder(loanId(borrower, 2n)),
      greedyOrder(id, WETH, 0n),
      { ...greedyOrder(id), minSeized: MaxUint256 },
    ];
    await expect(book.connect(keeper).liquidateBatch(poison, "0x"))
      .to.be.revertedWithCustomError(book, "NothingLiquidated")
      .withArgs(poison.length);
    await expect(book.connect(keeper).liquidateBatch([], "0x"))
      .to.be.revertedWithCustomError(book, "NothingLiquidated")
      .withArgs(0n);

    const orders = [...poison, greedyOrder(id), ...poison, greedyOrder(id), greedyOrder(id)];
    expect(await book.connect(keeper).liquidateBatch.staticCall(orders, "0x")).to.deep.equal([repaid, 1n]);
    await book.connect(keeper).liquidateBatch(orders, "0x");
    expect(await book.pledgeOf(id, WETH)).to.equal(weth("10") - seized);
  });

  // Rounding exploited in a loop: one unit repaid, none of it taken off a debt that has grown by an index.
  it("in crumbs takes no collateral for payments that retire nothing", async () => {
    const market = await networkHelpers.loadFixture(fullLoan);
    const { vault, book, feeds, keeper, id } = market;
    await waitWithLiveFeeds(market, YEAR);
    await feeds.weth.set(dollars("1,750"));
    expect(await vault.debtIndex()).to.be.gt(10n ** 18n);
    await expect(book.connect(keeper).liquidate(greedyOrder(id, WETH, 1n), "0x"))
      .to.be.revertedWithCustomError(book, "SeizedBelowMin")
      .withArgs(0n, 1n);

    for (const crumb of [2n, 3n, 1_000n]) {
      const before = await book.healthOf(id);
      const pledged = await book.pledgeOf(id, WETH);
      await book.connect(keeper).liquidate(greedyOrder(id, WETH, crumb), "0x");
      const after = await book.healthOf(id);
      const retired = before.debt - after.debt;
      const seizedValue = ((pledged - (await book.pledgeOf(id, WETH))) * dollars("1,750")) / weth("100");
      expect(retired, `debt after ${crumb}`).to.be.within(1n, crumb);
      expect(seizedValue, `seized for ${crumb}`).to.be.lte((retired * 105n) / 100n);
      expect(before.liquidationLine - after.liquidationLine, `line after ${crumb}`).to.be.lte(retired + 1n); // the line rounds down
    }
  });

  // A pledge so coarse that no fitting part of it can be sold.
  it("cannot be avoided with a token whose single unit is worth more than a liquidation may take", async () => {
    const { book, curator } = await networkHelpers.loadFixture(standardMarket);
    const bar = await deployMock<TestToken>("TestToken", "Gold Bar", "BAR", 0);
    const feed = await deployMock<TestFeed>("TestFeed", 8, dollars("800,000"));
    const config = { feed, maxAge: FEED_AGE, minAnswer: dollars("100"), maxAnswer: dollars("1,000,000") };
    // At the loan asset's lowest price of half a dollar; at most a hundredth of the smallest loan.
    const action = await addListingAction({ token: bar, terms: MAJOR_TERMS, feed: config, cap: 100n });
    await expect(book.connect(curator).propose(action))
      .to.be.revertedWithCustomError(book, "UnitTooValuable")
      .withArgs(usdc("2,000,000"), usdc("1"));
  });

  // Bad debt that is never booked because a dust pledge keeps the loan "collateralised".
  it("dust of every other asset keeps no loss off the books", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { vault, book, feeds, keeper, stranger } = market;
    const pledges: [bigint, bigint][] = [
      [WETH, weth("10")],
      [WBTC, 1n],
      [LINK, 1n],
    ];
    const id = await openLoan(market, { pledges, amount: usdc("15,000") });
    await feeds.weth.set(dollars("1,010"));
    const assets = await vault.totalAssets();

    await book.connect(keeper).liquidate(greedyOrder(id), "0x");
    expect(await book.debtOf(id)).to.equal(usdc("5,000"));
    await book.connect(stranger).writeOff(id);

    expect(await book.loan(id)).to.deep.equal(NO_LOAN);
    expect(await vault.totalDebt()).to.equal(0n);
    expect(assets - (await vault.totalAssets())).to.equal(usdc("5,000"));
    expect(await market.wbtc.balanceOf(stranger)).to.equal(wbtc("1,000") + 1n);
    await expectBalancedBooks(market);
  });

  // Bad debt made on purpose, to take the pledge for nothing in the write-off.
  it("a liquidation in parts cannot lead to a write-off of more than a twentieth of the smallest loan", async () => {
    const { book, feeds, borrower, id } = await networkHelpers.loadFixture(fullLoan);
    await feeds.weth.set(dollars("1,500"));
    const worthless = usdc("5");
    // What is paid for all but so much of the ether.
    const leaving = (value: bigint): bigint => ((usdc("15,000") - value) * 100n) / 101n;

    await expect(book.connect(borrower).liquidate(greedyOrder(id, WETH, leaving(usdc("4.99"))), "0x"))
      .to.be.revertedWithCustomError(book, "RemainderTooSmall")
      .withArgs(usdc("4.99"), worthless);
    await book.connect(borrower).liquidate(greedyOrder(id, WETH, leaving(usdc("6"))), "0x");
    await expect(book.connect(borrower).writeOff(id))
      .to.be.revertedWithCustomError(book, "NotWorthless")
      .withArgs(id, usdc("6"), worthless);
  });
});

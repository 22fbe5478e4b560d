import { expect } from "chai";

import { DAY, networkHelpers, YEAR } from "../helpers/chain.ts";
import { loanId, standardMarket, usdc, waitWithLiveFeeds, WETH, weth, type Market } from "../helpers/market.ts";
import { FeedMode } from "../helpers/mocks.ts";
import {
  ANY_RATE,
  figuresOf,
  MONTH,
  mostTermDebt,
  openTermLoan,
  quoteOf,
  termMarket,
  usedShare,
  useMarket,
  WEEK,
  type TermMarket,
} from "../helpers/terms.ts";

const DURATIONS = [WEEK, WEEK + 1n, MONTH, 100n * DAY + 12_345n, YEAR - 1n, YEAR];

/** A market that nobody has borrowed from for a year: the rate at target is at its lower bound of 0.5 %. */
async function idleMarket(): Promise<Market> {
  const market = await standardMarket();
  await waitWithLiveFeeds(market, YEAR);
  return market;
}

/** One that lenders have left for the most part: 450,000 of cash went, 500,000 of supply stay, the average is a day behind. */
async function shrunkMarket(): Promise<TermMarket> {
  const market = await termMarket();
  const { vault, lender } = market;
  await vault.connect(lender).withdraw(usdc("450,000"), lender, lender);
  await waitWithLiveFeeds(market, DAY);
  return market;
}

describe("The quote of a fixed term", () => {
  for (const share of [0n, 4_000n, 8_000n, 8_999n, 9_000n, 9_001n, 9_500n, 9_999n, 10_000n]) {
    it(`is the formula's to the last digit with ${String(share)} of 10,000 lent out`, async () => {
      const market = await networkHelpers.loadFixture(termMarket);
      const { vault, lens, book } = market;
      await useMarket(market, share);
      await waitWithLiveFeeds(market, 12_345n); // so that nothing is round
      const figures = await figuresOf(market);
      for (const duration of DURATIONS) {
        for (const amount of [0n, 1n, usdc("12,345.678901"), usdc("123,456"), mostTermDebt(figures)]) {
          const rate = quoteOf(figures, amount, duration);
          expect(await vault.quoteTerm(amount, amount, duration)).to.equal(rate);
          expect(await lens.quoteTerm(book, amount, duration)).to.equal(rate);
        }
      }
    });
  }

  it("is what a loan gets, term after term", async () => {
    const market = await networkHelpers.loadFixture(termMarket);
    await useMarket(market, 8_000n);
    const ids: bigint[] = [];
    const rates: bigint[] = [];
    for (let number = 1n; number <= 5n; number++) {
      const [amount, duration] = [usdc("30,000") + number, MONTH * number];
      const rate = quoteOf(await figuresOf(market, ids), amount, duration);
      ids.push(await openTermLoan(market, { amount, duration, number, ether: "50", maxRate: rate }));
      rates.push((await market.book.loan(loanId(market.borrower, number))).rate);
      expect(rates.at(-1)).to.equal(rate);
      await waitWithLiveFeeds(market, DAY);
    }
    // The first three stay below the target, and pay for their time alone; the others take the market above it.
    const [first = 0n, , third = 0n, fourth = 0n, fifth = 0n] = rates;
    const month = (30_000_000n * MONTH) / YEAR;
    expect(third - first).to.be.within(month, 2n * month); // the rate at target falls below the target
    expect(fourth - third).to.be.above(5n * month);
    expect(fifth - fourth).to.be.above(10n * month);
  });

  it("is the same at any utilisation up to the target: certainty is not sold below it", async () => {
    const market = await networkHelpers.loadFixture(termMarket);
    const { vault } = market;
    const rates: bigint[] = [];
    for (const share of [0n, 3_000n, 6_000n, 8_900n]) {
      await useMarket(market, share);
      rates.push(await vault.quoteTerm(0n, 0n, MONTH));
    }
    const { rateAtTarget } = await vault.accruedState();
    const rate = (rateAtTarget * YEAR + 3n * 10n ** 12n * MONTH + YEAR * 10n ** 5n - 1n) / (YEAR * 10n ** 5n);
    expect(rates).to.deep.equal(Array(4).fill(rate));
  });

  it("is four times the rate at target, and no more, where the debt would be all of the supply or above it", async () => {
    const market = await networkHelpers.loadFixture(termMarket);
    const { vault } = market;
    await useMarket(market, 10_000n);
    const { rateAtTarget } = await vault.accruedState();
    const all = (4n * rateAtTarget * YEAR + 3n * 10n ** 12n * WEEK + YEAR * 10n ** 5n - 1n) / (YEAR * 10n ** 5n);
    for (const amount of [0n, usdc("1"), usdc("250,000")]) {
      expect(await vault.quoteTerm(amount, amount, WEEK)).to.equal(all);
    }
  });

  it("is at least 2 %", async () => {
    const market = await networkHelpers.loadFixture(idleMarket);
    const { vault } = market;
    const { rateAtTarget } = await vault.accruedState();
    expect(rateAtTarget).to.equal(5n * 10n ** 11n);
    // 0.5 % and 3 % × 182.5 / 365 are 2 %.
    for (const [duration, rate] of [
      [WEEK, 20_000_000n],
      [182n * DAY, 20_000_000n],
      [YEAR / 2n, 20_000_000n],
      [YEAR / 2n + 1n, 20_000_001n],
      [YEAR, 35_000_000n],
    ] as const) {
      expect(await vault.quoteTerm(usdc("1,000"), usdc("1,000"), duration)).to.equal(rate);
      expect(quoteOf(await figuresOf(market), usdc("1,000"), duration)).to.equal(rate);
    }
  });

  it("takes the smaller of supply and averaged supply: what came counts slowly, what went at once", async () => {
    const market = await networkHelpers.loadFixture(termMarket);
    const { vault, stranger, lender } = market;
    await useMarket(market, 9_200n);
    const before = await figuresOf(market);
    const rate = await vault.quoteTerm(0n, 0n, MONTH);
    expect(before.averagedSupply).to.be.below(before.cash + before.openDebt);

    await vault.connect(stranger).deposit(usdc("5,000,000"), stranger);
    expect(await vault.quoteTerm(0n, 0n, MONTH)).to.equal(rate);
    await vault.connect(stranger).withdraw(usdc("4,999,999"), stranger, stranger);
    expect(await vault.quoteTerm(0n, 0n, MONTH)).to.equal(rate);

    await vault.connect(lender).withdraw(usdc("50,000"), lender, lender);
    const after = await figuresOf(market);
    expect(after.averagedSupply).to.equal(before.averagedSupply);
    expect(usedShare(after, 0n).floor()).to.equal(0n);
    const dearer = await vault.quoteTerm(0n, 0n, MONTH);
    expect(dearer).to.equal(quoteOf(after, 0n, MONTH));
    expect(dearer).to.be.above(rate);
  });

  it("counts terms like any debt", async () => {
    const market = await networkHelpers.loadFixture(termMarket);
    const { vault } = market;
    await useMarket(market, 7_500n);
    const id = await openTermLoan(market, { amount: usdc("200,000"), duration: YEAR, ether: "200" });
    await waitWithLiveFeeds(market, 33n * DAY);
    const figures = await figuresOf(market, [id]);
    expect(figures.termDebt).to.be.above(usdc("201,000"));
    expect(await vault.quoteTerm(0n, 0n, MONTH)).to.equal(quoteOf(figures, 0n, MONTH));
    expect(quoteOf(figures, 0n, MONTH)).to.be.above(quoteOf({ ...figures, termDebt: 0n }, 0n, MONTH));
  });

  it("reads no feed", async () => {
    const market = await networkHelpers.loadFixture(termMarket);
    const { vault, feeds } = market;
    const rate = await vault.quoteTerm(usdc("1"), usdc("1"), MONTH);
    for (const feed of Object.values(feeds)) await feed.setMode(FeedMode.revert);
    expect(await vault.quoteTerm(usdc("1"), usdc("1"), MONTH)).to.equal(rate);
  });
});

describe("The share that fixed terms may have", () => {
  it("is 30 % of total assets or of the averaged supply: all of it, and not a unit more", async () => {
    for (const fixture of [termMarket, shrunkMarket]) {
      const market = await networkHelpers.loadFixture(fixture);
      const { book, vault, borrower } = market;
      const most = mostTermDebt(await figuresOf(market));
      const [id, pledges] = [loanId(borrower), [{ listing: WETH, amount: weth("300") }]];
      const term = { duration: MONTH, maxRate: ANY_RATE };
      await expect(book.connect(borrower).openTerm(id, pledges, most + 1n, term, borrower))
        .to.be.revertedWithCustomError(vault, "TermShareExceeded")
        .withArgs(most + 1n, most);
      if ((await vault.state()).cash < most) await useMarket(market, 3_000n);
      await book.connect(borrower).openTerm(id, pledges, most, term, borrower);
      expect(await vault.termDebt()).to.equal(most);
      expect(await vault.quoteTerm(0n, 0n, MONTH)).to.be.above(40_000_000n);
      await expect(vault.quoteTerm(1n, 1n, MONTH))
        .to.be.revertedWithCustomError(vault, "TermShareExceeded")
        .withArgs(most + 1n, most);
    }
  });

  it("follows the averaged supply where deposits are young, and assets where lenders have left", async () => {
    const young = await networkHelpers.loadFixture(standardMarket);
    await waitWithLiveFeeds(young, DAY);
    const figures = await figuresOf(young);
    expect(figures.averagedSupply).to.be.within(usdc("133,122"), usdc("133,123")); // a million × (1 - e^(-1/7))
    expect(mostTermDebt(figures)).to.equal((figures.averagedSupply * 3n) / 10n);
    await expect(young.vault.quoteTerm(usdc("40,000"), usdc("40,000"), MONTH))
      .to.be.revertedWithCustomError(young.vault, "TermShareExceeded")
      .withArgs(usdc("40,000"), mostTermDebt(figures));

    const shrunk = await networkHelpers.loadFixture(shrunkMarket);
    const assets = await shrunk.vault.totalAssets();
    expect((await figuresOf(shrunk)).averagedSupply).to.be.above(assets + usdc("50,000"));
    expect(mostTermDebt(await figuresOf(shrunk))).to.equal((assets * 3n) / 10n);
  });

  it("is nothing in a new market, even for nothing", async () => {
    const { vault, book, borrower } = await networkHelpers.loadFixture(standardMarket);
    await expect(vault.quoteTerm(0n, 0n, MONTH))
      .to.be.revertedWithCustomError(vault, "TermShareExceeded")
      .withArgs(0n, 0n);
    const pledges = [{ listing: WETH, amount: weth("10") }];
    const term = { duration: MONTH, maxRate: ANY_RATE };
    await expect(book.connect(borrower).openTerm(loanId(borrower), pledges, usdc("100"), term, borrower))
      .to.be.revertedWithCustomError(vault, "TermShareExceeded")
      .withArgs(usdc("100"), 0n);
  });

  it("is used up by interest too, and free again as terms are repaid", async () => {
    const market = await networkHelpers.loadFixture(termMarket);
    const { book, vault, borrower } = market;
    await useMarket(market, 0n);
    await waitWithLiveFeeds(market, 60n * DAY); // the averaged supply has caught up: total assets are the smaller
    const most = mostTermDebt(await figuresOf(market));
    const id = await openTermLoan(market, { amount: most, duration: YEAR, ether: "300" });
    await waitWithLiveFeeds(market, DAY);
    const figures = await figuresOf(market, [id]);
    expect(figures.termDebt).to.be.above(mostTermDebt(figures)); // all interest is that of terms, and 30 % of it makes room
    await expect(vault.quoteTerm(0n, 0n, MONTH))
      .to.be.revertedWithCustomError(vault, "TermShareExceeded")
      .withArgs(figures.termDebt, mostTermDebt(figures));
    await book.connect(borrower).repay(id, usdc("1,000"));
    const again = await figuresOf(market, [id]);
    const left = mostTermDebt(again) - again.termDebt;
    expect(left).to.be.within(usdc("900"), usdc("1,000"));
    expect(await vault.quoteTerm(left, left, MONTH)).to.equal(quoteOf(again, left, MONTH));
  });
});

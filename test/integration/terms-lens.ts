import { expect } from "chai";

import { clock, DAY, networkHelpers, YEAR } from "../helpers/chain.ts";
import { openLoan, usdc, waitWithLiveFeeds, WETH, weth } from "../helpers/market.ts";
import {
  debtOf,
  feeOf,
  figuresOf,
  MONTH,
  mostTermDebt,
  openTermLoan,
  quoteOf,
  refinancing,
  termMarket,
  useMarket,
  WEEK,
} from "../helpers/terms.ts";

describe("Lens: what refinancing costs", () => {
  const cases = [
    { name: "for a new term", duration: 60n * DAY, amount: 0n, addFee: false },
    { name: "for a new term and more debt", duration: WEEK, amount: usdc("5,000.5"), addFee: false },
    { name: "for a new term with the fee added", duration: YEAR, amount: usdc("1"), addFee: true },
    { name: "for an open term", duration: 0n, amount: 0n, addFee: false },
    { name: "for an open term with more debt and the fee", duration: 0n, amount: usdc("700"), addFee: true },
  ];
  for (const { name, duration, amount, addFee } of cases) {
    it(`is what it does ${name}`, async () => {
      const market = await networkHelpers.loadFixture(termMarket);
      const { book, lens, borrower } = market;
      await useMarket(market, 8_700n);
      const id = await openTermLoan(market, { amount: usdc("40,000"), duration: 90n * DAY });
      await waitWithLiveFeeds(market, 20n * DAY);
      const term = await book.loan(id);
      const [rate, fee, debt] = await lens.quoteRefinancing(book, id, duration, amount, addFee);
      expect(fee).to.equal(feeOf(term));
      expect(debt).to.equal(debtOf(term) + amount + (addFee ? feeOf(term) : 0n));
      const added = debt - debtOf(term);
      expect(rate).to.equal(duration === 0n ? 0n : quoteOf(await figuresOf(market, [id]), added, duration));

      const order = refinancing(borrower, { duration, amount, addFee, maxRate: rate, maxFee: fee });
      expect(await book.connect(borrower).refinance.staticCall(id, order)).to.deep.equal([rate, fee]);
      await book.connect(borrower).refinance(id, order);
      expect(await book.debtOf(id)).to.be.within(debt, duration === 0n ? debt + 1n : debt);
    });
  }

  it("of an open-term loan is the quote for all its debt, and no fee", async () => {
    const market = await networkHelpers.loadFixture(termMarket);
    const { book, lens, vault, keeper, whale } = market;
    await useMarket(market, 2_500n);
    await waitWithLiveFeeds(market, DAY);
    const owed = await book.debtOf(whale);
    const [rate, fee, debt] = await lens.quoteRefinancing(book, whale, MONTH, usdc("7"), true);
    expect([fee, debt]).to.deep.equal([0n, owed + usdc("7")]);
    expect(rate).to.equal(await vault.quoteTerm(usdc("7"), debt, MONTH));
    await book.connect(keeper).refinance(whale, refinancing(keeper, { duration: MONTH, amount: usdc("7") }));
    expect((await book.loan(whale)).rate).to.equal(rate);
  });

  it("reverts as the quote does: a term too short or too long, or more than terms may have", async () => {
    const market = await networkHelpers.loadFixture(termMarket);
    const { book, lens, vault } = market;
    const id = await openTermLoan(market, { amount: usdc("40,000"), duration: MONTH });
    for (const duration of [1n, WEEK - 1n, YEAR + 1n]) {
      await expect(lens.quoteRefinancing(book, id, duration, 0n, false))
        .to.be.revertedWithCustomError(vault, "TermDurationOutOfRange")
        .withArgs(duration, WEEK, YEAR);
    }
    const most = mostTermDebt(await figuresOf(market, [id]));
    const room = most - usdc("40,000");
    await lens.quoteRefinancing(book, id, WEEK, room, false);
    await expect(lens.quoteRefinancing(book, id, WEEK, room + 1n, false))
      .to.be.revertedWithCustomError(vault, "TermShareExceeded")
      .withArgs(most + 1n, most);
    const [, , debt] = await lens.quoteRefinancing(book, id, 0n, room + 1n, false); // no share of an open-term loan
    expect(debt).to.equal(most + 1n);
  });
});

describe("Lens: the details of a loan", () => {
  it("tell rate, maturity and the fee for ending the term, which falls to nothing in its last week", async () => {
    const market = await networkHelpers.loadFixture(termMarket);
    const { book, lens } = market;
    const id = await openTermLoan(market, { amount: usdc("40,000"), duration: MONTH });
    const term = await book.loan(id);
    const fees: bigint[] = [];
    for (const left of [MONTH, WEEK, WEEK / 2n, 1n, 0n, -YEAR]) {
      await waitWithLiveFeeds(market, term.maturity - left - clock.now());
      const { rate, maturity, breakFee, health } = await lens.loanDetails(book, id);
      expect([rate, maturity, breakFee]).to.deep.equal([term.rate, term.maturity, feeOf(term)]);
      expect(health.debt).to.equal(debtOf(term)); // without the fee
      fees.push(breakFee);
    }
    const [whole = 0n, last = 0n, half = 0n, second, ...none] = fees;
    expect([last, second, ...none]).to.deep.equal([
      whole,
      1n + (usdc("40,000") * term.rate) / (YEAR * 10n ** 9n),
      0n,
      0n,
    ]);
    expect(2n * half - whole).to.be.within(0n, 1n); // each rounds up
  });

  it("of an open-term loan are none of them, also when it was a term before", async () => {
    const market = await networkHelpers.loadFixture(termMarket);
    const { book, lens, borrower } = market;
    const open = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("1,000"), number: 2n });
    const rolled = await openTermLoan(market, { amount: usdc("1,000"), duration: WEEK, number: 3n });
    const left = await openTermLoan(market, { amount: usdc("1,000"), duration: MONTH, number: 4n });
    await book.connect(borrower).refinance(left, refinancing(borrower));
    await waitWithLiveFeeds(market, WEEK);
    await book.roll(rolled);
    for (const id of [open, rolled, left]) {
      const { rate, maturity, breakFee } = await lens.loanDetails(book, id);
      expect([rate, maturity, breakFee]).to.deep.equal([0n, 0n, 0n]);
    }
  });
});

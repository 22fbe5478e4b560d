import { expect } from "chai";

import { clock, DAY, networkHelpers, YEAR } from "../helpers/chain.ts";
import { loanId, usdc, waitWithLiveFeeds, WBTC, wbtc, WETH, weth } from "../helpers/market.ts";
import { curve, Fraction, WAD, whole } from "../helpers/mathematics.ts";
import {
  ANY_RATE,
  debtOf,
  expectTermInvariants,
  figuresOf,
  openTermLoan,
  quoteOf,
  termDebtOf,
  termMarket,
  UNIT,
  useMarket,
} from "../helpers/terms.ts";

describe("Opening a fixed-term loan", () => {
  it("pledges, fixes the market's quote and lends the principal, in one transaction", async () => {
    const market = await networkHelpers.loadFixture(termMarket);
    const { book, vault, borrower, stranger, whale } = market;
    const [id, amount, duration] = [loanId(borrower, 3n), usdc("50,000"), 90n * DAY];
    const pledges = [
      { listing: WETH, amount: weth("20") },
      { listing: WBTC, amount: wbtc("0.6") },
    ];
    const rate = quoteOf(await figuresOf(market), amount, duration);
    const { cash } = await vault.accruedState();
    const term = { duration, maxRate: rate };

    const me = book.connect(borrower);
    expect(await me.openTerm.staticCall(id, pledges, amount, term, stranger)).to.equal(rate);
    const call = me.openTerm(id, pledges, amount, term, stranger);
    const maturity = clock.now() + duration;
    await expect(call).to.emit(book, "TermStarted").withArgs(id, rate, maturity);
    await expect(call).to.emit(book, "Borrowed").withArgs(id, borrower.address, stranger.address, amount);
    await expect(call).to.emit(book, "Pledged").withArgs(id, WETH, borrower.address, weth("20"));
    await expect(call).to.emit(book, "Pledged").withArgs(id, WBTC, borrower.address, wbtc("0.6"));

    const stored = [amount, (1n << WETH) | (1n << WBTC), clock.now(), maturity, rate, 0n];
    expect(await book.loan(id)).to.deep.equal(stored);
    expect(await book.debtOf(id)).to.equal(amount);
    expect(await book.pledgeOf(id, WBTC)).to.equal(wbtc("0.6"));
    expect(await market.usdc.balanceOf(stranger)).to.equal(usdc("21,000,000") + amount);
    expect((await vault.state()).cash).to.equal(cash - amount);
    expect(await vault.termDebt()).to.equal(amount);
    expect((await book.loan(whale)).maturity).to.equal(0n);
  });

  it("at 40 % utilisation costs the rate at target and 3 % a year for the time", async () => {
    const market = await networkHelpers.loadFixture(termMarket);
    const { vault, book } = market;
    const { rateAtTarget } = await vault.accruedState();
    const id = await openTermLoan(market, { amount: usdc("10,000"), duration: YEAR });
    // Both in 1e-9 a year: the rate at target rounds up from 1e-14.
    expect((await book.loan(id)).rate).to.equal((rateAtTarget + 99_999n) / 100_000n + 30_000_000n);
    expect(rateAtTarget).to.be.within(4n * 10n ** 12n, 42n * 10n ** 11n); // 4…4.2 %
  });

  it("is an operator's too, who pledges its own", async () => {
    const market = await networkHelpers.loadFixture(termMarket);
    const { book, borrower, stranger } = market;
    const [id, pledges] = [loanId(borrower), [{ listing: WETH, amount: weth("10") }]];
    const term = { duration: 30n * DAY, maxRate: ANY_RATE };
    await expect(book.connect(stranger).openTerm(id, pledges, usdc("1,000"), term, stranger))
      .to.be.revertedWithCustomError(book, "NotOwnerOrOperator")
      .withArgs(id, stranger.address);
    await book.connect(borrower).setAuthorization(stranger, true);
    await book.connect(stranger).openTerm(id, pledges, usdc("1,000"), term, stranger);
    expect(await market.weth.balanceOf(stranger)).to.equal(weth("9,990"));
    expect(await book.debtOf(id)).to.equal(usdc("1,000"));
  });

  it("owes simple interest, to the unit at any time, whatever the open-term rate does meanwhile", async () => {
    const market = await networkHelpers.loadFixture(termMarket);
    const { vault, book } = market;
    const amount = usdc("45,678.901234");
    const id = await openTermLoan(market, { amount, duration: 100n * DAY });
    const { rate, since } = await book.loan(id);
    await useMarket(market, 9_900n);

    let last = 0n;
    for (const pause of [1n, 59n, 86_340n, 30n * DAY, 69n * DAY, 12_345n, YEAR]) {
      await clock.advance(pause);
      const elapsed = clock.now() - since;
      const interest = new Fraction(amount * rate * elapsed, UNIT);
      expect(await book.debtOf(id)).to.equal(amount + interest.ceil());
      expect(await vault.termDebt()).to.equal(amount + interest.floor());
      last = interest.ceil();
    }
    expect(await vault.borrowRate()).to.be.within((WAD * 9n) / 10n, WAD); // of open terms, after a year near 99 %
    // 465 days and a little at 4.13 % and 3 % × 100/365.
    expect(last).to.be.within(usdc("2,800"), usdc("3,000"));
  });

  it("adds up: several loans owe together what each owes", async () => {
    const market = await networkHelpers.loadFixture(termMarket);
    const { vault, book, whale } = market;
    const ids: bigint[] = [];
    for (const [number, amount, duration] of [
      [1n, usdc("10,000.000001"), 7n * DAY],
      [2n, usdc("777.777777"), 365n * DAY],
      [3n, usdc("60,000"), 33n * DAY + 7n],
    ] as const) {
      ids.push(await openTermLoan(market, { amount, duration, number, ether: "60" }));
      await waitWithLiveFeeds(market, 5n * DAY + number);
    }
    const terms = await Promise.all(ids.map(async (id) => book.loan(id)));
    for (const pause of [0n, 1n, 40n * DAY, 2n * YEAR]) {
      await clock.advance(pause);
      expect(await vault.termDebt()).to.equal(termDebtOf(terms));
      for (const [i, id] of ids.entries()) expect(await book.debtOf(id)).to.equal(debtOf(terms[i] ?? raise(i)));
      await expectTermInvariants(market, [...ids, whale]);
    }
  });

  it("pays a tenth of its interest to reserves, and the rest to lenders", async () => {
    const market = await networkHelpers.loadFixture(termMarket);
    const { vault, book, keeper, whale } = market;
    await book.connect(keeper).repay(whale, ANY_RATE); // nothing else earns
    const amount = usdc("200,000");
    const id = await openTermLoan(market, { amount, duration: 60n * DAY });
    const { rate } = await book.loan(id);
    const before = await vault.state();
    const assets = await vault.totalAssets();

    const interest = new Fraction(amount * rate * 61n * DAY, UNIT).floor(); // a day past maturity
    await clock.advance(61n * DAY);
    const { reserves } = await vault.accruedState();
    expect(reserves - before.reserves).to.equal(interest / 10n);
    expect((await vault.totalAssets()) - assets).to.equal(interest - interest / 10n);
    expect(interest).to.be.above(usdc("1,500"));
  });

  it("counts in utilisation and in both rates", async () => {
    const market = await networkHelpers.loadFixture(termMarket);
    const { vault, book } = market;
    const openRate = await vault.borrowRate();
    const id = await openTermLoan(market, { amount: usdc("100,000"), duration: 200n * DAY });
    const { rate } = await book.loan(id);
    await clock.advance(20n * DAY);

    const { openDebt, termDebt, cash, reserves, rateAtTarget } = await figuresOf(market, [id]);
    const used = new Fraction(openDebt + termDebt, cash + openDebt + termDebt);
    expect(await vault.utilisation()).to.equal(used.times(whole(WAD)).floor());
    const open = new Fraction(rateAtTarget, 10n ** 14n).times(curve(used));
    const exact = open.times(whole(WAD)).floor();
    expect(await vault.borrowRate()).to.be.within(exact - 1n, exact); // rounded down on the way, too
    expect(openRate).to.be.below(exact * 4n);

    // Each kind at its own rate: the term earns on its principal only, a tenth goes to reserves.
    const yearly = open.times(whole(openDebt)).plus(new Fraction(usdc("100,000") * rate, 10n ** 9n));
    const assets = cash + openDebt + termDebt - reserves;
    const lend = yearly.times(new Fraction(9n * WAD, 10n * assets)).floor();
    expect(await vault.lendRate()).to.be.within(lend - 1n, lend);
  });

  it("is bound by the same limit as an open-term loan, at the price of now", async () => {
    const market = await networkHelpers.loadFixture(termMarket);
    const { book, lens, borrower } = market;
    const [id, pledges] = [loanId(borrower), [{ listing: WETH, amount: weth("10") }]];
    const term = { duration: 30n * DAY, maxRate: ANY_RATE };
    await expect(book.connect(borrower).openTerm(id, pledges, usdc("15,600.000001"), term, borrower))
      .to.be.revertedWithCustomError(book, "AboveBorrowLimit")
      .withArgs(usdc("15,600.000001"), usdc("15,600"));
    await book.connect(borrower).openTerm(id, pledges, usdc("15,600"), term, borrower);
    expect(await book.healthOf(id)).to.deep.equal([usdc("15,600"), usdc("15,600"), usdc("16,000"), usdc("17,200")]);
    expect(await lens.maxBorrow(book, id)).to.equal(0n); // not by `borrow`
    expect(await lens.maxRelease(book, id, WETH)).to.equal(0n);

    await clock.advance(1n);
    const debt = await book.debtOf(id);
    expect(debt).to.equal(usdc("15,600") + 22n); // 15,600 × 4.3…% / 31,536,000 = 21.4 units, up
    await expect(book.connect(borrower).release(id, WETH, 1n, borrower))
      .to.be.revertedWithCustomError(book, "AboveBorrowLimit")
      .withArgs(debt, usdc("15,600") - 1n);
  });
});

function raise(i: number): never {
  throw new RangeError(`There is no loan ${String(i)}.`);
}

import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { clock, DAY, networkHelpers, YEAR } from "../helpers/chain.ts";
import { loanId, usdc, waitWithLiveFeeds, WETH, weth } from "../helpers/market.ts";
import {
  debtOf,
  expectTermInvariants,
  feeOf,
  openTermLoan,
  payment,
  termMarket,
  UNIT,
  type Term,
  type TermMarket,
} from "../helpers/terms.ts";

type Scene = TermMarket & { id: bigint; term: Term };

/** 60,000 for 90 days. */
async function scene(): Promise<Scene> {
  const market = await termMarket();
  const id = await openTermLoan(market, { amount: usdc("60,000"), duration: 90n * DAY });
  const { base, rate, since, maturity } = await market.book.loan(id);
  return { ...market, id, term: { base, rate, since, maturity } };
}

describe("Repaying a fixed-term loan in part", () => {
  const moments: [name: string, elapsed: bigint][] = [
    ["in its first second", 0n],
    ["after a month", 30n * DAY + 1n],
    ["seven days before its maturity", 83n * DAY],
    ["an hour before its maturity", 90n * DAY - 3_600n],
    ["at its maturity", 90n * DAY],
    ["a year later", YEAR],
  ];
  for (const [name, elapsed] of moments) {
    it(`retires principal with its interest and its fee ${name}; the rest stays as it was`, async () => {
      const market = await networkHelpers.loadFixture(scene);
      const { book, vault, stranger, id, term } = market;
      await clock.advance(elapsed);
      const before = await vault.accruedState();
      const termDebt = await vault.termDebt();
      const amount = usdc("12,345.678901");
      const { retired, fee, left, debt } = payment(term, amount);

      await expect(book.connect(stranger).repay(id, amount))
        .to.emit(book, "Repaid")
        .withArgs(id, stranger.address, amount);

      const { base, since, maturity, rate } = await book.loan(id);
      expect([base, since, maturity, rate]).to.deep.equal([left.base, term.since, term.maturity, term.rate]);
      expect(term.base - base).to.equal(retired);
      expect(await book.debtOf(id)).to.equal(debt);
      const after = await vault.state();
      expect(after.cash - before.cash).to.equal(amount);
      expect(after.reserves - before.reserves).to.equal(fee);
      // What lenders are owed falls by no more than what they get.
      expect(amount - fee - (termDebt - (await vault.termDebt()))).to.be.within(0n, 2n);
      await expectTermInvariants(market, [id, market.whale]);
    });
  }

  it("takes the interest of seven days as the fee, then that of the time left, then none", async () => {
    const { book, vault, stranger, id, term } = await networkHelpers.loadFixture(scene);
    const week = usdc("60,000") * term.rate * 7n * DAY;
    for (const [elapsed, expected] of [
      [0n, week],
      [83n * DAY, week],
      [86n * DAY + DAY / 2n, week / 2n],
      [90n * DAY - 1n, week / (7n * DAY)],
      [90n * DAY, 0n],
      [400n * DAY, 0n],
    ] as const) {
      const fee = (expected + UNIT - 1n) / UNIT;
      expect(feeOf(term, term.since + elapsed)).to.equal(fee);
      await clock.advance(term.since + elapsed - clock.now());
      const { reserves } = await vault.accruedState();
      const snapshot = await networkHelpers.takeSnapshot();
      const [debt, offered] = [await book.debtOf(id), usdc("100,000")];
      expect(await book.connect(stranger).repay.staticCall(id, offered)).to.equal(debt + fee);
      await book.connect(stranger).repay(id, offered);
      expect((await vault.state()).reserves - reserves).to.equal(fee);
      await snapshot.restore();
    }
  });

  it("never moves the start: many payments owe what one of the same principal owes", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, borrower, id, term } = market;
    let expected = term;
    for (const amount of ["1,000", "0.000007", "2,345.678", "9,999.999999", "0.5"]) {
      await waitWithLiveFeeds(market, 11n * DAY);
      expected = payment(expected, usdc(amount)).left;
      await book.connect(borrower).repay(id, usdc(amount));
      const loan = await book.loan(id);
      expect([loan.base, loan.since]).to.deep.equal([expected.base, term.since]);
      expect(await book.debtOf(id)).to.equal(debtOf(expected));
    }
    await expectTermInvariants(market, [id, market.whale]);
  });

  it("may leave the smallest loan, and not a unit less", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, borrower, id, term } = market;
    await clock.advance(45n * DAY + 17n);
    // The largest payment that still leaves 100: by halving, in the arithmetic of the design.
    let [most, tooMuch] = [0n, debtOf(term)];
    while (tooMuch - most > 1n) {
      const middle = (most + tooMuch) / 2n;
      if (payment(term, middle).debt >= usdc("100")) most = middle;
      else tooMuch = middle;
    }
    const { debt } = payment(term, tooMuch);
    expect(debt).to.be.within(usdc("99.999"), usdc("100") - 1n);
    await expect(book.connect(borrower).repay(id, tooMuch))
      .to.be.revertedWithCustomError(book, "DebtBelowMin")
      .withArgs(debt, usdc("100"));
    await book.connect(borrower).repay(id, most);
    expect(await book.debtOf(id)).to.equal(payment(term, most).debt);
    expect(await book.debtOf(id)).to.be.within(usdc("100"), usdc("100") + 1n);
  });

  it("a unit less than debt and fee is a part payment, and would leave too little", async () => {
    const { book, borrower, id, term } = await networkHelpers.loadFixture(scene);
    await clock.advance(3n * DAY);
    const all = debtOf(term) + feeOf(term);
    const { debt } = payment(term, all - 1n);
    expect(debt).to.be.within(0n, 2n); // debt and fee were rounded up, each
    await expect(book.connect(borrower).repay(id, all - 1n))
      .to.be.revertedWithCustomError(book, "DebtBelowMin")
      .withArgs(debt, usdc("100"));
    await book.connect(borrower).repay(id, all);
    expect(await book.debtOf(id)).to.equal(0n);
  });
});

describe("Repaying a fixed-term loan whole", () => {
  it("takes debt and fee and no more, leaves nothing, and the fee is the reserves'", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, vault, stranger, id, term } = market;
    await clock.advance(1_234_567n);
    const [debt, fee] = [debtOf(term), feeOf(term)];
    const before = await vault.accruedState();
    const price = await vault.convertToAssets(WAD_OF_SHARES);

    await expect(book.connect(stranger).repay(id, MaxUint256))
      .to.emit(book, "Repaid")
      .withArgs(id, stranger.address, debt + fee);
    expect(await market.usdc.balanceOf(stranger)).to.equal(usdc("21,000,000") - debt - fee);
    expect(await book.debtOf(id)).to.equal(0n);
    expect(await vault.termDebt()).to.equal(0n);
    const after = await vault.state();
    expect(after.cash - before.cash).to.equal(debt + fee);
    expect(after.reserves - before.reserves).to.equal(fee);
    expect((await vault.convertToAssets(WAD_OF_SHARES)) - price).to.be.within(0n, 10n ** 6n); // a unit among all shares
    await expectTermInvariants(market, [id, market.whale]);
  });

  it("makes it an open-term loan again, on which more can be borrowed", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, borrower, id } = market;
    await book.connect(borrower).repay(id, MaxUint256);
    expect(await book.loan(id)).to.deep.equal([0n, 1n << WETH, 0n, 0n, 0n, 0n]);
    await book.connect(borrower).release(id, WETH, weth("100"), borrower);
    await book.connect(borrower).borrow(id, usdc("5,000"), borrower);
    const { scaledDebt } = await market.vault.state();
    const whale = await book.loan(market.whale);
    expect((await book.loan(id)).base).to.equal(scaledDebt - whale.base);
    await expectTermInvariants(market, [id, market.whale]);
  });

  it("with its pledges, by close: debt and fee within what the caller accepts", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, vault, borrower, stranger, id, term } = market;
    await clock.advance(70n * DAY);
    const [debt, fee] = [debtOf(term), feeOf(term)];
    const { reserves } = await vault.accruedState();
    await expect(book.connect(borrower).close(id, debt + fee - 1n, stranger))
      .to.be.revertedWithCustomError(book, "DebtAboveMax")
      .withArgs(debt + fee, debt + fee - 1n);
    const call = book.connect(borrower).close(id, debt + fee, stranger);
    await expect(call)
      .to.emit(book, "Repaid")
      .withArgs(id, borrower.address, debt + fee);
    await expect(call).to.emit(book, "Released").withArgs(id, WETH, stranger.address, weth("200"));
    expect((await vault.state()).reserves - reserves).to.equal(fee);
    expect(await book.loan(id)).to.deep.equal([0n, 0n, 0n, 0n, 0n, 0n]);
    await expectTermInvariants(market, [id, market.whale]);
  });

  it("costs no fee once it has matured, also before it is rolled", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, borrower, id, term } = market;
    await clock.advance(200n * DAY);
    expect(await book.connect(borrower).close.staticCall(id, MaxUint256, borrower)).to.equal(debtOf(term));
    await book.connect(borrower).close(id, debtOf(term), borrower);
    expect(await market.weth.balanceOf(borrower)).to.equal(weth("10,000"));
  });

  it("takes its own share of the vault's sums and leaves those of the others", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, vault, borrower, id, whale } = market;
    await waitWithLiveFeeds(market, 10n * DAY);
    const other = await openTermLoan(market, { amount: usdc("33,333.333333"), duration: 20n * DAY, number: 2n });
    const term = await book.loan(other);
    await clock.advance(9n * DAY);
    await book.connect(borrower).close(id, MaxUint256, borrower);
    expect(await vault.termDebt()).to.be.within(debtOf(term) - 1n, debtOf(term));
    await expectTermInvariants(market, [id, other, whale]);
    await book.connect(borrower).close(other, MaxUint256, borrower);
    await expectTermInvariants(market, [id, other, whale, loanId(borrower, 9n)]);
  });
});

/** A million shares' worth of a dollar each: six decimals more than the loan asset. */
const WAD_OF_SHARES = 10n ** 18n;

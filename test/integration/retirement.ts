import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { networkHelpers } from "../helpers/chain.ts";
import { setCap } from "../helpers/governance.ts";
import { NO_LOAN } from "../helpers/loans.ts";
import {
  dollars,
  LINK,
  link,
  loanId,
  MAJOR_TERMS,
  ONE_DOLLAR,
  openLoan,
  standardMarket,
  usdc,
  WBTC,
  wbtc,
  WETH,
  weth,
  type Market,
} from "../helpers/market.ts";
import { Fraction, liquidation, priceOf, type LoanFigures } from "../helpers/mathematics.ts";
import { FeedMode } from "../helpers/mocks.ts";

type Scene = Market & { id: bigint };

/** A loan of 20,000 on ten ether, which are retired then, and half a bitcoin. */
async function retiredScene(): Promise<Scene> {
  const market = await standardMarket();
  const pledges: [bigint, bigint][] = [
    [WETH, weth("10")],
    [WBTC, wbtc("0.5")],
  ];
  const id = await openLoan(market, { pledges, amount: usdc("20,000") });
  await market.book.connect(market.guardian).retire(WETH);
  return { ...market, id };
}

describe("A retired listing", () => {
  it("is announced and shown", async () => {
    const { book, guardian } = await networkHelpers.loadFixture(standardMarket);
    expect((await book.listings(LINK)).isRetired).to.equal(false);
    await expect(book.connect(guardian).retire(LINK)).to.emit(book, "Retired").withArgs(LINK);
    expect((await book.listings(LINK)).isRetired).to.equal(true);
    expect((await book.listings(WETH)).isRetired).to.equal(false);
  });

  it("is retired for ever: once more is refused", async () => {
    const { book, guardian } = await networkHelpers.loadFixture(retiredScene);
    await expect(book.connect(guardian).retire(WETH))
      .to.be.revertedWithCustomError(book, "ListingRetired")
      .withArgs(WETH);
  });

  it("counts nothing in a borrow", async () => {
    const { book, borrower, id } = await networkHelpers.loadFixture(retiredScene);
    // 78 % of the bitcoin's 30,000; the ether would be 15,600 more.
    expect((await book.healthOf(id)).borrowLimit).to.equal(usdc("23,400"));
    await expect(book.connect(borrower).borrow(id, usdc("3,400.000001"), borrower))
      .to.be.revertedWithCustomError(book, "AboveBorrowLimit")
      .withArgs(usdc("23,400.000001"), usdc("23,400"));
    await book.connect(borrower).borrow(id, usdc("3,400"), borrower);
    expect(await book.debtOf(id)).to.equal(usdc("23,400"));
  });

  it("counts nothing in the release of another asset", async () => {
    const { book, borrower, id } = await networkHelpers.loadFixture(retiredScene);
    // 20,000 need 25,641.03 of bitcoin at 78 %: 0.42735043 of them.
    await expect(book.connect(borrower).release(id, WBTC, wbtc("0.07264958"), borrower))
      .to.be.revertedWithCustomError(book, "AboveBorrowLimit")
      .withArgs(usdc("20,000"), usdc("19,999.999656")); // 0.42735042 × 60,000 × 0.78
    await book.connect(borrower).release(id, WBTC, wbtc("0.07264957"), borrower);
    expect(await book.pledgeOf(id, WBTC)).to.equal(wbtc("0.42735043"));
  });

  it("keeps its call and liquidation lines", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, guardian } = market;
    const pledges: [bigint, bigint][] = [
      [WETH, weth("10")],
      [WBTC, wbtc("0.5")],
    ];
    const id = await openLoan(market, { pledges, amount: usdc("20,000") });
    const before = await book.healthOf(id);
    await book.connect(guardian).retire(WETH);
    const after = await book.healthOf(id);
    expect([after.callLine, after.liquidationLine]).to.deep.equal([usdc("40,000"), usdc("43,000")]);
    expect([after.callLine, after.liquidationLine]).to.deep.equal([before.callLine, before.liquidationLine]);
    expect(await book.pricesOf(WETH)).to.deep.equal(Array(3).fill(2_000n * 10n ** 24n));
  });

  it("may be added to, by anybody", async () => {
    const { book, borrower, stranger, id } = await networkHelpers.loadFixture(retiredScene);
    await book.connect(borrower).pledge(id, WETH, weth("1"));
    await book.connect(stranger).pledge(id, WETH, weth("2"));
    expect(await book.pledgeOf(id, WETH)).to.equal(weth("13"));
    expect((await book.healthOf(id)).borrowLimit).to.equal(usdc("23,400"));
  });

  it("may be released whole where the others carry the debt", async () => {
    const { book, borrower, id } = await networkHelpers.loadFixture(retiredScene);
    await book.connect(borrower).release(id, WETH, MaxUint256, borrower);
    expect((await book.loan(id)).pledged).to.equal(1n << WBTC);
  });

  it("counts when it is the one that is released, and then in part only", async () => {
    const { book, borrower, feeds, id } = await networkHelpers.loadFixture(retiredScene);
    await feeds.wbtc.set(dollars("40,000"));
    // The bitcoin carries 15,600 of the 20,000; the rest, 4,400, needs 2,820.51… / 1,560 ether.
    await expect(book.connect(borrower).release(id, WETH, weth("7.18"), borrower))
      .to.be.revertedWithCustomError(book, "AboveBorrowLimit")
      .withArgs(usdc("20,000"), usdc("19,999.2")); // 15,600 + 2.82 × 1,560
    await book.connect(borrower).release(id, WETH, weth("7.17"), borrower);
    expect(await book.pledgeOf(id, WETH)).to.equal(weth("2.83"));
    // Of the bitcoin nothing may go: beside it the ether counts nothing.
    await expect(book.connect(borrower).release(id, WBTC, 1n, borrower))
      .to.be.revertedWithCustomError(book, "AboveBorrowLimit")
      .withArgs(usdc("20,000"), usdc("15,599.999688")); // 0.49999999 × 40,000 × 0.78
  });

  it("counts nothing while another retired one is released", async () => {
    const market = await networkHelpers.loadFixture(retiredScene);
    const { book, borrower, guardian } = market;
    const pledges: [bigint, bigint][] = [
      [WBTC, wbtc("0.5")],
      [LINK, link("1,000")],
    ];
    const id = await openLoan(market, { pledges, amount: usdc("9,000"), number: 2n });
    for (const listing of [WBTC, LINK]) await book.connect(guardian).retire(listing);
    expect((await book.healthOf(id)).borrowLimit).to.equal(0n);
    // 65 % of 15,000 in LINK are 9,750 when LINK is released, and 23,400 in bitcoin when that is.
    await expect(book.connect(borrower).release(id, LINK, link("77"), borrower))
      .to.be.revertedWithCustomError(book, "AboveBorrowLimit")
      .withArgs(usdc("9,000"), usdc("8,999.25")); // 923 × 15 × 0.65
    await book.connect(borrower).release(id, LINK, link("76"), borrower);
    await expect(book.connect(borrower).release(id, WBTC, wbtc("0.31"), borrower))
      .to.be.revertedWithCustomError(book, "AboveBorrowLimit")
      .withArgs(usdc("9,000"), usdc("8,892")); // 0.19 × 60,000 × 0.78
    await book.connect(borrower).release(id, WBTC, wbtc("0.3"), borrower);
    expect(await book.pledgeOf(id, WBTC)).to.equal(wbtc("0.2"));
  });

  it("lets a loan without debt go, whole or in parts", async () => {
    const { book, borrower, id } = await networkHelpers.loadFixture(retiredScene);
    await book.connect(borrower).repay(id, MaxUint256);
    await book.connect(borrower).release(id, WETH, weth("4"), borrower);
    await book.connect(borrower).release(id, WBTC, MaxUint256, borrower);
    await book.connect(borrower).close(id, 0n, borrower);
    expect(await book.loan(id)).to.deep.equal(NO_LOAN);
  });

  it("lets a loan be closed", async () => {
    const { book, borrower, weth: token, id } = await networkHelpers.loadFixture(retiredScene);
    await book.connect(borrower).close(id, MaxUint256, borrower);
    expect(await book.loan(id)).to.deep.equal(NO_LOAN);
    expect(await token.balanceOf(borrower)).to.equal(weth("10,000"));
  });

  it("is pledged by no loan that did not, and none opens with it", async () => {
    const market = await networkHelpers.loadFixture(retiredScene);
    const { book, borrower, feeds, id } = market;
    const other = await openLoan(market, { pledges: [[WBTC, wbtc("1")]], amount: usdc("100"), number: 2n });
    const openings = [
      [{ listing: WETH, amount: weth("10") }],
      [
        { listing: WBTC, amount: wbtc("1") },
        { listing: WETH, amount: 1n },
      ],
    ];
    for (const call of [
      async () => book.connect(borrower).pledge(other, WETH, 1n),
      ...openings.map(
        (pledges) => async () => book.connect(borrower).open(loanId(borrower, 3n), pledges, usdc("100"), borrower),
      ),
    ]) {
      await expect(call()).to.be.revertedWithCustomError(book, "ListingRetired").withArgs(WETH);
    }
    // Whether its feed is live or not.
    await feeds.weth.setMode(FeedMode.revert);
    await expect(book.connect(borrower).pledge(other, WETH, 1n))
      .to.be.revertedWithCustomError(book, "ListingRetired")
      .withArgs(WETH);
    // Nor by one that had it and took it all out.
    await feeds.weth.setMode(FeedMode.answer);
    await book.connect(borrower).release(id, WETH, MaxUint256, borrower);
    await expect(book.connect(borrower).pledge(id, WETH, 1n))
      .to.be.revertedWithCustomError(book, "ListingRetired")
      .withArgs(WETH);
  });

  it("cures beyond its cap as any other", async () => {
    const market = await networkHelpers.loadFixture(retiredScene);
    const { book, borrower, feeds, id } = market;
    await setCap(market, WETH, 0n);
    await feeds.weth.set(dollars("1,000"));
    await feeds.wbtc.set(dollars("20,000"));
    // A call line of 80 % of 20,000: 4,000 are missing, 5,000 of value, 5 ether.
    expect(await book.connect(borrower).pledge.staticCall(id, WETH, weth("9"))).to.equal(weth("5"));
    await book.connect(borrower).pledge(id, WETH, weth("9"));
    expect((await book.healthOf(id)).callLine).to.equal(usdc("20,000"));
    await expect(book.connect(borrower).pledge(id, WETH, 1n))
      .to.be.revertedWithCustomError(book, "CapExceeded")
      .withArgs(WETH, weth("15") + 1n, 0n);
  });

  it("is liquidated as any other, to a borrow limit in which it counts", async () => {
    const market = await networkHelpers.loadFixture(retiredScene);
    const { book, keeper, feeds, id } = market;
    await feeds.weth.set(dollars("1,150"));
    await feeds.wbtc.set(dollars("23,000"));
    // V = 23,000, L = 19,780: D / L = 1.0111. T = 17,940 with the ether; without it 8,970, and far more would be sold.
    const inUnits = (price: string, decimals: bigint): Fraction =>
      priceOf(new Fraction(dollars(price), ONE_DOLLAR), decimals, 6n);
    const ether = { amount: weth("10"), price: inUnits("1,150", 18n), terms: MAJOR_TERMS };
    const bitcoin = { amount: wbtc("0.5"), price: inUnits("23,000", 8n), terms: MAJOR_TERMS };
    const loan: LoanFigures = { debt: usdc("20,000"), pledges: [ether, bitcoin] };
    const snapshot = await networkHelpers.takeSnapshot();
    for (const [listing, taken] of [
      [WETH, ether],
      [WBTC, bitcoin],
    ] as const) {
      const expected = liquidation(loan, taken, { minDebt: usdc("100") });
      const order = { id, listing, maxRepay: MaxUint256, minSeized: 0n };
      const { repaid, seized } = await book.connect(keeper).liquidate.staticCall(order, "0x");
      expect(repaid).to.be.within(expected.repaid, expected.repaid + 1n);
      const exact = liquidation(loan, taken, { minDebt: usdc("100"), maxRepay: repaid }).seized;
      expect(seized).to.be.within(exact - exact / 10n ** 18n - 1n, exact);
      await book.connect(keeper).liquidate(order, "0x");
      expect(await book.debtOf(id)).to.equal(usdc("20,000") - repaid);
      expect(await book.pledgeOf(id, listing)).to.equal(taken.amount - seized);
      await snapshot.restore();
    }
  });

  it("is written off as any other", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, guardian, keeper, feeds } = market;
    const id = await openLoan(market, { pledges: [[WETH, weth("0.1")]], amount: usdc("150") });
    await book.connect(guardian).retire(WETH);
    await feeds.weth.set(dollars("49.99"));
    await expect(book.connect(keeper).writeOff(id))
      .to.emit(book, "WrittenOff")
      .withArgs(id, keeper.address, usdc("150"));
  });

  it("needs no feed that is live to be retired", async () => {
    const { book, guardian, feeds } = await networkHelpers.loadFixture(standardMarket);
    await feeds.link.setMode(FeedMode.burnGas);
    await book.connect(guardian).retire(LINK);
    expect((await book.listings(LINK)).isRetired).to.equal(true);
  });

  it("that is all a loan has lets it neither borrow nor let go of more than its debt leaves", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, borrower, guardian } = market;
    const id = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("10,000") });
    await book.connect(guardian).retire(WETH);
    await expect(book.connect(borrower).borrow(id, 1n, borrower))
      .to.be.revertedWithCustomError(book, "AboveBorrowLimit")
      .withArgs(usdc("10,000.000001"), 0n);
    await expect(book.connect(borrower).release(id, WETH, weth("3.6"), borrower))
      .to.be.revertedWithCustomError(book, "AboveBorrowLimit")
      .withArgs(usdc("10,000"), usdc("9,984"));
    await book.connect(borrower).release(id, WETH, weth("3.5"), borrower);
    expect(await book.pledgeOf(id, WETH)).to.equal(weth("6.5"));
  });
});

import { expect } from "chai";

import { clock, DAY, networkHelpers } from "../helpers/chain.ts";
import { storageRoots } from "../helpers/contract-state.ts";
import { dollars, loanId, usdc, WETH, weth } from "../helpers/market.ts";
import { Fraction, WAD, whole } from "../helpers/mathematics.ts";
import { DEAD_MODES, FeedMode } from "../helpers/mocks.ts";
import { bothKinds, type Loans } from "../helpers/refinancing.ts";
import { expectRefused, openTerm, refinance } from "../helpers/term-refusals.ts";
import { debtOf, feeOf, MONTH, refinancing, WEEK } from "../helpers/terms.ts";

const BORROW = 1n;

describe("A fixed term, refused for what stands", () => {
  it("while borrowing is paused, or while the loan asset, the pledge or its price does not let it borrow", async () => {
    const market = await networkHelpers.loadFixture(bothKinds);
    const { book, vault, guardian, feeds, fixed, open } = market;
    const drawing = [
      async () => openTerm(market),
      async () => refinance(market, fixed, { duration: MONTH, amount: 1n }),
      async () => refinance(market, fixed, { duration: MONTH, addFee: true }),
      async () => refinance(market, fixed, { addFee: true }),
      async () => refinance(market, open, { duration: MONTH, amount: 1n }),
    ];
    let snapshot = await networkHelpers.takeSnapshot();
    await vault.connect(guardian).pause(BORROW);
    const until = clock.now() + 14n * DAY;
    for (const draw of drawing) await expectRefused(market, draw, "Paused", [BORROW, until]);
    await snapshot.restore();

    for (const mode of DEAD_MODES) {
      snapshot = await networkHelpers.takeSnapshot();
      await feeds.usdc.setMode(FeedMode[mode]);
      const values = [await feeds.usdc.getAddress()];
      for (const draw of drawing) await expectRefused(market, draw, "LoanAssetFeedNotLive", values);
      await feeds.usdc.setMode(FeedMode.answer);
      await feeds.weth.setMode(FeedMode[mode]);
      const [opening, ...others] = drawing;
      if (opening) await expectRefused(market, opening, "FeedNotLive", [WETH]);
      for (const draw of others) await expect(draw()).to.be.revertedWithCustomError(book, "AboveBorrowLimit");
      await snapshot.restore();
    }

    await book.connect(guardian).retire(WETH);
    await expectRefused(market, async () => openTerm(market), "ListingRetired", [WETH]);
    const debt = debtOf(await book.loan(fixed)) + 1n;
    const more = { duration: MONTH, amount: 1n };
    await expectRefused(market, async () => refinance(market, fixed, more), "AboveBorrowLimit", [debt, 0n]);
  });

  it("above the borrow limit, under the smallest debt, beyond the cash, and for nothing", async () => {
    const market = await networkHelpers.loadFixture(bothKinds);
    const { book, vault, lender, feeds, fixed, open, borrower } = market;
    const limit = usdc("15,600");
    await expectRefused(market, async () => openTerm(market, { amount: limit + 1n }), "AboveBorrowLimit", [
      limit + 1n,
      limit,
    ]);
    await expectRefused(market, async () => openTerm(market, { amount: usdc("99.999999") }), "DebtBelowMin", [
      usdc("99.999999"),
      usdc("100"),
    ]);
    await expectRefused(market, async () => openTerm(market, { amount: 0n }), "ZeroAmount", []);
    await expectRefused(market, async () => openTerm(market, { amount: 2n ** 104n }), "AmountTooLarge", [
      2n ** 104n,
      2n ** 104n - 1n,
    ]);
    const small = loanId(borrower, 5n);
    await book.connect(borrower).pledge(small, WETH, weth("1"));
    await expectRefused(market, async () => refinance(market, small, { duration: MONTH }), "NoDebt", [small]);
    const tiny = { duration: MONTH, amount: usdc("99") };
    await expectRefused(market, async () => refinance(market, small, tiny), "DebtBelowMin", [usdc("99"), usdc("100")]);

    const { cash } = await vault.state();
    await vault.connect(lender).withdraw(cash - usdc("50"), lender, lender);
    const much = { duration: MONTH, amount: usdc("50") + 1n };
    for (const id of [open, fixed]) {
      await expectRefused(market, async () => refinance(market, id, much), "InsufficientCash", [
        usdc("50") + 1n,
        usdc("50"),
      ]);
    }
    // 200 ether at 190 carry 29,640: less than the loan owes already.
    await feeds.weth.set(dollars("190"));
    const [debt, fee] = [debtOf(await book.loan(fixed)), feeOf(await book.loan(fixed))];
    const added = { addFee: true };
    await expectRefused(market, async () => refinance(market, fixed, added), "AboveBorrowLimit", [
      await openTermDebt(market, debt + fee),
      usdc("29,640"),
    ]);
    await refinance(market, fixed, { duration: WEEK }); // adds no debt
  });

  it("in the wrong state: in use, of the wrong kind, unborn, another's, or for a receiver that keeps nothing", async () => {
    const market = await networkHelpers.loadFixture(bothKinds);
    const { book, vault, borrower, stranger, fixed, open } = market;
    await expectRefused(market, async () => openTerm(market, { number: 3n }), "LoanExists", [fixed]);
    await expectRefused(market, async () => openTerm(market, { number: 2n }), "LoanExists", [open]);
    await expectRefused(market, async () => refinance(market, open, {}), "NotFixedTerm", [open]);
    const none = loanId(borrower, 77n);
    await expectRefused(market, async () => refinance(market, none, {}), "NotFixedTerm", [none]);
    await expectRefused(market, async () => refinance(market, none, { duration: MONTH }), "NoDebt", [none]);
    await expectRefused(
      market,
      async () => refinance(market, none, { duration: MONTH, amount: usdc("100") }),
      "AboveBorrowLimit",
      [usdc("100"), 0n],
    );
    await expectRefused(market, async () => book.connect(borrower).borrow(fixed, 1n, borrower), "NotOpenTerm", [fixed]);
    const { maturity } = await book.loan(fixed);
    await expectRefused(market, async () => book.connect(stranger).roll(fixed), "NotMatured", [fixed, maturity]);
    await expectRefused(market, async () => book.connect(stranger).roll(open), "NotFixedTerm", [open]);
    for (const id of [open, fixed, none]) {
      const order = refinancing(stranger, { duration: MONTH });
      await expectRefused(market, async () => book.connect(stranger).refinance(id, order), "NotOwnerOrOperator", [
        id,
        stranger.address,
      ]);
    }
    for (const receiver of [await vault.getAddress(), await book.getAddress()]) {
      await expectRefused(market, async () => openTerm(market, { receiver }), "InvalidReceiver", [receiver]);
      const order = { ...refinancing(borrower, { duration: MONTH, amount: 1n }), receiver };
      await expectRefused(market, async () => book.connect(borrower).refinance(fixed, order), "InvalidReceiver", [
        receiver,
      ]);
    }
  });

  it("leaves a trace where it is not refused: the roots see a single unit", async () => {
    const market = await networkHelpers.loadFixture(bothKinds);
    const before = await storageRoots(market);
    await market.book.connect(market.stranger).repay(market.fixed, 1n); // too little to retire anything
    const after = await storageRoots(market);
    const [vault, book, token, ...others] = after.map((root, i) => root === before[i]);
    expect([vault, book, token]).to.deep.equal([false, true, false]);
    expect(others).to.deep.equal([true, true, true]);
  });
});

/** A debt that becomes an open-term one is rounded up once more, from a base that is rounded up. */
async function openTermDebt({ vault }: Loans, debt: bigint): Promise<bigint> {
  const growth = new Fraction(await vault.debtIndex(), WAD);
  return whole(whole(debt).over(growth).ceil()).times(growth).ceil();
}

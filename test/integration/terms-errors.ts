import { expect } from "chai";

import { clock, DAY, networkHelpers, YEAR } from "../helpers/chain.ts";
import { expectUntouched, storageRoots } from "../helpers/contract-state.ts";
import { dollars, loanId, usdc, WETH, weth } from "../helpers/market.ts";
import { DEAD_MODES, FeedMode } from "../helpers/mocks.ts";
import { bothKinds, type Loans } from "../helpers/refinancing.ts";
import { ANY_RATE, debtOf, feeOf, figuresOf, mostTermDebt, quoteOf, refinancing, WEEK } from "../helpers/terms.ts";

const MONTH = 30n * DAY;
const BORROW = 1n;

/** Opens a term of the borrower's against ten ether. */
async function openTerm(
  { book, borrower }: Loans,
  of: { amount?: bigint; duration?: bigint; maxRate?: bigint; number?: bigint; receiver?: string; ether?: string } = {},
): Promise<unknown> {
  const { amount = usdc("1,000"), duration = MONTH, maxRate = ANY_RATE, number = 9n, ether = "10" } = of;
  const pledges = [{ listing: WETH, amount: weth(ether) }];
  const term = { duration, maxRate };
  return book
    .connect(borrower)
    .openTerm(loanId(borrower, number), pledges, amount, term, of.receiver ?? borrower.address);
}

async function refinance(
  { book, borrower }: Loans,
  id: bigint,
  of: Parameters<typeof refinancing>[1],
): Promise<unknown> {
  return book.connect(borrower).refinance(id, refinancing(borrower, of));
}

/** A call that is refused with these values, and changes nothing. */
async function expectRefused(
  market: Loans,
  call: () => Promise<unknown>,
  error: string,
  values: readonly unknown[],
): Promise<void> {
  await expectUntouched(market, async () => {
    const { contract } = ownerOf(market, error);
    await expect(call(), error)
      .to.be.revertedWithCustomError(contract, error)
      .withArgs(...values);
  });
}

/** Errors of quotes and cash are the vault's. */
function ownerOf({ book, vault }: Loans, error: string): { contract: Loans["book"] | Loans["vault"] } {
  return { contract: vault.interface.getError(error) === null ? book : vault };
}

describe("A fixed term, refused", () => {
  it("too short or too long, by a second, opened or refinanced", async () => {
    const market = await networkHelpers.loadFixture(bothKinds);
    for (const duration of [0n, 1n, WEEK - 1n, YEAR + 1n, 2n ** 255n]) {
      const range = [duration, WEEK, YEAR];
      await expectRefused(market, async () => openTerm(market, { duration }), "TermDurationOutOfRange", range);
      if (duration === 0n) continue; // for an open term
      for (const id of [market.open, market.fixed]) {
        await expectRefused(market, async () => refinance(market, id, { duration }), "TermDurationOutOfRange", range);
      }
    }
    for (const duration of [WEEK, YEAR]) {
      await openTerm(market, { duration, number: duration });
      await refinance(market, market.fixed, { duration });
    }
  });

  it("at a rate above what is accepted, by the last digit", async () => {
    const market = await networkHelpers.loadFixture(bothKinds);
    const { open, fixed, book } = market;
    const figures = await figuresOf(market, [fixed]);
    const amount = usdc("1,000");
    const quoted = quoteOf(figures, amount, MONTH);
    for (const maxRate of [quoted - 1n, 0n]) {
      await expectRefused(market, async () => openTerm(market, { amount, maxRate }), "RateAboveMax", [quoted, maxRate]);
    }
    const same = quoteOf(figures, 0n, MONTH);
    for (const id of [open, fixed]) {
      const order = { duration: MONTH, maxRate: same - 1n };
      await expectRefused(market, async () => refinance(market, id, order), "RateAboveMax", [same, same - 1n]);
    }
    const withFee = quoteOf(figures, feeOf(await book.loan(fixed)), MONTH);
    expect(withFee).to.be.above(same); // the fee is debt, too
    const order = { duration: MONTH, maxRate: same, addFee: true };
    await expectRefused(market, async () => refinance(market, fixed, order), "RateAboveMax", [withFee, same]);
    await openTerm(market, { amount, maxRate: quoted });
  });

  it("for a fee above what is accepted, paid or added, for any kind", async () => {
    const market = await networkHelpers.loadFixture(bothKinds);
    const fee = feeOf(await market.book.loan(market.fixed));
    for (const duration of [0n, MONTH]) {
      for (const addFee of [false, true]) {
        for (const maxFee of [0n, fee - 1n]) {
          const order = { duration, addFee, maxFee };
          await expectRefused(market, async () => refinance(market, market.fixed, order), "BreakFeeAboveMax", [
            fee,
            maxFee,
          ]);
        }
      }
    }
    await refinance(market, market.open, { duration: MONTH, maxFee: 0n }); // it costs none
  });

  it("beyond the share of terms", async () => {
    const market = await networkHelpers.loadFixture(bothKinds);
    const { book, open, fixed } = market;
    const figures = await figuresOf(market, [fixed]);
    const most = mostTermDebt(figures);
    const room = most - figures.termDebt;
    const all = [most + 1n, most];
    const ether = "300";
    await expectRefused(market, async () => openTerm(market, { amount: room + 1n, ether }), "TermShareExceeded", all);
    const more = { duration: MONTH, amount: room + 1n };
    await expectRefused(market, async () => refinance(market, fixed, more), "TermShareExceeded", all);
    const owed = await book.debtOf(open);
    const whole = { duration: MONTH, amount: room - owed + 1n };
    await expectRefused(market, async () => refinance(market, open, whole), "TermShareExceeded", all);
    const fee = feeOf(await book.loan(fixed));
    const withFee = { duration: MONTH, amount: room - fee + 1n, addFee: true };
    await expectRefused(market, async () => refinance(market, fixed, withFee), "TermShareExceeded", all);
  });

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
    // 200 ether at 200 carry 31,200: less than the loan owes already.
    await feeds.weth.set(dollars("190"));
    const [debt, fee] = [debtOf(await book.loan(fixed)), feeOf(await book.loan(fixed))];
    const added = { addFee: true };
    await expectRefused(market, async () => refinance(market, fixed, added), "AboveBorrowLimit", [
      debt + fee + (await roundingOf(market, debt + fee)),
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

/** An open-term debt is rounded up once more, from the base that is rounded up. */
async function roundingOf({ vault }: Loans, debt: bigint): Promise<bigint> {
  const index = await vault.debtIndex();
  const base = (debt * 10n ** 18n + index - 1n) / index;
  return (base * index + 10n ** 18n - 1n) / 10n ** 18n - debt;
}

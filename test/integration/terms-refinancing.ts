import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { clock, DAY, networkHelpers, YEAR } from "../helpers/chain.ts";
import { loanId, usdc, waitWithLiveFeeds, WETH, weth } from "../helpers/market.ts";
import { FeedMode } from "../helpers/mocks.ts";
import { bothKinds, expectRefinanced } from "../helpers/refinancing.ts";
import {
  debtOf,
  expectTermInvariants,
  feeOf,
  figuresOf,
  MONTH,
  mostTermDebt,
  openTermLoan,
  quoteOf,
  refinancing,
  UNIT,
  useMarket,
  WEEK,
} from "../helpers/terms.ts";

const BORROW = 1n;

describe("Refinancing", () => {
  const ways = [
    { name: "an open-term loan for a term", kind: "open", duration: MONTH },
    { name: "a fixed-term loan for an open term", kind: "fixed", duration: 0n },
    { name: "a fixed-term loan for another term", kind: "fixed", duration: YEAR },
    { name: "a fixed-term loan for a shorter term", kind: "fixed", duration: WEEK },
  ] as const;
  const fees = [
    { name: "paying the fee", addFee: false },
    { name: "adding the fee", addFee: true },
  ];
  const amounts = [
    { name: "without more debt", amount: 0n },
    { name: "with more debt", amount: usdc("5,000.000001") },
  ];
  for (const { name, kind, duration } of ways) {
    for (const { name: more, amount } of amounts) {
      for (const { name: pays, addFee } of fees) {
        it(`${name}, ${more}, ${pays}: one call, to the unit`, async () => {
          const market = await networkHelpers.loadFixture(bothKinds);
          const { borrower: caller, stranger: receiver } = market;
          const id = market[kind];
          const { fee } = await expectRefinanced(market, { id, duration, amount, addFee, caller, receiver });
          // 30,000.000007 at 10.26…% for seven days; to fix a rate costs nothing.
          expect(fee).to.equal(kind === "open" ? 0n : usdc("59.078703"));
        });
      }
    }
  }

  it("costs the interest of the time that is left, in the last week, and nothing from maturity on", async () => {
    const market = await networkHelpers.loadFixture(bothKinds);
    const { book, borrower: caller, fixed: id } = market;
    const { base, rate, maturity } = await book.loan(id);
    for (const [left, charged] of [
      [WEEK + 1n, WEEK],
      [WEEK - 1n, WEEK - 1n],
      [1n, 1n],
      [0n, 0n],
      [-MONTH, 0n],
    ] as const) {
      await waitWithLiveFeeds(market, maturity - left - clock.now());
      const snapshot = await networkHelpers.takeSnapshot();
      const { fee } = await expectRefinanced(market, { id, duration: MONTH, caller });
      expect(fee).to.equal((base * rate * charged + UNIT - 1n) / UNIT);
      await snapshot.restore();
    }
  });

  it("by an operator takes the fee from the operator, who may send what is drawn wherever", async () => {
    const market = await networkHelpers.loadFixture(bothKinds);
    const { book, borrower, stranger: caller, keeper: receiver, fixed: id } = market;
    await book.connect(borrower).setAuthorization(caller, true);
    const owners = await market.usdc.balanceOf(borrower);
    const { fee } = await expectRefinanced(market, { id, duration: MONTH, amount: usdc("100"), caller, receiver });
    expect(fee).to.be.above(0n);
    expect(await market.usdc.balanceOf(borrower)).to.equal(owners);
  });

  it("again and again carries all interest on, whatever the kind", async () => {
    const market = await networkHelpers.loadFixture(bothKinds);
    const { borrower: caller, open: id } = market;
    for (const duration of [MONTH, 0n, WEEK, YEAR, 0n, 90n * DAY]) {
      await waitWithLiveFeeds(market, 9n * DAY + 1n);
      await expectRefinanced(market, { id, duration, amount: 1n, addFee: true, caller });
    }
  });

  it("gives a loan without debt its first, if an amount is drawn", async () => {
    const market = await networkHelpers.loadFixture(bothKinds);
    const { book, borrower: caller, open: id } = market;
    await book.connect(caller).repay(id, MaxUint256);
    await expectRefinanced(market, { id, duration: MONTH, amount: usdc("100"), caller });
    expect(await book.debtOf(id)).to.equal(usdc("100"));
  });

  it("keeps the pledges, and lets them go as far as the new debt allows", async () => {
    const market = await networkHelpers.loadFixture(bothKinds);
    const { book, lens, borrower: caller, fixed: id } = market;
    await expectRefinanced(market, { id, duration: MONTH, amount: usdc("10,000"), caller });
    const debt = await book.debtOf(id);
    const most = await lens.maxRelease(book, id, WETH);
    const kept = weth("200") - most; // × 2,000 × 78 % carry the debt: within a unit's worth of ether
    expect((kept * 1_560n) / 10n ** 12n - debt).to.be.within(0n, 1n);
    await book.connect(caller).release(id, WETH, most, caller);
    expect(await book.pledgeOf(id, WETH)).to.equal(kept);
  });

  it("without more debt is never paused, reads no price, and minds neither limit nor cash", async () => {
    const market = await networkHelpers.loadFixture(bothKinds);
    const { book, vault, guardian, feeds, borrower: caller, open, fixed } = market;
    await vault.connect(market.lender).withdraw((await vault.state()).cash, market.lender, market.lender);
    await vault.connect(guardian).pause(BORROW);
    await book.connect(guardian).retire(WETH);
    for (const feed of Object.values(feeds)) await feed.setMode(FeedMode.revert);
    await expectRefinanced(market, { id: fixed, duration: MONTH, caller });
    await expectRefinanced(market, { id: fixed, duration: 0n, caller });
    await expectRefinanced(market, { id: open, duration: MONTH, caller });
  });

  it("of a term needs room under the share of terms for what is added only, of an open-term loan for all of it", async () => {
    const market = await networkHelpers.loadFixture(bothKinds);
    const { book, vault, borrower, open, fixed } = market;
    await useMarket(market, 3_000n);
    const figures = await figuresOf(market, [fixed]);
    const room = mostTermDebt(figures) - figures.termDebt;
    // All but what the open-term loan would need.
    const rest = room - (await book.debtOf(open)) + 1n;
    const other = await openTermLoan(market, { amount: rest, duration: MONTH, number: 9n, ether: "300" });
    const most = mostTermDebt(await figuresOf(market, [fixed, other]));
    await expect(book.connect(borrower).refinance(open, refinancing(borrower, { duration: MONTH })))
      .to.be.revertedWithCustomError(vault, "TermShareExceeded")
      .withArgs(most + 1n, most);
    const left = most - (await vault.termDebt());
    await expect(book.connect(borrower).refinance(fixed, refinancing(borrower, { duration: MONTH, amount: left + 1n })))
      .to.be.revertedWithCustomError(vault, "TermShareExceeded")
      .withArgs(most + 1n, most);
    await book.connect(borrower).refinance(fixed, refinancing(borrower, { duration: MONTH, amount: left }));
    expect((await vault.termDebt()) - most).to.be.within(0n, 1n); // the interest that became principal was rounded up
    await expectTermInvariants(market, [open, fixed, other, market.whale]);
  });

  it("of one loan in a batch of several calls is like any other", async () => {
    const market = await networkHelpers.loadFixture(bothKinds);
    const { book, borrower, open, fixed } = market;
    const [term, fee] = [await book.loan(fixed), feeOf(await book.loan(fixed))];
    const [debt, owed] = [debtOf(term), await book.debtOf(open)];
    const figures = await figuresOf(market, [fixed]);
    const call = (id: bigint, duration: bigint): string =>
      book.interface.encodeFunctionData("refinance", [id, refinancing(borrower, { duration, maxFee: fee })]);
    await book.connect(borrower).multicall([call(fixed, 0n), call(open, MONTH)]);
    expect((await book.debtOf(fixed)) - debt).to.be.within(0n, 1n);
    expect(await book.debtOf(open)).to.equal(owed);
    // The fee that was paid is cash by then, and no debt was added.
    const after = { ...figures, cash: figures.cash + fee, openDebt: figures.openDebt + debt, termDebt: 0n };
    expect((await book.loan(open)).rate).to.equal(quoteOf(after, 0n, MONTH));
    await expectTermInvariants(market, [open, fixed, market.whale, loanId(borrower)]);
  });
});

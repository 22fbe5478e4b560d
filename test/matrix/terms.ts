/** What fixed-term loans cost and owe, at any decimals. Each scenario returns the loans that it made. */
import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { DAY } from "../helpers/chain.ts";
import { NO_LOAN } from "../helpers/loans.ts";
import { loanId, openLoan, waitWithLiveFeeds, WETH } from "../helpers/market.ts";
import { ANY_RATE, debtOf, feeOf, figuresOf, mostTermDebt, payment, quoteOf, refinancing } from "../helpers/terms.ts";
import { scaledOf, type Sized } from "./market.ts";

/** A market that is two months old, in which the keeper owes half: the averaged supply is near what there is. */
async function aged(market: Sized): Promise<bigint> {
  const { asset, ether, keeper } = market;
  const whale = await openLoan(market, { pledges: [[WETH, ether(1_000n)]], amount: asset(500_000n), owner: keeper });
  await waitWithLiveFeeds(market, 60n * DAY);
  return whale;
}

interface Order {
  amount: bigint;
  duration: bigint;
  pledge: bigint;
  maxRate?: bigint;
}

/** Opens a fixed-term loan of the borrower's against ether, and returns its id. */
async function openTerm({ book, borrower }: Sized, order: Order): Promise<bigint> {
  const { amount, duration, pledge, maxRate = ANY_RATE } = order;
  const id = loanId(borrower);
  await book
    .connect(borrower)
    .openTerm(id, [{ listing: WETH, amount: pledge }], amount, { duration, maxRate }, borrower);
  return id;
}

/** Opened at the quote, repaid in part with the fee, and closed. */
export async function liveATerm(market: Sized): Promise<bigint[]> {
  const { book, vault, borrower, usdc: token, weth: collateral, asset, ether } = market;
  const whale = await aged(market);
  const [amount, duration] = [asset(9_001n), 90n * DAY];
  const rate = quoteOf(await figuresOf(market), amount, duration);
  const id = await openTerm(market, { amount, duration, maxRate: rate, pledge: ether(10n) });
  let term = await book.loan(id);
  expect([term.base, term.rate, term.maturity - term.since]).to.deep.equal([amount, rate, duration]);

  await waitWithLiveFeeds(market, 45n * DAY);
  expect(await book.debtOf(id)).to.equal(debtOf(term));
  const paid = asset(3_000n) + 7n;
  const after = payment(term, paid);
  await vault.accrue();
  const { reserves } = await vault.state();
  await book.connect(borrower).repay(id, paid);
  expect((await book.loan(id)).base).to.equal(after.left.base);
  expect(await book.debtOf(id)).to.equal(after.debt);
  expect((await vault.state()).reserves).to.equal(reserves + after.fee);

  await waitWithLiveFeeds(market, 43n * DAY); // two days before its end
  term = await book.loan(id);
  const all = debtOf(term) + feeOf(term);
  const purse = await token.balanceOf(borrower);
  await book.connect(borrower).close(id, all, borrower);
  expect(await book.loan(id)).to.deep.equal(NO_LOAN);
  expect(await token.balanceOf(borrower)).to.equal(purse - all);
  expect(await collateral.balanceOf(borrower)).to.equal(ether(10_000n));
  expect(await vault.termDebt()).to.equal(0n);
  return [whale, id];
}

/** From an open term to a fixed one with more debt, to another with the fee added, and rolled at its end. */
export async function changeTerms(market: Sized): Promise<bigint[]> {
  const { book, vault, borrower, stranger, usdc: token, asset, ether } = market;
  const whale = await aged(market);
  const id = await openLoan(market, { pledges: [[WETH, ether(10n)]], amount: asset(8_003n) });
  await waitWithLiveFeeds(market, 10n * DAY);
  const me = book.connect(borrower);

  const [debt, more, month] = [await book.debtOf(id), asset(500n) + 1n, 30n * DAY];
  const rate = quoteOf(await figuresOf(market), more, month);
  await me.refinance(id, refinancing(stranger, { duration: month, maxRate: rate, amount: more }));
  const first = await book.loan(id);
  expect([first.base, first.rate]).to.deep.equal([debt + more, rate]);
  expect(await token.balanceOf(stranger)).to.equal(asset(21_000_000n) + more);

  await waitWithLiveFeeds(market, 20n * DAY);
  const [owed, fee] = [debtOf(first), feeOf(first)];
  const second = quoteOf(await figuresOf(market, [id]), fee, month);
  await me.refinance(id, refinancing(borrower, { duration: month, maxRate: second, maxFee: fee, addFee: true }));
  const renewed = await book.loan(id);
  expect([renewed.base, renewed.rate]).to.deep.equal([owed + fee, second]);

  await waitWithLiveFeeds(market, month);
  await book.connect(stranger).roll(id);
  const { index } = await vault.state();
  const scaled = scaledOf(debtOf(renewed), { index }).ceil();
  expect(await book.loan(id)).to.deep.equal([scaled, 1n << WETH, 0n, 0n, 0n, 0n]);
  expect(await vault.termDebt()).to.equal(0n);
  return [whale, id];
}

/** All that terms may owe, and not a unit more; the lenders get nine tenths of the interest. */
export async function fillTheTerms(market: Sized): Promise<bigint[]> {
  const { book, vault, borrower, ether } = market;
  const whale = await aged(market);
  const [most, duration] = [mostTermDebt(await figuresOf(market)), 365n * DAY];
  const pledge = ether(500n);
  await expect(openTerm(market, { amount: most + 1n, duration, pledge }))
    .to.be.revertedWithCustomError(vault, "TermShareExceeded")
    .withArgs(most + 1n, most);
  const id = await openTerm(market, { amount: most, duration, pledge });
  expect(await vault.termDebt()).to.equal(most);

  await waitWithLiveFeeds(market, duration);
  const term = await book.loan(id);
  expect(feeOf(term)).to.equal(0n);
  await book.connect(borrower).repay(id, MaxUint256);
  expect(await book.debtOf(id)).to.equal(0n);
  return [whale, id];
}

/** What borrowers do, at any decimals. Each scenario returns the loans that it made. */
import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { DAY, YEAR } from "../helpers/chain.ts";
import { NO_LOAN } from "../helpers/loans.ts";
import { loanId, openLoan, waitWithLiveFeeds, wbtc, WBTC, WETH } from "../helpers/market.ts";
import { grainOf, unpackAverage } from "../helpers/averaged-supply.ts";
import { accrue, debtOf, line, totalAssets, WAD } from "../helpers/mathematics.ts";
import { bitcoinPledge, etherPledge, loanOf, scaledOf, type Sized } from "./market.ts";

/** A loan opens at its borrow limit and not a unit above. */
export async function openAtLimit(market: Sized): Promise<bigint[]> {
  const { book, borrower, usdc: token, weth: collateral, asset, ether, setPrice } = market;
  await setPrice("1,999.37");
  const pledged = ether(7n);
  const limit = line(loanOf(0n, etherPledge(market, pledged, "1,999.37")), "borrowLtv").floor();
  const id = loanId(borrower);
  const pledges = [{ listing: WETH, amount: pledged }];
  await expect(book.connect(borrower).open(id, pledges, limit + 1n, borrower))
    .to.be.revertedWithCustomError(book, "AboveBorrowLimit")
    .withArgs(limit + 1n, limit);

  await book.connect(borrower).open(id, pledges, limit, borrower);

  const health = await book.healthOf(id);
  expect(health.debt).to.equal(limit);
  expect(health.borrowLimit).to.equal(limit);
  expect(await token.balanceOf(borrower)).to.equal(asset(1_000_000n) + limit);
  expect(await collateral.balanceOf(borrower)).to.equal(ether(9_993n));
  expect(await collateral.balanceOf(book)).to.equal(pledged);
  return [id];
}

/** Borrow more, pledge more, repay a part, release a part, close: every figure is known before. */
export async function liveAndClose(market: Sized): Promise<bigint[]> {
  const { book, vault, borrower, stranger, usdc: token, weth: collateral, asset, ether } = market;
  const id = await openLoan(market, { pledges: [[WETH, ether(10n)]], amount: asset(9_001n) });
  await waitWithLiveFeeds(market, 45n * DAY);

  const { index } = await vault.accruedState();
  let scaled = asset(9_001n); // the first index is 1
  await book.connect(borrower).borrow(id, asset(2_500n) + 1n, stranger);
  scaled += scaledOf(asset(2_500n) + 1n, { index }).ceil();
  expect((await book.loan(id)).base).to.equal(scaled);
  expect(await book.debtOf(id)).to.equal(debtOf(scaled, index));
  expect(await token.balanceOf(stranger)).to.equal(asset(21_000_000n) + asset(2_500n) + 1n);

  await book.connect(stranger).pledge(id, WETH, ether(1n, 2n));
  expect(await book.pledgeOf(id, WETH)).to.equal(ether(21n, 2n));
  expect(await collateral.balanceOf(stranger)).to.equal(ether(19_999n, 2n));

  await book.connect(borrower).repay(id, asset(3_000n) + 7n);
  scaled -= scaledOf(asset(3_000n) + 7n, { index }).floor();
  expect((await book.loan(id)).base).to.equal(scaled);
  expect(await token.balanceOf(borrower)).to.equal(asset(1_000_000n) + asset(9_001n) - asset(3_000n) - 7n);

  await book.connect(borrower).release(id, WETH, ether(9n, 4n), borrower);
  expect(await collateral.balanceOf(borrower)).to.equal(ether(9_990n) + ether(9n, 4n));
  const loan = loanOf(debtOf(scaled, index), etherPledge(market, ether(33n, 4n), "2,000"));
  const health = await book.healthOf(id);
  expect(health.debt).to.equal(loan.debt);
  expect(health.borrowLimit).to.equal(line(loan, "borrowLtv").floor());
  expect(health.callLine).to.equal(line(loan, "callLtv").floor());
  expect(health.liquidationLine).to.equal(line(loan, "liquidationLtv").floor());

  const purse = await token.balanceOf(borrower);
  await book.connect(borrower).close(id, loan.debt, borrower);
  expect(await book.loan(id)).to.deep.equal(NO_LOAN);
  expect(await token.balanceOf(borrower)).to.equal(purse - loan.debt);
  expect(await collateral.balanceOf(borrower)).to.equal(ether(10_000n) + ether(1n, 2n));
  expect(await vault.totalDebt()).to.equal(0n);
  return [id];
}

/** A payment may leave the smallest loan, not a unit less; all is always taken. */
export async function repayToTheSmallest(market: Sized): Promise<bigint[]> {
  const { book, borrower, asset, ether, minDebt } = market;
  const id = await openLoan(market, { pledges: [[WETH, ether(1n)]], amount: asset(1_000n) });
  await expect(book.connect(borrower).repay(id, asset(900n) + 1n))
    .to.be.revertedWithCustomError(book, "DebtBelowMin")
    .withArgs(minDebt - 1n, minDebt);
  await book.connect(borrower).repay(id, asset(900n));
  expect(await book.debtOf(id)).to.equal(minDebt);
  expect(await book.connect(borrower).repay.staticCall(id, MaxUint256)).to.equal(minDebt);
  await book.connect(borrower).repay(id, MaxUint256);
  expect(await book.debtOf(id)).to.equal(0n);
  await book.connect(borrower).release(id, WETH, MaxUint256, borrower);
  return [id];
}

/** Two pledges of different decimals carry one loan: their lines add up, and either can be released as far as they allow. */
export async function pledgeTwo(market: Sized): Promise<bigint[]> {
  const { book, borrower, weth: collateral, wbtc: bitcoin, asset, ether } = market;
  const amounts: [bigint, bigint] = [ether(5n), wbtc("0.12345678")];
  const id = await openLoan(market, {
    pledges: [
      [WETH, amounts[0]],
      [WBTC, amounts[1]],
    ],
    amount: asset(10_000n),
  });
  const pledges = [etherPledge(market, amounts[0], "2,000"), bitcoinPledge(market, amounts[1], "60,000")];
  const both = loanOf(asset(10_000n), ...pledges);
  const health = await book.healthOf(id);
  expect(health.borrowLimit).to.equal(line(both, "borrowLtv").floor());
  expect(health.callLine).to.equal(line(both, "callLtv").floor());
  expect(health.liquidationLine).to.equal(line(both, "liquidationLtv").floor());

  // Either alone carries less than the debt.
  for (const [listing, left] of [
    [WETH, pledges.slice(1)],
    [WBTC, pledges.slice(0, 1)],
  ] as const) {
    await expect(book.connect(borrower).release(id, listing, MaxUint256, borrower))
      .to.be.revertedWithCustomError(book, "AboveBorrowLimit")
      .withArgs(asset(10_000n), line(loanOf(0n, ...left), "borrowLtv").floor());
  }
  await book.connect(borrower).repay(id, asset(5_000n));
  await book.connect(borrower).release(id, WETH, MaxUint256, borrower);
  expect((await book.loan(id)).pledged).to.equal(1n << WBTC);
  expect(await collateral.balanceOf(borrower)).to.equal(ether(10_000n));
  expect((await book.healthOf(id)).borrowLimit).to.equal(line(loanOf(0n, ...pledges.slice(1)), "borrowLtv").floor());
  await book.connect(borrower).close(id, asset(5_000n), borrower);
  expect(await bitcoin.balanceOf(borrower)).to.equal(wbtc("1,000"));
  return [id];
}

/**
 * Interest of five months above the target, month by month. What follows from the index is exact; the index is as close as the
 * contract knows its utilisation (to one unit of debt) and its rate (to 1e-14 a year).
 */
export async function accrueForMonths(market: Sized): Promise<bigint[]> {
  const { book, vault, asset, ether } = market;
  const first = await openLoan(market, { pledges: [[WETH, ether(1_000n)]], amount: asset(920_000n) });
  const second = await openLoan(market, { pledges: [[WETH, ether(20n)]], amount: asset(20_000n), number: 2n });
  const month = YEAR / 12n;
  for (let n = 0n; n < 5n; n++) {
    const before = await vault.state();
    await waitWithLiveFeeds(market, month);
    await vault.accrue();
    const after = await vault.state();

    const expected = accrue(before, month);
    // A unit of debt moves utilisation by 1 / supply. On the steep side that moves the curve by 30 times as much, the
    // distance by 10 times and so a month's drift by 50 / 12 × 10: together less than 100 times, as a part of the growth.
    const growth = expected.index - before.index;
    const slack = (growth * 100n) / asset(1_000_000n) + growth / 10n ** 11n + 2n;
    expect(after.index).to.be.within(expected.index - slack, expected.index + slack);
    const rateSlack = (expected.rateAtTarget * 100n) / asset(1_000_000n) + 2n;
    expect(after.rateAtTarget).to.be.within(expected.rateAtTarget - rateSlack, expected.rateAtTarget + rateSlack);
    const average = unpackAverage(expected.averagedSupply);
    const averageSlack = 1n + grainOf(average); // a unit of debt, and the last digit that is stored
    expect(unpackAverage(after.averagedSupply)).to.be.within(average - averageSlack, average + averageSlack);

    const interest = (after.scaledDebt * after.index) / WAD - (before.scaledDebt * before.index) / WAD;
    expect(after.reserves).to.equal(before.reserves + interest / 10n);
    expect(after.cash).to.equal(before.cash);
    expect(await vault.totalDebt()).to.equal((after.scaledDebt * after.index) / WAD);
    expect(await vault.totalAssets()).to.equal(totalAssets(after));
    expect(await book.debtOf(first)).to.equal(debtOf(asset(920_000n), after.index));
    expect(await book.debtOf(second)).to.equal(debtOf(asset(20_000n), after.index));
  }
  return [first, second];
}

/** The exits of INV-09, taken one by one. */
import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { networkHelpers } from "./chain.ts";
import { dollars, loanId, openLoan, usdc, WBTC, wbtc, WETH, weth, type Market } from "./market.ts";

/** What stands before anything goes wrong: a loan of 10,000 against 10 ether, and a bitcoin without debt. */
export interface Standing {
  id: bigint;
  debtFree: bigint;
}

/** Opens both. */
export async function openStanding(market: Market): Promise<Standing> {
  const { book, borrower } = market;
  const id = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("10,000") });
  const debtFree = loanId(borrower, 2n);
  await book.connect(borrower).pledge(debtFree, WBTC, wbtc("1"));
  return { id, debtFree };
}

/** Whoever wants out gets out, whatever feeds say. Leaves everything as it was. */
export async function expectExits(market: Market, { id, debtFree }: Standing): Promise<void> {
  const { vault, book, lender, borrower, stranger } = market;
  const snapshot = await networkHelpers.takeSnapshot();

  const debt = await book.debtOf(id);
  await book.connect(stranger).repay(id, usdc("1,000"));
  expect(await book.debtOf(id)).to.be.within(debt - usdc("1,000"), debt - usdc("1,000") + 1n);

  const cash = (await vault.accruedState()).cash;
  const wanted = await vault.maxWithdraw(lender);
  expect(wanted).to.be.above(0n).and.to.be.at.most(cash);
  const owned = await market.usdc.balanceOf(lender);
  await vault.connect(lender).withdraw(wanted, lender, lender);
  expect(await market.usdc.balanceOf(lender)).to.equal(owned + wanted);

  const bitcoin = await market.wbtc.balanceOf(borrower);
  await book.connect(borrower).release(debtFree, WBTC, MaxUint256, borrower);
  expect(await market.wbtc.balanceOf(borrower)).to.equal(bitcoin + wbtc("1"));

  const ether = await market.weth.balanceOf(borrower);
  const pledged = await book.pledgeOf(id, WETH);
  await book.connect(borrower).close(id, MaxUint256, borrower);
  expect(await book.debtOf(id)).to.equal(0n);
  expect(await market.weth.balanceOf(borrower)).to.equal(ether + pledged);
  await snapshot.restore();
}

/** A loan above its call line is cured by a pledge, one above its liquidation line is liquidated; ether's feed is live. */
export async function expectCureAndLiquidation(market: Market, { id }: Standing): Promise<void> {
  const { book, borrower, keeper, feeds } = market;
  const snapshot = await networkHelpers.takeSnapshot();
  const debt = await book.debtOf(id);

  // 10 ether at this price are worth the debt / 0.83: between the lines of 80 and 86 %.
  await feeds.weth.set((debt * 100n * 100n) / (83n * 10n));
  const before = await book.healthOf(id);
  expect(before.debt).to.be.within(before.callLine + 1n, before.liquidationLine);
  await book.connect(borrower).pledge(id, WETH, weth("1"));
  const cured = await book.healthOf(id);
  expect(cured.callLine).to.be.at.least(cured.debt);

  await feeds.weth.set(dollars("900"));
  const ether = await market.weth.balanceOf(keeper);
  await book.connect(keeper).liquidate({ id, listing: WETH, maxRepay: MaxUint256, minSeized: 0n }, "0x");
  expect(await market.weth.balanceOf(keeper)).to.be.above(ether);
  expect(await book.debtOf(id)).to.be.below(debt);
  await snapshot.restore();
}

/** Both lines of a loan now. */
export async function linesOf({ book }: Market, id: bigint): Promise<[callLine: bigint, liquidationLine: bigint]> {
  const { callLine, liquidationLine } = await book.healthOf(id);
  return [callLine, liquidationLine];
}

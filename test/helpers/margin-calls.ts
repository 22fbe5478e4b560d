/** Margin calls: a loan to call, the times of a call, and what is sold past its deadline, from design.md a second time. */
import { expect } from "chai";
import { MaxUint256, ZeroAddress, type AddressLike, type ContractTransactionResponse } from "ethers";

import { clock, DAY, HOUR } from "./chain.ts";
import type { ILoanBook } from "../../typechain-types/LoanBook.ts";
import type { LoanBook } from "./contracts.ts";
import {
  dollars,
  loanId,
  MAJOR_TERMS,
  marketWithoutPeg,
  openLoan,
  standardMarket,
  usdc,
  waitWithLiveFeeds,
  WETH,
  weth,
  type Market,
} from "./market.ts";
import {
  bps,
  Fraction,
  larger,
  line,
  ONE,
  smaller,
  value,
  WAD,
  whole,
  ZERO,
  type LoanFigures,
  type PledgeFigures,
} from "./mathematics.ts";

/** From a call to its deadline, and from there to its lapse. [s] */
export const CURE = DAY;
export const LAPSE = 12n * HOUR;

/** How long after the deadline the soft bonus is whole, and how old a call must be to earn a credit. [s] */
export const SOFT_RAMP = 2n * HOUR;
export const CREDIT_AGE = 600n;

/** Ten ether beside it: above its call line below 1,867.5, its liquidation line below 1,737.21, its borrow limit below 1,915.39. */
export const DEBT = usdc("14,940");

/** At this price it is half way between the lines, 14,400 and 15,480. */
export const HALF_WAY = "1,800";

const MIN_DEBT = usdc("100");

export type Scene = Market & { id: bigint };

/** A loan of the borrower's, with ether at 2,000. */
export async function soundLoan(): Promise<Scene> {
  const market = await standardMarket();
  return { ...market, id: await openLoan(market, { pledges: [[WETH, weth("10")]], amount: DEBT }) };
}

/** The same half way between its lines, so that its margin can be called. */
export async function callableLoan(): Promise<Scene> {
  const scene = await soundLoan();
  await scene.feeds.weth.set(dollars(HALF_WAY));
  return scene;
}

/** The same, whose margin the stranger has just called. */
export async function calledLoan(): Promise<Scene> {
  const scene = await callableLoan();
  await scene.book.connect(scene.stranger).callMargin(scene.id);
  return scene;
}

/** The called loan in a market whose loan asset has no peg. */
export async function calledWithoutPeg(): Promise<Scene> {
  const market = await marketWithoutPeg();
  const id = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: DEBT });
  await market.feeds.weth.set(dollars(HALF_WAY));
  await market.book.connect(market.stranger).callMargin(id);
  return { ...market, id };
}

/** The same debt for 30 days at a fixed rate, in a market that is a month old: ether is at 2,000. */
export async function fixedLoan(): Promise<Scene> {
  const market = await standardMarket();
  const { book, borrower } = market;
  await waitWithLiveFeeds(market, 30n * DAY);
  const id = loanId(borrower);
  const pledges = [{ listing: WETH, amount: weth("10") }];
  await book.connect(borrower).openTerm(id, pledges, DEBT, { duration: 30n * DAY, maxRate: 10n ** 9n }, borrower);
  return { ...market, id };
}

/** Moves time to `time`, with live feeds. */
export async function goTo(market: Pick<Market, "feeds">, time: bigint): Promise<void> {
  await waitWithLiveFeeds(market as Market, time - clock.now());
}

/** The same to some seconds after the deadline of the loan's call. */
export async function goPastDeadline({ book, id, ...market }: Scene, seconds: bigint): Promise<void> {
  await goTo(market, (await book.marginCallOf(id)).deadline + seconds);
}

/** A call of `caller` stands, with this deadline. */
export async function expectCall(
  book: LoanBook,
  id: bigint,
  expected: { caller: { address: string }; calledAt: bigint; deadline?: bigint },
): Promise<void> {
  const { caller, calledAt, deadline = calledAt + CURE } = expected;
  expect(await book.marginCallOf(id)).to.deep.equal([caller.address, calledAt, deadline, deadline + LAPSE]);
  expect((await book.loan(id)).flags).to.equal(1n);
}

/** The call of a loan of these scenes, made by the stranger, stands as it was made. */
export async function expectStands({ book, stranger, id }: Scene, calledAt = clock.now()): Promise<void> {
  await expectCall(book, id, { caller: stranger, calledAt });
}

/** A transaction ends the loan's call. */
export async function expectCleared({ book, id }: Scene, call: Promise<ContractTransactionResponse>): Promise<void> {
  await expect(call).to.emit(book, "MarginCallCleared").withArgs(id);
  await expectNoCall(book, id);
}

/** No call stands, not even one that has lapsed. */
export async function expectNoCall(book: LoanBook, id: bigint): Promise<void> {
  expect(await book.marginCallOf(id)).to.deep.equal([ZeroAddress, 0n, 0n, 0n]);
  expect((await book.loan(id)).flags).to.equal(0n);
}

/** INV-01 for the collateral: the book holds the pledges of these loans and the credits of these accounts, to the unit. */
export async function expectHeld(market: Market, loans: bigint[], callers: AddressLike[]): Promise<void> {
  const { book } = market;
  for (const [listing, token] of [market.weth, market.wbtc, market.link].entries()) {
    let sum = 0n;
    for (const id of loans) sum += await book.pledgeOf(id, listing);
    for (const caller of callers) sum += await book.creditOf(caller, listing);
    expect((await book.listings(listing)).held).to.equal(sum);
    expect(await token.balanceOf(book)).to.equal(sum);
  }
}

/** An order for as much as the rules allow. */
export function orderFor(id: bigint, listing = WETH, maxRepay: bigint = MaxUint256): ILoanBook.OrderStruct {
  return { id, listing, maxRepay, minSeized: 0n };
}

// ---------------------------------------------------------------------------------------------------------------- Sales

/** A pledge of ether with the reference terms, at a price in dollars. */
export function etherPledge(amount: bigint, price: string, seizurePrice = price): PledgeFigures {
  return { amount, price: inUnits(price), seizurePrice: inUnits(seizurePrice), terms: MAJOR_TERMS };
}

/** Loan asset base units for a base unit of a token of 18 decimals. */
export function inUnits(price: string): Fraction {
  return new Fraction(dollars(price), 100n * weth("1"));
}

/** What a loan owes and pledges, as the book rounds it. */
export function figures(debt: bigint, ...pledges: PledgeFigures[]): LoanFigures {
  return { debt, pledges, isRounded: true };
}

/** 1.5 % × min(t / 2 h, 1) × min((D − C) / (L − C), 1). */
export function softBonus(loan: LoanFigures, overdue: bigint): Fraction {
  const [callLine, liquidationLine] = [line(loan, "callLtv"), line(loan, "liquidationLtv")];
  const above = whole(loan.debt).minus(callLine);
  if (!ZERO.isBelow(above)) return ZERO;
  const depth = smaller(above.over(liquidationLine.minus(callLine)), ONE);
  return bps(150n)
    .times(smaller(new Fraction(overdue, SOFT_RAMP), ONE))
    .times(depth);
}

/** β: the larger of soft and hard bonus, what a lower seizing price adds, and no more than the equity left, or 1 %. */
export function beta(loan: LoanFigures, taken: PledgeFigures, overdue: bigint): Fraction {
  const debt = whole(loan.debt);
  const { bonusSlope, maxBonus } = taken.terms;
  const steep = bps(bonusSlope).times(debt.over(line(loan, "liquidationLtv")).minus(ONE));
  const hard = smaller(larger(ZERO, steep), bps(maxBonus));
  const all = ONE.plus(larger(hard, softBonus(loan, overdue)))
    .times(taken.price)
    .over(taken.seizurePrice ?? taken.price)
    .minus(ONE);
  return smaller(all, larger(bps(100n), value(loan).over(debt).minus(ONE)));
}

/** x = min(D, (D − T) / (1 − t (1 + β))): to the borrow limit above the liquidation line, else to the call line. Rounded up. */
export function mostRepaid(loan: LoanFigures, taken: PledgeFigures, overdue: bigint): bigint {
  const debt = whole(loan.debt);
  const ltv = line(loan, "liquidationLtv").isBelow(debt) ? "borrowLtv" : "callLtv";
  const factor = ONE.plus(beta(loan, taken, overdue));
  const x = debt.minus(line(loan, ltv)).over(ONE.minus(bps(taken.terms[ltv]).times(factor)));
  const isHopeless = value(loan).isBelow(debt.times(bps(10_100n)));
  return isHopeless || debt.minus(x).isBelow(whole(MIN_DEBT)) ? loan.debt : x.ceil();
}

/** The caller's part of a seizure: a tenth of β's. [token], rounded down. */
export function creditOf(seized: bigint, bonus: Fraction): bigint {
  return whole(seized)
    .times(bonus)
    .over(ONE.plus(bonus).times(whole(10n)))
    .floor();
}

/**
 * Sells a part of a loan's pledge and compares it with the independent calculation. The contract rounds β and the divisor to 18
 * digits against the liquidator, who may be asked for a unit more; and a unit may be lost between a payment and what it retires.
 */
export async function expectSale(
  scene: Market,
  loan: LoanFigures,
  taken: PledgeFigures,
  sale: { id: bigint; listing?: bigint; overdue: bigint; maxRepay?: bigint; caller?: string },
): Promise<{ repaid: bigint; seized: bigint; credit: bigint }> {
  const { book, keeper } = scene;
  const { id, listing = WETH, overdue, maxRepay = MaxUint256, caller } = sale;
  expect(await book.debtOf(id)).to.equal(loan.debt);
  const order = orderFor(id, listing, maxRepay);
  const result = await book.connect(keeper).liquidate.staticCall(order, "0x");

  const most = mostRepaid(loan, taken, overdue);
  if (maxRepay < most) expect(result.repaid).to.equal(maxRepay);
  else expect(result.repaid).to.be.within(most, most + 1n);

  const bonus = beta(loan, taken, overdue);
  const bought = (paid: bigint): bigint => whole(paid).times(ONE.plus(bonus)).over(taken.price).floor();
  const before = await book.pledgeOf(id, listing);
  const credited = caller === undefined ? 0n : await book.creditOf(caller, listing);
  const isSoft = !line(loan, "liquidationLtv").isBelow(whole(loan.debt));
  const dust = 2n * (result.seized / WAD + 1n); // the last of 18 digits of β, which is rounded twice
  const isRight = (amount: bigint): boolean =>
    amount >= bought(result.repaid - 1n) - dust && amount <= bought(result.repaid);
  await expect(book.connect(keeper).liquidate({ ...order, minSeized: result.seized }, "0x"))
    .to.emit(book, "Liquidated")
    .withArgs(id, listing, keeper.address, result.repaid, isRight, 0n, isSoft);

  const seized = before - (await book.pledgeOf(id, listing));
  const credit = caller === undefined ? 0n : (await book.creditOf(caller, listing)) - credited;
  expect(result.seized).to.equal(seized - credit);
  if (caller !== undefined) expect(credit).to.be.within(creditOf(seized, bonus) - 3n, creditOf(seized, bonus));
  expect(await book.debtOf(id)).to.be.within(loan.debt - result.repaid, loan.debt - result.repaid + 1n);
  return { repaid: result.repaid, seized, credit };
}

/**
 * Where a loan stands and what it may do. Mirrors `LoanLens`, each function the view of its name, with its rounding: what it says may be
 * done can be done in a block of the board's time.
 *
 * As in the lens a loan without debt and pledges is answered with zeros, and a listing that the book does not have is refused.
 */
import { requireUint } from "../errors/invalid-input.ts";
import type { Loan, VaultState } from "../types.ts";
import { MAX_AMOUNT, max, min, mulDivDown, requireAmount, saturatingSub, WAD } from "./amounts.ts";
import { listingOn, type Board, type ListingFeeds } from "./book-prices.ts";
import { leastFor } from "./health-math.ts";
import { dropToLine, priceAtLine } from "./line-prices.ts";
import { baseDown, baseWithFeeDown, debtUp, feeUp, growthOf, paymentUp, scaledUp, type Growth } from "./loan-debt.ts";
import { borrowLimit, holdingsOf, lines, part, UNLIMITED, without, type Pledges } from "./loan-lines.ts";
import { asOf, isAlive, overdue, type MarginCall } from "./margin-call-record.ts";
import { scaleOf, type PriceSource } from "./price-feeds.ts";

/** What loans are looked at with: a book's board, and what open-term debts have grown to at its time. */
export interface MarketView {
  /** What its loans are judged by. */
  readonly board: Board;
  /** The vault's. [WAD] */
  readonly debtIndex: bigint;
  /** The smallest debt that a loan may have. [asset] */
  readonly minDebt: bigint;
}

/** Where a margin call stands: `due` is past its deadline, `lapsed` does nothing any more. `ILoanLens.MarginCallState`. */
export type MarginCallState = "none" | "curing" | "due" | "lapsed";

/** What brings a loan down to its call line: the one, or any one of the others. `ILoanLens.Cure`. */
export interface Cure {
  /** [asset] */
  readonly repayment: bigint;
  /** How much more of each pledged listing, by its number. [token] */
  readonly additions: Pledges;
}

/** What refinancing a loan comes to, but for the rate, which is the vault's. */
export interface RefinancedDebt {
  /** What ending the standing term costs. [asset], rounded up. */
  readonly fee: bigint;
  /** What the loan would owe, but for the rounding of an open-term debt. [asset] */
  readonly debt: bigint;
  /** By how much all debt would grow: what a quote of the new term is asked for. [asset] */
  readonly debtAdded: bigint;
  /** By how much the debt of fixed terms would grow if the new one is fixed: likewise. [asset] */
  readonly termDebtAdded: bigint;
}

/** What a loan owes, without the fee for ending a term. [asset], rounded up. */
export function debtOf(market: MarketView, loan: Loan): bigint {
  return debtUp(growthIn(market, loan), loan.base);
}

/**
 * The most that `borrow` accepts for this loan; one unit more is refused. [asset]
 * @param vault What bounds it too: cash and all scaled debt.
 * @param isPaused Whether borrowing is.
 */
export function maxBorrow(
  market: MarketView,
  loan: Loan,
  vault: Pick<VaultState, "cash" | "scaledDebt">,
  isPaused: boolean,
): bigint {
  const { board, debtIndex, minDebt } = market;
  const growth = growthIn(market, loan);
  requireAmount("cash", vault.cash);
  requireAmount("scaledDebt", vault.scaledDebt);
  if (isPaused || !board.isLoanAssetLive || !board.sequencer.isReady || loan.maturity !== 0n) return 0n;
  const underLimit = mulDivDown(borrowLimit(loan.pledges, board), WAD, debtIndex);
  const ofLoan = saturatingSub(min(underLimit, MAX_AMOUNT), loan.base);
  const room = min(ofLoan, MAX_AMOUNT - vault.scaledDebt);
  const amount = min(mulDivDown(room, debtIndex, WAD), vault.cash);
  const debt = debtUp(growth, loan.base + scaledUp(amount, debtIndex));
  return debt < requireAmount("minDebt", minDebt) ? 0n : amount;
}

/**
 * The most that `release` accepts for this loan and listing; one unit more is refused. [token]
 * @param listing Its number.
 */
export function maxRelease(market: MarketView, loan: Loan, listing: number): bigint {
  const { board } = market;
  const { terms, prices } = listingOn(board, listing);
  const debt = debtOf(market, loan);
  const amount = requireAmount("pledge", loan.pledges.get(listing) ?? 0n);
  if (debt === 0n) return amount;
  if (!board.isLoanAssetLive || !board.sequencer.isReady) return 0n;
  // The listing itself counts even if it is retired: what must stay of it is reckoned from its price.
  const others = borrowLimit(without(loan.pledges, listing), board);
  if (debt <= others) return amount;
  if (prices.forBorrowing === 0n) return 0n; // uncertain, and so needed whole
  return saturatingSub(amount, leastFor(debt - others, terms.borrowLtv, prices.forBorrowing));
}

/**
 * The debt of a loan that is refinanced. `LoanLens.quoteRefinancing` without the rate.
 * @param amount What is borrowed in addition. [asset]
 * @param addFee Whether the fee is added to the debt.
 */
export function quoteRefinancing(market: MarketView, loan: Loan, amount: bigint, addFee: boolean): RefinancedDebt {
  const growth = growthIn(market, loan);
  const fee = feeUp(growth, loan.base);
  const debtAdded = requireAmount("amount", amount) + (addFee ? fee : 0n);
  const debt = debtUp(growth, loan.base) + debtAdded;
  return { fee, debt, debtAdded, termDebtAdded: loan.maturity === 0n ? debt : debtAdded };
}

/**
 * The price for liquidation of one listing at which the loan stands at its liquidation line, the prices of its other pledges held.
 * [price], rounded up: at this price it cannot be liquidated yet, one unit lower it can.
 * @param listing Its number.
 * @returns 0 if no price of it lets the loan be liquidated; {@link UNLIMITED} if none prevents it.
 */
export function liquidationPrice(market: MarketView, loan: Loan, listing: number): bigint {
  return priceAtLine(debtOf(market, loan), loan.pledges, market.board, listing, "liquidation");
}

/**
 * The lowest answers of a listing's feeds at which its price for liquidation is at least `price`, the loan asset held. [feed decimals],
 * rounded up: one unit lower the price is below.
 * @param loanAsset As it counts for liquidation. [feed decimals]
 * @param price For liquidation. [price]
 * @returns [feed decimals]; 0 where `price` or `loanAsset` is, and for a second source that is not there; {@link UNLIMITED} if no answer reaches it.
 */
export function answersAt(
  listing: Pick<ListingFeeds, "source" | "secondSource">,
  loanAsset: bigint,
  price: bigint,
): { readonly answer: bigint; readonly secondAnswer: bigint } {
  requireUint("loanAsset", loanAsset);
  requireUint("price", price);
  const answerOf = (source: PriceSource | undefined): bigint => {
    if (source === undefined || price === 0n || loanAsset === 0n) return 0n;
    return min(UNLIMITED, mulDivDown(price - 1n, loanAsset, scaleOf(source)) + 1n);
  };
  return { answer: answerOf(listing.source), secondAnswer: answerOf(listing.secondSource) };
}

/**
 * By how much the prices of all pledges can fall together before the loan can be liquidated. [WAD], rounded down: at this fall it cannot
 * be liquidated yet, at 1e-18 more it can. 1e18 if it owes nothing or the loan asset has no price.
 */
export function liquidationDrop(market: MarketView, loan: Loan): bigint {
  return dropToLine(debtOf(market, loan), loan.pledges, market.board, "liquidation");
}

/**
 * What brings a loan that is above its call line down to it: each suffices alone, exactly. Zeros if it is at or below its line, or if the
 * loan asset has no price.
 */
export function amountToCure(market: MarketView, loan: Loan): Cure {
  const { board } = market;
  const growth = growthIn(market, loan);
  const debt = debtUp(growth, loan.base);
  const { callLine } = lines(loan.pledges, board);
  const needsCure = board.loanAsset !== 0n && debt > callLine;
  const additions = holdingsOf(loan.pledges, board).map(({ listing, amount, prices, terms }): [number, bigint] => {
    if (!needsCure) return [listing, 0n];
    const others = callLine - part(amount, prices.forLiquidation, terms.callLtv);
    return [listing, leastFor(debt - others, terms.callLtv, prices.forLiquidation) - amount];
  });
  const repayment = needsCure ? repaymentTo(callLine, loan.base, growth, market.minDebt) : 0n;
  return { repayment, additions: new Map(additions) };
}

/** A loan's margin call as it counts at the board's time; `undefined` if none stands. `LoanBook.marginCallOf`. */
export function marginCallOf({ sequencer }: Board, { call }: Pick<Loan, "call">): MarginCall | undefined {
  return call === undefined ? undefined : asOf(call, sequencer.upSince);
}

/** Where the margin call of a loan stands. */
export function marginCallState(board: Board, loan: Pick<Loan, "call">): MarginCallState {
  const call = marginCallOf(board, loan);
  if (call === undefined) return "none";
  if (!isAlive(call, board.now)) return "lapsed";
  return overdue(call, board.now) === 0n ? "curing" : "due";
}

/** True if the loan's margin can be called: it is above its call line, and no call stands that has not lapsed. `LoanLens.callable`. */
export function isCallable(market: MarketView, loan: Loan): boolean {
  const { board } = market;
  const isAbove = debtOf(market, loan) > lines(loan.pledges, board).callLine;
  return board.loanAsset !== 0n && isAbove && !isAlive(marginCallOf(board, loan), board.now);
}

/**
 * True if the loan can be liquidated: it is above its liquidation line, or above its call line with a margin call that is due.
 * `LoanLens.liquidatable`.
 */
export function isLiquidatable(market: MarketView, loan: Loan): boolean {
  const { board } = market;
  const { callLine, liquidationLine } = lines(loan.pledges, board);
  const isDue = board.sequencer.isReady && marginCallState(board, loan) === "due";
  return board.loanAsset !== 0n && debtOf(market, loan) > (isDue ? callLine : liquidationLine);
}

/** The least payment that the book accepts and that leaves at most `line` of a debt above it, the fee for ending a term included. */
function repaymentTo(line: bigint, base: bigint, growth: Growth, minDebt: bigint): bigint {
  const kept = baseDown(growth, line); // below the base, or the debt were not above the line
  const repayment = paymentUp(growth, base - kept);
  const left = debtUp(growth, max(0n, base - baseWithFeeDown(growth, repayment)));
  return left < requireAmount("minDebt", minDebt) ? debtUp(growth, base) + feeUp(growth, base) : repayment;
}

function growthIn({ board, debtIndex }: MarketView, loan: Loan): Growth {
  requireAmount("base", loan.base);
  return growthOf(loan, requireUint("debtIndex", debtIndex), board.now);
}

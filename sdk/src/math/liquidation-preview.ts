/** What a liquidation or a write-off would do now, to the unit. Mirrors `LoanLens.previewLiquidation`, and what `LiquidationLogic` refuses. */
import { requireUint } from "../errors/invalid-input.ts";
import type { Loan } from "../types.ts";
import { max, min, requireAmount, saturatingSub } from "./amounts.ts";
import { listingOn, type Board } from "./book-prices.ts";
import { valueUp } from "./health-math.ts";
import { credit, fill, type Fill, type LiquidationPosition } from "./liquidation-math.ts";
import { debtUp, growthOf } from "./loan-debt.ts";
import { debtOf, marginCallOf, type MarketView } from "./loan-lens.ts";
import { holdingsOf, lines } from "./loan-lines.ts";
import { earnsCredit, isAlive, overdue, SEQUENCER_GRACE } from "./margin-call-record.ts";
import { required, type Refusal } from "./refusal.ts";

/** What a liquidator orders. `ILoanBook.Order` without the loan. */
export interface LiquidationOrder {
  /** The number of the pledge to take. */
  readonly listing: number;
  /** The most to pay for it. [asset] */
  readonly maxRepay: bigint;
  /** The least to get for it. [token] */
  readonly minSeized: bigint;
}

/** What `liquidate` would do. `ILoanLens.LiquidationPreview`. */
export interface LiquidationPreview {
  /** The debt is above the liquidation line, or above the call line and a margin call is due. */
  readonly isLiquidatable: boolean;
  /** The latter: it goes down to the call line only. */
  readonly isSoft: boolean;
  /** What the liquidator would pay; 0 if the order is refused. [asset] */
  readonly repaid: bigint;
  /** What it would get, without the credit; 0 if the order is refused. [token] */
  readonly seized: bigint;
  /** What of the pledge the margin call's caller would be credited. [token] */
  readonly credit: bigint;
  /** What is seized above what it pays, the credit included; 0 if the order is refused. [WAD] */
  readonly bonus: bigint;
  /** The book's error; `undefined` if the order is not refused. */
  readonly refusal: Refusal | undefined;
}

/** Pledges worth less than the minimum debt divided by this, beside a larger debt, are not left over. `LiquidationLogic` */
const WORTHLESS_DIVISOR = 20n;

const NOTHING = { isLiquidatable: false, isSoft: false, repaid: 0n, seized: 0n, credit: 0n, bonus: 0n };

/** What `liquidate` would do with an order. A listing that the loan does not pledge is refused, whether the book has it or not. */
export function previewLiquidation(market: MarketView, loan: Loan, order: LiquidationOrder): LiquidationPreview {
  const { board, minDebt } = market;
  requireUint("maxRepay", order.maxRepay);
  requireUint("minSeized", order.minSeized);
  requireAmount("minDebt", minDebt);
  const unpriced = required(board.loanAsset !== 0n, "LoanAssetFeedNotLive", { feed: board.loanAssetFeed });
  if (unpriced !== undefined) return { ...NOTHING, refusal: unpriced };
  const sums = liquidationSums(market, loan);
  const { debt, callLine, liquidationLine } = sums;
  const isSoft = debt <= liquidationLine && debt > callLine && sums.overdue !== 0n;
  const outcome = { ...NOTHING, isLiquidatable: isSoft || debt > liquidationLine, isSoft };

  const refusal = refusalBefore(market, loan, order, sums);
  if (refusal !== undefined) return { ...outcome, refusal };
  const position = liquidationOf(market, loan, order.listing, sums);
  const filled = fill(position, order.maxRepay, minDebt);
  const credited = earnsCredit(marginCallOf(board, loan), board.now) ? credit(filled.seized, filled.bonus) : 0n;
  const afterwards = refusalAfter(order, position, filled, credited, minDebt);
  if (afterwards !== undefined) return { ...outcome, refusal: afterwards };
  const { repaid, seized, bonus } = filled;
  return { ...outcome, repaid, seized: seized - credited, credit: credited, bonus, refusal: undefined };
}

/**
 * True if anybody may take all pledges of the loan and write its debt off: together they are worth less than the debt and than a
 * twentieth of the minimum debt, and each can be seized. What `LoanBook.writeOff` does not refuse.
 */
export function isWorthless(market: MarketView, loan: Loan): boolean {
  const { board, minDebt } = market;
  const limit = min(debtOf(market, loan), requireAmount("minDebt", minDebt) / WORTHLESS_DIVISOR); // down, as the book's
  const holdings = holdingsOf(loan.pledges, board);
  const areSeizable = holdings.every(({ prices }) => prices.forSeizure !== 0n);
  return board.loanAsset !== 0n && areSeizable && lines(loan.pledges, board).value < limit;
}

/** A loan's part of a position, whichever pledge is taken. */
type Sums = Pick<
  LiquidationPosition,
  "growth" | "debt" | "callLine" | "liquidationLine" | "value" | "seizableValue" | "overdue"
> & { readonly borrowLimit: bigint };

function liquidationSums({ board, debtIndex }: MarketView, loan: Loan): Sums {
  const growth = growthOf(loan, requireUint("debtIndex", debtIndex), board.now);
  const debt = debtUp(growth, requireAmount("base", loan.base));
  const due = board.sequencer.isReady ? overdue(marginCallOf(board, loan), board.now) : 0n;
  return { growth, debt, overdue: due, ...lines(loan.pledges, board) };
}

function liquidationOf(
  { board }: MarketView,
  { pledges }: Loan,
  listing: number,
  { borrowLimit, ...sums }: Sums,
): LiquidationPosition {
  const { terms, prices } = listingOn(board, listing);
  const isHard = sums.debt > sums.liquidationLine;
  return {
    ...sums,
    target: isHard ? borrowLimit : sums.callLine,
    pledged: pledges.get(listing) ?? 0n,
    price: prices.forLiquidation,
    seizurePrice: prices.forSeizure,
    targetLtv: isHard ? terms.borrowLtv : terms.callLtv,
    maxBonus: terms.maxBonus,
    bonusSlope: terms.bonusSlope,
  };
}

/** Why the book refuses an order before it fills it. */
function refusalBefore(
  { board }: MarketView,
  loan: Loan,
  { listing, maxRepay }: LiquidationOrder,
  sums: Sums,
): Refusal | undefined {
  const { id } = loan;
  const pledge = loan.pledges.get(listing) ?? 0n;
  if (pledge === 0n) return { name: "NotPledged", args: { id, listing: BigInt(listing) } };
  const soft = sums.debt <= sums.liquidationLine ? softRefusal(board, loan, sums) : undefined;
  const isSeizable = listingOn(board, listing).prices.forSeizure !== 0n;
  return (
    soft ??
    required(isSeizable, "FeedNotLive", { listing: BigInt(listing) }) ??
    required(maxRepay !== 0n, "ZeroAmount", {})
  );
}

/** Why a loan is not sold that is at or below its liquidation line. */
function softRefusal(
  board: Board,
  loan: Loan,
  { debt, callLine, liquidationLine, overdue: due }: Sums,
): Refusal | undefined {
  const { id } = loan;
  const call = marginCallOf(board, loan);
  if (debt <= callLine || call === undefined) return { name: "NotLiquidatable", args: { id, debt, liquidationLine } };
  const { isReady, upSince } = board.sequencer;
  return (
    required(isAlive(call, board.now), "MarginCallLapsed", { id, lapse: call.lapse }) ??
    required(isReady, "SequencerNotReady", { upSince, grace: SEQUENCER_GRACE }) ??
    required(due !== 0n, "InCurePeriod", { id, deadline: call.deadline })
  );
}

/** Why it refuses what the order comes to. */
function refusalAfter(
  order: LiquidationOrder,
  { debt, value, pledged, price }: LiquidationPosition,
  { repaid, seized }: Fill,
  credited: bigint,
  minDebt: bigint,
): Refusal | undefined {
  const [seizedNet, minSeized] = [seized - credited, max(order.minSeized, 1n)];
  const tooLittle = required(seizedNet >= minSeized, "SeizedBelowMin", { seized: seizedNet, min: minSeized });
  if (tooLittle !== undefined || seized === pledged || repaid === debt) return tooLittle;
  const debtLeft = debt - repaid;
  const valueLeft = saturatingSub(value, valueUp(seized, price));
  const worthless = minDebt / WORTHLESS_DIVISOR; // down, as the book's
  const isWorthTaking = valueLeft >= worthless || valueLeft >= debtLeft;
  return (
    required(debtLeft >= minDebt, "DebtBelowMin", { debt: debtLeft, min: minDebt }) ??
    required(isWorthTaking, "RemainderTooSmall", { value: valueLeft, min: worthless })
  );
}

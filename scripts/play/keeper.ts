import { ALL, debtUp, fill, isWorthless, linesOf, type BoardEntry, type Fill, type LoanState } from "./health.ts";

/** What a keeper can see and what it has to pay at a moment. */
export interface Situation {
  readonly loans: Iterable<LoanState>;
  readonly board: readonly BoardEntry[];
  /** [WAD] */
  readonly index: bigint;
  /** [asset] */
  readonly minDebt: bigint;
  /** What a transaction is expected to cost. [asset] */
  readonly gasCost: bigint;
  /** What selling tokens of a listing brings, slippage taken off. [asset] */
  readonly proceeds: (listing: number, tokens: bigint) => bigint;
}

/** A liquidation that pays. */
export interface Order extends Fill {
  readonly id: bigint;
  readonly listing: number;
  /** Expected. [asset] */
  readonly profit: bigint;
}

/** Parts of what the contract allows that the keeper considers: smaller sales slip less, but earn less. */
const PARTS = [1n, 2n, 4n, 8n, 16n];

/** The most profitable liquidation of all; undefined if none pays. */
export function bestOrder(situation: Situation): Order | undefined {
  let best: Order | undefined;
  for (const loan of situation.loans) {
    if (!isAboveLine(loan, situation)) continue;
    for (const listing of loan.pledges.keys()) {
      for (const order of ordersFor(loan, listing, situation)) {
        if (order.profit > (best?.profit ?? 0n)) best = order;
      }
    }
  }
  return best;
}

/** A loan whose pledges are worth next to nothing: to be written off, for the lenders' sake and not for profit. */
export function worthlessLoan(situation: Situation): LoanState | undefined {
  const { board, index, minDebt } = situation;
  for (const loan of situation.loans) {
    if (loan.scaledDebt !== 0n && isWorthless(loan, board, index, minDebt)) return loan;
  }
  return undefined;
}

function isAboveLine(loan: LoanState, { board, index }: Situation): boolean {
  return loan.scaledDebt !== 0n && debtUp(loan.scaledDebt, index) > linesOf(loan, board).liquidationLine;
}

function* ordersFor(loan: LoanState, listing: number, situation: Situation): Generator<Order> {
  const { board, index, minDebt, gasCost, proceeds } = situation;
  const whole = fill(loan, listing, ALL, board, index, minDebt);
  if (whole === undefined) return;
  for (const part of PARTS) {
    const filled = part === 1n ? whole : fill(loan, listing, whole.repaid / part, board, index, minDebt);
    if (filled === undefined) continue;
    const profit = proceeds(listing, filled.seized) - filled.repaid - gasCost;
    yield { id: loan.id, listing, ...filled, profit };
  }
}

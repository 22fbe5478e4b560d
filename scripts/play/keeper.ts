import type { Conditions } from "./health.ts";
import { ALL, fill, isLiquidatable, isWorthless, standingOf, type Fill } from "./liquidation-math.ts";
import type { LoanState } from "./loan-debt.ts";

/** What a keeper can see and what it has to pay at a moment. */
export interface Situation extends Conditions {
  readonly loans: Iterable<LoanState>;
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

/** The most profitable liquidation of all, hard or soft; undefined if none pays. */
export function bestOrder(situation: Situation): Order | undefined {
  let best: Order | undefined;
  for (const loan of situation.loans) {
    if (loan.base === 0n || !isLiquidatable(standingOf(loan, situation))) continue;
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
  for (const loan of situation.loans) {
    if (loan.base !== 0n && isWorthless(loan, situation)) return loan;
  }
  return undefined;
}

function* ordersFor(loan: LoanState, listing: number, situation: Situation): Generator<Order> {
  const { gasCost, proceeds } = situation;
  const whole = fill(loan, listing, ALL, situation);
  if (whole === undefined) return;
  for (const part of PARTS) {
    const filled = part === 1n ? whole : fill(loan, listing, whole.repaid / part, situation);
    if (filled === undefined) continue;
    const profit = proceeds(listing, filled.seized - filled.credit) - filled.repaid - gasCost;
    yield { id: loan.id, listing, ...filled, profit };
  }
}

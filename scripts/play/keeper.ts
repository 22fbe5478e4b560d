import { MaxUint256 } from "ethers";

import { isWorthless, previewLiquidation, type LiquidationPreview } from "../../sdk/src/math/liquidation-preview.ts";
import type { MarketView } from "../../sdk/src/math/loan-lens.ts";
import type { Loan } from "../../sdk/src/types.ts";

/** What a keeper can see and what it has to pay at a moment. */
export interface Situation extends MarketView {
  /** All that can be liquidated; others among them do no harm. */
  readonly loans: Iterable<Loan>;
  /** What a transaction is expected to cost. [asset] */
  readonly gasCost: bigint;
  /** What selling tokens of a listing brings, slippage taken off. [asset] */
  readonly proceeds: (listing: number, tokens: bigint) => bigint;
}

/** A liquidation that pays. */
export interface Order extends Pick<LiquidationPreview, "isSoft" | "repaid" | "seized" | "credit"> {
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
    for (const listing of loan.pledges.keys()) {
      for (const order of ordersFor(loan, listing, situation)) {
        if (order.profit > (best?.profit ?? 0n)) best = order;
      }
    }
  }
  return best;
}

/** A loan whose pledges are worth next to nothing: to be written off, for the lenders' sake and not for profit. */
export function worthlessLoan(situation: Situation): Loan | undefined {
  return [...situation.loans].find((loan) => isWorthless(situation, loan));
}

function* ordersFor(loan: Loan, listing: number, situation: Situation): Generator<Order> {
  const { gasCost, proceeds } = situation;
  const preview = (maxRepay: bigint) => previewLiquidation(situation, loan, { listing, maxRepay, minSeized: 0n });
  const whole = preview(MaxUint256);
  if (whole.refusal !== undefined) return;
  for (const part of PARTS) {
    const { isSoft, repaid, seized, credit, refusal } = part === 1n ? whole : preview(whole.repaid / part);
    if (refusal !== undefined) continue;
    const profit = proceeds(listing, seized) - repaid - gasCost;
    yield { ...{ id: loan.id, listing, isSoft, repaid, seized, credit }, profit };
  }
}

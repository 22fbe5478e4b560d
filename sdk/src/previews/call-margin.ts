import { requireAddress } from "../errors/invalid-address.ts";
import type { MarketLabels } from "../errors/wording.ts";
import type { MarketSnapshot } from "../market/market-snapshot.ts";
import { previewLiquidation } from "../math/liquidation-preview.ts";
import { SOFT_RAMP } from "../math/liquidation-math.ts";
import { debtOf, marginCallOf } from "../math/loan-lens.ts";
import { lines, UNLIMITED } from "../math/loan-lines.ts";
import { CREDIT_AGE, CURE_PERIOD, isAlive, LAPSE_PERIOD } from "../math/margin-call-record.ts";
import { required, type Refusal } from "../math/refusal.ts";
import { debtIndex } from "../math/vault.ts";
import type { Loan } from "../types.ts";
import type { CallMarginOutcome, Sale } from "./outcomes.ts";
import { errorOf } from "./refusals.ts";
import { ended, sceneOf, type Scene } from "./scene.ts";

/**
 * What `LoanBook.callMargin` would do, which anybody may call.
 * @param caller Who calls, and is credited a part of the bonus if the loan is sold.
 * @param labels The market's tokens, by which the refusal writes amounts.
 */
export function previewCallMargin(
  market: MarketSnapshot,
  loan: Loan,
  caller: string,
  labels?: MarketLabels,
): CallMarginOutcome {
  const scene = sceneOf(market, loan);
  const { now } = market;
  const deadline = now + CURE_PERIOD;
  const called = { ...loan, call: { caller: requireAddress("caller", caller), calledAt: now, deadline } };
  return {
    ...ended(scene, { ...scene.at, loan: called }, { review: () => called }),
    ...{ deadline, lapse: deadline + LAPSE_PERIOD, creditedFrom: now + CREDIT_AGE },
    sales: salesOf(scene, called, deadline + SOFT_RAMP),
    refusal: errorOf(refuseCall(scene), labels),
  };
}

/** `MarginCallLogic._call`. */
function refuseCall({ view, at: { loan } }: Scene): Refusal | undefined {
  const { board } = view;
  const { id } = loan;
  const standing = marginCallOf(board, loan);
  const [debt, { callLine }] = [debtOf(view, loan), lines(loan.pledges, board)];
  return (
    required(board.loanAsset !== 0n, "LoanAssetFeedNotLive", { feed: board.loanAssetFeed }) ??
    required(!isAlive(standing, board.now), "AlreadyCalled", { id, deadline: standing?.deadline ?? 0n }) ??
    required(debt > callLine, "NotCallable", { id, debt, callLine })
  );
}

/** What could be sold later, at the prices of now: interest grows, prices do not age. */
function salesOf({ market, view }: Scene, loan: Loan, time: bigint): ReadonlyMap<number, Sale> {
  const board = { ...view.board, now: time, sequencer: { ...view.board.sequencer, isReady: true } };
  const later = { ...view, board, debtIndex: debtIndex(market.vault, time) };
  const sales = new Map<number, Sale>();
  for (const listing of [...loan.pledges.keys()].sort((a, b) => a - b)) {
    const order = { listing, maxRepay: UNLIMITED, minSeized: 0n };
    const { repaid, seized, credit, bonus, refusal } = previewLiquidation(later, loan, order);
    if (refusal === undefined) sales.set(listing, { repaid, seized, credit, bonus });
  }
  return sales;
}

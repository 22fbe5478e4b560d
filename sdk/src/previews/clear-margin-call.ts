import type { MarketLabels } from "../errors/wording.ts";
import type { MarketSnapshot } from "../market/market-snapshot.ts";
import { debtOf, marginCallOf } from "../math/loan-lens.ts";
import { lines } from "../math/loan-lines.ts";
import { isAlive } from "../math/margin-call-record.ts";
import { withoutCall } from "../math/margin-call-review.ts";
import { required, type Refusal } from "../math/refusal.ts";
import type { Loan } from "../types.ts";
import type { LoanOutcome } from "./outcomes.ts";
import { errorOf } from "./refusals.ts";
import { ended, sceneOf, type Scene } from "./scene.ts";

/**
 * What `LoanBook.clearMarginCall` would do, which anybody may call.
 * @param labels The market's tokens, by which the refusal writes amounts.
 */
export function previewClearMarginCall(market: MarketSnapshot, loan: Loan, labels?: MarketLabels): LoanOutcome {
  const scene = sceneOf(market, loan);
  return { ...ended(scene, scene.at, { review: withoutCall }), refusal: errorOf(refuseClearing(scene), labels) };
}

/** `MarginCallLogic.clearMarginCall`. */
function refuseClearing({ view, at: { loan } }: Scene): Refusal | undefined {
  const { board } = view;
  const { id } = loan;
  const call = marginCallOf(board, loan);
  if (call === undefined) return { name: "NoMarginCall", args: { id } };
  if (!isAlive(call, board.now)) return undefined;
  const [debt, { borrowLimit }] = [debtOf(view, loan), lines(loan.pledges, board)];
  return (
    required(board.loanAsset !== 0n, "LoanAssetFeedNotLive", { feed: board.loanAssetFeed }) ??
    required(debt <= borrowLimit, "MarginCallStands", { id, debt, borrowLimit })
  );
}

import { requireUint } from "../errors/invalid-input.ts";
import type { MarketLabels } from "../errors/wording.ts";
import type { MarketSnapshot } from "../market/market-snapshot.ts";
import { MAX_AMOUNT } from "../math/amounts.ts";
import { draw } from "../math/loan-changes.ts";
import { withoutCall } from "../math/margin-call-review.ts";
import { required } from "../math/refusal.ts";
import type { Loan } from "../types.ts";
import type { BorrowOutcome } from "./outcomes.ts";
import { errorOf, refuseAmount, refuseDraw, refuseTooLarge } from "./refusals.ts";
import { ended, sceneOf } from "./scene.ts";

/**
 * What `LoanBook.borrow` would do.
 * @param amount [asset]
 * @param labels The market's tokens, by which the refusal writes amounts.
 */
export function previewBorrow(
  market: MarketSnapshot,
  loan: Loan,
  amount: bigint,
  labels?: MarketLabels,
): BorrowOutcome {
  const scene = sceneOf(market, loan);
  const isOpenTerm = loan.maturity === 0n;
  const drawn = requireUint("amount", amount) <= MAX_AMOUNT && isOpenTerm ? draw(scene.at, amount) : undefined;
  const refusal =
    required(isOpenTerm, "NotOpenTerm", { id: loan.id }) ??
    refuseAmount(amount) ??
    (drawn === undefined ? undefined : (refuseTooLarge(drawn.loan.base) ?? refuseDraw(scene, drawn, amount)));
  return { ...ended(scene, drawn, { review: withoutCall }), borrowed: amount, refusal: errorOf(refusal, labels) };
}

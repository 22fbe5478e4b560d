import type { MarketLabels } from "../errors/wording.ts";
import type { MarketSnapshot } from "../market/market-snapshot.ts";
import { previewLiquidation, type LiquidationOrder } from "../math/liquidation-preview.ts";
import { bear, sell } from "../math/loan-changes.ts";
import { reviewedAfterSale } from "../math/margin-call-review.ts";
import type { Loan } from "../types.ts";
import type { LiquidateOutcome } from "./outcomes.ts";
import { errorOf, refuseTooLarge, requireListing } from "./refusals.ts";
import { ended, sceneOf } from "./scene.ts";

/**
 * What `LoanBook.liquidate` would do, which anybody may call; a refused order comes to nothing.
 * @param labels The market's tokens, by which the refusal writes amounts.
 */
export function previewLiquidate(
  market: MarketSnapshot,
  loan: Loan,
  order: LiquidationOrder,
  labels?: MarketLabels,
): LiquidateOutcome {
  const scene = sceneOf(market, loan);
  const { view, at } = scene;
  const listing = requireListing(order.listing);
  const { isSoft, repaid, seized, credit, bonus, refusal } = previewLiquidation(view, loan, order);
  const sale = { isSoft, repaid, seized, credit, bonus };
  if (refusal !== undefined) {
    return { ...ended(scene, undefined), ...sale, writtenOff: 0n, refusal: errorOf(refusal, labels) };
  }
  const { loan: left, vault, loss, writtenOff } = sell(at, { listing, repaid, seized: seized + credit });
  const ending = { review: (sold: Loan) => reviewedAfterSale(view, sold), credit: { listing, amount: credit } };
  return {
    ...ended(scene, { loan: left, vault: bear(vault, loss) }, ending),
    ...sale,
    writtenOff,
    refusal: errorOf(refuseTooLarge(vault.cash), labels),
  };
}

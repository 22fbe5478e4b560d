import type { MarketLabels } from "../errors/wording.ts";
import type { MarketSnapshot } from "../market/market-snapshot.ts";
import { roll } from "../math/loan-changes.ts";
import { required } from "../math/refusal.ts";
import type { Loan } from "../types.ts";
import type { LoanOutcome } from "./outcomes.ts";
import { errorOf, refuseFullVault, refuseTooLarge } from "./refusals.ts";
import { ended, sceneOf } from "./scene.ts";

/**
 * What `LoanBook.roll` would do, which anybody may call: a fixed-term loan becomes an open-term one.
 * @param labels The market's tokens, by which the refusal writes amounts.
 */
export function previewRoll(market: MarketSnapshot, loan: Loan, labels?: MarketLabels): LoanOutcome {
  const scene = sceneOf(market, loan);
  const { id, maturity } = loan;
  const after = maturity === 0n ? undefined : roll(scene.at);
  const refusal =
    required(maturity !== 0n, "NotFixedTerm", { id }) ??
    required(market.now >= maturity, "NotMatured", { id, maturity }) ??
    (after && (refuseTooLarge(after.loan.base) ?? refuseFullVault(after.vault)));
  return { ...ended(scene, after), refusal: errorOf(refusal, labels) };
}

import { requireUint } from "../errors/invalid-input.ts";
import type { MarketLabels } from "../errors/wording.ts";
import type { MarketSnapshot } from "../market/market-snapshot.ts";
import { owedBy, pay, paymentOf } from "../math/loan-changes.ts";
import { required } from "../math/refusal.ts";
import type { Loan } from "../types.ts";
import type { RepayOutcome } from "./outcomes.ts";
import { errorOf, refuseSmallDebt, refuseTooLarge } from "./refusals.ts";
import { ended, sceneOf } from "./scene.ts";

/**
 * What `LoanBook.repay` would do: it pays all there is, or a part that leaves a debt of at least the smallest.
 * @param maxAmount The most that is paid. [asset]
 * @param labels The market's tokens, by which the refusal writes amounts.
 */
export function previewRepay(
  market: MarketSnapshot,
  loan: Loan,
  maxAmount: bigint,
  labels?: MarketLabels,
): RepayOutcome {
  const scene = sceneOf(market, loan);
  const { debt, fee: wholeFee } = owedBy(scene.at);
  const payment = paymentOf(scene.at, requireUint("maxAmount", maxAmount));
  const { paid, fee } = payment;
  const after = pay(scene.at, payment);
  const isAll = paid === debt + wholeFee;
  const refusal =
    required(loan.base !== 0n, "NoDebt", { id: loan.id }) ??
    required(maxAmount !== 0n, "ZeroAmount", {}) ??
    (isAll ? undefined : refuseSmallDebt(scene.view, after.loan)) ??
    refuseTooLarge(after.vault.cash);
  return { ...ended(scene, after), paid, fee, isAll, refusal: errorOf(refusal, labels) };
}

import { requireUint } from "../errors/invalid-input.ts";
import type { MarketLabels } from "../errors/wording.ts";
import type { MarketSnapshot } from "../market/market-snapshot.ts";
import { noLoan, pay, paymentOf } from "../math/loan-changes.ts";
import { UNLIMITED } from "../math/loan-lines.ts";
import { required } from "../math/refusal.ts";
import type { Loan } from "../types.ts";
import type { CloseOutcome } from "./outcomes.ts";
import { errorOf, refuseTooLarge } from "./refusals.ts";
import { ended, sceneOf } from "./scene.ts";

/**
 * What `LoanBook.close` would do. A token that cannot be sent stays pledged in the book, which is not looked at.
 * @param maxAmount The most that may be paid. [asset]
 * @param labels The market's tokens, by which the refusal writes amounts.
 */
export function previewClose(
  market: MarketSnapshot,
  loan: Loan,
  maxAmount: bigint,
  labels?: MarketLabels,
): CloseOutcome {
  const scene = sceneOf(market, loan);
  requireUint("maxAmount", maxAmount);
  const payment = paymentOf(scene.at, UNLIMITED);
  const { paid, fee } = payment;
  const { vault } = pay(scene.at, payment);
  const refusal =
    required(loan.pledges.size !== 0, "NoLoan", { id: loan.id }) ??
    required(paid <= maxAmount, "DebtAboveMax", { debt: paid, max: maxAmount }) ??
    refuseTooLarge(vault.cash);
  const after = ended(scene, { loan: noLoan(loan.id), vault });
  return { ...after, paid, fee, released: new Map(loan.pledges), refusal: errorOf(refusal, labels) };
}

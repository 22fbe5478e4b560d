import { InvalidInputError, requireUint } from "../errors/invalid-input.ts";
import type { MarketLabels } from "../errors/wording.ts";
import type { MarketSnapshot } from "../market/market-snapshot.ts";
import { MAX_AMOUNT } from "../math/amounts.ts";
import { owedBy, refinance, type LoanInVault } from "../math/loan-changes.ts";
import { withoutCall } from "../math/margin-call-review.ts";
import { required, type Refusal } from "../math/refusal.ts";
import type { Loan } from "../types.ts";
import type { RefinanceOrder, RefinanceOutcome } from "./outcomes.ts";
import { quoteOf } from "./quote.ts";
import {
  errorOf,
  refuseAboveLimit,
  refuseFullVault,
  refusePaused,
  refuseShortCash,
  refuseSmallDebt,
  refuseTooLarge,
} from "./refusals.ts";
import { ended, sceneOf, type Scene } from "./scene.ts";

const OPEN = { rate: 0n, maturity: 0n };

/**
 * What `LoanBook.refinance` would do.
 * @param labels The market's tokens, by which the refusal writes amounts.
 */
export function previewRefinance(
  market: MarketSnapshot,
  loan: Loan,
  order: RefinanceOrder,
  labels?: MarketLabels,
): RefinanceOutcome {
  const { amount, maxFee, addFee } = requireOrder(order);
  const scene = sceneOf(market, loan);
  const { debt, fee } = owedBy(scene.at);
  const debtAdded = amount + (addFee ? fee : 0n);
  const debtAfter = debt + debtAdded;
  const wasFixed = loan.maturity !== 0n;
  const term = order.term?.duration === 0n ? undefined : order.term; // as the contract is told of an open term
  const fits = amount <= MAX_AMOUNT && debtAfter !== 0n && (wasFixed || term !== undefined);
  const termDebtAdded = wasFixed ? debtAdded : debtAfter;
  const quote = fits && term !== undefined ? quoteOf(scene, term, { debtAdded, termDebtAdded }) : undefined;
  const next = term === undefined ? OPEN : quote?.term;
  const after = fits && next !== undefined ? refinance(scene.at, { amount, addFee, ...next }) : undefined;
  const refusal =
    required(wasFixed || term !== undefined, "NotFixedTerm", { id: loan.id }) ??
    required(fee <= maxFee, "BreakFeeAboveMax", { fee, max: maxFee }) ??
    refuseTooLarge(amount) ??
    required(debtAfter !== 0n, "NoDebt", { id: loan.id }) ??
    quote?.refusal ??
    (after && refuseRefinanced(scene, after, amount, debtAdded !== 0n));
  return {
    ...ended(scene, after, debtAdded === 0n ? {} : { review: withoutCall }),
    ...{ termRate: quote?.term?.rate, fee, paid: addFee ? 0n : fee },
    refusal: errorOf(refusal, labels),
  };
}

/** What the loan as it is then is refused for, and what the vault refuses. `TermLogic.refinance`, `LenderVault.refinanced`. */
function refuseRefinanced(
  { market, view, at }: Scene,
  { loan, vault }: LoanInVault,
  amount: bigint,
  hasMoreDebt: boolean,
): Refusal | undefined {
  return (
    refuseTooLarge(loan.base) ??
    (hasMoreDebt ? (refuseSmallDebt(view, loan) ?? refuseAboveLimit(view, loan)) : undefined) ??
    (hasMoreDebt ? refusePaused(market, "borrow") : undefined) ??
    refuseShortCash(at.vault, amount) ??
    refuseFullVault(vault) ??
    refuseTooLarge(vault.cash + amount)
  );
}

function requireOrder(order: RefinanceOrder): RefinanceOrder {
  requireUint("amount", order.amount);
  requireUint("maxFee", order.maxFee);
  if (typeof (order.addFee as unknown) !== "boolean") {
    throw new InvalidInputError("addFee", order.addFee, "true or false");
  }
  return order;
}

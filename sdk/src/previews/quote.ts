/** The rate of a new term, or why there is none. */
import { requireUint } from "../errors/invalid-input.ts";
import { required, type Refusal } from "../math/refusal.ts";
import { quoteTerm, refusalOfTerm, type TermRequest } from "../math/vault.ts";
import type { TermOrder } from "./outcomes.ts";
import { refuseTooLarge } from "./refusals.ts";
import type { Scene } from "./scene.ts";

export interface Quote {
  /** The term as it would be stored; undefined where there is no rate. */
  readonly term: { readonly rate: bigint; readonly since: bigint; readonly maturity: bigint } | undefined;
  readonly refusal: Refusal | undefined;
}

/** `TermLogic.startTerm`. */
export function quoteOf(
  { market: { now }, at }: Scene,
  { duration, maxRate }: TermOrder,
  debts: Pick<TermRequest, "debtAdded" | "termDebtAdded">,
): Quote {
  requireUint("duration", duration);
  requireUint("maxRate", maxRate);
  const request = { ...debts, duration };
  const refusal =
    refuseTooLarge(debts.debtAdded) ?? refuseTooLarge(debts.termDebtAdded) ?? refusalOfTerm(at.vault, request, now);
  if (refusal !== undefined) return { term: undefined, refusal };
  const rate = quoteTerm(at.vault, request, now);
  const term = { rate, since: now, maturity: now + duration };
  return { term, refusal: required(rate <= maxRate, "RateAboveMax", { rate, max: maxRate }) };
}

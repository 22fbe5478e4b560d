/** What previews say of a call, beside what stands after it. */
import type { MarketSnapshot } from "../../sdk/src/market/market-snapshot.ts";
import { noLoan } from "../../sdk/src/math/loan-changes.ts";
import { accrued } from "../../sdk/src/math/vault.ts";
import { lenderStandingOf } from "../../sdk/src/previews/lender-standing.ts";
import type { LenderOutcome, LoanOutcome } from "../../sdk/src/previews/outcomes.ts";
import { standingOf } from "../../sdk/src/previews/standing.ts";
import type { MarketState } from "../../sdk/src/state/market-state.ts";
import { DifferenceError } from "./comparison.ts";
import { wordsOf } from "./vault-figures.ts";

export type Outcome =
  Pick<LoanOutcome, "after" | "market" | "refusal"> | Pick<LenderOutcome, "after" | "market" | "refusal">;

/**
 * Compares where a loan or lender and the market stand with where a preview left them.
 * @returns how many figures were equal. Throws {@link DifferenceError}.
 */
export function compareOutcome({ after, market }: Outcome, now: MarketSnapshot, state: MarketState): number {
  if (after === undefined || market === undefined) throw new DifferenceError("An accepted call ends somewhere.");
  return (
    same("The market", figuresOf(market), figuresOf(now)) + same("The standing", after, standingLike(after, now, state))
  );
}

function standingLike(after: NonNullable<Outcome["after"]>, now: MarketSnapshot, state: MarketState): unknown {
  if ("owner" in after)
    return lenderStandingOf(now, { owner: after.owner, shares: state.balances.get(after.owner) ?? 0n });
  const { id } = after.loan;

  return standingOf(now, state.loans.get(id) ?? noLoan(id));
}

/** Of a market what a call can change. */
function figuresOf({ vault, book, now }: MarketSnapshot): unknown {
  const booked = accrued(vault, now);
  return [...wordsOf(booked), booked.terms, vault.totalSupply, book.listings.map(({ held }) => held)];
}

function same(what: string, sdk: unknown, found: unknown): number {
  const [own, other] = [textOf(sdk), textOf(found)];
  if (own !== other) throw new DifferenceError(`${what}: the preview says ${own}, it is ${other}`);
  return own.match(/\d+n/gu)?.length ?? 0;
}

/** A value as text: the same for equal ones, in whatever order maps and objects hold what is in them. */
export function textOf(value: unknown): string {
  if (typeof value === "bigint") return `${value}n`;
  if (value instanceof Map) return textOf(Object.fromEntries(value));
  if (Array.isArray(value)) return `[${value.map(textOf).join()}]`;
  if (typeof value !== "object" || value === null) return String(value);
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return `{${fields
    .map(([name, field]) => `${name}: ${textOf(field)}`)
    .sort()
    .join()}}`;
}

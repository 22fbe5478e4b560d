/** A market at the moment of a call, before and after. */
import { requireUint } from "../errors/invalid-input.ts";
import { viewOf, type MarketSnapshot } from "../market/market-snapshot.ts";
import { requireAmount } from "../math/amounts.ts";
import { isStorable, type LoanInVault } from "../math/loan-changes.ts";
import type { MarketView } from "../math/loan-lens.ts";
import { reviewed } from "../math/margin-call-review.ts";
import { accrued } from "../math/vault.ts";
import type { Loan } from "../types.ts";
import type { LoanOutcome } from "./outcomes.ts";
import { requireListing } from "./refusals.ts";
import { standingOf } from "./standing.ts";

/** What a call finds: interest is booked, prices are read. */
export interface Scene {
  readonly market: MarketSnapshot;
  readonly view: MarketView;
  readonly at: LoanInVault;
}

/** A loan in its market, as a call finds it. */
export function sceneOf(market: MarketSnapshot, loan: Loan): Scene {
  requireLoan(loan);
  requireAmount("minDebt", market.minDebt);
  return { market, view: viewOf(market), at: { loan, vault: accrued(market.vault, market.now) } };
}

function requireLoan({ id, base, since, maturity, rate, pledges }: Loan): void {
  requireUint("id", id);
  requireAmount("base", base);
  for (const [field, value] of Object.entries({ since, maturity, rate })) requireUint(field, value, 32);
  for (const [listing, amount] of pledges) {
    requireListing(listing);
    requireAmount("pledge", amount);
  }
}

/** How a call of a book ends. */
export interface Ending {
  /** What becomes of a margin call; by default what becomes of it after a payment or a pledge. */
  readonly review?: (loan: Loan) => Loan;
  /** What of a seized pledge the book keeps for a margin call's caller. [token] */
  readonly credit?: { readonly listing: number; readonly amount: bigint };
}

/** What stands after a call; undefined if nothing follows from it, or if a figure would not fit. */
export function ended(
  { market, view, at }: Scene,
  after: LoanInVault | undefined,
  { review = (loan) => reviewed(view, at.loan, loan), credit }: Ending = {},
): Pick<LoanOutcome, "after" | "market"> {
  if (after === undefined || !isStorable(after)) return { after: undefined, market: undefined };
  const loan = review(after.loan);
  const listings = market.book.listings.map((listing, number) => {
    const kept = credit?.listing === number ? credit.amount : 0n;
    const added = (loan.pledges.get(number) ?? 0n) - (at.loan.pledges.get(number) ?? 0n);
    return { ...listing, held: listing.held + added + kept };
  });
  const vault = { ...after.vault, totalSupply: market.vault.totalSupply };
  const then = { ...market, vault, book: { ...market.book, listings } };
  return { after: standingOf(then, loan), market: then };
}

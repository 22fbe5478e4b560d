import { requireUint } from "../errors/invalid-input.ts";
import type { MarketLabels } from "../errors/wording.ts";
import { loanId } from "../market/loan-id.ts";
import type { MarketSnapshot } from "../market/market-snapshot.ts";
import { MAX_AMOUNT } from "../math/amounts.ts";
import { draw, noLoan, withPledge } from "../math/loan-changes.ts";
import { required, type Refusal } from "../math/refusal.ts";
import type { Loan } from "../types.ts";
import type { OpenOrder, OpenOutcome, PledgeOrder } from "./outcomes.ts";
import { quoteOf } from "./quote.ts";
import {
  capExceeded,
  errorOf,
  refuseAmount,
  refuseDraw,
  refusePledge,
  refuseUnknown,
  requireListing,
  roomOf,
} from "./refusals.ts";
import { ended, sceneOf } from "./scene.ts";

/**
 * What `LoanBook.open` would do, or `openTerm` if a term is ordered.
 * @param labels The market's tokens, by which the refusal writes amounts.
 * @param existing What the book has under this owner and number, if it has anything: then the order is refused.
 */
export function previewOpen(
  market: MarketSnapshot,
  { owner, number, pledges, amount, term }: OpenOrder,
  labels?: MarketLabels,
  existing?: Loan,
): OpenOutcome {
  const id = loanId(owner, number);
  const isNew = existing === undefined || (existing.pledges.size === 0 && existing.base === 0n);
  const scene = sceneOf(market, noLoan(id));
  const { vault } = scene.at;
  const { pledging, refusal: ofPledges } = pledgeAll(market, scene.at.loan, pledges);
  const fits = requireUint("amount", amount) <= MAX_AMOUNT;
  const quote = term && fits ? quoteOf(scene, term, { debtAdded: amount, termDebtAdded: amount }) : undefined;
  const isDrawn = pledging !== undefined && fits && (term === undefined || quote?.term !== undefined);
  const drawn = isDrawn ? draw({ loan: { ...pledging, ...quote?.term }, vault }, amount) : undefined;
  const refusal =
    required(isNew, "LoanExists", { id }) ??
    ofPledges ??
    refuseAmount(amount) ??
    quote?.refusal ??
    (drawn && refuseDraw(scene, drawn, amount, new Set(drawn.loan.pledges.keys())));
  return { ...ended(scene, drawn), id, termRate: quote?.term?.rate, refusal: errorOf(refusal, labels) };
}

/** A new loan with its pledges, as far as the book has their listings. `Loans._pledgeNew`. */
function pledgeAll(
  market: MarketSnapshot,
  blank: Loan,
  pledges: readonly PledgeOrder[],
): { pledging: Loan | undefined; refusal: Refusal | undefined } {
  let refusal: Refusal | undefined;
  let pledging = blank;
  for (const { listing, amount } of pledges) {
    const stored = market.book.listings[requireListing(listing)];
    requireUint("amount", amount);
    if (stored === undefined) return { pledging: undefined, refusal: refusal ?? refuseUnknown(market, listing) };
    const before = pledging.pledges.get(listing) ?? 0n;
    const found = { ...stored, held: stored.held + before };
    refusal ??=
      amount > roomOf(found)
        ? capExceeded(found, listing, amount)
        : refusePledge(pledging, listing, found.held, amount);
    pledging = withPledge(pledging, listing, before + amount);
  }
  return { pledging, refusal };
}

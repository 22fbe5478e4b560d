import { requireUint } from "../errors/invalid-input.ts";
import type { MarketLabels } from "../errors/wording.ts";
import type { MarketSnapshot } from "../market/market-snapshot.ts";
import { max, min } from "../math/amounts.ts";
import { priceForLiquidation } from "../math/book-prices.ts";
import { tokensToCure } from "../math/health-math.ts";
import { withPledge } from "../math/loan-changes.ts";
import { debtOf } from "../math/loan-lens.ts";
import { lines } from "../math/loan-lines.ts";
import type { Refusal } from "../math/refusal.ts";
import type { Loan } from "../types.ts";
import type { PledgeOrder, PledgeOutcome } from "./outcomes.ts";
import {
  capExceeded,
  errorOf,
  refuseFirstPledge,
  refusePledge,
  refuseUnknown,
  requireListing,
  roomOf,
} from "./refusals.ts";
import { ended, sceneOf, type Scene } from "./scene.ts";

/**
 * What `LoanBook.pledge` would do. Anybody may add to what a loan pledges; a cap that is full leaves room for what cures a loan above its
 * call line, and no more.
 * @param labels The market's tokens, by which the refusal writes amounts.
 */
export function previewPledge(
  market: MarketSnapshot,
  loan: Loan,
  { listing, amount }: PledgeOrder,
  labels?: MarketLabels,
): PledgeOutcome {
  const scene = sceneOf(market, loan);
  requireUint("amount", amount);
  const found = market.book.listings[requireListing(listing)];
  if (found === undefined) {
    const refusal = errorOf(refuseUnknown(market, listing), labels);
    return { ...ended(scene, undefined), pledged: amount, refusal };
  }
  const room = roomOf(found);
  const cure = amount > room ? cureBy(scene, listing) : 0n;
  const isOverCap = amount > room && cure === 0n;
  const pledged = isOverCap ? amount : min(amount, max(room, cure));
  const grown = withPledge(loan, listing, (loan.pledges.get(listing) ?? 0n) + pledged);
  const ofFirst: Refusal | undefined = loan.pledges.has(listing) ? undefined : refuseFirstPledge(market, listing);
  const ofCap = isOverCap ? capExceeded(found, listing, amount) : undefined;
  const refusal = ofFirst ?? ofCap ?? refusePledge(loan, listing, found.held, pledged);
  return { ...ended(scene, { ...scene.at, loan: grown }), pledged, refusal: errorOf(refusal, labels) };
}

/** How much of a listing cures a loan; 0 if it needs no cure, or if the listing's price is none. [token] `MarginCallLogic.tokensToCure`. */
function cureBy({ market, view, at: { loan } }: Scene, listing: number): bigint {
  const { board } = view;
  const found = market.book.listings[listing];
  if (found === undefined || board.loanAsset === 0n) return 0n;
  const [debt, { callLine }] = [debtOf(view, loan), lines(loan.pledges, board)];
  const { price, isLive, isApart } = priceForLiquidation(found, board.loanAsset, board.now);
  if (debt <= callLine || !isLive || isApart) return 0n;
  return tokensToCure(debt, callLine, found.terms.callLtv, price);
}

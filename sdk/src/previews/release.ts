import { requireUint } from "../errors/invalid-input.ts";
import type { MarketLabels } from "../errors/wording.ts";
import type { MarketSnapshot } from "../market/market-snapshot.ts";
import { withPledge } from "../math/loan-changes.ts";
import { UNLIMITED } from "../math/loan-lines.ts";
import { withoutCall } from "../math/margin-call-review.ts";
import { required } from "../math/refusal.ts";
import type { Loan } from "../types.ts";
import type { PledgeOrder, ReleaseOutcome } from "./outcomes.ts";
import { errorOf, refuseAboveLimit, requireListing } from "./refusals.ts";
import { ended, sceneOf } from "./scene.ts";

/**
 * What `LoanBook.release` would do.
 * @param order 2^256 - 1 releases all of the pledge.
 * @param labels The market's tokens, by which the refusal writes amounts.
 */
export function previewRelease(
  market: MarketSnapshot,
  loan: Loan,
  { listing, amount }: PledgeOrder,
  labels?: MarketLabels,
): ReleaseOutcome {
  const scene = sceneOf(market, loan);
  const pledged = loan.pledges.get(requireListing(listing)) ?? 0n;
  const released = requireUint("amount", amount) === UNLIMITED ? pledged : amount;
  const left = released <= pledged ? withPledge(loan, listing, pledged - released) : undefined;
  const refusal =
    required(pledged !== 0n, "NotPledged", { id: loan.id, listing: BigInt(listing) }) ??
    required(released !== 0n, "ZeroAmount", {}) ??
    required(released <= pledged, "PledgeTooSmall", { requested: released, pledged }) ??
    (left && loan.base !== 0n ? refuseAboveLimit(scene.view, left, { released: listing }) : undefined);
  const after = left && pledged !== 0n ? { ...scene.at, loan: left } : undefined;
  return { ...ended(scene, after, { review: withoutCall }), released, refusal: errorOf(refusal, labels) };
}

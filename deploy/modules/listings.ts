import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

import type { TermsParameters } from "../parameters.ts";

/** What the contracts know of a feed. */
export interface FeedConfig {
  readonly feed: string;
  /** [s] */
  readonly maxAge: number;
  /** [feed decimals] */
  readonly minAnswer: bigint;
  /** [feed decimals] */
  readonly maxAnswer: bigint;
}

/** The arguments of the book's `addListing`. */
export interface ListingPlan {
  readonly symbol: string;
  readonly token: string;
  readonly terms: TermsParameters;
  readonly feed: FeedConfig;
  /** [token base units] */
  readonly cap: bigint;
}

/** Adds the listings to a book, one after the other: their numbers follow from the order. */
export function listingsModule(book: string, listings: readonly ListingPlan[]) {
  return buildModule("Listings", (m) => {
    const contract = m.contractAt("LoanBook", book);
    let previous: ReturnType<typeof m.call>[] = [];
    for (const [number, { symbol, token, terms, feed, cap }] of listings.entries()) {
      const id = `listing_${String(number)}_${symbol}`;
      previous = [m.call(contract, "addListing", [token, { ...terms }, { ...feed }, cap], { id, after: previous })];
    }
    return { book: contract };
  });
}

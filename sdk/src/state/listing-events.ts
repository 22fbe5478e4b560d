/** What the events of listings, feeds, credits and operators change. Mirrors `ListingAdmin`, `Listings`, `Operators`. */
import type { BookEvents } from "./events.ts";
import type { Handlers } from "./governance-events.ts";
import { less, NO_FEED, requireTold, type Tables } from "./market-state.ts";

type Names =
  | "AuthorizationSet"
  | "CapChanged"
  | "CreditClaimed"
  | "Credited"
  | "FeedsSet"
  | "ListingAdded"
  | "LoanAssetFeedSet"
  | "NonceUsed"
  | "Retired"
  | "SequencerFeedSet";

export const LISTING_HANDLERS: Handlers<Pick<BookEvents, Names>> = {
  ListingAdded(tables, { listing, token, terms }) {
    requireTold("The number of a listing", BigInt(listing), BigInt(tables.listings.size));
    tables.listings.set(listing, {
      ...{ token, terms, cap: 0n, held: 0n, isRetired: false },
      // Its cap and its feeds follow in events of their own.
      ...{ feed: NO_FEED, exponent: 0n, secondFeed: NO_FEED, secondExponent: 0n },
    });
  },

  CapChanged(tables, { listing, cap }) {
    tables.listings.set(listing, { ...tables.listing(listing), cap });
  },

  FeedsSet(tables, { listing, feed, exponent, secondFeed, secondExponent }) {
    tables.listings.set(listing, { ...tables.listing(listing), feed, exponent, secondFeed, secondExponent });
  },

  Retired(tables, { listing }) {
    tables.listings.set(listing, { ...tables.listing(listing), isRetired: true });
  },

  LoanAssetFeedSet(tables, { feed, peg }) {
    tables.write({ loanAssetFeed: feed, peg });
  },

  SequencerFeedSet(tables, { feed }) {
    tables.write({ sequencerFeed: feed });
  },

  Credited(tables, { listing, caller, amount }) {
    hold(tables, listing, amount); // it was part of what was seized
    const credits = tables.credits.get(caller) ?? new Map<number, bigint>();
    tables.credits.set(caller, new Map(credits).set(listing, (credits.get(listing) ?? 0n) + amount));
  },

  CreditClaimed(tables, { caller, listing, amount }) {
    letGo(tables, listing, amount);
    const credits = new Map(tables.credits.get(caller));
    requireTold("What is claimed", amount, credits.get(listing) ?? 0n);
    credits.delete(listing);
    if (credits.size === 0) tables.credits.delete(caller);
    else tables.credits.set(caller, credits);
  },

  AuthorizationSet(tables, { owner, operator, isAuthorized }) {
    const operators = new Set(tables.operators.get(owner));
    if (isAuthorized) operators.add(operator);
    else operators.delete(operator);
    if (operators.size === 0) tables.operators.delete(owner);
    else tables.operators.set(owner, operators);
  },

  NonceUsed(tables, { owner, nonce }) {
    tables.nonces.set(owner, nonce + 1n);
  },
};

/** What the book holds of a listing for somebody. [token] */
export function hold(tables: Tables, number: number, amount: bigint): void {
  const listing = tables.listing(number);
  tables.listings.set(number, { ...listing, held: listing.held + amount });
}

/** What it holds no longer. [token] */
export function letGo(tables: Tables, number: number, amount: bigint): void {
  const listing = tables.listing(number);
  tables.listings.set(number, { ...listing, held: less("What leaves a listing", listing.held, amount) });
}

/** What the SDK's reducer has rebuilt from events, beside what the contracts have stored. */
import { asOf } from "../../sdk/src/math/margin-call-record.ts";
import type { FeedConfig, MarketEvent } from "../../sdk/src/state/events.ts";
import type { ListingState, MarketState } from "../../sdk/src/state/market-state.ts";
import type { ListingTerms, Loan } from "../../sdk/src/types.ts";
import type { Comparison, Viewed } from "./comparison.ts";
import { wordsOf } from "./vault-figures.ts";

export interface ViewedMarket {
  readonly vault: Viewed;
  readonly book: Viewed;
}

/** Loans, accounts and proposals: whatever has been named in events. */
export interface Names {
  readonly ids: Set<bigint>;
  readonly accounts: Set<string>;
  readonly proposals: Readonly<Record<"vault" | "book", Set<string>>>;
}

const ACTIVITIES = 3;

/** The flag of the vault that fixed-term loans exist. */
const HAS_TERMS = 1n << 7n;

const NO_CALL = [0n, 0n, 0n, 0n];

export function noNames(): Names {
  return { ids: new Set(), accounts: new Set(), proposals: { vault: new Set(), book: new Set() } };
}

/** Collects what an event names. */
export function collect(names: Names, { contract, name, args }: MarketEvent): void {
  if (name === "Proposed") names.proposals[contract].add(args.id);
  for (const [field, value] of Object.entries(args)) {
    if (field === "id" && typeof value === "bigint") names.ids.add(value);
    if (typeof value === "string" && /^0x[0-9a-fA-F]{40}$/.test(value)) names.accounts.add(value);
  }
}

/** Asks for everything that the contracts store and views tell. */
export function askState(
  comparison: Comparison,
  market: ViewedMarket,
  state: MarketState,
  names: Names,
  now: bigint,
  upSince: bigint,
): void {
  askStoredVault(comparison, market.vault, state, now);
  askListings(comparison, market.book, state);
  askAccounts(comparison, market, state, names);
  for (const id of names.ids) askStoredLoan(comparison, market.book, state, id, upSince);
  for (const contract of ["vault", "book"] as const) {
    for (const id of names.proposals[contract]) {
      const sdk = (): bigint[] => [state.proposals[contract].get(id)?.proposedAt ?? 0n];
      comparison.ask(market[contract], "proposedAt", [id], sdk);
    }
  }
}

/** Asks for the vault's state, which changes with almost every call. */
export function askStoredVault(comparison: Comparison, vault: Viewed, state: MarketState, now: bigint): void {
  comparison.ask(vault, "state", [], () => [...wordsOf(state.vault), flagsOf(state)]);
  const { principal, weighted, dated } = state.vault.terms;
  comparison.ask(vault, "termSums", [], () => [principal, weighted, dated]);
  comparison.ask(vault, "totalSupply", [], () => [state.totalSupply]);
  comparison.ask(vault, "depositCap", [], () => [state.depositCap]);
  for (let activity = 0; activity < ACTIVITIES; activity++) {
    comparison.ask(vault, "pausedUntil", [activity], () => [pausedUntil(state, activity, now)]);
  }
}

/** Until when an activity is paused; 0 if it is not. [s] */
export function pausedUntil({ pauses }: MarketState, activity: number, now: bigint): bigint {
  const until = pauses.get(activity) ?? 0n;
  return until > now ? until : 0n;
}

export function flagsOf({ pauses, vault }: MarketState): bigint {
  const ofPauses = [...pauses.keys()].reduce((flags, activity) => flags | (1n << BigInt(activity)), 0n);
  return vault.terms.principal === 0n ? ofPauses : ofPauses | HAS_TERMS;
}

/** Asks for a loan as it is stored, its pledges and its margin call. */
export function askStoredLoan(
  comparison: Comparison,
  book: Viewed,
  state: MarketState,
  id: bigint,
  upSince: bigint,
): void {
  const loan = state.loans.get(id);
  const call = loan?.call;
  comparison.ask(book, "loan", [id], () => (loan === undefined ? Array<bigint>(6).fill(0n) : storedLoan(loan)));
  comparison.ask(book, "marginCallOf", [id], () => {
    if (call === undefined) return NO_CALL;
    const { caller, calledAt, deadline, lapse } = asOf(call, upSince);
    return [caller, calledAt, deadline, lapse];
  });
  for (const listing of state.listings.keys()) {
    comparison.ask(book, "pledgeOf", [id, listing], () => [loan?.pledges.get(listing) ?? 0n]);
  }
}

/** In the order of `ILoanBook.Loan`. */
function storedLoan({ base, pledges, since, maturity, rate, call }: Loan): bigint[] {
  const pledged = [...pledges.keys()].reduce((bits, listing) => bits | (1n << BigInt(listing)), 0n);
  return [base, pledged, since, maturity, rate, call === undefined ? 0n : 1n];
}

function askListings(comparison: Comparison, book: Viewed, state: MarketState): void {
  comparison.ask(book, "listingCount", [], () => [BigInt(state.listings.size)]);
  for (const [number, listing] of state.listings) {
    comparison.ask(book, "listings", [number], () => {
      const { token, terms, feed, exponent, secondFeed, secondExponent, cap, held, isRetired }: ListingState = listing;
      const first = [...storedFeed(feed), exponent];
      const second = [...storedFeed(secondFeed), secondExponent];
      return [token, ...storedTerms(terms), ...first, ...second, cap, held, isRetired];
    });
  }
  const { loanAssetFeed, peg, sequencerFeed } = state;
  if (loanAssetFeed !== undefined) comparison.ask(book, "loanAssetFeed", [], () => storedFeed(loanAssetFeed));
  comparison.ask(book, "PEG", [], () => [peg]);
  comparison.ask(book, "sequencerFeed", [], () => [sequencerFeed]);
}

function storedTerms(terms: ListingTerms): bigint[] {
  const { borrowLtv, callLtv, liquidationLtv, maxBonus, bonusSlope, maxDeviation } = terms;
  return [borrowLtv, callLtv, liquidationLtv, maxBonus, bonusSlope, maxDeviation];
}

function storedFeed({ feed, maxAge, minAnswer, maxAnswer }: FeedConfig): (string | bigint)[] {
  return [feed, maxAge, minAnswer, maxAnswer];
}

function askAccounts(
  comparison: Comparison,
  { vault, book }: ViewedMarket,
  { balances, nonces, credits, operators, listings }: MarketState,
  { accounts }: Names,
): void {
  for (const account of accounts) {
    comparison.ask(vault, "balanceOf", [account], () => [balances.get(account) ?? 0n]);
    comparison.ask(book, "nonces", [account], () => [nonces.get(account) ?? 0n]);
    for (const listing of listings.keys()) {
      comparison.ask(book, "creditOf", [account, listing], () => [credits.get(account)?.get(listing) ?? 0n]);
    }
  }
  for (const [owner, allowed] of operators) {
    for (const account of accounts) {
      comparison.ask(book, "isAuthorized", [owner, account], () => [allowed.has(account)]);
    }
  }
}

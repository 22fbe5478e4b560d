/** A snapshot of a market that is followed by its events: they tell all but what the feeds say. */
import { InvalidInputError, requireUint } from "../errors/invalid-input.ts";
import type { FeedSource, PriceSource, Round } from "../math/price-feeds.ts";
import { NO_ADDRESS } from "../constants.ts";
import type { FeedConfig } from "../state/events.ts";
import type { ListingState, MarketState } from "../state/market-state.ts";
import type { ListingSnapshot, MarketSnapshot } from "./market-snapshot.ts";

/** By address of a feed: its last round; undefined if it reverts, runs out of gas, or returns less than a round. */
export type Rounds = ReadonlyMap<string, Round | undefined>;

/**
 * A market at a time.
 * @param state Of a market whose deployment has been applied.
 * @param rounds Of every feed of the market: the loan asset's, the listings', the sequencer's.
 * @param minDebt `LoanBook.MIN_DEBT`, which no event tells. [asset]
 * @param now [s]
 * @throws {@link InvalidInputError} if a feed's round is not given.
 */
export function snapshotOf(state: MarketState, rounds: Rounds, minDebt: bigint, now: bigint): MarketSnapshot {
  const { vault, totalSupply, depositCap, pauses, loanAssetFeed, peg, sequencerFeed, listings } = state;
  if (loanAssetFeed === undefined) throw new InvalidInputError("state", "new", "a market that has been deployed");
  const hasSequencer = sequencerFeed !== NO_ADDRESS;
  return {
    now: requireUint("now", now, 32),
    vault: { ...vault, totalSupply },
    depositCap,
    pauses: { deposit: pauses.get(0) ?? 0n, borrow: pauses.get(1) ?? 0n, flashLoan: pauses.get(2) ?? 0n },
    minDebt: requireUint("minDebt", minDebt, 104),
    book: {
      loanAsset: { ...sourceOf(loanAssetFeed, rounds), feed: loanAssetFeed.feed },
      peg,
      sequencer: hasSequencer ? { round: roundOf(sequencerFeed, rounds) } : undefined,
      listings: [...listings].sort(([a], [b]) => a - b).map(([, listing]) => listingOf(listing, rounds)),
    },
  };
}

function listingOf(listing: ListingState, rounds: Rounds): ListingSnapshot {
  const { token, terms, isRetired, cap, held, feed, exponent, secondFeed, secondExponent } = listing;
  const source: PriceSource = { ...sourceOf(feed, rounds), exponent };
  const hasSecond = secondFeed.feed !== NO_ADDRESS;
  const secondSource = hasSecond ? { ...sourceOf(secondFeed, rounds), exponent: secondExponent } : undefined;
  return { token, terms, isRetired, source, secondSource, cap, held };
}

function sourceOf({ feed, maxAge, minAnswer, maxAnswer }: FeedConfig, rounds: Rounds): FeedSource {
  return { maxAge, minAnswer, maxAnswer, round: roundOf(feed, rounds) };
}

function roundOf(feed: string, rounds: Rounds): Round | undefined {
  if (!rounds.has(feed)) throw new InvalidInputError("rounds", feed, "a round of this feed, or undefined for it");
  return rounds.get(feed);
}

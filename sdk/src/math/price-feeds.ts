/**
 * What a Chainlink feed's last round counts for. Mirrors `PriceFeeds`, from the round on: fetching it, and what a feed may do to its
 * reader, is the caller's.
 */
import { InvalidInputError, requireUint } from "../errors/invalid-input.ts";
import { mulDivDown, mulDivUp } from "./amounts.ts";

/** What `latestRoundData` returned. */
export interface Round {
  /** As it was given: it may be negative. [feed decimals] */
  readonly answer: bigint;
  /** For a sequencer's uptime feed: when it went up or down. [s] */
  readonly startedAt: bigint;
  /** [s] */
  readonly updatedAt: bigint;
}

/** A feed, the limits within which its answer counts, and what it says. */
export interface FeedSource {
  /** An older answer is not live. [s] */
  readonly maxAge: bigint;
  /** The lowest answer that counts. [feed decimals] */
  readonly minAnswer: bigint;
  /** The highest answer that counts. [feed decimals] */
  readonly maxAnswer: bigint;
  /** `undefined` if the feed reverts, runs out of gas, or returns less than a round. */
  readonly round: Round | undefined;
}

/** A source of a listing's price. */
export interface PriceSource extends FeedSource {
  /** From the ratio of answers to a price; fixed at listing, 0…77, see `ILoanBook.FeedsSet`. [1] */
  readonly exponent: bigint;
}

/** How far an answer can be trusted: `stale` is only too old, `broken` is none, out of bounds, or without a time that can be. */
export type FeedStatus = "live" | "stale" | "broken";

/** What a feed says, and how far it can be trusted. */
export interface Inspection {
  /** Moved to the nearer bound if it lies outside; the upper bound if there is none. [feed decimals] */
  readonly answer: bigint;
  /** Whether it can be trusted. */
  readonly status: FeedStatus;
  /** What the feed says; 0 if it gives no answer. [s] */
  readonly updatedAt: bigint;
}

/** A price of one source. */
export interface SourcePrice {
  /** 0 where there is none. [price] */
  readonly price: bigint;
  /** Whether its feed is live. */
  readonly isLive: boolean;
}

/** The largest power of ten between answers and a price that a book lists. */
const MAX_EXPONENT = 77n;

/**
 * A feed's answer within its bounds, and why it is not live. `PriceFeeds.inspect`.
 * @param now [s]
 */
export function inspect(source: FeedSource, now: bigint): Inspection {
  const { maxAge, minAnswer, maxAnswer, round } = requireSource(source);
  requireUint("now", now);
  if (round === undefined) return { answer: maxAnswer, status: "broken", updatedAt: 0n };
  const { answer, updatedAt } = round;
  if (answer <= 0n || answer > maxAnswer) return { answer: maxAnswer, status: "broken", updatedAt };
  if (answer < minAnswer) return { answer: minAnswer, status: "broken", updatedAt };
  if (updatedAt === 0n || updatedAt > now) return { answer, status: "broken", updatedAt };
  return { answer, status: now - updatedAt > maxAge ? "stale" : "live", updatedAt };
}

/**
 * A feed's answer within its bounds [feed decimals], and whether it is live. `PriceFeeds.observe`.
 * @param now [s]
 */
export function observe(source: FeedSource, now: bigint): { readonly answer: bigint; readonly isLive: boolean } {
  const { answer, status } = inspect(source, now);
  return { answer, isLive: status === "live" };
}

/**
 * The price for money that goes out: [price], rounded down; 0 if the feed is not live. `PriceFeeds.priceDown`.
 * @param loanAsset What the loan asset counts; more than 0. [feed decimals]
 * @param now [s]
 */
export function priceDown(source: PriceSource, loanAsset: bigint, now: bigint): SourcePrice {
  const scale = scaleOf(source);
  const { answer, isLive } = observe(source, now);
  return { price: isLive ? mulDivDown(answer, scale, requireUint("loanAsset", loanAsset)) : 0n, isLive };
}

/**
 * The price by which a loan is judged, in the borrower's favour: [price], rounded up; from the answer moved into the bounds if the feed
 * is not live. `PriceFeeds.priceUp`.
 * @param loanAsset What the loan asset counts; more than 0. [feed decimals]
 * @param now [s]
 */
export function priceUp(source: PriceSource, loanAsset: bigint, now: bigint): SourcePrice {
  const scale = scaleOf(source);
  const { answer, isLive } = observe(source, now);
  return { price: mulDivUp(answer, scale, requireUint("loanAsset", loanAsset)), isLive };
}

/**
 * What a sequencer's uptime feed says: an answer of 0 is up, 1 is down. It speaks only when that changes, so it is never too old.
 * `PriceFeeds.inspectSequencer`.
 * @param round `undefined` if the feed gives none.
 * @param now [s]
 * @returns Whether the sequencer is known to be up, and since when it is up or down. [s]
 */
export function inspectSequencer(
  round: Round | undefined,
  now: bigint,
): { readonly status: "live" | "broken"; readonly isUp: boolean; readonly since: bigint } {
  requireUint("now", now);
  if (round === undefined) return { status: "broken", isUp: false, since: 0n };
  const { answer, startedAt: since } = requireRound(round);
  const makesSense = (answer === 0n || answer === 1n) && since !== 0n && since <= now;
  return { status: makesSense ? "live" : "broken", isUp: makesSense && answer === 0n, since };
}

/** 10^exponent: what takes the ratio of answers to a price. [1] */
export function scaleOf({ exponent }: PriceSource): bigint {
  if (requireUint("exponent", exponent) > MAX_EXPONENT) {
    throw new InvalidInputError("exponent", exponent, `at most ${MAX_EXPONENT}`);
  }
  return 10n ** exponent;
}

function requireSource(source: FeedSource): FeedSource {
  requireUint("maxAge", source.maxAge, 32);
  requireUint("maxAnswer", source.maxAnswer);
  // A book lists no feed whose lower bound is 0, or above the upper one.
  if (requireUint("minAnswer", source.minAnswer) === 0n || source.minAnswer > source.maxAnswer) {
    throw new InvalidInputError("minAnswer", source.minAnswer, `1 to the maxAnswer, ${source.maxAnswer}`);
  }
  if (source.round !== undefined) requireRound(source.round);
  return source;
}

function requireRound(round: Round): Round {
  const { answer } = round;
  if (typeof (answer as unknown) !== "bigint" || BigInt.asIntN(256, answer) !== answer) {
    throw new InvalidInputError("answer", answer, "a bigint from -2^255 to 2^255 - 1");
  }
  requireUint("startedAt", round.startedAt);
  requireUint("updatedAt", round.updatedAt);
  return round;
}

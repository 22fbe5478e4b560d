/** Loans for the SDK's monitor, markets to screen them in, and what the mathematics say of each loan by itself. */
import type { Random } from "../../scripts/play/random.ts";
import { WAD } from "../../sdk/src/math/amounts.ts";
import { sequencer } from "../../sdk/src/math/book-prices.ts";
import { isCallable, isLiquidatable, type MarketView } from "../../sdk/src/math/loan-lens.ts";
import { lines, type Pledges } from "../../sdk/src/math/loan-lines.ts";
import { CURE_PERIOD } from "../../sdk/src/math/margin-call-record.ts";
import type { ListingTerms, Loan, StoredMarginCall } from "../../sdk/src/types.ts";

const CALLER = "0x00000000000000000000000000000000000000ca";

/** A time at which loans of up to two years are there. [s] */
export const NOW = 1_800_000_000n;

/** An open-term loan of no debt, of the owner and number in an id. */
export function loanOf(id: bigint, loan: Partial<Loan> = {}): Loan {
  return { id, base: 0n, since: 0n, maturity: 0n, rate: 0n, pledges: new Map(), call: undefined, ...loan };
}

export function callAt(calledAt: bigint): StoredMarginCall {
  return { caller: CALLER, calledAt, deadline: calledAt + CURE_PERIOD };
}

/** What a monitor sees of a listing: its price for liquidation [price], and two of its terms [bps]. */
export interface Listed extends Pick<ListingTerms, "callLtv" | "liquidationLtv"> {
  price: bigint;
}

export interface Conditions {
  now?: bigint;
  debtIndex?: bigint;
  /** Since when the chain's sequencer is up; without it the chain has none. [s] */
  upSince?: bigint | undefined;
}

/** A market with these listings, in which the loan asset has a price. */
export function viewOf(
  listed: readonly Listed[],
  { now = NOW, debtIndex = WAD, upSince }: Conditions = {},
): MarketView {
  const round = upSince === undefined ? undefined : { round: { answer: 0n, startedAt: upSince, updatedAt: upSince } };
  const listings = listed.map(({ price, callLtv, liquidationLtv }) => ({
    terms: { borrowLtv: 0n, callLtv, liquidationLtv, maxBonus: 0n, bonusSlope: 0n, maxDeviation: 0n },
    prices: { forBorrowing: price, forLiquidation: price, forSeizure: price },
    isRetired: false,
  }));
  const asset = { loanAsset: 1n, isLoanAssetLive: true, loanAssetFeed: CALLER };
  const board = { now, ...asset, sequencer: sequencer(round, now), listings };
  return { board, debtIndex, minDebt: 0n };
}

/** A line of some pledges. [asset] */
export function lineOf({ board }: MarketView, pledges: Pledges, line: "callLine" | "liquidationLine"): bigint {
  return lines(pledges, board)[line];
}

/** The ids of those of some loans that are callable, and of those that are liquidatable, in order. */
export function judged(market: MarketView, loans: Iterable<Loan>): { callable: bigint[]; liquidatable: bigint[] } {
  const all = [...loans];
  const chosen = (pick: (view: MarketView, loan: Loan) => boolean): bigint[] => {
    return inOrder(all.filter((loan) => pick(market, loan)).map(({ id }) => id));
  };
  return { callable: chosen(isCallable), liquidatable: chosen(isLiquidatable) };
}

export function inOrder(ids: Iterable<bigint>): bigint[] {
  return [...ids].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/** A whole number of at most so many bits, most of them long. */
export function bitsOf(random: Random, bits: number): bigint {
  let value = 0n;
  for (let i = 0; i < bits; i += 32) value = (value << 32n) | BigInt(Math.floor(random.uniform() * 2 ** 32));
  return value & (2n ** BigInt(bits) - 1n);
}

/** A whole number of any length up to so many bits: as often tiny as huge. */
export function anyOf(random: Random, bits: number): bigint {
  return bitsOf(random, 1 + Math.floor(random.uniform() * bits));
}

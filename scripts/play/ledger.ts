import type { Asset } from "./assets.ts";
import type { Round } from "./publisher.ts";

/**
 * What happened in a play. Amounts in [asset] are base units of the loan asset; "value" is at the prices of the feeds, as
 * the contracts count it.
 */
export interface Ledger {
  /** The listings' lines, by number of the listing. */
  readonly lines: readonly ListingLines[];
  readonly loans: readonly OpenedLoan[];
  /** What the feeds published; a product's feed publishes nothing itself. */
  readonly rounds: readonly Round[];
  readonly calls: readonly MarginCall[];
  readonly cures: readonly Cure[];
  /** What the monitor sent. */
  readonly upkeep: readonly Upkeep[];
  readonly liquidations: readonly Liquidation[];
  readonly writeOffs: readonly WriteOff[];
  readonly samples: readonly Sample[];
  readonly start: VaultRecord;
  readonly end: VaultRecord;
  readonly bookAtEnd: BookRecord;
}

/** From which share of its value a pledge is called and liquidated. */
export interface ListingLines {
  readonly asset: Asset;
  readonly callShare: number;
  readonly liquidationShare: number;
}

/** All loans together. */
export interface BookRecord {
  /** What they owe. [asset] */
  readonly debt: bigint;
  /** What they pledge is worth. [asset] */
  readonly value: bigint;
  /** How many are above their liquidation line, because taking them does not pay. */
  readonly aboveLine: number;
  /** How many owe more than their pledges would bring on the market. */
  readonly underWater: number;
  /** By how much, together: a loss that nobody has booked yet. [asset] */
  readonly shortfall: bigint;
}

export interface OpenedLoan {
  /** Counted from 1. */
  readonly number: number;
  readonly id: bigint;
  readonly assets: readonly Asset[];
  /** [asset] */
  readonly debt: bigint;
  /** [asset] */
  readonly value: bigint;
  /** Whether its owner watches it. */
  readonly isWatched: boolean;
  /** Whether its owner wanted a fixed term, and which it got: none if the market lent no more for terms. */
  readonly wantsTerm: boolean;
  readonly term: FixedTerm | undefined;
}

export interface FixedTerm {
  /** [s] */
  readonly duration: number;
  /** A fraction of 1 a year. */
  readonly rate: number;
}

/**
 * How a margin call ended: its owner cured the loan, or ended the call when the price had brought the loan back to its borrow limit; a
 * liquidation brought it back; or nobody did anything until it lapsed. Or it stands when the play ends.
 */
export type CallEnd = "cured" | "recovered" | "sold" | "lapsed" | "standing";

/** A margin call. Unix times. [s] */
export interface MarginCall {
  /** Number of the loan. */
  readonly loan: number;
  readonly calledAt: number;
  readonly deadline: number;
  readonly lapse: number;
  readonly end: CallEnd;
  readonly endedAt: number | undefined;
  /** Where the loan stood, from the call on. */
  readonly track: readonly TrackPoint[];
}

/** A loan's debt and lines at a moment, as shares of what it pledges. */
export interface TrackPoint {
  readonly time: number;
  readonly ltv: number;
  readonly callLtv: number;
  readonly liquidationLtv: number;
}

/** What an owner did about a margin call. */
export interface Cure {
  readonly time: number;
  /** Number of the loan. */
  readonly loan: number;
  /** Since the call. [s] */
  readonly delay: number;
  readonly by: "repaying" | "pledging";
  readonly asset: Asset;
  /** Of that asset. [token] */
  readonly amount: bigint;
  /** [asset] */
  readonly value: bigint;
}

/** A transaction of the monitor. */
export interface Upkeep {
  readonly time: number;
  readonly kind: "call" | "roll";
  /** How many loans it was about. */
  readonly loans: number;
  readonly gasUsed: bigint;
  /** [asset] */
  readonly gasCost: bigint;
}

export interface Liquidation {
  readonly time: number;
  /** Number of the loan. */
  readonly loan: number;
  readonly asset: Asset;
  /** Soft: the loan was below its liquidation line, and its margin call was due. */
  readonly isSoft: boolean;
  /** [asset] */
  readonly repaid: bigint;
  /** What left the loan. [token] */
  readonly seized: bigint;
  /** What of it was credited to the monitor, which had called. [token] */
  readonly credit: bigint;
  /** The same at the feed's price. [asset] */
  readonly creditValue: bigint;
  /** What was seized, at the feed's price. [asset] */
  readonly seizedValue: bigint;
  /** What the owner lost: the bonus, as far as the loan was worth more than its debt. The rest lenders lose. [asset] */
  readonly ownerCost: bigint;
  /** What the market had against the feed's price, for what the keeper got. [asset] */
  readonly marketGap: bigint;
  /** [asset] */
  readonly slippage: bigint;
  readonly gasUsed: bigint;
  /** [asset] */
  readonly gasCost: bigint;
  /** seizedValue - creditValue + marketGap - slippage - repaid - gasCost [asset] */
  readonly profit: bigint;
  /** Debt that was lost with the last pledge. [asset] */
  readonly writtenOff: bigint;
  /** The loan's debt against its value, before. */
  readonly ltv: number;
}

/** A loan whose pledges were worth next to nothing. */
export interface WriteOff {
  readonly time: number;
  readonly loan: number;
  /** [asset] */
  readonly debt: bigint;
  /** What the keeper got. [asset] */
  readonly value: bigint;
  readonly gasUsed: bigint;
  /** [asset] */
  readonly gasCost: bigint;
}

/** The vault at a moment, interest included. [asset] */
export interface VaultRecord {
  readonly time: number;
  readonly cash: bigint;
  readonly debt: bigint;
  readonly reserves: bigint;
  readonly totalAssets: bigint;
  /** What 1e12 whole shares are worth: a share's price with 12 more digits than the loan asset has. [asset] */
  readonly sharePrice: bigint;
}

/** The vault and the book at a moment. */
export interface Sample {
  readonly vault: VaultRecord;
  /** Debt / value at 10, 25, 50, 75, 90 and 100 % of the loans that have debt; empty without such loans. */
  readonly ltvs: readonly number[];
}

/** Of {@link Sample.ltvs}. */
export const QUANTILES = [0.1, 0.25, 0.5, 0.75, 0.9, 1] as const;

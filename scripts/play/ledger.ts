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
}

export interface Liquidation {
  readonly time: number;
  /** Number of the loan. */
  readonly loan: number;
  readonly asset: Asset;
  /** [asset] */
  readonly repaid: bigint;
  /** [token] */
  readonly seized: bigint;
  /** What was seized, at the feed's price. [asset] */
  readonly seizedValue: bigint;
  /** What the owner lost: the bonus, as far as the loan was worth more than its debt. The rest lenders lose. [asset] */
  readonly ownerCost: bigint;
  /** What the market had against the feed's price, for what was seized. [asset] */
  readonly marketGap: bigint;
  /** [asset] */
  readonly slippage: bigint;
  readonly gasUsed: bigint;
  /** [asset] */
  readonly gasCost: bigint;
  /** seizedValue + marketGap - slippage - repaid - gasCost [asset] */
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

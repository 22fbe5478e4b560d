import type { TransactionResponse } from "ethers";

import type { BenchGround, FeedKind, Prices } from "../../scripts/snapshots/bench-ground.ts";
import type { BenchChain } from "../../scripts/snapshots/bench-chain.ts";
import type { Owners } from "./spending.ts";

export const SYSTEMS = ["ballast", "morpho-blue", "metamorpho", "aave-v3", "floor"] as const;
export type SystemName = (typeof SYSTEMS)[number];

/** What is measured, in the order of a loan's life, and whether feeds are asked on the way. */
export const OPERATIONS = {
  "lend-first": { readsFeeds: false },
  "lend-again": { readsFeeds: false },
  "withdraw-part": { readsFeeds: false },
  "withdraw-all": { readsFeeds: false },
  "open-first": { readsFeeds: true },
  "open-again": { readsFeeds: true },
  "open-term": { readsFeeds: true },
  "open-two-assets": { readsFeeds: true },
  "borrow-more": { readsFeeds: true },
  "borrow-two-assets": { readsFeeds: true },
  "repay-part": { readsFeeds: false },
  close: { readsFeeds: false },
  "release-part": { readsFeeds: true },
  "call-margin": { readsFeeds: true },
  "liquidate-one": { readsFeeds: true },
  "liquidate-ten": { readsFeeds: true },
  "liquidate-soft": { readsFeeds: true },
} as const;
export type OperationName = keyof typeof OPERATIONS;
export const OPERATION_NAMES = Object.keys(OPERATIONS) as OperationName[];

export type Transaction = () => Promise<TransactionResponse>;

/** How a system carries out an operation. */
export interface Deed {
  /** What has happened before, besides what the system has seen for every operation. */
  readonly prepare?: () => Promise<unknown>;
  /** What ether has fallen to, if it has. [1e-8 USD] */
  readonly wethPrice?: bigint;
  /** All that its users send. */
  readonly transactions: readonly Transaction[];
}

export type Deeds = Readonly<Partial<Record<OperationName, Deed>>>;

/** A system that stands and that others use: the state from which every operation is measured. */
export interface Deployment {
  /** Waits two hours, over which interest grows, then lets every feed answer anew. */
  readonly wait: BenchGround["wait"];
  readonly deeds: Deeds;
  /** Whose code is counted by itself where its gas is taken apart. */
  readonly owners?: Owners;
}

/** A lending protocol. */
export interface System {
  readonly name: SystemName;
  /** In what it differs from what its users have, and from the other systems. */
  readonly notes: readonly string[];
  readonly deploy: (chain: BenchChain, feedKind: FeedKind) => Promise<Deployment>;
}

/** What has fallen, as {@link BenchGround.wait} takes it. */
export function fallTo(wethPrice: bigint | undefined): Partial<Prices> {
  return wethPrice === undefined ? {} : { weth: wethPrice };
}

export function inOne(transaction: Transaction): Deed {
  return { transactions: [transaction] };
}

export function inSeveral(...transactions: Transaction[]): Deed {
  return { transactions };
}

import { BenchChain } from "../../scripts/snapshots/bench-chain.ts";
import type { FeedKind } from "../../scripts/snapshots/bench-ground.ts";
import {
  fallTo,
  OPERATION_NAMES,
  OPERATIONS,
  type Deed,
  type Deployment,
  type OperationName,
  type System,
  type SystemName,
} from "./system.ts";

/** The feeds that an operation was measured with; none if no price is read. */
export type Feed = FeedKind | "none";

/** What an operation costs in a system. */
export interface Row {
  readonly system: SystemName;
  readonly operation: OperationName;
  readonly feed: Feed;
  /** Of all its transactions, whole. */
  readonly gas: number;
  readonly transactions: number;
}

/** [s] */
const BLOCK_TIME = 12;

/** Measures every operation of every system, all on one chain; each starts as if the others were not there. */
export async function measure(systems: readonly System[], say: (line: string) => void): Promise<Row[]> {
  const chain = await BenchChain.start();
  const rows: Row[] = [];
  try {
    for (const feedKind of ["simple", "eac"] as const) {
      for (const system of systems) {
        say(`${system.name}, ${feedKind} feeds`);
        rows.push(...(await chain.trying(async () => measureSystem(chain, system, feedKind))));
      }
    }
  } finally {
    await chain.close();
  }
  return rows;
}

async function measureSystem(chain: BenchChain, system: System, feedKind: FeedKind): Promise<Row[]> {
  const deployment = await system.deploy(chain, feedKind);
  const rows: Row[] = [];
  for (const operation of OPERATION_NAMES) {
    const { readsFeeds } = OPERATIONS[operation];
    const deed = deployment.deeds[operation];
    // What reads no feed costs the same with all of them.
    if (deed === undefined || (!readsFeeds && feedKind !== "simple")) continue;
    const gas = await chain.trying(async () => gasOf(chain, deployment, deed));
    const feed = readsFeeds ? feedKind : "none";
    rows.push({ system: system.name, operation, feed, gas, transactions: deed.transactions.length });
  }
  return rows;
}

async function gasOf(chain: BenchChain, { wait }: Deployment, deed: Deed): Promise<number> {
  await deed.prepare?.();
  await wait(fallTo(deed.wethPrice));
  let gas = 0;
  for (const transaction of deed.transactions) {
    gas += await chain.send(transaction);
    // A wallet waits for one to be included before it sends the next.
    chain.advance(BLOCK_TIME);
  }
  return gas;
}

import { BEST_PEERS } from "../../scripts/snapshots/peers.ts";
import type { Feed, Row } from "./measure.ts";
import { OPERATION_NAMES, type OperationName, type SystemName } from "./system.ts";
import { TARGETS } from "./targets.ts";

/** The cheapest other protocol. */
export interface BestPeer {
  readonly name: string;
  readonly gas: number;
}

/** An operation with feeds of one kind, system beside system. */
export interface Comparison {
  readonly operation: OperationName;
  readonly feed: Feed;
  /** What was measured here. */
  readonly rows: ReadonlyMap<SystemName, Row>;
  /** The cheaper of what was measured here and of what is known of others. */
  readonly best: BestPeer | undefined;
  /** What this protocol may cost at most. */
  readonly target: number | undefined;
}

/** Puts what belongs together side by side, in the order of a loan's life. */
export function compare(rows: readonly Row[]): Comparison[] {
  return OPERATION_NAMES.flatMap((operation) =>
    (["none", "simple", "eac"] as const).flatMap((feed) => {
      const measured = rows.filter((row) => row.operation === operation && row.feed === feed);
      if (measured.length === 0) return [];
      const bySystem = new Map(measured.map((row) => [row.system, row]));
      const target = feed === "eac" ? undefined : TARGETS[operation];
      return [{ operation, feed, rows: bySystem, best: bestOf(operation, feed, measured), target }];
    }),
  );
}

/** What a system costs as a part of what another does; undefined if either is unknown. */
export function ratio(gas: number | undefined, other: number | undefined): number | undefined {
  return gas === undefined || other === undefined ? undefined : gas / other;
}

/** Undefined where there is no target, or nothing was measured. */
export function isMet({ rows, target }: Comparison): boolean | undefined {
  const gas = rows.get("ballast")?.gas;
  return gas === undefined || target === undefined ? undefined : gas <= target;
}

function bestOf(operation: OperationName, feed: Feed, measured: readonly Row[]): BestPeer | undefined {
  const here = measured
    .filter(({ system }) => system !== "ballast" && system !== "floor")
    .map(({ system, gas }) => ({ name: system, gas }));
  const known = BEST_PEERS[operation];
  const gas = feed === "eac" ? known?.eac : known?.simple;
  const elsewhere = known === undefined || gas === undefined ? [] : [{ name: known.name, gas }];
  return [...here, ...elsewhere].reduce<BestPeer | undefined>(
    (best, peer) => (best === undefined || peer.gas < best.gas ? peer : best),
    undefined,
  );
}

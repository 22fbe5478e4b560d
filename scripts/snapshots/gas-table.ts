import { alignColumns } from "./align.ts";
import { gasKey } from "./gas.ts";
import { OPERATIONS } from "./operations.ts";
import { BEST_PEERS } from "./peers.ts";
import { count, type Figures, type Snapshot } from "./snapshot.ts";

const HEAD = [
  "operation",
  "simple feed",
  "baseline",
  "EAC feed",
  "baseline",
  "best peer",
  "simple",
  "EAC",
  "ours / theirs",
];

/** A table for people: gas of each operation beside its baseline and the cheapest peer's. A ratio below 1 is ahead. */
export function gasTable(measured: Figures, earlier: Snapshot): string {
  const rows = OPERATIONS.map((operation) => {
    const simpleKey = gasKey(operation, "simple");
    const eacKey = operation.readsFeeds ? gasKey(operation, "eac") : "";
    const [simple, eac] = [measured.get(simpleKey), measured.get(eacKey)];
    const peer = BEST_PEERS[operation.name];
    const ratios = [ratio(simple, peer?.simple), ratio(eac, peer?.eac)].filter((text) => text !== "");
    return [
      ...[operation.name, show(simple), show(earlier.get(simpleKey)?.baseline)],
      ...[show(eac), show(earlier.get(eacKey)?.baseline)],
      ...[peer?.name ?? "", show(peer?.simple), show(peer?.eac), ratios.join(" / ")],
    ];
  });
  return alignColumns([HEAD, ...rows], [0, 5]);
}

function show(figure: number | undefined): string {
  return figure === undefined ? "" : count(figure);
}

function ratio(ours: number | undefined, theirs: number | undefined): string {
  return ours === undefined || theirs === undefined ? "" : (ours / theirs).toFixed(3);
}

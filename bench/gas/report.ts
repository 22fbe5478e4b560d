import { alignColumns, markdownColumns } from "../../scripts/snapshots/align.ts";
import { count } from "../../scripts/snapshots/snapshot.ts";
import { isMet, ratio, type Comparison } from "./comparison.ts";
import type { Row } from "./measure.ts";
import { SYSTEMS, type System } from "./system.ts";

const HEAD = ["operation", "feed", ...SYSTEMS, "best peer", "gas", "ours / best", "ours / floor", "at most", "met"];
const TEXT_COLUMNS = [0, 1, HEAD.indexOf("best peer"), HEAD.indexOf("met")];

export const LEGEND =
  "Gas of whole transactions, refunds taken off; in brackets how many there are if several. Feed none: no price is read. The best peer " +
  "is the cheapest that was measured here or is in scripts/snapshots/peers.ts. A ratio below 1 is cheaper.";

/** A row for each operation and kind of feed. */
export function tableOf(comparisons: readonly Comparison[]): string[][] {
  const rows = comparisons.map((comparison) => {
    const { operation, feed, rows: measured, best, target } = comparison;
    const [own, floor] = [measured.get("ballast")?.gas, measured.get("floor")?.gas];
    const met = isMet(comparison);
    return [
      ...[operation, feed, ...SYSTEMS.map((system) => cost(measured.get(system)))],
      ...[best?.name ?? "", figure(best?.gas), share(own, best?.gas), share(own, floor), figure(target)],
      met === undefined ? "" : met ? "yes" : "no",
    ];
  });
  return [HEAD, ...rows];
}

export function textTable(table: readonly (readonly string[])[]): string {
  return alignColumns(table, TEXT_COLUMNS);
}

export function markdownTable(table: readonly (readonly string[])[]): string {
  return markdownColumns(table, TEXT_COLUMNS);
}

/** In a sentence: how many targets are met, and by how much the others are missed. */
export function targetsLine(comparisons: readonly Comparison[]): string {
  const judged = comparisons.filter((comparison) => isMet(comparison) !== undefined);
  const missed = judged.filter((comparison) => isMet(comparison) === false);
  const excess = missed.map(({ operation, rows, target }) => {
    const over = (rows.get("ballast")?.gas ?? 0) - (target ?? 0);
    return `${operation} by ${count(over)}`;
  });
  const line = `${judged.length - missed.length} of ${judged.length} targets are met`;
  return excess.length === 0 ? `${line}.` : `${line}; missed: ${excess.join(", ")}.`;
}

/** What a reader has to know of each system. */
export function notesOf(systems: readonly System[]): string[] {
  return systems.flatMap(({ name, notes }) => notes.map((note) => `${name}: ${note}`));
}

/** A row a line. */
export function jsonOf(rows: readonly Row[]): string {
  const lines = rows.map(({ system, operation, feed, gas, transactions }) =>
    JSON.stringify({ system, operation, feed, gas, transactions }),
  );
  return `[\n${lines.join(",\n")}\n]\n`;
}

function cost(row: Row | undefined): string {
  if (row === undefined) return "";
  return row.transactions === 1 ? count(row.gas) : `${count(row.gas)} (${row.transactions})`;
}

function figure(gas: number | undefined): string {
  return gas === undefined ? "" : count(gas);
}

function share(gas: number | undefined, other: number | undefined): string {
  return ratio(gas, other)?.toFixed(3) ?? "";
}

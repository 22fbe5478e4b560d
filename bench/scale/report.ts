import { alignColumns, markdownColumns } from "../../scripts/snapshots/align.ts";
import { count } from "../../scripts/snapshots/snapshot.ts";
import { differenceOf, isWithinLimit, LIMIT, type Row } from "./comparison.ts";
import type { Size } from "./size.ts";

const HEAD = ["operation", "gas alone", "gas in the crowd", "difference", "in %"];
const TEXT_COLUMNS = [0];

/** A row for each operation and kind of feed. */
export function tableOf(rows: readonly Row[]): string[][] {
  return [HEAD, ...rows.map(cellsOf)];
}

export function textTable(rows: readonly Row[]): string {
  return alignColumns(tableOf(rows), TEXT_COLUMNS);
}

export function markdownTable(rows: readonly Row[]): string {
  return markdownColumns(tableOf(rows), TEXT_COLUMNS);
}

/** In a sentence: how many operations keep what is promised, and which do not. */
export function limitLine(rows: readonly Row[]): string {
  const beyond = rows.filter((row) => !isWithinLimit(row)).map(({ operation }) => operation);
  const line = `${rows.length - beyond.length} of ${rows.length} operations within ${LIMIT} %`;
  return beyond.length === 0 ? line : `${line}; not ${beyond.join(", ")}`;
}

export function sizeText({ loans, lenders, listings }: Size): string {
  return `${count(loans)} loans, ${count(lenders)} ${lenders === 1 ? "lender" : "lenders"} and ${count(listings)} listings`;
}

/** A row a line. */
export function jsonOf(rows: readonly Row[]): string {
  const lines = rows.map(({ operation, alone, crowd }) => JSON.stringify({ operation, alone, crowd }));
  return `[\n${lines.join(",\n")}\n]\n`;
}

function cellsOf(row: Row): string[] {
  const difference = differenceOf(row);
  const sign = difference > 0 ? "+" : "";
  const share = ((difference / row.alone) * 100).toFixed(3);
  return [row.operation, count(row.alone), count(row.crowd), `${sign}${count(difference)}`, `${sign}${share}`];
}

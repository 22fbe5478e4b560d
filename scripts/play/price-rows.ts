import { basename } from "node:path";

import type { Asset } from "./assets.ts";
import { parseDecimal } from "./decimal.ts";
import { PriceFileError } from "./input-error.ts";
import { layoutOf, shortened, type Column, type Layout } from "./price-layouts.ts";
import { PRICE_DECIMALS, utc, type Bar, type PriceSeries } from "./price-series.ts";

interface Row {
  readonly time: number;
  readonly line: number;
  readonly bar: Bar;
}

/**
 * Reads one file's text: bars in order, without a gap, with the unix time of each bar's open. Either five columns named by a
 * header, in seconds, or a kline dump of Binance, in milliseconds or microseconds.
 * @param file Only named in errors and as the source.
 */
export function parsePrices(file: string, asset: Asset, text: string): PriceSeries {
  const lines = text.split(/\r?\n/);
  while (lines.at(-1) === "") lines.pop();
  const [head] = lines;
  if (head === undefined) throw new PriceFileError(file, 1, "the file is empty.");
  const layout = layoutOf(file, head);
  const body = lines.slice(layout.firstLine - 1);
  const rows = body.map((line, i) => rowOf(file, i + layout.firstLine, line, layout));
  const [first, second] = rows;
  const step = second === undefined ? layout.lengthOf?.((body[0] ?? "").split(",")) : constantStep(file, rows);
  if (first === undefined || step === undefined) {
    throw new PriceFileError(file, lines.length, "at least two bars are needed to tell how long a bar is.");
  }
  return { asset, source: basename(file), synthetic: false, start: first.time, step, bars: rows.map((row) => row.bar) };
}

function rowOf(file: string, line: number, text: string, layout: Layout): Row {
  const cells = text.split(",");
  if (cells.length !== layout.width) {
    const found = `${String(cells.length)} value${cells.length === 1 ? "" : "s"}`;
    throw new PriceFileError(file, line, `${found} in a row of ${String(layout.width)} columns.`);
  }
  const cell = (column: Column): string => shortened((cells[layout.columns.get(column) ?? 0] ?? "").trim());
  const price = (column: Column): bigint => {
    const value = parseDecimal(cell(column), PRICE_DECIMALS);
    if (value === undefined) throw new PriceFileError(file, line, `${column} is "${cell(column)}", not a price.`);
    if (value === 0n) throw new PriceFileError(file, line, `${column} is ${cell(column)}; a price must be above 0.`);
    return value;
  };

  const time = layout.timeOf(cell("timestamp"));
  if (typeof time === "string") {
    throw new PriceFileError(file, line, `${layout.timeName} is "${cell("timestamp")}", not ${time}.`);
  }
  const bar: Bar = { open: price("open"), high: price("high"), low: price("low"), close: price("close") };
  for (const column of ["open", "close"] as const) {
    if (bar.low > bar[column] || bar[column] > bar.high) {
      throw new PriceFileError(
        file,
        line,
        `${column} ${cell(column)} is not between low ${cell("low")} and high ${cell("high")}.`,
      );
    }
  }
  return { time, line, bar };
}

/** The length of a bar: the smallest distance of two rows, which all others must have too. [s] */
function constantStep(file: string, rows: readonly Row[]): number {
  const distances = rows.slice(1).map((row, i) => {
    const before = rows[i]?.time ?? row.time;
    if (row.time > before) return { row, before, distance: row.time - before };
    const problem = row.time === before ? "stands there twice" : `comes after ${utc(before)}: rows are out of order`;
    throw new PriceFileError(file, row.line, `the bar of ${utc(row.time)} ${problem}.`);
  });
  const step = distances.reduce((smallest, { distance }) => Math.min(smallest, distance), Infinity);
  const gap = distances.find(({ distance }) => distance !== step);
  if (gap !== undefined) {
    const bars = `bars are ${String(step)} s long`;
    throw new PriceFileError(
      file,
      gap.row.line,
      `gap: ${utc(gap.before)} is followed by ${utc(gap.row.time)}, but ${bars}.`,
    );
  }
  return step;
}

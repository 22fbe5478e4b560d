import { readFile } from "node:fs/promises";
import { basename } from "node:path";

import { ASSET_NAMES, assetNamed, type Asset } from "./assets.ts";
import { parseDecimal } from "./decimal.ts";
import { InputError, PriceFileError } from "./input-error.ts";
import { PRICE_DECIMALS, utc, type Bar, type PriceSeries } from "./price-series.ts";

const COLUMNS = ["timestamp", "open", "high", "low", "close"] as const;
type Column = (typeof COLUMNS)[number];

/** Timestamps above this are milliseconds or finer: in seconds it is the year 5138. */
const LATEST_SECOND = 100_000_000_000;

const QUOTES = /-(usd|usdt|usdc)(?=[_.-]|$)/i;

interface Row {
  readonly time: number;
  readonly line: number;
  readonly bar: Bar;
}

/**
 * Reads price files.
 * @param assets Names from `--asset`, the nth for the nth file; files beyond them are named by themselves.
 */
export async function readPriceFiles(files: readonly string[], assets: readonly string[]): Promise<PriceSeries[]> {
  const series: PriceSeries[] = [];
  for (const [i, file] of files.entries()) {
    const asset = assetOf(file, assets[i]);
    const twin = series.find((other) => other.asset === asset);
    if (twin !== undefined) {
      throw new InputError(`${file} and ${twin.source} both hold prices of ${asset}: give one file for each asset.`);
    }
    series.push(parsePrices(file, asset, await readText(file)));
  }
  return series;
}

/** The asset of a file: the given name, or what stands before the first hyphen of the file's name. */
export function assetOf(file: string, given: string | undefined): Asset {
  const name = given ?? basename(file).split("-")[0] ?? "";
  const asset = assetNamed(name);
  if (asset !== undefined) return asset;
  const what = given === undefined ? `${file}: its name starts with "${name}"` : `--asset ${name}`;
  throw new InputError(
    `${what}, which is no asset of this market: it has ${ASSET_NAMES} (with --asset you may say which one a file is).`,
  );
}

/** The currency that a file's name says its prices are in, if it is not the dollar itself: "USDT" for eth-usdt_….csv. */
export function foreignQuote(file: string): string | undefined {
  const quote = QUOTES.exec(basename(file))?.[1]?.toUpperCase();
  return quote === "USD" ? undefined : quote;
}

/**
 * Reads one file's text: `timestamp,open,high,low,close` with unix seconds of each bar's open, in order, without a gap.
 * @param file Only named in errors and as the source.
 */
export function parsePrices(file: string, asset: Asset, text: string): PriceSeries {
  const lines = text.split(/\r?\n/);
  while (lines.at(-1) === "") lines.pop();
  const [header, ...body] = lines;
  if (header === undefined) throw new PriceFileError(file, 1, "the file is empty.");
  const columns = columnsOf(file, header);
  const rows = body.map((text, i) => rowOf(file, i + 2, text, columns));
  const [first, second] = rows;
  if (first === undefined || second === undefined) {
    throw new PriceFileError(file, lines.length, "at least two bars are needed to tell how long a bar is.");
  }
  const step = constantStep(file, rows);
  return { asset, source: basename(file), synthetic: false, start: first.time, step, bars: rows.map((row) => row.bar) };
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    const problem = code === "ENOENT" ? "there is no such file" : `the file cannot be read (${code})`;
    throw new InputError(`${file}: ${problem}.`);
  }
}

/** Where each column stands. */
function columnsOf(file: string, header: string): ReadonlyMap<Column, number> {
  const columns = new Map<Column, number>();
  for (const [i, name] of header.split(",").entries()) {
    const column = COLUMNS.find((known) => known === name.trim());
    if (column === undefined) {
      throw new PriceFileError(file, 1, `unknown column "${name.trim()}"; the columns are ${COLUMNS.join(",")}.`);
    }
    if (columns.has(column)) throw new PriceFileError(file, 1, `column "${column}" stands there twice.`);
    columns.set(column, i);
  }
  const missing = COLUMNS.find((column) => !columns.has(column));
  if (missing !== undefined) throw new PriceFileError(file, 1, `column "${missing}" is missing.`);
  return columns;
}

function rowOf(file: string, line: number, text: string, columns: ReadonlyMap<Column, number>): Row {
  const cells = text.split(",");
  if (cells.length !== columns.size) {
    const found = `${String(cells.length)} value${cells.length === 1 ? "" : "s"}`;
    throw new PriceFileError(file, line, `${found} in a row of ${String(columns.size)} columns.`);
  }
  const cell = (column: Column): string => (cells[columns.get(column) ?? 0] ?? "").trim();
  const price = (column: Column): bigint => {
    const value = parseDecimal(cell(column), PRICE_DECIMALS);
    if (value === undefined) throw new PriceFileError(file, line, `${column} is "${cell(column)}", not a price.`);
    if (value === 0n) throw new PriceFileError(file, line, `${column} is ${cell(column)}; a price must be above 0.`);
    return value;
  };

  const time = /^\d+$/.test(cell("timestamp")) ? Number(cell("timestamp")) : NaN;
  if (!(time < LATEST_SECOND)) {
    throw new PriceFileError(file, line, `timestamp is "${cell("timestamp")}", not a unix time in whole seconds.`);
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

import { PriceFileError } from "./input-error.ts";

/** The columns that count. */
export const COLUMNS = ["timestamp", "open", "high", "low", "close"] as const;
export type Column = (typeof COLUMNS)[number];

/** How the rows of a file are to be read. */
export interface Layout {
  /** The first line that is a row, counted from 1. */
  readonly firstLine: number;
  /** How many values a row has. */
  readonly width: number;
  /** Where each column stands. */
  readonly columns: ReadonlyMap<Column, number>;
  /** What the file calls its column of times. */
  readonly timeName: string;
  /** The unix time in seconds, or what the text is not. */
  readonly timeOf: (text: string) => number | string;
  /** The length of a row's bar, if a row tells it. [s] */
  readonly lengthOf: ((cells: readonly string[]) => number | undefined) | undefined;
}

/** Times above this are milliseconds or finer: in seconds it is the year 5138. */
const LATEST_SECOND = 100_000_000_000;

/** A kline dump of Binance: these columns and five more that nobody needs here, with a header line or, mostly, without. */
const KLINE_COLUMNS = ["open_time", "open", "high", "low", "close", "volume", "close_time"] as const;
const KLINE_WIDTH = 12;
const CLOSE_TIME = KLINE_COLUMNS.indexOf("close_time");

/** Digits of a time from 2001 to 2286, by its unit in parts of a second. */
const KLINE_UNITS: ReadonlyMap<number, number> = new Map([
  [13, 1_000],
  [16, 1_000_000],
]);

/** 2009 and 2100: no dump has times outside of it. [s] */
const KLINE_TIMES = { first: 1_230_768_000, last: 4_102_444_800 };

/** Tells from its first line what a file is. */
export function layoutOf(file: string, first: string): Layout {
  const cells = first.split(",").map((cell) => cell.trim());
  if (cells[0] === KLINE_COLUMNS[0]) return klineLayout(file, cells, 2);
  return /^\d+$/.test(cells[0] ?? "") ? klineLayout(file, cells, 1) : namedLayout(file, cells);
}

/** A file with a header line that names the five columns, in any order. */
function namedLayout(file: string, header: readonly string[]): Layout {
  const columns = new Map<Column, number>();
  for (const [i, name] of header.entries()) {
    const column = COLUMNS.find((known) => known === name);
    if (column === undefined) {
      throw new PriceFileError(file, 1, `unknown column "${shortened(name)}"; the columns are ${COLUMNS.join(",")}.`);
    }
    if (columns.has(column)) throw new PriceFileError(file, 1, `column "${column}" stands there twice.`);
    columns.set(column, i);
  }
  const missing = COLUMNS.find((column) => !columns.has(column));
  if (missing !== undefined) throw new PriceFileError(file, 1, `column "${missing}" is missing.`);
  const timeOf = (text: string): number | string =>
    /^\d+$/.test(text) && Number(text) < LATEST_SECOND ? Number(text) : "a unix time in whole seconds";
  return { firstLine: 2, width: columns.size, columns, timeName: "timestamp", timeOf, lengthOf: undefined };
}

function klineLayout(file: string, cells: readonly string[], firstLine: number): Layout {
  if (cells.length !== KLINE_WIDTH) {
    const what = firstLine === 1 ? "a file without a header line" : "a file with this header";
    const found = `${String(cells.length)} column${cells.length === 1 ? "" : "s"}`;
    throw new PriceFileError(
      file,
      1,
      `${found}; ${what} is read as a kline dump of Binance, which has ${String(KLINE_WIDTH)}.`,
    );
  }
  const wrong = firstLine === 1 ? -1 : KLINE_COLUMNS.findIndex((name, i) => cells[i] !== name);
  if (wrong !== -1) {
    const place = `column ${String(wrong + 1)} is "${shortened(cells[wrong] ?? "")}"`;
    throw new PriceFileError(file, 1, `${place}; in a kline dump of Binance it is ${KLINE_COLUMNS[wrong] ?? ""}.`);
  }
  return {
    firstLine,
    width: KLINE_WIDTH,
    columns: new Map(COLUMNS.map((column, i) => [column, i])),
    timeName: "open_time",
    timeOf: (text) => {
      const time = klineTime(text);
      if (time === undefined) return "a time in milliseconds or microseconds from 2009 to 2099";
      return Number.isInteger(time) ? time : "at a whole second";
    },
    lengthOf: klineLength,
  };
}

/** From the opening to one unit after the closing time, which is the last moment of the bar. [s] */
function klineLength(cells: readonly string[]): number | undefined {
  const [opening, closing] = [(cells[0] ?? "").trim(), (cells[CLOSE_TIME] ?? "").trim()];
  const unit = KLINE_UNITS.get(closing.length);
  if (unit === undefined || opening.length !== closing.length || !/^\d+$/.test(closing)) return undefined;
  const length = (Number(closing) + 1 - Number(opening)) / unit;
  return Number.isInteger(length) && length > 0 ? length : undefined;
}

function klineTime(text: string): number | undefined {
  const unit = /^\d+$/.test(text) ? KLINE_UNITS.get(text.length) : undefined;
  if (unit === undefined) return undefined;
  const time = Number(text) / unit;
  return time >= KLINE_TIMES.first && time < KLINE_TIMES.last ? time : undefined;
}

/** Enough of a text to find it by. */
export function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

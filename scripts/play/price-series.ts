import type { Asset } from "./assets.ts";
import { InputError } from "./input-error.ts";
import type { Rate } from "./rates.ts";

/** Decimals of every USD price in the play, which are those of Chainlink's USD feeds. */
export const PRICE_DECIMALS = 8;

/** What the price did in one bar. [1e-8 USD] */
export interface Bar {
  readonly open: bigint;
  readonly high: bigint;
  readonly low: bigint;
  readonly close: bigint;
}

/** The prices of one asset in bars of equal length, without a gap. */
export interface PriceSeries {
  readonly asset: Asset;
  /** Where it comes from: a file's name, or words. */
  readonly source: string;
  readonly synthetic: boolean;
  /** The dollar that its prices are in, if it is not the dollar itself: "USDT". It is taken for one. */
  readonly quote?: string;
  /** What was multiplied to get these prices, if they are a product. */
  readonly rate?: Rate;
  /** Unix time at which the first bar opens. [s] */
  readonly start: number;
  /** Length of a bar. [s] */
  readonly step: number;
  readonly bars: readonly Bar[];
}

/** A span of time, its end excluded. Unix times. [s] */
export interface Window {
  readonly start: number;
  readonly end: number;
}

/** A price that somebody could see at a moment. */
export interface Observation {
  readonly time: number;
  /** [1e-8 USD] */
  readonly price: bigint;
}

/** Within a bar the price goes open, high, low, close, a quarter of the bar's length each. */
const POINTS = ["open", "high", "low", "close"] as const;

export function spanOf(series: PriceSeries): Window {
  return { start: series.start, end: series.start + series.step * series.bars.length };
}

/** What all series cover together. */
export function intersection(series: readonly PriceSeries[]): Window {
  const spans = series.map(spanOf);
  const start = Math.max(...spans.map((span) => span.start));
  const end = Math.min(...spans.map((span) => span.end));
  if (start >= end) {
    const list = series.map((s) => `${s.source} (${utc(spanOf(s).start)} to ${utc(spanOf(s).end)})`).join(", ");
    throw new InputError(`The price files have no time in common: ${list}.`);
  }
  return { start, end };
}

/** The price at a moment within the series; before and after it, the nearest one. [1e-8 USD] */
export function priceAt(series: PriceSeries, time: number): bigint {
  const quarters = Math.floor(((time - series.start) * POINTS.length) / series.step);
  const last = series.bars.length * POINTS.length - 1;
  return pointOf(series, Math.min(Math.max(quarters, 0), last));
}

/** Every point of the path within a window, in order of time. */
export function* observations(series: PriceSeries, window: Window): Generator<Observation> {
  for (let point = 0; point < series.bars.length * POINTS.length; point++) {
    const time = series.start + Math.ceil((point * series.step) / POINTS.length);
    if (time >= window.end) return;
    if (time >= window.start) yield { time, price: pointOf(series, point) };
  }
}

function pointOf(series: PriceSeries, point: number): bigint {
  const bar = series.bars[Math.floor(point / POINTS.length)];
  const name = POINTS[point % POINTS.length];
  if (bar === undefined || name === undefined) throw new RangeError(`${series.source} has no bar.`);
  return bar[name];
}

/** A unix time as "2020-03-12 10:43" UTC. */
export function utc(time: number): string {
  return new Date(time * 1000).toISOString().slice(0, 16).replace("T", " ");
}

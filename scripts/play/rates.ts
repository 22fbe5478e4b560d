import { productOf } from "../../deploy/product-feeds.ts";
import { BPS } from "../../sdk/src/math/amounts.ts";
import { YEAR } from "../../sdk/src/math/rate-curve.ts";
import type { Asset } from "./assets.ts";
import { formatDecimal } from "./decimal.ts";
import type { Bar, PriceSeries, Window } from "./price-series.ts";
import type { Round } from "./publisher.ts";

/** How much more of the other token one token is worth each year, as long as nothing happens. [bps] */
const YEARLY_GROWTH = 300n;

/** The real network publishes exchange rates once a day, or just before. [s] */
const HEARTBEAT = 82_800;

/** The rate of a token into another whose prices are known. It grows evenly. */
export interface Rate {
  /** The name of its feed. */
  readonly feed: string;
  /** The asset that it is a rate into, for its prices. */
  readonly of: Asset;
  /** Decimals of the feed. */
  readonly decimals: number;
  /** The rate at `start`. [feed decimals] */
  readonly first: bigint;
  /** Unix time. [s] */
  readonly start: number;
}

/** [decimals of the rate's feed], rounded down */
export function rateAt({ first, start }: Rate, time: number): bigint {
  return first + (first * YEARLY_GROWTH * BigInt(time - start)) / (BPS * YEAR);
}

/** The prices of a token with a rate: in each bar those of the other, times the rate at the bar's start. */
export function ratedSeries(asset: Asset, rate: Rate, other: PriceSeries): PriceSeries {
  const bars = other.bars.map((bar, i): Bar => {
    const now = rateAt(rate, other.start + i * other.step);
    const times = (price: bigint): bigint => productOf(now, rate.decimals, price);
    return { open: times(bar.open), high: times(bar.high), low: times(bar.low), close: times(bar.close) };
  });
  return { ...other, asset, source: rateWords(rate), rate, bars };
}

/** When the rate's feed publishes what: at the window's start and every 23 hours. */
export function rateRounds(rate: Rate, { start, end }: Window): { readonly time: number; readonly answer: bigint }[] {
  const count = Math.ceil((end - start) / HEARTBEAT);
  return Array.from({ length: count }, (_, i) => {
    const time = start + i * HEARTBEAT;
    return { time, answer: rateAt(rate, time) };
  });
}

/** What is assumed, as it is printed. */
export function rateWords({ of, first, decimals }: Rate): string {
  const start = formatDecimal(first, decimals).replace(/\.?0+$/, "");
  const growth = String(Number(YEARLY_GROWTH) / 100);
  return `${start} ${of} when the window starts, growing ${growth} % a year`;
}

/** What the product's feed says: something new whenever one of its two feeds publishes. */
export function productRounds(asset: Asset, rate: Rate, rounds: readonly Round[]): Round[] {
  const products: Round[] = [];
  let [factor, price]: (bigint | undefined)[] = [];
  for (const round of rounds) {
    if (round.asset === rate.feed) factor = round.answer;
    else if (round.asset === rate.of) price = round.answer;
    else continue;
    if (factor === undefined || price === undefined) continue;
    products.push({ asset, time: round.time, answer: productOf(factor, rate.decimals, price) });
  }
  return products;
}

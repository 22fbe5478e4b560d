import type { Asset } from "./assets.ts";
import { PRICE_DECIMALS, type Bar, type PriceSeries } from "./price-series.ts";
import { Random } from "./random.ts";

/** The path lies in a year that has no prices yet, so that nobody takes it for history: 2030-01-01 00:00 UTC. */
export const SYNTHETIC_START = 1_893_456_000;
export const SYNTHETIC_SOURCE = "synthetic path shaped like 12 March 2020";

const MINUTE = 60;
const HOURS = 72;
/** Points that the price passes within a minute; the first is the open, the last the close. */
const POINTS = 4;

/**
 * Level against the start, by hour, straight between: a day of drift, a day that falls to 0.54 with two breaks (hour 34, when
 * a quarter is gone within 80 minutes, and hour 48), a day of rebound.
 */
const SHAPE: readonly (readonly [hour: number, level: number])[] = [
  [0, 1],
  [24, 0.985],
  [32, 0.95],
  [34, 0.91],
  [35.3, 0.69],
  [37, 0.74],
  [46, 0.7],
  [48.3, 0.54],
  [49.5, 0.65],
  [56, 0.66],
  [72, 0.7],
];

/** Hours in which the price swings several times as much, and now and then jumps. */
const STORM = { from: 33.5, to: 51 };
const JUMP_CHANCE = 0.004;
const JUMP_SIZE = 0.025;

/** Start price [USD] and how strongly an asset follows the shape. */
const ASSETS: readonly { readonly asset: Asset; readonly price: number; readonly strength: number }[] = [
  { asset: "WETH", price: 195, strength: 1.05 },
  { asset: "WBTC", price: 7_950, strength: 0.95 },
  { asset: "LINK", price: 3.9, strength: 1.15 },
];

/** Three days of minute bars for three assets. The same seed gives the same prices. */
export function syntheticPrices(seed: number): PriceSeries[] {
  const common = swings(new Random(seed));
  return ASSETS.map(({ asset, price, strength }, i) => {
    const own = swings(new Random(seed + 1 + i));
    const path = common.map((swing, point) => {
      const hour = point / (60 * (POINTS - 1));
      return price * Math.exp(strength * Math.log(shapeAt(hour)) + 0.8 * swing + 0.6 * (own[point] ?? 0));
    });
    const bars = Array.from({ length: HOURS * 60 }, (_, minute) => barOf(path, minute));
    return { asset, source: SYNTHETIC_SOURCE, synthetic: true, start: SYNTHETIC_START, step: MINUTE, bars };
  });
}

/** Noise around the shape that returns to it within an hour or so, as a logarithm. */
function swings(random: Random): number[] {
  const points = HOURS * 60 * (POINTS - 1) + 1;
  const path = [0];
  for (let point = 1; point < points; point++) {
    const hour = point / (60 * (POINTS - 1));
    const isStorm = hour >= STORM.from && hour <= STORM.to;
    const jump = isStorm && random.uniform() < JUMP_CHANCE ? JUMP_SIZE * random.normal() : 0;
    path.push(0.995 * (path[point - 1] ?? 0) + (isStorm ? 0.0018 : 0.0005) * random.normal() + jump);
  }
  return path;
}

function shapeAt(hour: number): number {
  for (const [i, [to, level]] of SHAPE.entries()) {
    if (hour > to) continue;
    const [from, before] = SHAPE[i - 1] ?? [to, level];
    return to === from ? level : before + ((level - before) * (hour - from)) / (to - from);
  }
  return SHAPE.at(-1)?.[1] ?? 1;
}

/** A minute shares its last point with the first of the next: there is no jump between bars. */
function barOf(path: readonly number[], minute: number): Bar {
  const first = minute * (POINTS - 1);
  const prices = path.slice(first, first + POINTS).map((price) => BigInt(Math.round(price * 10 ** PRICE_DECIMALS)));
  const [open, close] = [prices[0] ?? 0n, prices.at(-1) ?? 0n];
  const high = prices.reduce((a, b) => (a > b ? a : b), open);
  const low = prices.reduce((a, b) => (a < b ? a : b), open);
  return { open, high, low, close };
}

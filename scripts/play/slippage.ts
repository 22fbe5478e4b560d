import type { Asset } from "./assets.ts";
import { listed } from "./format.ts";

/** Slippage is counted in billionths, so that what it costs is exact. */
export const SLIPPAGE_ONE = 1_000_000_000n;

const BASE = 0.0005;
const AT_FULL_DEPTH = 0.02;
/** A sale weighs on the next ones less and less, and not at all after this time. [s] */
const RECOVERY = 600;
/** What remains of the depth after an hour that fell by {@link FALL}. */
const THIN = 0.3;
const FALL_BPS = 400n;
const HOUR = 3_600;

const MILLION = 1_000_000;

/** What can be sold at once for 2 % more slippage. [USD] */
const DEPTH: Readonly<Partial<Record<Asset, number>>> = {
  WETH: 60 * MILLION,
  WBTC: 50 * MILLION,
  SOL: 10 * MILLION,
  LINK: 6 * MILLION,
  AAVE: 3 * MILLION,
  CRV: 2.5 * MILLION,
};
/** Of what nobody has measured: somewhat less than the least that was. */
const DEPTH_OF_OTHERS = 2 * MILLION;

/** The curve in words, as it is printed. */
export function slippageWords(assets: readonly Asset[]): string {
  const depths = assets.map((asset) => `${String(depthOf(asset) / MILLION)} M (${asset})`);
  return (
    `0.05 % + 2 % × √(sold / depth) on the whole sale; depth in USD ${listed(depths)}, three tenths of it after an hour that ` +
    "fell 4 %; what was sold before counts less and less, straight to nothing after 10 minutes"
  );
}

function depthOf(asset: Asset): number {
  return DEPTH[asset] ?? DEPTH_OF_OTHERS;
}

interface Sale {
  readonly time: number;
  readonly usd: number;
}

/** How deep the market is in which a keeper sells what it seized. Accounted, not traded. */
export class MarketDepth {
  readonly #priceAt: (asset: Asset, time: number) => bigint;
  readonly #sales = new Map<Asset, readonly Sale[]>();

  /** @param priceAt The market's price, in any unit; asked for an hour ago too. */
  public constructor(priceAt: (asset: Asset, time: number) => bigint) {
    this.#priceAt = priceAt;
  }

  /** What a sale loses against the market's price. [1e-9 of its value], rounded up, at most all of it. */
  public slippage(asset: Asset, usd: number, time: number): bigint {
    const sold = this.#weighing(asset, time) + usd;
    const share = BASE + AT_FULL_DEPTH * Math.sqrt(sold / this.#depth(asset, time));
    return BigInt(Math.ceil(Math.min(share, 1) * Number(SLIPPAGE_ONE)));
  }

  /** Notes a sale, which then weighs on those after it. */
  public record(asset: Asset, usd: number, time: number): void {
    const recent = (this.#sales.get(asset) ?? []).filter((sale) => time - sale.time < RECOVERY);
    this.#sales.set(asset, [...recent, { time, usd }]);
  }

  #weighing(asset: Asset, time: number): number {
    const sales = this.#sales.get(asset) ?? [];
    return sales.reduce((sum, sale) => sum + sale.usd * Math.max(0, 1 - (time - sale.time) / RECOVERY), 0);
  }

  #depth(asset: Asset, time: number): number {
    const before = this.#priceAt(asset, time - HOUR);
    const hasFallen = this.#priceAt(asset, time) * 10_000n <= before * (10_000n - FALL_BPS);
    return depthOf(asset) * (hasFallen ? THIN : 1);
  }
}

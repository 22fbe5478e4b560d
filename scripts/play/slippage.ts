import type { Collateral } from "./assets.ts";

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

/** What can be sold at once for 2 % more slippage. [USD] */
const DEPTH: Readonly<Record<Collateral, number>> = { WETH: 60_000_000, WBTC: 50_000_000, LINK: 6_000_000 };

/** The curve in words, as it is printed. */
export const SLIPPAGE_WORDS =
  "0.05 % + 2 % × √(sold / depth) on the whole sale; depth 60 M USD (WETH), 50 M (WBTC), 6 M (LINK), three tenths of it " +
  "after an hour that fell 4 %; what was sold before counts less and less, straight to nothing after 10 minutes";

interface Sale {
  readonly time: number;
  readonly usd: number;
}

/** How deep the market is in which a keeper sells what it seized. Accounted, not traded. */
export class MarketDepth {
  readonly #priceAt: (asset: Collateral, time: number) => bigint;
  readonly #sales = new Map<Collateral, readonly Sale[]>();

  /** @param priceAt The market's price, in any unit; asked for an hour ago too. */
  public constructor(priceAt: (asset: Collateral, time: number) => bigint) {
    this.#priceAt = priceAt;
  }

  /** What a sale loses against the market's price. [1e-9 of its value], rounded up, at most all of it. */
  public slippage(asset: Collateral, usd: number, time: number): bigint {
    const sold = this.#weighing(asset, time) + usd;
    const share = BASE + AT_FULL_DEPTH * Math.sqrt(sold / this.#depth(asset, time));
    return BigInt(Math.ceil(Math.min(share, 1) * Number(SLIPPAGE_ONE)));
  }

  /** Notes a sale, which then weighs on those after it. */
  public record(asset: Collateral, usd: number, time: number): void {
    const recent = (this.#sales.get(asset) ?? []).filter((sale) => time - sale.time < RECOVERY);
    this.#sales.set(asset, [...recent, { time, usd }]);
  }

  #weighing(asset: Collateral, time: number): number {
    const sales = this.#sales.get(asset) ?? [];
    return sales.reduce((sum, sale) => sum + sale.usd * Math.max(0, 1 - (time - sale.time) / RECOVERY), 0);
  }

  #depth(asset: Collateral, time: number): number {
    const before = this.#priceAt(asset, time - HOUR);
    const hasFallen = this.#priceAt(asset, time) * 10_000n <= before * (10_000n - FALL_BPS);
    return DEPTH[asset] * (hasFallen ? THIN : 1);
  }
}

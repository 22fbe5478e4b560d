import hre from "hardhat";

import type { BorrowerShares } from "../../scripts/play/borrower-plan.ts";
import { inProcess, setUpMarket, type Connect, type Stage } from "../../scripts/play/market.ts";
import { firstPrices, type Script } from "../../scripts/play/play.ts";
import type { Bar, PriceSeries } from "../../scripts/play/price-series.ts";
import { SYNTHETIC_START } from "../../scripts/play/synthetic-prices.ts";

/** As the command line has them by default. */
export const OWNERS: BorrowerShares = { termsPercent: 30, watchingPercent: 60 };

/** A market that a script can be played on. */
export async function staged({ window, loans, series }: Script, connect: Connect = inProcess(hre)): Promise<Stage> {
  return setUpMarket(connect, window.start, loans, firstPrices(series, window));
}

export function total<T>(items: readonly T[], amount: (item: T) => bigint): bigint {
  return items.reduce((sum, item) => sum + amount(item), 0n);
}

/** Ether at 200 dollars for ten minutes, then at another price for ten. */
export function cliff(dollars: number): Script {
  const bar = (price: bigint): Bar => ({ open: price, high: price, low: price, close: price });
  const bars = [200, dollars].flatMap((price) => Array<Bar>(10).fill(bar(BigInt(price) * 10n ** 8n)));
  const source = { source: "a cliff", synthetic: true, start: SYNTHETIC_START, step: 60, bars } as const;
  const series: PriceSeries[] = [{ asset: "WETH", ...source }];
  const window = { start: SYNTHETIC_START, end: SYNTHETIC_START + 1_200 };
  return { series, window, loans: 20, seed: 1, ...OWNERS, gasGwei: 30 };
}

import { formatDecimal, toNumber } from "./decimal.ts";
import { USDC_DECIMALS } from "./format.ts";
import { QUANTILES } from "./ledger.ts";
import { PRICE_DECIMALS } from "./price-series.ts";
import type { Report } from "./report.ts";
import { ratio } from "./statistics.ts";

const UNITS =
  "Keys name their unit. …Usdc: exact decimal strings (numbers in series); …Usd: numbers; …Share and LTVs: fractions of 1; " +
  "…Seconds and times: unix seconds UTC; …Tokens: base units of the token as decimal strings; gas: units of gas as strings.";

/** A share's price is read for 1e12 shares. */
const SHARE_PRICE_DECIMALS = USDC_DECIMALS + 12;

/** The series that the charts show, as numbers. */
export interface ChartSeries {
  /** Published answers by asset. */
  readonly prices: readonly { readonly asset: string; readonly times: number[]; readonly usd: number[] }[];
  readonly liquidations: readonly {
    readonly time: number;
    readonly asset: string;
    readonly loan: number;
    readonly seizedUsdc: number;
    readonly costShare: number;
  }[];
  readonly times: number[];
  readonly cashUsdc: number[];
  readonly debtUsdc: number[];
  readonly utilisationShare: number[];
  readonly sharePriceUsdc: number[];
  /** By quantile, from low to high; null where no loan has debt. */
  readonly ltvs: readonly { readonly quantile: number; readonly shares: (number | null)[] }[];
}

export function chartSeries({ ledger, assets }: Report): ChartSeries {
  const vaults = ledger.samples.map(({ vault }) => vault);
  return {
    prices: assets.map(({ asset, published }) => {
      const usd = published.map(({ answer }) => toNumber(answer, PRICE_DECIMALS));
      return { asset, times: published.map(({ time }) => time), usd };
    }),
    liquidations: ledger.liquidations.map(({ time, asset, loan, seizedValue, ownerCost }) => {
      const costShare = ratio(ownerCost, seizedValue);
      return { time, asset, loan, seizedUsdc: toNumber(seizedValue, USDC_DECIMALS), costShare };
    }),
    times: vaults.map(({ time }) => time),
    cashUsdc: vaults.map(({ cash }) => toNumber(cash, USDC_DECIMALS)),
    debtUsdc: vaults.map(({ debt }) => toNumber(debt, USDC_DECIMALS)),
    utilisationShare: vaults.map(({ cash, debt }) => ratio(debt, cash + debt)),
    sharePriceUsdc: vaults.map(({ sharePrice }) => toNumber(sharePrice, SHARE_PRICE_DECIMALS)),
    ltvs: QUANTILES.map((quantile, i) => ({ quantile, shares: ledger.samples.map(({ ltvs }) => ltvs[i] ?? null) })),
  };
}

/** The whole report as JSON text. */
export function reportJson(report: Report): string {
  const { title, isSynthetic, headline, assumptions, assets, figures, ledger, script, wallSeconds } = report;
  const { loans, seed, termsPercent, watchingPercent, gasGwei, window } = script;
  const value = {
    units: UNITS,
    ...{ title, isSynthetic, headline, assumptions, wallSeconds },
    inputs: {
      ...{ loans, seed, termsPercent, watchingPercent, gasGwei, startSeconds: window.start, endSeconds: window.end },
      files: script.series.map(({ asset, source, start, step, bars }) => {
        return { asset, source, startSeconds: start, barSeconds: step, bars: bars.length };
      }),
    },
    figures: {
      ...mapped(figures),
      keeperGasUsed: figures.keeperGasUsed.toString(),
      monitorGasUsed: figures.monitorGasUsed.toString(),
    },
    feeds: assets.map(({ asset, published, first, low, high, last }) => {
      return { asset, rounds: published.length, firstUsd: first, lowUsd: low, highUsd: high, lastUsd: last };
    }),
    loans: ledger.loans.map(({ number, id, assets, debt, value, isWatched, term }) => ({
      ...{ number, id: id.toString(), assets, debtUsdc: usdc(debt), valueUsdc: usdc(value), isWatched },
      ...{ termSeconds: term?.duration ?? null, termRateShareAYear: term?.rate ?? null },
    })),
    marginCalls: ledger.calls.map(({ loan, calledAt, deadline, lapse, end, endedAt }) => ({
      ...{ loan, calledSeconds: calledAt, deadlineSeconds: deadline, lapseSeconds: lapse },
      ...{ end, endedSeconds: endedAt ?? null },
    })),
    cures: ledger.cures.map(({ time, loan, delay, by, asset, amount, value }) => ({
      ...{ timeSeconds: time, loan, delaySeconds: delay, by, asset, amountTokens: amount.toString() },
      valueUsdc: usdc(value),
    })),
    liquidations: ledger.liquidations.map((one) => ({
      ...{ timeSeconds: one.time, loan: one.loan, asset: one.asset, isSoft: one.isSoft, ltv: one.ltv },
      repaidUsdc: usdc(one.repaid),
      seizedTokens: one.seized.toString(),
      seizedUsdc: usdc(one.seizedValue),
      creditTokens: one.credit.toString(),
      creditUsdc: usdc(one.creditValue),
      marketGapUsdc: usdc(one.marketGap),
      slippageUsdc: usdc(one.slippage),
      gasUsed: one.gasUsed.toString(),
      gasUsdc: usdc(one.gasCost),
      profitUsdc: usdc(one.profit),
      writtenOffUsdc: usdc(one.writtenOff),
    })),
    writeOffs: ledger.writeOffs.map(({ time, loan, debt, value, gasUsed, gasCost }) => ({
      ...{ timeSeconds: time, loan, debtUsdc: usdc(debt), seizedUsdc: usdc(value) },
      ...{ gasUsed: gasUsed.toString(), gasUsdc: usdc(gasCost) },
    })),
    series: chartSeries(report),
  };
  return withShortArrays(JSON.stringify(value, null, 1)) + "\n";
}

/** Arrays of numbers on one line: there are tens of thousands of them. */
function withShortArrays(json: string): string {
  return json.replaceAll(/\[[\s\d.,eE+-]*\]/g, (array) => array.replaceAll(/\s+/g, ""));
}

function usdc(amount: bigint): string {
  return formatDecimal(amount, USDC_DECIMALS);
}

/** Amounts as decimal strings, everything else as it is. */
function mapped(figures: Report["figures"]): Record<string, string | number> {
  const entries = Object.entries<bigint | number>({ ...figures });
  return Object.fromEntries(entries.map(([key, value]) => [key, typeof value === "bigint" ? usdc(value) : value]));
}

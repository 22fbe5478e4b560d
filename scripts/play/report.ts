import { LOAN_ASSET, type Asset } from "./assets.ts";
import { borrowerWords } from "./borrower-plan.ts";
import { toNumber } from "./decimal.ts";
import { computeFigures, type Figures } from "./figures.ts";
import { AGE_WORDS } from "./fill-market.ts";
import { counted, count, duration, elapsed, listed, money, percent } from "./format.ts";
import type { Ledger } from "./ledger.ts";
import { bookWords } from "./loan-plan.ts";
import type { Script } from "./play.ts";
import { PRICE_DECIMALS, spanOf, utc, type PriceSeries } from "./price-series.ts";
import { GAS_PRICE_NOTE } from "./prices.ts";
import { isDollar, type Round } from "./publisher.ts";
import { productRounds } from "./rates.ts";
import { slippageWords } from "./slippage.ts";

/** Everything that terminal, page and JSON say about a play. */
export interface Report {
  readonly title: string;
  readonly isSynthetic: boolean;
  /** The first thing a reader wants to know, in a few sentences. */
  readonly headline: readonly string[];
  readonly assets: readonly AssetReport[];
  /** What was assumed, in words. */
  readonly assumptions: readonly string[];
  readonly figures: Figures;
  readonly ledger: Ledger;
  readonly script: Script;
  /** How long the run took. [s] */
  readonly wallSeconds: number;
}

export interface AssetReport {
  readonly asset: Asset;
  readonly source: string;
  /** What its feed said and when; a product's feed, whenever one of its two feeds published. [1e-8 USD] */
  readonly published: readonly Round[];
  /** The same in figures. [USD] */
  readonly first: number;
  readonly low: number;
  readonly high: number;
  readonly last: number;
}

/** Bars from this length on hide what a feed would have published in between. [s] */
const COARSE = 1_800;

export function makeReport(script: Script, ledger: Ledger, wallSeconds: number): Report {
  const figures = computeFigures(ledger);
  const isSynthetic = script.series.some((series) => series.synthetic);
  return {
    title: titleOf(script, isSynthetic),
    isSynthetic,
    headline: headlineOf(figures, script),
    assets: script.series.map((series) => assetReport(series, ledger)),
    assumptions: assumptionsOf(script),
    ...{ figures, ledger, script, wallSeconds },
  };
}

/** What the reader of a run is told about its inputs before it starts: the window, and what of the files is left out. */
export function describeInputs({ series, window }: Script): string[] {
  const span = `${utc(window.start)} to ${utc(window.end)} UTC (${duration(window.end - window.start)})`;
  const lines = [`Window: ${span}.`];
  for (const one of series) {
    const { start, end } = spanOf(one);
    const isClipped = start < window.start || end > window.end;
    const note = isClipped ? `; it covers ${utc(start)} to ${utc(end)}, only what all files share is played` : "";
    if (one.rate !== undefined) {
      lines.push(`${one.asset}: ${one.source}.`);
      continue;
    }
    const currency = one.quote === undefined ? "" : `, ${one.quote} taken as USD`;
    lines.push(`${one.asset}: ${one.source}, bars of ${duration(one.step)}${currency}${note}.`);
    if (one.step >= COARSE) {
      const steps = `its price moves every ${duration(one.step / 4)} only`;
      lines.push(`${one.asset}: ${steps}, so its feed jumps and liquidations come later than they would.`);
    }
  }
  if (new Set(series.map((one) => one.step)).size > 1) {
    lines.push("The files' bars differ in length: each asset is played at its own.");
  }
  return lines;
}

function titleOf({ series, window }: Script, isSynthetic: boolean): string {
  const assets = listed(series.map((one) => one.asset).filter((asset) => asset !== LOAN_ASSET));
  if (isSynthetic) return `synthetic prices shaped like 12 March 2020 (${assets})`;
  const [from, to] = [utc(window.start).slice(0, 10), utc(window.end - 1).slice(0, 10)];
  return `${assets}, ${from === to ? from : `${from} to ${to}`}`;
}

function headlineOf(figures: Figures, { window }: Script): string[] {
  const span = duration(window.end - window.start);
  const inWindow = `${percent(figures.lendersReturnShare)} in ${span}`;
  // A loss is not repeated every week of a year.
  const lenders =
    figures.lendersEarnedUsdc < 0n
      ? `Lenders lost ${money(-figures.lendersEarnedUsdc)} (${inWindow}).`
      : `Lenders earned ${money(figures.lendersEarnedUsdc)} (${inWindow}, ${percent(figures.lendersReturnShareAYear)} a year).`;
  return [
    `${counted(figures.loans, "loan")}, ${String(figures.liquidatedLoans)} of them liquidated.`,
    ...noticeOf(figures),
    figures.liquidations === 0
      ? "No owner lost anything to a liquidation."
      : `It cost their owners ${percent(figures.ownersCostShareOfSeized)} of what was sold.`,
    lenders,
    badDebtOf(figures),
  ];
}

/** How many owners were told before anything was sold, and how many had no need to be sold from. */
function noticeOf(figures: Figures): string[] {
  const { marginCalls, callsCured, liquidatedLoans, liquidatedLoansCalledBefore, medianNoticeHours } = figures;
  if (marginCalls === 0) return ["No loan was called."];
  const calls = `${counted(marginCalls, "margin call")}, ${count(callsCured)} of them cured by the owners.`;
  if (liquidatedLoans === 0) return [calls];
  const notice = `, ${elapsed(medianNoticeHours)} before the first sale in the median`;
  const called = `${count(liquidatedLoansCalledBefore)} of the ${counted(liquidatedLoans, "liquidated loan")} had been called before`;
  return [calls, `${called}${liquidatedLoansCalledBefore === 0 ? "" : notice}.`];
}

/** What was written off, and what would have to be if prices stay as they are. */
function badDebtOf(figures: Figures): string {
  const { badDebtUsdc, badDebtBpsOfInitialDebt, loansUnderWaterAtEnd, shortfallAtEndUsdc } = figures;
  const booked =
    badDebtUsdc === 0n
      ? "No bad debt"
      : `Bad debt: ${money(badDebtUsdc)}, ${badDebtBpsOfInitialDebt.toFixed(2)} bp of what was lent`;
  if (loansUnderWaterAtEnd === 0) return `${booked}.`;
  const owe = loansUnderWaterAtEnd === 1 ? "owes" : "owe";
  const open = `${counted(loansUnderWaterAtEnd, "loan")} ${owe} ${money(shortfallAtEndUsdc)} more than the pledges are worth`;
  return `${booked} so far, but ${open}.`;
}

function assetReport({ asset, source, rate }: PriceSeries, { rounds }: Ledger): AssetReport {
  const published =
    rate === undefined ? rounds.filter((round) => round.asset === asset) : productRounds(asset, rate, rounds);
  const answers = published.map(({ answer }) => toNumber(answer, PRICE_DECIMALS));
  return {
    ...{ asset, source, published },
    first: answers[0] ?? 0,
    low: answers.reduce((a, b) => Math.min(a, b), Infinity),
    high: answers.reduce((a, b) => Math.max(a, b), 0),
    last: answers.at(-1) ?? 0,
  };
}

function assumptionsOf(script: Script): string[] {
  const { series, gasGwei, seed, loans } = script;
  const gas = `gas at ${String(gasGwei)} gwei`;
  const hasEth = series.some(({ asset }) => asset === "WETH");
  const assets = series.map(({ asset }) => asset);
  const pledged = assets.filter((asset) => asset !== LOAN_ASSET);
  const dollars = [LOAN_ASSET, ...pledged.filter(isDollar)];
  const rates = series.flatMap(({ asset, rate, source }) => {
    const feeds = "its feed is the product of that rate, published every 23 hours, and of the other's price";
    return rate === undefined ? [] : [`${asset}: ${source}; ${feeds}; keepers sell at the product too.`];
  });
  return [
    `Prices: within a bar open, high, low, close, a quarter of it each; a feed publishes at 0.5 % from its last answer or ` +
      `after an hour (${listed(dollars)}: 0.25 %, 23 hours).`,
    ...rates,
    `Book: ${counted(loans, "loan")} from seed ${String(seed)}; ${bookWords(pledged)}.`,
    `Owners: ${borrowerWords(script)}`,
    "Lenders: five, with 40, 25, 20, 10 and 5 % of the deposits; four fifths of them are lent at the start.",
    AGE_WORDS,
    "Monitor: acts in the same second as each round, before the keeper: calls all that the lens finds above its call line, " +
      "ends no call, rolls what has matured.",
    `Keeper: acts in the same second as each round and takes, hard or soft, whatever pays after ${hasEth ? gas : `${gas} (${GAS_PRICE_NOTE})`} and slippage, ` +
      "all that the contract allows or a half to a sixteenth of it.",
    `Slippage: ${slippageWords(pledged)}.`,
  ];
}

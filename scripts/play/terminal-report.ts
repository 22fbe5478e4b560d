import { counted, count, elapsed, money, percent, usd } from "./format.ts";
import type { Report } from "./report.ts";

const LABEL_WIDTH = 18;
const INDENT = "  ";

/** The report as text: first what a reader wants first, then every figure, then what was assumed. */
export function terminalReport(report: Report): string {
  const title = `Ballast, local market: ${report.title}`;
  return [
    title,
    "=".repeat(title.length),
    ...report.headline,
    "",
    ...figureLines(report).map(([label, text]) => INDENT + label.padEnd(LABEL_WIDTH) + text),
    "",
    "Assumed",
    ...report.assumptions.map((line) => INDENT + line),
  ].join("\n");
}

/** Every figure as a label and words; a line without a label goes on with the one before. */
export function figureLines({ figures: f, assets, wallSeconds }: Report): (readonly [label: string, text: string])[] {
  const owners = `median of a loan ${percent(f.medianOwnerCostShare)}, worst ${percent(f.worstOwnerCostShare)}`;
  const utilisation = [f.utilisationShareAtStart, f.lowestUtilisationShare, f.highestUtilisationShare].map(percent);
  return [
    ["Loans", `${count(f.loans)}, debt ${money(f.initialDebtUsdc)} against ${money(f.initialValueUsdc)}`],
    ["Fixed terms", termsOf(f)],
    ["Margin calls", `${count(f.marginCalls)} of ${counted(f.calledLoans, "loan")}: ${endedByOwners(f)},`],
    ["", otherEnds(f)],
    ["Cured", curesOf(f)],
    ["Called, then sold", soldOf(f)],
    ["Liquidated", `${counted(f.liquidatedLoans, "loan")} in ${counted(f.liquidations, "liquidation")}`],
    ["Notice", noticeOf(f)],
    ["Soft", saleOf(f.softLiquidations, f.softSeizedUsdc, f.softOwnersCostUsdc, f.softOwnersCostShareOfSeized)],
    ["Hard", saleOf(f.hardLiquidations, f.hardSeizedUsdc, f.hardOwnersCostUsdc, f.hardOwnersCostShareOfSeized)],
    ["Repaid, seized", `${money(f.repaidByKeeperUsdc)} for ${money(f.seizedUsdc)} at the feeds' prices`],
    ["Cost to owners", `${money(f.ownersCostUsdc)}, ${percent(f.ownersCostShareOfSeized)} of what was sold; ${owners}`],
    [
      "Bad debt",
      `${money(f.badDebtUsdc)}, ${f.badDebtBpsOfInitialDebt.toFixed(2)} bp, ${counted(f.badDebtLoans, "loan")}`,
    ],
    ["At the end", endOf(f)],
    ["Lenders", `${money(f.lendersAssetsAtStartUsdc)} at the start, ${lendersOf(f)}`],
    ["Interest", `${money(f.interestUsdc)} with fees for ending terms; reserves ${reservesOf(f)}`],
    [
      "Utilisation",
      `${utilisation.join(", ")} (start, lowest, highest), ${percent(f.utilisationShareAtEnd)} at the end`,
    ],
    [
      "Keeper",
      `profit ${money(f.keeperProfitUsdc)} after gas ${money(f.keeperGasUsdc)} (${count(Number(f.keeperGasUsed))} gas)`,
    ],
    ["", `and slippage ${money(f.keeperSlippageUsdc)}; the market paid ${marketGapOf(f)}`],
    [
      "Monitor",
      `credits of ${money(f.creditsUsdc)} for gas of ${money(f.monitorGasUsdc)} (${count(Number(f.monitorGasUsed))} gas)`,
    ],
    ...assets.map(
      ({ asset, published, first, low, last }) =>
        [
          `Feed ${asset}`,
          `${counted(published.length, "round")}, ${usd(first)} to ${usd(last)} USD, low ${usd(low)}`,
        ] as const,
    ),
    ["Run", `${wallSeconds.toFixed(1)} s`],
  ];
}

function termsOf(f: Report["figures"]): string {
  const refused = f.termLoansRefused === 0 ? "" : `; ${count(f.termLoansRefused)} more found no room`;
  if (f.termLoans === 0) return `none${refused}`;
  const rates = `${percent(f.lowestTermRateShareAYear)} to ${percent(f.highestTermRateShareAYear)} a year`;
  return `${counted(f.termLoans, "loan")}, debt ${money(f.termDebtUsdc)} at ${rates}${refused}; ${count(f.rolledLoans)} matured and rolled`;
}

function endedByOwners(f: Report["figures"]): string {
  return `${count(f.callsCured)} cured by owners, ${count(f.callsRecovered)} ended by them when the price had come back`;
}

function otherEnds(f: Report["figures"]): string {
  return `${count(f.callsEndedBySale)} ended by a sale, ${count(f.callsLapsed)} lapsed, ${count(f.callsStandingAtEnd)} standing`;
}

function curesOf(f: Report["figures"]): string {
  if (f.curesByRepaying + f.curesByPledging === 0) return "none";
  const repaying = `${count(f.curesByRepaying)} by repaying ${money(f.repaidByOwnersUsdc)}`;
  const pledging = `${count(f.curesByPledging)} by pledging ${money(f.addedByOwnersUsdc)} more`;
  return `${repaying}, ${pledging}; ${elapsed(f.medianCureHours)} after the call in the median`;
}

function soldOf(f: Report["figures"]): string {
  const share = (sold: number, called: number) => `${count(sold)} of ${counted(called, "loan")}`;
  const watched = share(f.watchedCalledLoansSold, f.watchedCalledLoans);
  return `${watched} whose owners watch, ${share(f.unwatchedCalledLoansSold, f.unwatchedCalledLoans)} whose owners do not`;
}

function noticeOf(f: Report["figures"]): string {
  const called = `${count(f.liquidatedLoansCalledBefore)} of ${count(f.liquidatedLoans)} had been called before`;
  if (f.liquidatedLoansCalledBefore === 0) return called;
  const range = `${elapsed(f.shortestNoticeHours)} to ${elapsed(f.longestNoticeHours)}`;
  return `${called}, ${elapsed(f.medianNoticeHours)} before the first sale in the median (${range})`;
}

function saleOf(sales: number, seized: bigint, cost: bigint, share: number): string {
  if (sales === 0) return "0 sales";
  return `${counted(sales, "sale")} of ${money(seized)}, which cost owners ${money(cost)}, ${percent(share)}`;
}

function marketGapOf({ keeperMarketGapUsdc: gap }: Report["figures"]): string {
  return gap < 0n ? `${money(-gap)} less than the feeds' prices` : `${money(gap)} more than the feeds' prices`;
}

function reservesOf({ reservesUsdc: got }: Report["figures"]): string {
  return got < 0n ? `bore ${money(-got)} of the bad debt` : `got ${money(got)}`;
}

function lendersOf(f: Report["figures"]): string {
  const { lendersEarnedUsdc: earned, lendersReturnShare: share } = f;
  if (earned < 0n) return `lost ${money(-earned)} (${percent(share)})`;
  return `earned ${money(earned)} (${percent(share)}, ${percent(f.lendersReturnShareAYear)} a year)`;
}

function endOf(f: Report["figures"]): string {
  const debt = `debt ${money(f.finalDebtUsdc)} against ${money(f.finalValueUsdc)}`;
  return f.loansAboveLineAtEnd === 0
    ? debt
    : `${debt}; ${counted(f.loansAboveLineAtEnd, "loan")} above the liquidation line`;
}

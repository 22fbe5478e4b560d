import { counted, count, money, percent, usd } from "./format.ts";
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
    ["Liquidated", `${counted(f.liquidatedLoans, "loan")} in ${counted(f.liquidations, "liquidation")}`],
    ["Repaid, seized", `${money(f.repaidByKeeperUsdc)} for ${money(f.seizedUsdc)} at the feeds' prices`],
    ["Cost to owners", `${money(f.ownersCostUsdc)}, ${percent(f.ownersCostShareOfSeized)} of what was sold; ${owners}`],
    [
      "Bad debt",
      `${money(f.badDebtUsdc)}, ${f.badDebtBpsOfInitialDebt.toFixed(2)} bp, ${counted(f.badDebtLoans, "loan")}`,
    ],
    ["At the end", endOf(f)],
    ["Lenders", `deposited ${money(f.lendersDepositedUsdc)}, ${lendersOf(f)}`],
    ["Interest", `${money(f.interestUsdc)}, of which reserves hold ${money(f.reservesUsdc)}`],
    [
      "Utilisation",
      `${utilisation.join(", ")} (start, lowest, highest), ${percent(f.utilisationShareAtEnd)} at the end`,
    ],
    [
      "Keeper",
      `profit ${money(f.keeperProfitUsdc)} after gas ${money(f.keeperGasUsdc)} (${count(Number(f.keeperGasUsed))} gas)`,
    ],
    ["", `and slippage ${money(f.keeperSlippageUsdc)}; the market paid ${marketGapOf(f)}`],
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

function marketGapOf({ keeperMarketGapUsdc: gap }: Report["figures"]): string {
  return gap < 0n ? `${money(-gap)} less than the feeds' prices` : `${money(gap)} more than the feeds' prices`;
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

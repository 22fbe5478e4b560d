import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import ts from "typescript";

import { counted } from "./format.ts";
import { escape } from "./html.ts";
import { chartSeries, type ChartSeries } from "./report-json.ts";
import type { Report } from "./report.ts";
import { figureLines } from "./terminal-report.ts";
import { timelineSection } from "./timeline-chart.ts";
import { cureTimeline, saleTimeline } from "./timelines.ts";

/** What the page's script finds in the page. */
export interface PageData extends ChartSeries {
  /** Lines across the chart of LTVs. */
  readonly lines: readonly { readonly name: string; readonly share: number; readonly kind: "call" | "liquidation" }[];
}

/** The report as one HTML file that needs nothing else: styles, charts and data are in it. */
export async function reportPage(report: Report): Promise<string> {
  const [chartLibrary, chartStyle, style, script] = await Promise.all([
    text(import.meta.resolve("uplot/dist/uPlot.iife.min.js")),
    text(import.meta.resolve("uplot/dist/uPlot.min.css")),
    text(new URL("page/style.css", import.meta.url).href),
    text(new URL("page/charts.ts", import.meta.url).href),
  ]);
  const data: PageData = { ...chartSeries(report), lines: linesOf(report) };
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Ballast: ${escape(report.title)}</title>
<style>${chartStyle}
${style}</style>
</head>
<body>
<main>
${header(report)}
${figures(report)}
${timelineSection("From call to cure: one borrower", cureTimeline(report.ledger), "No owner cured a called loan.")}
${timelineSection("From call to sale: one borrower", saleTimeline(report.ledger), "No loan was sold from that had been called before.")}
<p class="hint">Drag across a chart to look closer in all of them; double-click to go back.</p>
${report.assets.map(({ asset }) => priceChart(report, asset)).join("\n")}
${chart("ltvs", "Loan-to-value of the book", "Debt against the value of the pledges, over all loans that have debt. The bands hold half and four fifths of the loans.")}
${chart("vault", "Cash and debt of the vault", "What lenders could withdraw at once, and what is lent out. A liquidation turns debt into cash.")}
${chart("share", "Price of a lender's share", "Rises with interest; falls only when debt is written off.")}
<section>
<h2>Assumed</h2>
<ul>
${report.assumptions.map((line) => `<li>${escape(line)}</li>`).join("\n")}
</ul>
</section>
</main>
<script type="application/json" id="data">${JSON.stringify(data).replaceAll("<", "\\u003c")}</script>
<script>${chartLibrary}</script>
<script type="module">${browserScript(script)}</script>
</body>
</html>
`;
}

function header({ title, isSynthetic, headline }: Report): string {
  const note = isSynthetic ? `<p class="note">Synthetic prices: this never happened.</p>` : "";
  const sentences = headline.map((sentence) => `<li>${escape(sentence)}</li>`).join("\n");
  return `<header>
<p class="brand">Ballast, local market</p>
<h1>${escape(title.charAt(0).toUpperCase() + title.slice(1))}</h1>
${note}
<ul class="headline">
${sentences}
</ul>
</header>`;
}

function figures(report: Report): string {
  const rows = figureLines(report).map(
    ([label, text]) => `<tr><th scope="row">${escape(label)}</th><td>${escape(text)}</td></tr>`,
  );
  return `<details>
<summary>All figures</summary>
<table>
${rows.join("\n")}
</table>
</details>`;
}

function priceChart({ ledger }: Report, asset: string): string {
  const liquidations = ledger.liquidations.filter((one) => one.asset === asset).length;
  const note = `What the feed published. Each circle is one of ${counted(liquidations, "liquidation")}; its area is what was sold.`;
  return chart(
    `price-${asset}`,
    `${asset} in USD`,
    liquidations === 0 ? "What the feed published. Nothing was sold." : note,
  );
}

function chart(id: string, title: string, note: string): string {
  return `<section>
<h2>${escape(title)}</h2>
<p>${escape(note)}</p>
<div class="chart" id="${id}"></div>
</section>`;
}

/** The call and liquidation lines of the listings that loans pledge; those with equal lines share them. */
function linesOf({ ledger }: Report): PageData["lines"] {
  const used = ledger.lines.filter(({ asset }) => ledger.loans.some(({ assets }) => assets.includes(asset)));
  const kinds = [
    ["call", "callShare"],
    ["liquidation", "liquidationShare"],
  ] as const;
  return kinds.flatMap(([kind, key]) => {
    const shares = new Set(used.map((listing) => listing[key]));
    return [...shares].map((share) => {
      const names = used.filter((listing) => listing[key] === share).map(({ asset }) => asset);
      return { name: names.join(", "), share, kind };
    });
  });
}

/** The page's script without its types: browsers run JavaScript. */
function browserScript(source: string): string {
  const { ES2022 } = ts.ScriptTarget;
  return ts.transpileModule(source, { compilerOptions: { target: ES2022, module: ts.ModuleKind.ES2022 } }).outputText;
}

async function text(url: string): Promise<string> {
  return readFile(fileURLToPath(url), "utf8");
}

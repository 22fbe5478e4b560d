/// <reference lib="dom" />
// The page's own script: draws the charts from the data in the page. It runs in the browser, with uPlot as a global.
import type UPlot from "uplot";

import type { PageData } from "../page.ts";

declare const uPlot: typeof UPlot;

const HEIGHT = 300;
const NARROW = 560;
/** Radius of the largest circle of a liquidation. [CSS pixels] */
const LARGEST = 14;
const SMALLEST = 2.5;
const MILLION = 1e6;

const data = JSON.parse(document.getElementById("data")?.textContent ?? "") as PageData;
const charts: UPlot[] = [];

/** A colour of the style sheet, which knows whether the reader likes it light or dark. */
function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

function axis(values: (value: number) => string): UPlot.Axis {
  const grid = { stroke: () => colour("grid"), width: 1 };
  const format = (_: UPlot, splits: number[]) => splits.map(values);
  return { stroke: () => colour("muted"), grid, ticks: grid, size: 64, values: format };
}

/** Times are UTC. Without a year, which the title tells. */
function timeAxis(): UPlot.Axis {
  const grid = { stroke: () => colour("grid"), width: 1 };
  const format = (_: UPlot, splits: number[]) => splits.map((time, i) => shortTime(time, splits[i - 1]));
  return { stroke: () => colour("muted"), grid, ticks: grid, space: 70, values: format };
}

function shortTime(time: number, before: number | undefined): string {
  const text = new Date(time * 1000).toISOString();
  const day = text.slice(5, 10);
  const isNewDay = before === undefined || new Date(before * 1000).toISOString().slice(5, 10) !== day;
  return text.slice(11, 16) === "00:00" ? day : isNewDay ? `${text.slice(11, 16)}\n${day}` : text.slice(11, 16);
}

function fullTime(): UPlot.Series {
  return {
    label: "UTC",
    value: (_, time: number | null) =>
      time === null ? "" : new Date(time * 1000).toISOString().slice(0, 16).replace("T", " "),
  };
}

function line(label: string, stroke: string, value: (value: number) => string, width = 1.5): UPlot.Series {
  return {
    ...{ label, width, points: { show: false }, stroke: () => colour(stroke) },
    value: (_, raw: number | null) => (raw === null ? "" : value(raw)),
  };
}

function draw(id: string, options: Omit<UPlot.Options, "width" | "height">, rows: UPlot.AlignedData): void {
  const target = document.getElementById(id);
  if (target === null) return;
  const width = target.clientWidth;
  const cursor: UPlot.Cursor = { sync: { key: "time", scales: ["x", null] }, drag: { x: true, y: false } };
  charts.push(new uPlot({ width, height: width < NARROW ? 220 : HEIGHT, cursor, ...options }, rows, target));
}

function drawPrices({ asset, times, usd }: PageData["prices"][number]): void {
  const sold = data.liquidations.filter((one) => one.asset === asset);
  const largest = Math.max(...data.liquidations.map((one) => one.seizedUsdc));
  const price = (value: number) => value.toLocaleString("en-US", { maximumFractionDigits: value < 10 ? 3 : 2 });
  const circles = (chart: UPlot) => {
    const { ctx } = chart;
    ctx.save();
    ctx.beginPath();
    ctx.rect(chart.bbox.left, chart.bbox.top, chart.bbox.width, chart.bbox.height);
    ctx.clip();
    ctx.fillStyle = colour("sold-fill");
    ctx.strokeStyle = colour("sold");
    for (const { time, seizedUsdc } of sold) {
      const at = usd[lastIndexAt(times, time)] ?? 0;
      const radius = Math.max(SMALLEST, LARGEST * Math.sqrt(seizedUsdc / largest)) * devicePixelRatio;
      ctx.beginPath();
      ctx.arc(chart.valToPos(time, "x", true), chart.valToPos(at, "y", true), radius, 0, 2 * Math.PI);
      ctx.fill();
      ctx.stroke();
    }
    ctx.restore();
  };
  const stepped = uPlot.paths.stepped?.({ align: 1 });
  const series = { ...line(asset, "line", price), ...(stepped === undefined ? {} : { paths: stepped }) };
  draw(
    `price-${asset}`,
    { series: [fullTime(), series], axes: [timeAxis(), axis(price)], hooks: { draw: [circles] } },
    [times, usd],
  );
}

/** The last of ascending times that is not after `time`. */
function lastIndexAt(times: readonly number[], time: number): number {
  let [low, high] = [0, times.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((times[middle] ?? Infinity) <= time) low = middle;
    else high = middle - 1;
  }
  return low;
}

function drawLtvs(): void {
  const share = (value: number) => `${(value * 100).toFixed(0)} %`;
  const exact = (value: number) => `${(value * 100).toFixed(1)} %`;
  const named: Record<string, string> = { "0.5": "median", "1": "highest" };
  const series = data.ltvs.map(({ quantile }) => {
    const label = named[String(quantile)] ?? `${String(quantile * 100)} % of loans below`;
    const width = quantile === 0.5 ? 2 : quantile === 1 ? 1 : 0;
    return line(label, quantile === 1 ? "muted" : "line", exact, width);
  });
  // Series are counted from 1; quantiles are 10, 25, 50, 75, 90 and 100 %.
  const bands = [
    { series: [5, 1] as UPlot.Band.Bounds, fill: () => colour("band") },
    { series: [4, 2] as UPlot.Band.Bounds, fill: () => colour("band") },
  ];
  const lines = (chart: UPlot) => {
    const { ctx, bbox } = chart;
    ctx.save();
    ctx.font = `${String(12 * devicePixelRatio)}px system-ui, sans-serif`;
    ctx.textAlign = "left";
    ctx.lineJoin = "round";
    for (const { name, share, kind } of data.lines) {
      const y = chart.valToPos(share, "y", true);
      if (y < bbox.top || y > bbox.top + bbox.height) continue;
      ctx.strokeStyle = ctx.fillStyle = colour(kind === "call" ? "call" : "sold");
      ctx.lineWidth = devicePixelRatio;
      ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
      ctx.beginPath();
      ctx.moveTo(bbox.left, y);
      ctx.lineTo(bbox.left + bbox.width, y);
      ctx.stroke();
      // A rim in the page's colour keeps the words legible across other lines.
      const [text, left, base] = [
        `${kind} ${name}`,
        bbox.left + 6 * devicePixelRatio,
        y + 4 * devicePixelRatio,
      ] as const;
      ctx.setLineDash([]);
      ctx.strokeStyle = colour("page");
      ctx.lineWidth = 5 * devicePixelRatio;
      ctx.strokeText(text, left, base);
      ctx.fillText(text, left, base);
    }
    ctx.restore();
  };
  const scales: UPlot.Scales = { y: { range: (_, low, high) => [Math.min(low, 0.2), Math.max(high * 1.02, 0.92)] } };
  const options = {
    series: [fullTime(), ...series],
    axes: [timeAxis(), axis(share)],
    bands,
    scales,
    hooks: { draw: [lines] },
  };
  draw("ltvs", options, [data.times, ...data.ltvs.map(({ shares }) => shares)]);
}

function drawVault(): void {
  const millions = (value: number) => `${(value / MILLION).toLocaleString("en-US", { maximumFractionDigits: 3 })} M`;
  const series = [fullTime(), line("cash", "second", millions), line("debt", "line", millions)];
  const scales: UPlot.Scales = { y: { range: (_, __, high) => [0, high * 1.05] } };
  draw("vault", { series, axes: [timeAxis(), axis(millions)], scales }, [data.times, data.cashUsdc, data.debtUsdc]);
}

function drawShare(): void {
  const price = (value: number) => value.toFixed(6);
  const series = [fullTime(), line("USDC a share", "second", price)];
  draw("share", { series, axes: [timeAxis(), { ...axis(price), size: 76 }] }, [data.times, data.sharePriceUsdc]);
}

data.prices.forEach(drawPrices);
drawLtvs();
drawVault();
drawShare();

addEventListener("resize", () => {
  for (const chart of charts) {
    const width = chart.root.parentElement?.clientWidth ?? chart.width;
    chart.setSize({ width, height: width < NARROW ? 220 : HEIGHT });
  }
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  for (const chart of charts) chart.redraw(false, true);
});

import { duration, listed, money } from "./format.ts";
import { escape } from "./html.ts";
import type { TrackPoint } from "./ledger.ts";
import { utc } from "./price-series.ts";
import type { Timeline } from "./timelines.ts";

const WIDTH = 1_048;
const HEIGHT = 250;
const [LEFT, RIGHT, TOP, BOTTOM] = [64, 12, 12, 30];

/** What is left free above and below the lines, in LTV, and beside them, as a share of the time. */
const MARGIN = 0.01;
const SIDE = 0.03;

/** Distances of ticks: of times [s], of which a chart has at most so many, and of LTVs. */
const STEPS = [60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600];
const MOST_TICKS = 9;
const LTV_STEPS = [0.01, 0.02, 0.05, 0.1];
const MOST_LTV_TICKS = 6;

/** What a chart is drawn with: where times and LTVs lie. [pixels] */
interface Plot {
  readonly x: (time: number) => number;
  readonly y: (ltv: number) => number;
  readonly times: readonly [from: number, to: number];
  readonly ltvs: readonly [low: number, high: number];
}

/** A timeline as a section of the page: a chart of the loan's LTV with numbered events, and the events in words. */
export function timelineSection(title: string, timeline: Timeline | undefined, otherwise: string): string {
  const body = timeline === undefined ? `<p>${escape(otherwise)}</p>` : drawing(title, timeline);
  return `<section>
<h2>${escape(title)}</h2>
${body}
</section>`;
}

function drawing(title: string, timeline: Timeline): string {
  const { loan, events } = timeline;
  const owner = loan.isWatched ? "Its owner watches it." : "Its owner does not watch it.";
  const term = loan.term === undefined ? "open term" : `fixed term of ${duration(loan.term.duration)}`;
  const about = `Loan ${String(loan.number)}: at the start ${money(loan.debt)} against ${money(loan.value)} in ${listed(loan.assets)}, ${term}. ${owner}`;
  const steps = events.map(({ kind, time, text }) => {
    return `<li class="${kind}"><time>${utc(time).slice(5)}</time> ${escape(text)}</li>`;
  });
  return `<p>${escape(about)}</p>
<div class="scroll">${svg(title, timeline)}</div>
<ol class="steps">
${steps.join("\n")}
</ol>`;
}

function svg(title: string, timeline: Timeline): string {
  const { call, events } = timeline;
  const plot = plotOf(timeline);
  const lines = [
    path("call", call.track, ({ callLtv }) => callLtv, timeline.end, plot),
    path("liquidation", call.track, ({ liquidationLtv }) => liquidationLtv, timeline.end, plot),
    path("ltv", call.track, ({ ltv }) => ltv, timeline.end, plot),
  ];
  const [first] = call.track;
  const names =
    first === undefined
      ? []
      : [lineName("call", plot.y(first.callLtv) + 22), lineName("liquidation", plot.y(first.liquidationLtv) - 6)];
  return `<svg class="timeline" viewBox="0 0 ${String(WIDTH)} ${String(HEIGHT)}" role="img" aria-label="${escape(title)}">
${[...grid(plot), ...lines, ...names, ...events.map((event, i) => marker(event, i + 1, call.track, plot))].join("\n")}
</svg>`;
}

function plotOf({ start, end, call }: Timeline): Plot {
  const side = Math.max(60, (end - start) * SIDE);
  const times = [start - side, end + side] as const;
  const shares = call.track.flatMap(({ ltv, callLtv, liquidationLtv }) => [ltv, callLtv, liquidationLtv]);
  const ltvs = [Math.min(...shares) - MARGIN, Math.max(...shares) + MARGIN] as const;
  const place = (value: number, [low, high]: readonly [number, number]) => (value - low) / (high - low);
  return {
    ...{ times, ltvs },
    x: (time) => LEFT + place(time, times) * (WIDTH - LEFT - RIGHT),
    y: (ltv) => HEIGHT - BOTTOM - place(ltv, ltvs) * (HEIGHT - TOP - BOTTOM),
  };
}

function grid({ x, y, times, ltvs }: Plot): string[] {
  const [right, bottom] = [WIDTH - RIGHT, HEIGHT - BOTTOM];
  const levels = ticks(ltvs, LTV_STEPS, MOST_LTV_TICKS).map((ltv) => {
    const label = `<text class="level" x="${String(LEFT - 8)}" y="${px(y(ltv) + 4)}">${(ltv * 100).toFixed(0)} %</text>`;
    return `<path class="grid" d="M${String(LEFT)} ${px(y(ltv))}H${String(right)}"/>${label}`;
  });
  const hours = ticks(times, STEPS, MOST_TICKS).map((time, i) => {
    const [day, clock] = [utc(time).slice(5, 10), utc(time).slice(11, 16)];
    const label = i === 0 || clock === "00:00" ? `${day} ${clock}` : clock;
    return (
      `<path class="grid" d="M${px(x(time))} ${String(TOP)}V${String(bottom)}"/>` +
      `<text class="time" x="${px(x(time))}" y="${String(bottom + 20)}">${label}</text>`
    );
  });
  return [...levels, ...hours];
}

/** Round values within a range, at the smallest distance that leaves no more than so many. */
function ticks([low, high]: readonly [number, number], steps: readonly number[], most: number): number[] {
  const step = steps.find((one) => (high - low) / one <= most) ?? steps.at(-1) ?? 1;
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, i) => (first + i) * step);
}

/** A value holds until the next one, the last until the end. */
function path(
  name: string,
  track: readonly TrackPoint[],
  share: (point: TrackPoint) => number,
  end: number,
  { x, y }: Plot,
): string {
  const steps = track.map((point, i) => {
    return i === 0 ? `M${px(x(point.time))} ${px(y(share(point)))}` : `H${px(x(point.time))}V${px(y(share(point)))}`;
  });
  return `<path class="${name}" d="${steps.join("")}H${px(x(end))}"/>`;
}

/** Above the one line and below the other, where no mark of a call is in the way. */
function lineName(kind: "call" | "liquidation", baseline: number): string {
  return `<text class="${kind}" x="${String(LEFT + 6)}" y="${px(baseline)}">${kind} line</text>`;
}

/** A number in a circle, on the loan's LTV just after the event. */
function marker(
  { time, kind }: Timeline["events"][number],
  number: number,
  track: readonly TrackPoint[],
  { x, y }: Plot,
): string {
  const point = track.findLast((one) => one.time <= time) ?? track[0];
  const [left, top] = [px(x(time)), px(y(point?.ltv ?? 0))];
  return (
    `<g class="${kind}"><circle cx="${left}" cy="${top}" r="10"/>` +
    `<text x="${left}" y="${px(Number(top) + 4)}">${String(number)}</text></g>`
  );
}

function px(value: number): string {
  return value.toFixed(1);
}

import { duration, elapsed, listed, money, percent } from "./format.ts";
import type { Cure, Ledger, Liquidation, MarginCall, OpenedLoan } from "./ledger.ts";
import { ratio, sum } from "./statistics.ts";

/** What one borrower lived through under a margin call. */
export interface Timeline {
  readonly loan: OpenedLoan;
  readonly call: MarginCall;
  /** When it begins and ends. Unix times. [s] */
  readonly start: number;
  readonly end: number;
  readonly events: readonly TimelineEvent[];
}

export interface TimelineEvent {
  readonly time: number;
  readonly kind: "call" | "deadline" | "cure" | "sale" | "end";
  readonly text: string;
}

/** More sales than these are told together. */
const SALES_TOLD = 4;

const HOUR = 3_600;

/** One loan from call to cure: the one whose owner took the median of the time. Undefined if none was cured. */
export function cureTimeline(ledger: Ledger): Timeline | undefined {
  const cured = ledger.calls.filter(({ end }) => end === "cured");
  const call = middle(cured, (one) => (one.endedAt ?? 0) - one.calledAt);
  if (call === undefined) return undefined;
  const cures = ledger.cures.filter((cure) => cure.loan === call.loan && isUnder(call, cure.time));
  return timeline(
    ledger,
    call,
    cures.map((cure) => cureEvent(cure, call)),
  );
}

/**
 * One loan from call to sale: of those that were sold from when their time to cure was over, or else of all that had been called in an
 * earlier round, the one with the median notice. Undefined if there is none.
 */
export function saleTimeline(ledger: Ledger): Timeline | undefined {
  const sold = ledger.calls.flatMap((call) => {
    const sales = ledger.liquidations.filter(({ loan, time }) => loan === call.loan && isUnder(call, time));
    const notice = (sales[0]?.time ?? call.calledAt) - call.calledAt;
    return notice > 0 ? [{ call, sales, notice }] : [];
  });
  const soft = sold.filter(({ sales }) => sales[0]?.isSoft);
  const chosen = middle(soft.length === 0 ? sold : soft, ({ notice }) => notice);
  if (chosen === undefined) return undefined;
  return timeline(ledger, chosen.call, saleEvents(chosen.sales, chosen.call));
}

function timeline(ledger: Ledger, call: MarginCall, acts: readonly TimelineEvent[]): Timeline | undefined {
  const loan = ledger.loans[call.loan - 1];
  const [first] = call.track;
  if (loan === undefined || first === undefined) return undefined;
  const end = call.endedAt ?? ledger.end.time;
  const called: TimelineEvent = {
    ...{ time: call.calledAt, kind: "call" },
    text:
      `Margin is called at an LTV of ${exact(first.ltv)}, above the call line at ${exact(first.callLtv)}. ` +
      `The owner has ${duration(call.deadline - call.calledAt)} to cure.`,
  };
  const deadline: TimelineEvent = {
    ...{ time: call.deadline, kind: "deadline" },
    text: "The time to cure is over: above the call line the loan can now be sold down to it.",
  };
  const lapse: TimelineEvent = { time: call.lapse, kind: "end", text: "The call lapses." };
  const events = [
    ...[called, ...acts],
    ...(call.deadline <= end ? [deadline] : []),
    ...(call.end === "lapsed" ? [lapse] : []),
  ].sort((a, b) => a.time - b.time);
  return { loan, call, start: call.calledAt, end, events };
}

function cureEvent({ time, by, asset, value }: Cure, call: MarginCall): TimelineEvent {
  const act = by === "repaying" ? `repays ${money(value)}` : `pledges ${asset} worth ${money(value)} more`;
  return { time, kind: "cure", text: `${after(time, call)}: the owner ${act}; ${remainder(call, time)}.` };
}

/** Sales of the same second are told together, and the last ones all at once. */
function saleEvents(sales: readonly Liquidation[], call: MarginCall): TimelineEvent[] {
  const times = [...new Set(sales.map(({ time }) => time))].slice(0, SALES_TOLD);
  return times.map((time, i) => {
    const isLast = i === SALES_TOLD - 1;
    const told = sales.filter((sale) => sale.time === time || (isLast && sale.time > time));
    return {
      time,
      kind: "sale",
      text: `${after(time, call)}: ${saleWords(told)}; ${remainder(call, told.at(-1)?.time ?? time)}.`,
    };
  });
}

function saleWords(sales: readonly Liquidation[]): string {
  const kinds = listed([...new Set(sales.map(({ isSoft }) => (isSoft ? "soft" : "hard")))]);
  const assets = listed([...new Set(sales.map(({ asset }) => asset))]);
  const [seized, cost] = [sum(sales, ({ seizedValue }) => seizedValue), sum(sales, ({ ownerCost }) => ownerCost)];
  const repaid = money(sum(sales, (sale) => sale.repaid));
  const loss = `the owner ${money(cost)} (${percent(ratio(cost, seized))})`;
  return sales.length === 1
    ? `a ${kinds} sale of ${assets} worth ${money(seized)} repays ${repaid} and costs ${loss}`
    : `${String(sales.length)} ${kinds} sales of ${assets} worth ${money(seized)} repay ${repaid} and cost ${loss}`;
}

function after(time: number, { calledAt }: MarginCall): string {
  return `${elapsed((time - calledAt) / HOUR)} after the call`;
}

/** With the digit that tells a loan from its line. */
function exact(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}

/** How the loan stands after what was done at a moment, which the track has noted; nothing is noted of a loan without pledges. */
function remainder({ track, endedAt }: MarginCall, time: number): string {
  const point = track.findLast((one) => one.time === time);
  const standing = point === undefined ? "nothing is left of the pledge" : `the LTV is ${percent(point.ltv)}`;
  return endedAt === time ? `${standing}, and the call ends` : standing;
}

function isUnder({ calledAt, endedAt }: MarginCall, time: number): boolean {
  return calledAt <= time && time <= (endedAt ?? Infinity);
}

/** The item in the middle by some measure, the lower one of two. */
function middle<T>(items: readonly T[], measure: (item: T) => number): T | undefined {
  return [...items].sort((a, b) => measure(a) - measure(b))[Math.ceil(items.length / 2) - 1];
}

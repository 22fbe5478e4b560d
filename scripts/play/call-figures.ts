import type { CallEnd, Ledger, Liquidation, MarginCall } from "./ledger.ts";
import { median, ratio, sum } from "./statistics.ts";

const HOUR = 3_600;

/** What margin calls came to. Keys name their unit as in {@link Figures}. */
export interface CallFigures {
  readonly marginCalls: number;
  readonly calledLoans: number;
  readonly callsCured: number;
  readonly callsRecovered: number;
  readonly callsEndedBySale: number;
  readonly callsLapsed: number;
  readonly callsStandingAtEnd: number;
  readonly curesByRepaying: number;
  readonly curesByPledging: number;
  readonly repaidByOwnersUsdc: bigint;
  readonly addedByOwnersUsdc: bigint;
  /** From call to cure. */
  readonly medianCureHours: number;
  /** Called loans whose owners watch, and which of them were sold from all the same; then those whose owners do not. */
  readonly watchedCalledLoans: number;
  readonly watchedCalledLoansSold: number;
  readonly unwatchedCalledLoans: number;
  readonly unwatchedCalledLoansSold: number;
  /** Loans whose first sale came while a call stood that was made in an earlier round, and how much earlier. */
  readonly liquidatedLoansCalledBefore: number;
  readonly shortestNoticeHours: number;
  readonly medianNoticeHours: number;
  readonly longestNoticeHours: number;
  readonly softLiquidations: number;
  readonly softSeizedUsdc: bigint;
  readonly softOwnersCostUsdc: bigint;
  readonly softOwnersCostShareOfSeized: number;
  readonly hardLiquidations: number;
  readonly hardSeizedUsdc: bigint;
  readonly hardOwnersCostUsdc: bigint;
  readonly hardOwnersCostShareOfSeized: number;
  /** What the monitor was credited, at the feeds' prices, and what its transactions cost. */
  readonly creditsUsdc: bigint;
  readonly monitorGasUsdc: bigint;
  readonly monitorGasUsed: bigint;
}

export function computeCallFigures(ledger: Ledger): CallFigures {
  const { loans, calls, cures, upkeep, liquidations } = ledger;
  const ended = (end: CallEnd) => calls.filter((call) => call.end === end).length;
  const [repaying, pledging] = [
    cures.filter(({ by }) => by === "repaying"),
    cures.filter(({ by }) => by === "pledging"),
  ];
  const notices = noticesOf(ledger);
  const called = new Set(calls.map(({ loan }) => loan));
  const sold = new Set(liquidations.map(({ loan }) => loan));
  const calledOf = (isWatched: boolean) =>
    loans.filter((loan) => loan.isWatched === isWatched && called.has(loan.number)).map(({ number }) => number);
  const soft = salesOf(liquidations.filter(({ isSoft }) => isSoft));
  const hard = salesOf(liquidations.filter(({ isSoft }) => !isSoft));
  return {
    marginCalls: calls.length,
    calledLoans: called.size,
    callsCured: ended("cured"),
    callsRecovered: ended("recovered"),
    callsEndedBySale: ended("sold"),
    callsLapsed: ended("lapsed"),
    callsStandingAtEnd: ended("standing"),
    curesByRepaying: repaying.length,
    curesByPledging: pledging.length,
    repaidByOwnersUsdc: sum(repaying, ({ value }) => value),
    addedByOwnersUsdc: sum(pledging, ({ value }) => value),
    medianCureHours: median(cures.map(({ delay }) => delay)) / HOUR,
    watchedCalledLoans: calledOf(true).length,
    watchedCalledLoansSold: calledOf(true).filter((loan) => sold.has(loan)).length,
    unwatchedCalledLoans: calledOf(false).length,
    unwatchedCalledLoansSold: calledOf(false).filter((loan) => sold.has(loan)).length,
    liquidatedLoansCalledBefore: notices.length,
    shortestNoticeHours: notices.length === 0 ? 0 : Math.min(...notices) / HOUR,
    medianNoticeHours: median(notices) / HOUR,
    longestNoticeHours: Math.max(0, ...notices) / HOUR,
    softLiquidations: soft.count,
    softSeizedUsdc: soft.seized,
    softOwnersCostUsdc: soft.cost,
    softOwnersCostShareOfSeized: ratio(soft.cost, soft.seized),
    hardLiquidations: hard.count,
    hardSeizedUsdc: hard.seized,
    hardOwnersCostUsdc: hard.cost,
    hardOwnersCostShareOfSeized: ratio(hard.cost, hard.seized),
    creditsUsdc: sum(liquidations, ({ creditValue }) => creditValue),
    monitorGasUsdc: sum(upkeep, ({ gasCost }) => gasCost),
    monitorGasUsed: sum(upkeep, ({ gasUsed }) => gasUsed),
  };
}

/** The first sale of each loan, in the order of time. */
export function firstSales({ liquidations }: Pick<Ledger, "liquidations">): Liquidation[] {
  const seen = new Set<number>();
  return liquidations.filter(({ loan }) => !seen.has(loan) && seen.add(loan));
}

/** The call that stood when something was sold, if one did. */
export function callAt({ calls }: Pick<Ledger, "calls">, { loan, time }: Liquidation): MarginCall | undefined {
  return calls.findLast((call) => call.loan === loan && call.calledAt <= time && time <= (call.endedAt ?? Infinity));
}

/** How long before its first sale each loan had been called, without those that had not. [s] */
function noticesOf(ledger: Ledger): number[] {
  return firstSales(ledger)
    .map((sale) => sale.time - (callAt(ledger, sale)?.calledAt ?? sale.time))
    .filter((notice) => notice > 0);
}

function salesOf(liquidations: readonly Liquidation[]): { count: number; seized: bigint; cost: bigint } {
  return {
    count: liquidations.length,
    seized: sum(liquidations, ({ seizedValue }) => seizedValue),
    cost: sum(liquidations, ({ ownerCost }) => ownerCost),
  };
}

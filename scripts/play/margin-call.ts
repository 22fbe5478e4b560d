/** When a margin call is due, and when it lapses. Mirrors MarginCallRecord for a chain without a sequencer. */

/** How old a call must be to earn its caller a credit. [s] */
const CREDIT_AGE = 600;

/** The times of a call that stands. Unix times. [s] */
export interface MarginCallTimes {
  readonly calledAt: number;
  /** Until then the owner has time to cure. */
  readonly deadline: number;
  /** From then on the call does nothing. */
  readonly lapse: number;
}

/** True if there is a call and it has not lapsed. */
export function isAlive(call: MarginCallTimes | undefined, time: number): call is MarginCallTimes {
  return call !== undefined && time < call.lapse;
}

/** For how long a call has been due; 0 before its deadline, and once it has lapsed. [s] */
export function overdue(call: MarginCallTimes | undefined, time: number): number {
  return isAlive(call, time) ? Math.max(0, time - call.deadline) : 0;
}

/** True if the call's caller is credited a part of what is seized now. */
export function earnsCredit(call: MarginCallTimes | undefined, time: number): boolean {
  return isAlive(call, time) && time >= call.calledAt + CREDIT_AGE;
}

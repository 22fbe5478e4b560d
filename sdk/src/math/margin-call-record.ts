/**
 * When a margin call is due, when it lapses, and what it earns. Mirrors `MarginCallRecord`.
 *
 * A call stands from when it is made until it is cleared. From its deadline to its lapse the loan can be sold down to its call line; a
 * call that has lapsed does nothing.
 */
import { requireUint } from "../errors/invalid-input.ts";
import type { StoredMarginCall } from "../types.ts";
import { max, saturatingSub } from "./amounts.ts";

/** A margin call as it counts at a time. */
export interface MarginCall {
  /** Who made it, and is credited a part of the bonus. */
  readonly caller: string;
  /** [s] */
  readonly calledAt: bigint;
  /** Until when the owner has time to cure. [s] */
  readonly deadline: bigint;
  /** From when on the call does nothing. [s] */
  readonly lapse: bigint;
}

/** How long a sequencer must have been up. [s] `BookPrices.GRACE` */
export const SEQUENCER_GRACE = 3_600n;

/** From a call to its deadline. [s] */
export const CURE_PERIOD = 24n * 3_600n;

/** From the deadline to the lapse. [s] */
export const LAPSE_PERIOD = 12n * 3_600n;

/** What an owner has at least, once the sequencer's grace is over. [s] */
export const AFTER_GRACE = 4n * 3_600n;

/** How old a call must be to earn its caller a credit. [s] */
export const CREDIT_AGE = 600n;

/**
 * A stored call with its deadline as it counts: where a sequencer came up after the call was made and before its lapse, the owner has
 * at least {@link SEQUENCER_GRACE} and {@link AFTER_GRACE} from then on. `MarginCallRecord.asOf`.
 * @param upSince When the sequencer came up last; 0 if there is none, or if it is not known to be up. [s]
 */
export function asOf(stored: StoredMarginCall, upSince: bigint): MarginCall {
  const { caller } = stored;
  const calledAt = requireUint("calledAt", stored.calledAt, 48);
  let deadline = requireUint("deadline", stored.deadline, 48);
  requireUint("upSince", upSince);
  if (calledAt < upSince && upSince < deadline + LAPSE_PERIOD) {
    deadline = max(deadline, upSince + SEQUENCER_GRACE + AFTER_GRACE);
  }
  return { caller, calledAt, deadline, lapse: deadline + LAPSE_PERIOD };
}

/**
 * True if the call does something: it was made and has not lapsed. `MarginCallRecord.isAlive`.
 * @param now [s]
 */
export function isAlive(call: MarginCall | undefined, now: bigint): boolean {
  requireUint("now", now);
  return call !== undefined && now < requireUint("lapse", call.lapse);
}

/**
 * For how long a call has been due; 0 before its deadline, and once it has lapsed. [s] `MarginCallRecord.overdue`.
 * @param now [s]
 */
export function overdue(call: MarginCall | undefined, now: bigint): bigint {
  return call !== undefined && isAlive(call, now) ? saturatingSub(now, requireUint("deadline", call.deadline)) : 0n;
}

/**
 * True if the call's caller is credited a part of what is seized now. `MarginCallRecord.earnsCredit`.
 * @param now [s]
 */
export function earnsCredit(call: MarginCall | undefined, now: bigint): boolean {
  return call !== undefined && isAlive(call, now) && now >= requireUint("calledAt", call.calledAt) + CREDIT_AGE;
}

/** When payments are due. Times are unix seconds. */
import { InvalidInputError, requireUint } from "../errors/invalid-input.ts";

/** A century of months: more than any loan, and few enough for exact fractions. */
export const MAX_PAYMENTS = 1_200;

/** Payments closer than this have no meaningful yearly rate. [s] */
const MIN_GAP = 3_600n;

/**
 * The same day and time of each following month, in UTC; the month's last day where it has no such day.
 * @param start When the first month begins. [s]
 * @param count How many months, 1…1,200.
 * @returns [s], increasing.
 */
export function monthlyDates(start: bigint, count: number): bigint[] {
  requireUint("start", start, 32);
  requireCount(count);
  const from = new Date(Number(start) * 1_000);
  const dates = Array.from({ length: count }, (_, month) => {
    const date = new Date(from);
    date.setUTCMonth(from.getUTCMonth() + month + 1);
    // The 31st of a short month has become a day of the next one: day 0 of that is the last of the short one.
    if (date.getUTCDate() !== from.getUTCDate()) date.setUTCDate(0);
    return BigInt(date.getTime() / 1_000);
  });
  return requireDates(start, dates);
}

/**
 * Equal intervals, each date rounded down to a second; the last is the end itself, such as a maturity.
 * @param start [s]
 * @param end [s]
 * @param count How many payments, 1…1,200.
 * @returns [s], increasing.
 */
export function evenDates(start: bigint, end: bigint, count: number): bigint[] {
  requireUint("start", start, 32);
  if (requireUint("end", end, 32) <= start) throw new InvalidInputError("end", end, "a time after the start");
  const parts = BigInt(requireCount(count));
  const dates = Array.from({ length: count }, (_, index) => start + ((end - start) * BigInt(index + 1)) / parts);
  return requireDates(start, dates);
}

/** @throws {@link InvalidInputError} unless it is 1…1,200. */
export function requireCount(count: number): number {
  if (!Number.isInteger(count) || count < 1 || count > MAX_PAYMENTS) {
    throw new InvalidInputError("count", count, `a whole number from 1 to ${MAX_PAYMENTS}`);
  }
  return count;
}

/** @throws {@link InvalidInputError} unless there are 1…1,200, an hour or more after the start and each other, before 2106. */
export function requireDates(start: bigint, dates: readonly bigint[]): bigint[] {
  if (!Array.isArray(dates)) throw new InvalidInputError("dates", dates, "a list of times");
  requireCount(dates.length);
  let previous = start;
  return dates.map((date: bigint) => {
    if (requireUint("dates", date, 32) < previous + MIN_GAP) {
      throw new InvalidInputError("dates", date, `at least an hour after ${previous}`);
    }
    previous = date;
    return date;
  });
}

import { listed, percent } from "./format.ts";
import { Random } from "./random.ts";

/** What an owner of a loan is like. */
export interface PlannedBorrower {
  /** For how long it wants a fixed rate; undefined if it wants an open term. [s] */
  readonly term: number | undefined;
  /** Whether it watches its loan, and cures it when its margin is called. */
  readonly isWatching: boolean;
  readonly curesBy: "repaying" | "pledging";
  /** Its own numbers, so that what one owner does moves nothing in another's life. */
  readonly seed: number;
}

/** How many borrowers are what, in per cent of the loans. */
export interface BorrowerShares {
  readonly termsPercent: number;
  readonly watchingPercent: number;
}

/** The terms that are taken, in turn. [days] */
const TERMS = [30, 90, 180];
const DAY = 86_400;

/** How long an owner takes to cure. [s] */
const MEDIAN_DELAY = 3 * 3_600;
const DELAY_SPREAD = 1;

/** What an owner adds to what just cures, of the debt or of the pledge. [%] */
export const CUSHION = 5n;

/** An owner whose call still stands after it has acted looks again after this time. [s] */
export const NEXT_LOOK = 3_600;

/** Sets these draws apart from those of the loans themselves, which stay the same whatever their owners are like. */
const SALT = 0x9e3779b9;

/** What owners are like, in words, as it is printed. */
export function borrowerWords({ termsPercent, watchingPercent }: BorrowerShares): string {
  const terms =
    termsPercent === 0
      ? "None has a fixed term"
      : `${percent(termsPercent / 100)} want fixed terms of ${listed(TERMS.map(String))} days`;
  const watching =
    watchingPercent === 0
      ? "No owner watches"
      : `${percent(watchingPercent / 100)} of the owners watch: they cure in a time that is log-normal around 3 hours (σ 1) after each call, ` +
        `half of them by repaying and half by pledging more, what the lens says and ${String(CUSHION)} % of the debt or the pledge on top; ` +
        "who finds the loan at its borrow limit ends the call instead. The others do nothing";
  return `${terms}. ${watching}.`;
}

/** The owners of a book, the same for the same seed. The shares are exact, to half a loan. */
export function planBorrowers(count: number, seed: number, shares: BorrowerShares): PlannedBorrower[] {
  const random = new Random(seed ^ SALT);
  let taken = 0;
  const terms = chosen(random, count, shares.termsPercent).map((isChosen) =>
    isChosen ? (TERMS[taken++ % TERMS.length] ?? 0) * DAY : undefined,
  );
  const watching = chosen(random, count, shares.watchingPercent);
  return terms.map((term, i) => ({
    term,
    isWatching: watching[i] ?? false,
    curesBy: random.uniform() < 0.5 ? "repaying" : "pledging",
    seed: Math.floor(random.uniform() * 2 ** 32),
  }));
}

/** How long an owner takes from a call to its cure. [s] */
export function delay(random: Random): number {
  return Math.round(MEDIAN_DELAY * Math.exp(DELAY_SPREAD * random.normal()));
}

/** Which of `count` are among so many per cent of them. */
function chosen(random: Random, count: number, percentage: number): boolean[] {
  const order = Array.from({ length: count }, (_, i) => ({ i, draw: random.uniform() })).sort(
    (a, b) => a.draw - b.draw,
  );
  const first = new Set(order.slice(0, Math.round((count * percentage) / 100)).map(({ i }) => i));
  return Array.from({ length: count }, (_, i) => first.has(i));
}

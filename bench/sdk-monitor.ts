/**
 * sdk-monitor.ts: a million loans in the SDK's monitor, screened after prices have fallen. Prints what it takes and ends in failure
 * where a screening takes 100 ms or more, where memory grows by 200 MB or more, or where a list is not the exact one.
 *
 * What is timed is the screening and reading every id of both lists, which is what a keeper needs. Time is the processor's, of all threads of the process
 * together (so that nothing is hidden on another core), and the median over runs: what it takes on one core. The clock also counts what
 * other programs took of the core meanwhile; it is printed beside it, and so is the slowest run. Memory is the resident set of the whole
 * process, less what it was before the first loan: at its peak, with everything that building, growing and screening leave to be
 * collected, and after a collection (--expose-gc). The exact lists are reckoned afterwards by the mathematics from the loans themselves,
 * which the seed brings back.
 */
import { performance } from "node:perf_hooks";

import { Random } from "../scripts/play/random.ts";
import { WAD } from "../sdk/src/math/amounts.ts";
import { PRICE_ONE } from "../sdk/src/math/health-math.ts";
import { debtOf, isCallable, isLiquidatable, type MarketView } from "../sdk/src/math/loan-lens.ts";
import { LoanStore } from "../sdk/src/loans/loan-store.ts";
import { screen, type Screening } from "../sdk/src/monitor/screen.ts";
import type { Loan } from "../sdk/src/types.ts";
import { bitsOf, callAt, lineOf, loanOf, NOW, viewOf, type Listed } from "../test/helpers/monitor.ts";

const LOANS = 1_000_000;
const CHANGES = 100_000;

const RUNS = 15;
const MAX_MILLISECONDS = 100;
const MAX_MEGABYTES = 200;
const SEED = 5;

/** By how much prices have fallen. [%] */
const FALLS = [0n, 1n, 10n, 30n];

/** Decimals of the token, and what one is worth. [1e-6 asset] */
const TOKENS = [
  ...[18, 18, 8, 8, 6, 0, 18, 18, 12, 18].map((decimals, i) => ({ decimals, worth: 37_123_457n * 3n ** BigInt(i) })),
];

const listings: Listed[] = TOKENS.map(({ decimals, worth }, i) => ({
  price: (worth * PRICE_ONE) / 10n ** BigInt(decimals) + BigInt(i),
  callLtv: i % 2 === 0 ? 8_000n : 6_800n,
  liquidationLtv: i % 2 === 0 ? 8_600n : 7_500n,
}));

/** The market after its prices have fallen. */
function marketAfter(fall: bigint): MarketView {
  const fallen = listings.map((of) => ({ ...of, price: (of.price * (100n - fall)) / 100n }));
  return viewOf(fallen, { debtIndex: 1_073_218_844_219_913_377n });
}

const initial = marketAfter(0n);

/** 1 to 4 pledges, half of them with fixed terms, and debts of 20 % to 100.5 % of the call line before the fall. */
function randomLoan(random: Random): Loan {
  const pledges = new Map<number, bigint>();
  const count = 1 + Math.floor(random.uniform() * 4);
  while (pledges.size < count) {
    const number = Math.floor(random.uniform() * TOKENS.length);
    const price = listings[number]?.price ?? 0n;
    const worth = BigInt(Math.floor(10 ** random.between(9, 13)));
    pledges.set(number, (worth * PRICE_ONE) / price + 1n);
  }
  const id = (bitsOf(random, 160) << 96n) | 1n;
  const isFixed = random.uniform() < 0.5;
  const since = NOW - BigInt(Math.floor(random.between(0, 3e7)));
  const term = { since, maturity: since + 31_536_000n, rate: BigInt(Math.floor(random.between(2e7, 2e8))) };
  const call = random.uniform() < 0.05 ? callAt(NOW - BigInt(Math.floor(random.between(0, 50))) * 3_600n) : undefined;
  const carried = lineOf(initial, pledges, "callLine");
  const wanted = (carried * BigInt(Math.floor(random.between(2e5, 1.005e6)))) / 1_000_000n;
  const one = loanOf(id, { base: WAD, ...(isFixed ? term : {}) });
  return { ...one, base: (wanted * WAD) / debtOf(initial, one), pledges, call };
}

/** The loans, one after the other: nobody holds them all. */
function* randomLoans(): Generator<Loan> {
  const random = new Random(SEED);
  for (let i = 0; i < LOANS; i++) yield randomLoan(random);
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);

/** In milliseconds, of the processor and by the clock. */
function timed(run: () => void): { cpu: number; clock: number } {
  const [start, before] = [performance.now(), process.cpuUsage()];
  run();
  const { user, system } = process.cpuUsage(before);
  return { cpu: (user + system) / 1e3, clock: performance.now() - start };
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? NaN;
}

/** What identifies a list of ids in any order: how many, the sum, and the sum of squares. No list of a million is kept. */
interface Digest {
  size: number;
  sum: bigint;
  squares: bigint;
}

const newDigest = (): Digest => ({ size: 0, sum: 0n, squares: 0n });

function add(digested: Digest, id: bigint): void {
  digested.size++;
  digested.sum += id;
  digested.squares += id * id;
}

function digest(ids: Iterable<bigint>): Digest {
  const digested = newDigest();
  for (const id of ids) add(digested, id);
  return digested;
}

function isSame(a: Digest, b: Digest | undefined): boolean {
  return a.size === b?.size && a.sum === b.sum && a.squares === b.squares;
}

const failures: string[] = [];
const collect = globalThis.gc;
if (collect === undefined) throw new Error("Run it with --expose-gc.");

collect();
const atStart = process.memoryUsage.rss();
const loans = new LoanStore();
const building = timed(() => {
  for (const loan of randomLoans()) loans.set(loan);
});
console.log(`${loans.size} loans, in ${(building.clock / 1e3).toFixed(1)} s with what draws them`);

/** Reads every id that was found, and tells how many there are. */
function readAll({ callable, liquidatable }: Screening): number {
  let read = 0;
  const visit = (id: bigint): void => {
    if (id !== 0n) read++;
  };
  callable.forEach(visit);
  liquidatable.forEach(visit);
  return read;
}

const found = FALLS.map((fall) => {
  const market = marketAfter(fall);
  const times = Array.from({ length: RUNS }, () => timed(() => readAll(screen(loans, market))));
  const { callable, liquidatable, rechecked } = screen(loans, market);
  const cpu = times.map((time) => time.cpu);
  const clock = times.map((time) => time.clock);
  console.log(
    `prices -${fall} %: ${median(cpu).toFixed(1)} ms, at most ${Math.max(...cpu).toFixed(1)} (${median(clock).toFixed(1)}, at most ` +
      `${Math.max(...clock).toFixed(1)} by the clock), ${callable.size} callable, ${liquidatable.size} liquidatable, ` +
      `${rechecked} rechecked in bigint`,
  );
  if (median(cpu) >= MAX_MILLISECONDS) failures.push(`A screening takes ${median(cpu).toFixed(1)} ms.`);
  return { fall, market, callable: digest(callable), liquidatable: digest(liquidatable) };
});

const peak = process.resourceUsage().maxRSS * 1024 - atStart;
collect();
const kept = process.memoryUsage.rss() - atStart;
console.log(`memory: ${megabytes(peak)} MB at the peak, ${megabytes(kept)} MB kept, of it columns`);
console.log(`  ${megabytes(loans.byteLength)} MB, what they have left free included`);
if (peak >= MAX_MEGABYTES * 1e6) failures.push(`Memory grows by ${megabytes(peak)} MB.`);

const exact = found.map(() => ({ callable: newDigest(), liquidatable: newDigest() }));
for (const loan of randomLoans()) {
  for (const [i, { market }] of found.entries()) {
    const lists = exact[i];
    if (lists === undefined) continue;
    if (isCallable(market, loan)) add(lists.callable, loan.id);
    if (isLiquidatable(market, loan)) add(lists.liquidatable, loan.id);
  }
}
for (const [i, { fall, callable, liquidatable }] of found.entries()) {
  const isEqual = isSame(callable, exact[i]?.callable) && isSame(liquidatable, exact[i]?.liquidatable);
  console.log(`prices -${fall} %: the lists ${isEqual ? "are the exact ones" : "DIFFER from the exact ones"}`);
  if (!isEqual) failures.push(`The lists differ at -${fall} %.`);
}

const random = new Random(SEED + 1);
const changes = Array.from({ length: CHANGES }, () => randomLoan(random));
const changing = timed(() => {
  for (const loan of changes) loans.set(loan);
  for (const { id } of changes) loans.delete(id);
});
console.log(`changes: ${((changing.cpu * 1e3) / (2 * CHANGES)).toFixed(2)} µs each, over ${2 * CHANGES}`);

for (const failure of failures) console.error(failure);
if (failures.length !== 0) process.exitCode = 1;

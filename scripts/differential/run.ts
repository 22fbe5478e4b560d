/** Shares a run out to processes, each with a chain of its own, and says how far it is. */
import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";

import type { Order, Told } from "./messages.ts";
import type { Options } from "./options.ts";
import { lastLine, progressLine, type Totals } from "./report.ts";

/** Operations of a life: after some hundred most of what can be open is. */
const LIFE = 500;

/** Between two lines. [ms] */
const INTERVAL = 10_000;

const WORKER = fileURLToPath(new URL("worker.ts", import.meta.url));

/** Runs it all. Returns how many lives found a difference. */
export async function run(
  { operations, seed, jobs, life: only }: Options,
  say: (line: string) => void,
): Promise<number> {
  const started = performance.now();
  const totals: Totals = { operations: 0, figures: 0, differed: 0 };
  const orders = ordersOf(operations, seed).filter(({ life }) => only === undefined || life === only);
  const wanted = orders.reduce((sum, order) => sum + order.operations, 0);
  const tell = (): void => say(progressLine(totals, wanted, (performance.now() - started) / 1_000));
  const timer = setInterval(tell, INTERVAL);
  const take = ({ life }: Order, { operations: done, figures, ended = "" }: Told): void => {
    totals.operations += done;
    totals.figures += figures;
    if (ended === "") return;
    totals.differed++;
    say(`Life ${life} (--life ${life} lives it again): ${ended}`);
  };
  const workers = Array.from({ length: Math.min(jobs, orders.length) }, async () => work(orders, take));
  try {
    await Promise.all(workers);
  } finally {
    clearInterval(timer);
  }
  tell();
  say(lastLine(totals));
  return totals.differed;
}

/** Lives of equal length, each with a seed of its own; what they do does not depend on who lives them. */
function ordersOf(operations: number, seed: number): Order[] {
  return Array.from({ length: Math.ceil(operations / LIFE) }, (_, life) => ({
    seed: (Math.imul(seed, 0x9e3779b1) + life) >>> 0,
    life,
    operations: Math.min(LIFE, operations - life * LIFE),
  }));
}

/** One process, until no order is left. */
async function work(orders: Order[], take: (order: Order, told: Told) => void): Promise<void> {
  const worker = fork(WORKER);
  try {
    for (let order = orders.shift(); order !== undefined; order = orders.shift()) await oneLife(worker, order, take);
  } finally {
    worker.kill();
  }
}

async function oneLife(worker: ChildProcess, order: Order, take: (order: Order, told: Told) => void): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const left = (code: number | null): void => reject(new Error(`A worker has left with ${String(code)}.`));
    worker.once("exit", left);
    const listen = (told: Told): void => {
      take(order, told);
      if (told.ended === undefined) return;
      worker.off("message", listen);
      worker.off("exit", left);
      resolve();
    };
    worker.on("message", listen);
    worker.send(order);
  });
}

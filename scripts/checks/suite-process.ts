import { fork } from "node:child_process";
import { join } from "node:path";

import { ROOT } from "./root.ts";
import type { Tally } from "./tally.ts";

/** The two suites; each runs in a process of its own, since Hardhat runs one task at a time. */
export type SuiteName = "Solidity" | "Mocha";

export interface SuiteRun {
  readonly tally: Tally;
  /** What it printed, if it was kept back. */
  readonly output: string;
}

/**
 * Runs a suite beside others.
 * @param files Of the suite; all of them if there are none.
 * @param isShown Whether what it prints is shown at once; else it comes back.
 */
export async function runSuite(name: SuiteName, files: readonly string[], isShown: boolean): Promise<SuiteRun> {
  const child = fork(join(ROOT, "scripts", "run-suite.ts"), [name, ...files], { silent: !isShown });
  let output = "";
  child.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  let tally: Tally | undefined;
  child.on("message", (message) => (tally = message as Tally));
  const ending = await new Promise<string>((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code, signal) => resolve(`it ended with ${code ?? signal ?? "nothing"}`));
  });
  return { output, tally: counted(name, tally, ending) };
}

/** A suite that does not say what it counted, or finds no test, counts as one failure: silence must not look like success. */
function counted(name: SuiteName, tally: Tally | undefined, ending: string): Tally {
  if (tally === undefined) return { passed: 0, failures: [`The ${name} tests could not run: ${ending}.`] };
  if (tally.passed + tally.failures.length === 0) return { passed: 0, failures: [`No ${name} test ran.`] };
  return tally;
}

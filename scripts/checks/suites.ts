import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import Mocha from "mocha";

import type { Tally } from "./tally.ts";

export async function runSoliditySuite(hre: HardhatRuntimeEnvironment, testFiles: string[]): Promise<Tally> {
  const seed = hre.config.test.solidity.profiles.default?.fuzz.seed;
  console.log(`Fuzz seed ${seed ?? "random"}`);
  return soliditySummary(await hre.tasks.getTask(["test", "solidity"]).run({ testFiles }));
}

/**
 * Hardhat's own summary counts every test that did not fail as passed, those that a failing hook kept from running
 * included. So the reporter counts.
 */
export async function runMochaSuite(hre: HardhatRuntimeEnvironment, testFiles: string[]): Promise<Tally> {
  let stats: Mocha.Stats | undefined;
  hre.config.test.mocha.reporter = class extends Mocha.reporters.Spec {
    public constructor(runner: Mocha.Runner, options?: Mocha.MochaOptions) {
      super(runner, options);
      stats = runner.stats;
    }
  };
  await hre.tasks.getTask(["test", "mocha"]).run({ testFiles, noCompile: true });
  return { passed: stats?.passes ?? 0, failed: stats?.failures ?? 0 };
}

/**
 * Counts from the results of the single tests: the task fills its summary only when Hardhat's `test` task calls it. The
 * results are under `value` when all passed and under `error` when not.
 */
export function soliditySummary(result: unknown): Tally {
  const run = property(result, "value") ?? property(result, "error");
  const statuses = list(run, "suiteResults")
    .flatMap((suite) => list(suite, "testResults"))
    .map((test) => property(test, "status"));
  const passed = statuses.filter((status) => status === "Success").length;
  const notPassed = statuses.length - passed;
  // A run that broke off reports no failing test.
  const brokeOff = property(result, "success") !== true && notPassed === 0;
  return { passed, failed: brokeOff ? 1 : notPassed };
}

function list(object: unknown, key: string): unknown[] {
  const value = property(object, key);
  if (!Array.isArray(value)) throw new Error(`Hardhat's Solidity test task returned no ${key}.`);
  return value;
}

function property(object: unknown, key: string): unknown {
  return typeof object === "object" && object !== null ? Reflect.get(object, key) : undefined;
}

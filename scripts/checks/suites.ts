import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import Mocha from "mocha";

import { firstLine, property, type Tally } from "./tally.ts";

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
  const failures: string[] = [];
  hre.config.test.mocha.reporter = class extends Mocha.reporters.Spec {
    public constructor(runner: Mocha.Runner, options?: Mocha.MochaOptions) {
      super(runner, options);
      stats = runner.stats;
      runner.on("fail", (test, error: unknown) => failures.push(`${test.fullTitle()}: ${firstLine(error)}`));
    }
  };
  await hre.tasks.getTask(["test", "mocha"]).run({ testFiles, noCompile: true });
  return { passed: stats?.passes ?? 0, failures };
}

/**
 * Counts from the results of the single tests: the task fills its summary only when Hardhat's `test` task calls it. The
 * results are under `value` when all passed and under `error` when not.
 */
export function soliditySummary(result: unknown): Tally {
  const run = property(result, "value") ?? property(result, "error");
  const tests = list(run, "suiteResults").flatMap((suite) => {
    const contract = String(property(property(suite, "id"), "name"));
    return list(suite, "testResults").map((test) => ({ contract, test }));
  });
  const isPassed = (test: unknown): boolean => property(test, "status") === "Success";
  const failures = tests
    .filter(({ test }) => !isPassed(test))
    .map(({ contract, test }) => {
      const reason = firstLine(property(test, "reason") ?? property(test, "status"));
      return `${contract}.${String(property(test, "name"))}: ${reason}`;
    });
  const passed = tests.length - failures.length;
  const brokeOff = property(result, "success") !== true && failures.length === 0;
  return { passed, failures: brokeOff ? ["The Solidity tests broke off, and no test failed."] : failures };
}

function list(object: unknown, key: string): unknown[] {
  const value = property(object, key);
  if (!Array.isArray(value)) throw new Error(`Hardhat's Solidity test task returned no ${key}.`);
  return value;
}

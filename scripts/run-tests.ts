/**
 * Runs the Solidity tests and the Mocha tests and ends with one line that counts both.
 * With file names as arguments, runs only those.
 */
import hre from "hardhat";

import { add, lastLine, type Tally } from "./checks/tally.ts";
import { runMochaSuite, runSoliditySuite } from "./checks/suites.ts";

const files = process.argv.slice(2);
const solidityFiles = files.filter((file) => file.endsWith(".sol"));
const mochaFiles = files.filter((file) => !file.endsWith(".sol"));

const suites: { name: string; run: () => Promise<Tally> }[] = [];
if (files.length === 0 || solidityFiles.length > 0) {
  suites.push({ name: "Solidity", run: async () => runSoliditySuite(hre, solidityFiles) });
}
if (files.length === 0 || mochaFiles.length > 0) {
  suites.push({ name: "Mocha", run: async () => runMochaSuite(hre, mochaFiles) });
}

let total: Tally = { passed: 0, failed: 0 };
for (const { name, run } of suites) {
  total = add(total, await counted(name, run));
}
process.exitCode = total.failed === 0 ? 0 : 1;
console.log(lastLine(total));

/** A suite that cannot start, or that finds no test, counts as one failure: silence must not look like success. */
async function counted(name: string, run: () => Promise<Tally>): Promise<Tally> {
  try {
    const tally = await run();
    if (tally.passed + tally.failed > 0) return tally;
    console.error(`No ${name} test ran.\n`);
  } catch (error) {
    console.error(`The ${name} tests could not run: ${error instanceof Error ? error.message : String(error)}\n`);
  }
  return { passed: 0, failed: 1 };
}

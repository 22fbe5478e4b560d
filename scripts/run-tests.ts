/**
 * Runs the Solidity tests and the Mocha tests, beside one another, and ends with one line that counts both.
 * With file names as arguments, runs only those.
 */
import { runSuite, type SuiteName } from "./checks/suite-process.ts";
import { add, lastLines } from "./checks/tally.ts";

const files = process.argv.slice(2);
const filesOf: Readonly<Record<SuiteName, readonly string[]>> = {
  Solidity: files.filter((file) => file.endsWith(".sol")),
  Mocha: files.filter((file) => !file.endsWith(".sol")),
};
const isWanted = (name: SuiteName): boolean => files.length === 0 || filesOf[name].length > 0;

// Each leaves a core idle for minutes: the one while it compiles, the other at its end. What both print would be a tangle, so that
// of the shorter one waits.
const isBoth = isWanted("Solidity") && isWanted("Mocha");
const [solidity, mocha] = await Promise.all([
  isWanted("Solidity") ? runSuite("Solidity", filesOf.Solidity, !isBoth) : undefined,
  isWanted("Mocha") ? runSuite("Mocha", filesOf.Mocha, true) : undefined,
]);
if (solidity !== undefined) process.stdout.write(solidity.output);

const none = { passed: 0, failures: [] };
const total = add(solidity?.tally ?? none, mocha?.tally ?? none);
process.exitCode = total.failures.length === 0 ? 0 : 1;
console.log(lastLines(total));

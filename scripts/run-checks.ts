/** Runs every check that is not a test, prints a line for each, and ends with one line that counts them. */
import { isDeepStrictEqual } from "node:util";

import hre from "hardhat";

import { readArtifacts } from "./checks/artifacts.ts";
import { compilerWarnings } from "./checks/compiler-warnings.ts";
import { ROOT } from "./checks/root.ts";
import { problemsOf } from "./checks/run-tool.ts";
import { deployedSizes, measureSizes, sizeTable, type ContractSize } from "./checks/sizes.ts";
import { staleSdkSources } from "./checks/sdk-sources.ts";
import { lockedAddresses, machineNames, sourceFiles, strayAssembly, switchedTests } from "./checks/source-rules.ts";
import { firstLine, lastLines } from "./checks/tally.ts";
import { staleTypings } from "./checks/typings.ts";
import { readReference } from "./reference/reference.ts";
import { snapshotProblems } from "./snapshots/check.ts";
import { GAS_SNAPSHOT, SIZE_SNAPSHOT } from "./snapshots/files.ts";
import { measureGas } from "./snapshots/gas.ts";
import { staleVectors } from "./vectors/files.ts";

interface Check {
  readonly name: string;
  /** Comes back with what is wrong; nothing if all is well. */
  readonly run: () => string[] | Promise<string[]>;
}

const files = await sourceFiles(ROOT);
const solidity = files.map(({ path }) => path).filter((path) => path.endsWith(".sol"));
const deployed = solidity.filter((path) => path.startsWith("contracts/") && !path.startsWith("contracts/mocks/"));
const neverDeployed = solidity.filter((path) => !deployed.includes(path));

const checks: Check[] = [
  {
    name: "formatting",
    run: async () => problemsOf("prettier", "bin/prettier.cjs", ["--check", "--log-level=warn", "."]),
  },
  { name: "eslint", run: async () => problemsOf("eslint", "bin/eslint.js", ["--max-warnings=0", "."]) },
  { name: "solhint: contracts", run: async () => solhint(".solhintrc.yaml", deployed) },
  { name: "solhint: tests and mocks", run: async () => solhint(".solhint.tests.yaml", neverDeployed) },
  { name: "types", run: async () => problemsOf("typescript", "bin/tsc", ["--noEmit"]) },
  { name: "compiler warnings", run: async () => compilerWarnings(hre.config.paths.artifacts) },
  { name: "typechain-types is up to date", run: typingsProblems },
  { name: "sdk/src is up to date", run: sdkProblems },
  { name: "sdk reference: complete, with units", run: async () => [...(await readReference(ROOT)).problems] },
  { name: "sdk/vectors is up to date", run: vectorProblems },
  { name: "tested code is deployed code", run: profileProblems },
  { name: "contract sizes", run: sizeProblems },
  { name: "size snapshot", run: async () => snapshotProblems(ROOT, SIZE_SNAPSHOT, deployedSizes(await sizes())) },
  { name: "gas snapshot", run: async () => snapshotProblems(ROOT, GAS_SNAPSHOT, await measureGas()) },
  { name: "no test is switched off", run: () => switchedTests(files) },
  { name: "assembly only in libraries", run: () => strayAssembly(files) },
  { name: "no addresses in the lock file", run: () => lockedAddresses(files) },
  { name: "no registry host or machine path", run: () => machineNames(files) },
];

const failures: string[] = [];
for (const { name, run } of checks) {
  const problems = await found(run);
  console.log(`${problems.length === 0 ? "ok    " : "failed"}  ${name}`);
  if (problems.length === 0) continue;
  failures.push(`${name}: ${firstLine(problems[0])}`);
  console.log(problems.join("\n").replace(/^/gm, "        "));
}
process.exitCode = failures.length === 0 ? 0 : 1;
console.log(lastLines({ passed: checks.length - failures.length, failures }));

/** A check that cannot run has not passed. */
async function found(run: Check["run"]): Promise<string[]> {
  try {
    return await run();
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

async function solhint(config: string, paths: string[]): Promise<string[]> {
  return problemsOf("solhint", "solhint.js", ["--disc", "--noPoster", "-w", "0", "-c", config, ...paths]);
}

async function typingsProblems(): Promise<string[]> {
  const stale = await staleTypings(ROOT);
  return stale.length === 0 ? [] : ["Run `npm run typings` and commit the result; these differ:", ...stale];
}

async function sdkProblems(): Promise<string[]> {
  const stale = await staleSdkSources(ROOT);
  return stale.length === 0 ? [] : ["Run scripts/write-sdk-abis.ts and commit the result; these differ:", ...stale];
}

async function vectorProblems(): Promise<string[]> {
  const stale = await staleVectors(ROOT);
  return stale.length === 0 ? [] : ["Run `npm run vectors` and commit the result; these differ:", ...stale];
}

/** Deployments are built with `production`; its bytecode is the tested one only while the profiles are the same. */
function profileProblems(): string[] {
  const { default: tested, production } = hre.config.solidity.profiles;
  return isDeepStrictEqual(tested, production) ? [] : ["The build profiles `default` and `production` differ."];
}

async function sizes(): Promise<ContractSize[]> {
  return measureSizes(await readArtifacts(ROOT));
}

async function sizeProblems(): Promise<string[]> {
  const measured = await sizes();
  console.log(sizeTable(measured).replace(/^/gm, "        "));
  return measured.flatMap(({ problem }) => problem ?? []);
}

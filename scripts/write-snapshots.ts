/**
 * Measures gas and sizes, prints them beside the peers', and writes them to snapshots/. A figure that has risen more than 1 %
 * above its baseline needs a decision: npm run snapshots -- --decision NNN-title
 */
import { parseArgs } from "node:util";

import { readArtifacts } from "./checks/artifacts.ts";
import { ROOT } from "./checks/root.ts";
import { deployedSizes, measureSizes, sizeTable } from "./checks/sizes.ts";
import { committedSnapshot, GAS_SNAPSHOT, SIZE_SNAPSHOT } from "./snapshots/files.ts";
import { gasTable } from "./snapshots/gas-table.ts";
import { measureGas } from "./snapshots/gas.ts";
import { writeSnapshots } from "./snapshots/write.ts";

try {
  const { decision } = parseArgs({ options: { decision: { type: "string" } } }).values;
  const gas = await measureGas();
  const sizes = measureSizes(await readArtifacts(ROOT));
  console.log(`${gasTable(gas, await committedSnapshot(ROOT, GAS_SNAPSHOT))}\n\n${sizeTable(sizes)}\n`);
  const measured = new Map([
    [GAS_SNAPSHOT, gas],
    [SIZE_SNAPSHOT, deployedSizes(sizes)],
  ]);
  for (const note of await writeSnapshots(ROOT, measured, decision)) console.log(note);
  console.log(`${GAS_SNAPSHOT} and ${SIZE_SNAPSHOT} are written.`);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

/** Prints how large each contract is; fails when one is over its limit. */
import { readArtifacts } from "./checks/artifacts.ts";
import { ROOT } from "./checks/root.ts";
import { measureSizes, sizeTable } from "./checks/sizes.ts";

const sizes = measureSizes(await readArtifacts(ROOT));
console.log(sizeTable(sizes));
for (const { problem } of sizes) {
  if (problem === undefined) continue;
  console.error(problem);
  process.exitCode = 1;
}

/**
 * `npm run bench:gas`: what every operation costs here, in other protocols and at least, all measured on one chain. The first run compiles
 * the others, which takes a minute; what they compile to stays in cache/.
 */
import { aaveV3 } from "./gas/aave-v3.ts";
import { ballast } from "./gas/ballast.ts";
import { compare } from "./gas/comparison.ts";
import { GAS_DOCUMENT, gasDocument } from "./gas/document.ts";
import { floor } from "./gas/floor.ts";
import { measure } from "./gas/measure.ts";
import { metamorpho } from "./gas/metamorpho.ts";
import { morphoBlue } from "./gas/morpho-blue.ts";
import { measureExcess } from "./gas/over-the-floor.ts";
import { readOptions, USAGE, type Options } from "./gas/options.ts";
import { jsonOf, LEGEND, notesOf, tableOf, targetsLine, textTable } from "./gas/report.ts";
import { requireWritable, save } from "./output.ts";

const SYSTEMS = [ballast, morphoBlue, metamorpho, aaveV3, floor];

async function run({ json, write }: Options): Promise<void> {
  if (json !== undefined) await requireWritable(json);
  const rows = await measure(SYSTEMS, (line) => console.error(line));
  const comparisons = compare(rows);
  console.log(`${textTable(tableOf(comparisons))}\n\n${LEGEND}\n`);
  for (const note of notesOf(SYSTEMS)) console.log(note);
  console.log(`\n${targetsLine(comparisons)}`);
  if (json !== undefined) await save(json, jsonOf(rows));
  if (write)
    await save(GAS_DOCUMENT, gasDocument(comparisons, await measureExcess((line) => console.error(line)), SYSTEMS));
}

const options = readOptions(process.argv.slice(2));
if (typeof options === "string") {
  console.error(`${options}\n${USAGE}`);
  process.exitCode = 1;
} else {
  try {
    await run(options);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}

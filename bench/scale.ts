/**
 * `npm run bench:scale`: what every operation costs in a crowd, and whether that is what it costs among few (INV-11). Ends in failure if
 * an operation differs by more than 1 %.
 */
import { isWithinLimit } from "./scale/comparison.ts";
import { SCALE_DOCUMENT, scaleDocument } from "./scale/document.ts";
import { measureScale } from "./scale/measure.ts";
import { readOptions, USAGE, type Options } from "./scale/options.ts";
import { jsonOf, limitLine, textTable } from "./scale/report.ts";
import { requireWritable, save } from "./output.ts";

async function run({ size, json, write }: Options): Promise<void> {
  if (json !== undefined) await requireWritable(json);
  const rows = await measureScale(size, ["simple", "eac"], (line) => console.error(line));
  console.log(`${textTable(rows)}\n\n${limitLine(rows)}`);
  if (json !== undefined) await save(json, jsonOf(rows));
  if (write) await save(SCALE_DOCUMENT, scaleDocument(rows, size));
  if (!rows.every(isWithinLimit)) process.exitCode = 1;
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

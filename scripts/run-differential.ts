/**
 * `npm run differential`: lives of markets, drawn at random, in which the SDK is compared with the contracts after every operation. Ends
 * in failure where a figure differs. The logic is in differential/, the lives in test/differential/.
 */
import { readOptions, USAGE } from "./differential/options.ts";
import { run } from "./differential/run.ts";

const options = readOptions(process.argv.slice(2));
if (typeof options === "string") {
  console.error(`${options}\n${USAGE}`);
  process.exitCode = 1;
} else {
  process.exitCode = (await run(options, console.log)) === 0 ? 0 : 1;
}

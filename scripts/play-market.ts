/**
 * `npm start`: plays a window of prices through a local market and reports what it did to borrowers, lenders and the keeper.
 * The logic is in play/.
 */
import hre from "hardhat";

import { DeployError } from "../deploy/errors.ts";
import { InputError } from "./play/input-error.ts";
import { run } from "./play/run.ts";

try {
  await run(hre, process.argv.slice(2), process.stdout);
  process.exitCode = 0;
} catch (error) {
  if (!(error instanceof InputError || error instanceof DeployError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

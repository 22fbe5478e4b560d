/**
 * Runs one of the two suites, Solidity or Mocha, and tells the process that started it how many tests passed and failed.
 * With file names as further arguments, runs only those.
 */
import hre from "hardhat";

import { runMochaSuite, runSoliditySuite } from "./checks/suites.ts";

const [name, ...files] = process.argv.slice(2);
const suite = name === "Solidity" ? runSoliditySuite : runMochaSuite;
const tally = await suite(hre, files);
process.send?.(tally);

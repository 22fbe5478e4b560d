/**
 * Loaded by each of Mocha's processes, which run many files: each file finds the chain as it was at its start, whatever the files before
 * have done to it and to its clock.
 */
import { restartChain } from "./chain.ts";

export const mochaHooks = { beforeAll: restartChain };

import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";

/** What the command line asks for. */
export interface Options {
  readonly operations: number;
  readonly seed: number;
  /** How many processes share the work. */
  readonly jobs: number;
  /** The number of the only life to live again; all of them if it is not there. */
  readonly life: number | undefined;
}

export const USAGE = "Usage: npm run differential -- --operations N [--seed N] [--jobs N] [--life N]";

const MAX_SEED = 2 ** 32 - 1;
const MAX_OPERATIONS = 10 ** 9;
const MAX_JOBS = 256;

/** What the command line asks for, or in a sentence what is wrong with it. */
export function readOptions(args: readonly string[]): Options | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        operations: { type: "string" },
        seed: { type: "string" },
        jobs: { type: "string" },
        life: { type: "string" },
      },
    });
    const { operations = "100000", seed = "1", jobs = String(availableParallelism()), life } = values;
    return {
      operations: whole("operations", operations, 1, MAX_OPERATIONS),
      seed: whole("seed", seed, 0, MAX_SEED),
      jobs: whole("jobs", jobs, 1, MAX_JOBS),
      life: life === undefined ? undefined : whole("life", life, 0, MAX_OPERATIONS),
    };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return error.message;
  }
}

function whole(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d+$/u.test(text) && value >= least && value <= most) return value;
  throw new RangeError(`--${option} is "${text}"; it must be a whole number from ${least} to ${most}.`);
}

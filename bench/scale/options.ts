import { parseArgs } from "node:util";

import { ALONE, FULL, LARGEST, type Size } from "./size.ts";

/** What the command line asks for. */
export interface Options {
  readonly size: Size;
  /** Where the figures go, if anywhere. */
  readonly json: string | undefined;
  /** Whether docs/scale.md is written. */
  readonly write: boolean;
}

export const USAGE = "Usage: npm run bench:scale -- [--loans N] [--lenders N] [--listings N] [--json FILE] [--write]";

/** What the command line asks for, or in a sentence what is wrong with it. */
export function readOptions(args: readonly string[]): Options | string {
  try {
    const text = { type: "string" } as const;
    const options = { loans: text, lenders: text, listings: text, json: text, write: { type: "boolean" } } as const;
    const { json, write = false, ...asked } = parseArgs({ args: [...args], options }).values;
    const size = {
      loans: Number(asked.loans ?? FULL.loans),
      lenders: Number(asked.lenders ?? FULL.lenders),
      listings: Number(asked.listings ?? FULL.listings),
    };
    const problem = json === "" ? "--json needs the name of a file." : problemOf(size);
    return problem ?? { size, json, write };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return error.message;
  }
}

function problemOf(size: Size): string | undefined {
  for (const name of ["loans", "lenders", "listings"] as const) {
    const [least, most] = [ALONE[name], LARGEST[name]];
    const isWithin = Number.isInteger(size[name]) && size[name] >= least && size[name] <= most;
    if (!isWithin) return `--${name} needs a whole number from ${least} to ${most}.`;
  }
  return size.loans < size.listings ? "--loans must be at least --listings: each listing is pledged." : undefined;
}

import { parseArgs } from "node:util";

/** What the command line asks for. */
export interface Options {
  /** Where the figures go, if anywhere. */
  readonly json: string | undefined;
  /** Whether docs/gas.md is written. */
  readonly write: boolean;
}

export const USAGE = "Usage: npm run bench:gas -- [--json FILE] [--write]";

/** What the command line asks for, or in a sentence what is wrong with it. */
export function readOptions(args: readonly string[]): Options | string {
  try {
    const options = { json: { type: "string" }, write: { type: "boolean" } } as const;
    const { json, write = false } = parseArgs({ args: [...args], options }).values;
    return json === "" ? "--json needs the name of a file." : { json, write };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return error.message;
  }
}

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { PARAMETERS_DIRECTORY } from "../../deploy/parameters.ts";

export interface ParametersFolder {
  readonly parametersDirectory: string;
  readonly remove: () => Promise<void>;
}

/** The local parameters with only some of their listings, in a folder of their own: each takes time to deploy. */
export async function writeFewListings(symbols: readonly string[]): Promise<ParametersFolder> {
  const parametersDirectory = await mkdtemp(join(tmpdir(), "ballast-parameters-"));
  const text = await readFile(join(PARAMETERS_DIRECTORY, "31337.json"), "utf8");
  const local = JSON.parse(text) as { listings: { token: { symbol: string } }[] };
  const listings = local.listings.filter(({ token }) => symbols.includes(token.symbol));
  await writeFile(join(parametersDirectory, "31337.json"), JSON.stringify({ ...local, listings }));
  return { parametersDirectory, remove: () => rm(parametersDirectory, { recursive: true }) };
}

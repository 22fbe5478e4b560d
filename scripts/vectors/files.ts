/** The vectors that the SDK publishes for other languages. */
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { LOAN_DEBTS } from "./debt-vectors.ts";
import { LIQUIDATIONS } from "./liquidation-vectors.ts";
import { LOANS } from "./loan-vectors.ts";
import { PLANS } from "./plan-vectors.ts";
import { PRICES } from "./price-vectors.ts";
import { VAULT_STATES } from "./share-vectors.ts";
import { VAULT_LIBRARIES } from "./vault-vectors.ts";
import { textOf, type VectorFile } from "./vector-file.ts";

export const VECTOR_FILES: readonly VectorFile[] = [
  ...VAULT_LIBRARIES,
  ...LOAN_DEBTS,
  ...VAULT_STATES,
  ...PRICES,
  ...LIQUIDATIONS,
  ...LOANS,
  ...PLANS,
];

/** Where they are, from the root of the repository. */
export const VECTORS = join("sdk", "vectors");

/** Writes them in place of those that are there. */
export async function writeVectors(root: string): Promise<string[]> {
  await mkdir(join(root, VECTORS), { recursive: true });
  for (const file of await found(root)) await rm(join(root, file));
  const texts = [...written()];
  for (const [file, text] of texts) await writeFile(join(root, file), text);
  return texts.map(([file]) => file);
}

/** Those that are not what would be written now, or that nobody writes any more. */
export async function staleVectors(root: string): Promise<string[]> {
  const texts = written();
  const stale = (await found(root)).filter((file) => !texts.has(file));
  for (const [file, text] of texts) {
    if ((await readFile(join(root, file), "utf8").catch(() => undefined)) !== text) stale.push(file);
  }
  return stale;
}

function written(): Map<string, string> {
  return new Map(VECTOR_FILES.map((file) => [join(VECTORS, `${file.name}.json`), textOf(file)]));
}

async function found(root: string): Promise<string[]> {
  const names = await readdir(join(root, VECTORS)).catch(() => []);
  return names.filter((name) => name.endsWith(".json")).map((name) => join(VECTORS, name));
}

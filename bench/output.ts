/** Where benches write their figures. Paths are from the project's folder. */
import { appendFile, mkdir, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";

import { ROOT } from "../scripts/checks/root.ts";

/** A file that cannot be written should fail at once, not after all has been measured. */
export async function requireWritable(path: string): Promise<void> {
  await appendFile(await placeFor(path), "");
}

/** Writes a file, and the folders on the way to it. */
export async function save(path: string, text: string): Promise<void> {
  await writeFile(await placeFor(path), text);
}

/** The whole path; the folders on the way are there then. */
async function placeFor(path: string): Promise<string> {
  const whole = resolve(ROOT, path);
  await mkdir(dirname(whole), { recursive: true });
  return whole;
}

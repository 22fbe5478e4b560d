import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

import { ROOT } from "./root.ts";

const { resolve } = createRequire(import.meta.url);

/** Runs a package's program under this Node; comes back with what it printed, or with nothing if it succeeded. */
export async function problemsOf(packageName: string, program: string, args: readonly string[]): Promise<string[]> {
  const script = join(dirname(resolve(`${packageName}/package.json`)), program);
  const env = { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined };
  const child = spawn(process.execPath, [script, ...args], { cwd: ROOT, env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  }
  const code = await new Promise<number | null>((done, fail) => child.on("close", done).on("error", fail));
  return code === 0 ? [] : [output.trim() === "" ? `${packageName} ended with code ${String(code)}.` : output.trim()];
}

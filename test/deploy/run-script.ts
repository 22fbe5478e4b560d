import { execFile } from "node:child_process";
import { join } from "node:path";

const SCRIPTS = join(import.meta.dirname, "../../scripts");

/** What a command said, and how it ended. */
export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

/** Runs one of the scripts in a process of its own. */
export function runScript(
  name: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<Outcome> {
  return new Promise((resolve) => {
    const command = ["--import", "tsx", join(SCRIPTS, name), ...args];
    const child = execFile(process.execPath, command, { env: { ...process.env, ...environment } }, (_, out, error) => {
      resolve({ code: child.exitCode, out, error });
    });
  });
}

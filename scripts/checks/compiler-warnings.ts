import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

const OUTPUT = ".output.json";

interface Warning {
  readonly file: string;
  readonly message: string;
}

/** What the compiler warned of in our own contracts when it last compiled them. */
export async function compilerWarnings(folder: string): Promise<string[]> {
  const builtIn = await buildOfEachSource(folder);
  const outputs = (await readdir(join(folder, "build-info"))).filter((file) => file.endsWith(OUTPUT));
  const found: string[] = [];
  for (const output of outputs) {
    const build = output.slice(0, -OUTPUT.length);
    for (const { file, message } of warningsIn(await readFile(join(folder, "build-info", output), "utf8"))) {
      // A file compiled again since has its warnings elsewhere; what an older build said of it is past.
      if (builtIn.get(file) === build) found.push(message);
    }
  }
  return found.sort();
}

async function buildOfEachSource(folder: string): Promise<Map<string, string>> {
  const files = (await readdir(folder, { recursive: true })).filter((file) => /\.sol\/\w+\.json$/.test(file));
  const builds = new Map<string, string>();
  for (const file of files) {
    const { inputSourceName, buildInfoId } = record(JSON.parse(await readFile(join(folder, file), "utf8")));
    if (typeof inputSourceName === "string" && typeof buildInfoId === "string") {
      builds.set(inputSourceName, buildInfoId);
    }
  }
  return builds;
}

export function warningsIn(buildOutput: string): Warning[] {
  const { errors } = record(record(JSON.parse(buildOutput)).output);
  if (!Array.isArray(errors)) return [];
  return errors.flatMap((entry: unknown) => {
    const { severity, sourceLocation, formattedMessage } = record(entry);
    const { file } = record(sourceLocation);
    const isOurs = severity === "warning" && typeof file === "string" && file.startsWith("project/");
    return isOurs ? [{ file, message: String(formattedMessage).trim() }] : [];
  });
}

function record(value: unknown): Partial<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

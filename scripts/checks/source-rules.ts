import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** Every text file that is or could be committed: tracked, or new and not ignored. */
export async function sourceFiles(root: string): Promise<SourceFile[]> {
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"];
  const { stdout } = await promisify(execFile)("git", args, { cwd: root, maxBuffer: 2 ** 26 });
  const paths = stdout.split("\0").filter((path) => path !== "");
  const files = await Promise.all(paths.map(async (path) => read(root, path)));
  return files.filter((file) => file !== undefined).filter(({ text }) => !text.includes("\0"));
}

/** Tests that are switched off, or that switch the others off. */
export function switchedTests(files: readonly SourceFile[]): string[] {
  const tests = files.filter(({ path }) => /^(?:test|sdk|bench)\//.test(path) && /\.(?:ts|sol)$/.test(path));
  return linesMatching(tests, /\.(?:skip|only)\(|\bx(?:it|describe|context|specify)\(/);
}

/** Inline assembly outside contracts/libraries/; test doubles are free to play tricks. */
export function strayAssembly(files: readonly SourceFile[]): string[] {
  const contracts = files.filter(({ path }) => /^contracts\/(?!libraries\/|mocks\/)/.test(path));
  return linesMatching(contracts, /^\s*assembly\b/);
}

/** Places that exist on one machine only: hosts of package registries, absolute paths. */
export function machineNames(files: readonly SourceFile[]): string[] {
  const owned = files.filter(({ path }) => path !== "package-lock.json");
  return linesMatching(
    owned,
    /registry\.(?:npmjs|yarnpkg)|(?<![\w.\-/])\/(?:home|root|work|Users)\/|\b[A-Z]:\\Users\\/,
  );
}

/** Addresses in the lock file tie an installation to one registry. */
export function lockedAddresses(files: readonly SourceFile[]): string[] {
  return linesMatching(
    files.filter(({ path }) => path === "package-lock.json"),
    /"resolved":\s*"https?:/,
  );
}

function linesMatching(files: readonly SourceFile[], pattern: RegExp): string[] {
  return files.flatMap(({ path, text }) =>
    text.split("\n").flatMap((line, i) => (pattern.test(line) ? [`${path}:${String(i + 1)}: ${line.trim()}`] : [])),
  );
}

/** Undefined for what git lists but the working tree lacks, and for links to folders. */
async function read(root: string, path: string): Promise<SourceFile | undefined> {
  try {
    return { path, text: await readFile(join(root, path), "utf8") };
  } catch {
    return undefined;
  }
}

import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

import { formatSnapshot, parseSnapshot, SnapshotError, type Snapshot } from "./snapshot.ts";

export const GAS_SNAPSHOT = "snapshots/gas.json";
export const SIZE_SNAPSHOT = "snapshots/sizes.json";

/** @throws SnapshotError if there is none, or if it cannot be read. */
export async function readSnapshot(root: string, path: string): Promise<Snapshot> {
  return parseSnapshot(await readText(root, path), path);
}

/** True if the file is, to the byte, what a run would have written. */
export async function isAsWritten(root: string, path: string, snapshot: Snapshot): Promise<boolean> {
  return (await readText(root, path)) === formatSnapshot(snapshot);
}

export async function writeSnapshot(root: string, path: string, snapshot: Snapshot): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), formatSnapshot(snapshot));
}

/** The names of the decision records. */
export async function decisionNames(root: string): Promise<Set<string>> {
  const files = await readdir(join(root, "docs", "decisions"));
  return new Set(files.filter((file) => file.endsWith(".md")).map((file) => file.slice(0, -".md".length)));
}

/**
 * The snapshot of the last commit: what a new one is measured against, so that neither an edit nor a deletion that nobody has
 * committed moves a baseline. Empty if the last commit has none.
 */
export async function committedSnapshot(root: string, path: string): Promise<Snapshot> {
  return (await snapshotOf(root, path, "HEAD")) ?? new Map();
}

/**
 * What the snapshot has to follow: that of the last commit if it has been changed since, else the one before the commit that
 * changed it last. Undefined if there is none: the snapshot is new, or the clone is too shallow to know.
 */
export async function precedingSnapshot(root: string, path: string): Promise<Snapshot | undefined> {
  const committed = await textOf(root, path, "HEAD");
  if (committed !== (await readText(root, path))) return snapshotOf(root, path, "HEAD");
  // Along the first parents: a merge follows the branch that it is made on.
  const lastChange = (await git(root, "rev-list", "-1", "--first-parent", "HEAD", "--", path))?.trim();
  return lastChange === undefined ? undefined : snapshotOf(root, path, `${lastChange}^1`);
}

async function snapshotOf(root: string, path: string, commit: string): Promise<Snapshot | undefined> {
  const text = await textOf(root, path, commit);
  return text === undefined ? undefined : parseSnapshot(text, `${path} of ${commit}`);
}

async function textOf(root: string, path: string, commit: string): Promise<string | undefined> {
  return git(root, "show", `${commit}:./${path}`);
}

/** Undefined if there is nothing of the kind: no such commit, no such file in it, no repository. */
async function git(root: string, ...args: string[]): Promise<string | undefined> {
  try {
    return (await promisify(execFile)("git", args, { cwd: root })).stdout;
  } catch {
    return undefined;
  }
}

async function readText(root: string, path: string): Promise<string> {
  try {
    return await readFile(join(root, path), "utf8");
  } catch {
    throw new SnapshotError(`There is no ${path}: run \`npm run snapshots\` and commit it.`);
  }
}

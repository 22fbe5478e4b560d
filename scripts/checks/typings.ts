import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { runTypeChain } from "typechain";

import { isDeployable, isInterface, readArtifacts } from "./artifacts.ts";

/** Where the generated typings live; the folder is committed, so that a reader and an editor need no build. */
export const TYPINGS = "typechain-types";

/** Writes the typings of the public contracts and interfaces, from what is compiled, in place of the folder's content. */
export async function writeTypings(root: string, outDir: string): Promise<void> {
  const artifacts = await readArtifacts(root);
  const files = artifacts.filter((artifact) => isInterface(artifact) || isDeployable(artifact)).map(({ path }) => path);
  await rm(outDir, { recursive: true, force: true });
  await runTypeChain({
    cwd: root,
    allFiles: files,
    filesToProcess: files,
    outDir,
    target: "ethers-v6",
    flags: {
      alwaysGenerateOverloads: false,
      discriminateTypes: false,
      tsNocheck: false,
      node16Modules: true,
      environment: undefined,
    },
  });
  for (const file of await filesIn(outDir)) {
    const path = join(outDir, file);
    await writeFile(path, withIndexFiles(await readFile(path, "utf8")));
  }
}

/** TypeChain leaves out the file name where it imports a folder; ES modules need it. */
export function withIndexFiles(source: string): string {
  return source.replace(/^(import type \* as \w+ from "\.[^"]*?)(?<!\.js)";$/gm, '$1/index.js";');
}

/** The files that differ from what the compiled contracts call for. */
export async function staleTypings(root: string): Promise<string[]> {
  const fresh = await mkdtemp(join(tmpdir(), "ballast-typings-"));
  try {
    await writeTypings(root, fresh);
    return await differingFiles(join(root, TYPINGS), fresh);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

async function differingFiles(oneDir: string, otherDir: string): Promise<string[]> {
  const files = new Set([...(await filesIn(oneDir)), ...(await filesIn(otherDir))]);
  const differing: string[] = [];
  for (const file of files) {
    const [one, other] = await Promise.all([oneDir, otherDir].map(async (dir) => readOrNothing(join(dir, file))));
    if (one !== other) differing.push(file);
  }
  return differing.sort();
}

async function filesIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { recursive: true });
    return entries.filter((file) => file.endsWith(".ts"));
  } catch {
    return [];
  }
}

async function readOrNothing(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return undefined;
  }
}

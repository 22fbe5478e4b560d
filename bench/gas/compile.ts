import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdir, open, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";

import { ROOT } from "../../scripts/checks/root.ts";

/** What one run of a compiler is given. */
export interface Job {
  /** The npm package of the compiler. */
  readonly compiler: string;
  readonly settings: Readonly<Record<string, unknown>>;
  /** Files, from the project's folder or as Solidity imports them from a package. */
  readonly files: readonly string[];
}

/** Where the code calls a library: the byte at which the address goes. */
type Links = Readonly<Record<string, Readonly<Record<string, readonly { readonly start: number }[]>>>>;

export interface Artifact {
  readonly abi: string;
  /** Creation code, without 0x. */
  readonly code: string;
  readonly links: Links;
}

/** Contracts by name. */
export type Artifacts = ReadonlyMap<string, Artifact>;

const CACHE = join(ROOT, "cache", "bench-gas");
const MODULES = join(ROOT, "node_modules");

/** Compiles what the project's own build leaves alone; what has been compiled before comes from the cache folder. */
export async function compile(job: Job): Promise<Artifacts> {
  const input = JSON.stringify(await inputOf(job));
  const lock = await readFile(join(ROOT, "package-lock.json"));
  // The lock file stands for the compiler and for every file of a package.
  const key = createHash("sha256").update(lock).update(job.compiler).update(input).digest("hex");
  const path = join(CACHE, `${key.slice(0, 32)}.json`);
  try {
    return artifactsOf(await readFile(path, "utf8"));
  } catch {
    // Nothing has been compiled yet, or what is there was broken off.
  }
  await mkdir(CACHE, { recursive: true });
  await run(job.compiler, input, path);
  return artifactsOf(await readFile(path, "utf8"));
}

async function inputOf({ files, settings }: Job): Promise<unknown> {
  const sources: Record<string, { content: string }> = {};
  for (const file of files) {
    const folder = file.startsWith("bench/") ? ROOT : MODULES;
    sources[file] = { content: await readFile(join(folder, file), "utf8") };
  }
  const outputSelection = { "*": { "*": ["abi", "evm.bytecode.object", "evm.bytecode.linkReferences"] } };
  return { language: "Solidity", sources, settings: { ...settings, outputSelection } };
}

/** Runs the compiler in a process of its own. It writes to a file: into a pipe, older versions leave before all is written. */
async function run(compiler: string, input: string, path: string): Promise<void> {
  const script = createRequire(import.meta.url).resolve(`${compiler}/solc.js`);
  const args = [script, "--standard-json", "--base-path", ROOT, "--include-path", MODULES];
  const output = await open(path, "w");
  try {
    const child = spawn(process.execPath, args, { stdio: ["pipe", output.fd, "inherit"] });
    child.stdin?.end(input);
    const [status] = (await once(child, "close")) as [number | null];
    if (status !== 0) throw new Error(`${compiler} ended with ${String(status)}.`);
  } finally {
    await output.close();
  }
}

/** What a compiler answers, as far as it is used. */
interface Output {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly contracts?: Readonly<Record<string, Readonly<Record<string, Compiled>>>>;
}

interface Compiled {
  readonly abi: readonly unknown[];
  readonly evm: { readonly bytecode: { readonly object: string; readonly linkReferences: Links } };
}

function artifactsOf(text: string): Artifacts {
  // Before the answer it may say that it has no solver, which nobody asked for.
  const { errors = [], contracts = {} } = JSON.parse(text.replace(/^>>> .*$/gm, "")) as Output;
  const wrong = errors.filter(({ severity }) => severity === "error");
  if (wrong.length > 0) throw new Error(wrong.map(({ formattedMessage }) => formattedMessage).join("\n"));
  const artifacts = new Map<string, Artifact>();
  for (const file of Object.values(contracts)) {
    for (const [name, { abi, evm }] of Object.entries(file)) {
      const { object: code, linkReferences: links } = evm.bytecode;
      if (code !== "") artifacts.set(name, { abi: JSON.stringify(abi), code, links });
    }
  }
  return artifacts;
}

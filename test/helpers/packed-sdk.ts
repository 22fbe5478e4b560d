/** The SDK as integrators have it: packed, and installed into a project that has nothing else. */
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { ROOT } from "../../scripts/checks/root.ts";
import { runNpm, runQuietly } from "../../scripts/setup/run.mjs";

export const SDK = join(ROOT, "sdk");

const MODULES = join(ROOT, "node_modules");
const TSC = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin", "tsc");

const COMPILER = {
  target: "es2022",
  lib: ["es2022", "dom"],
  module: "node16",
  moduleResolution: "node16",
  types: [],
  strict: true,
};

/** What a project sets otherwise. */
export interface CompilerOptions {
  /** Packages whose global types programs know. */
  readonly types?: readonly string[];
  /** Whether the declarations of packages are believed. */
  readonly skipLibCheck?: boolean;
}

/** A folder with a `package.json` and the SDK. */
export interface Project {
  readonly folder: string;
  /** Where in it the SDK is. */
  readonly installed: string;
  /** Installs packages that the repository has. */
  readonly add: (...packages: string[]) => Promise<void>;
  /** Writes programs and compiles them; throws what the compiler says. */
  readonly compile: (programs: Record<string, string>, options?: CompilerOptions) => Promise<void>;
  /** What a program of Node prints; one that fails is shown whole. */
  readonly run: (file: string, env?: NodeJS.ProcessEnv) => Promise<string>;
  readonly remove: () => Promise<void>;
}

/** Packs the package in a copy, so that nothing is built among the sources, and unpacks it into a project of its own. */
export async function newProject(): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), "ballast-sdk-"));
  const modules = join(folder, "node_modules");
  const installed = join(modules, "ballast-sdk");
  const node = async (env: NodeJS.ProcessEnv, ...args: string[]): Promise<string> => {
    return expectOk(await runQuietly(process.execPath, args, { cwd: folder, env: { ...env, NODE_OPTIONS: "" } }));
  };
  await mkdir(installed, { recursive: true });
  await writeFile(join(folder, "package.json"), '{ "type": "module" }\n');
  await unpack(await pack(join(folder, "copy")), installed);
  return {
    folder,
    installed,
    add: async (...packages) => {
      for (const name of packages) {
        await mkdir(dirname(join(modules, name)), { recursive: true });
        await symlink(join(MODULES, name), join(modules, name), "dir");
      }
    },
    compile: async (programs, options = {}) => {
      for (const [file, program] of Object.entries(programs)) await writeFile(join(folder, file), program);
      const config = { compilerOptions: { ...COMPILER, ...options }, files: Object.keys(programs) };
      await writeFile(join(folder, "tsconfig.json"), JSON.stringify(config));
      await node(process.env, TSC, "-p", ".");
    },
    run: async (file, env = {}) => node({ ...process.env, ...env }, file),
    remove: async () => rm(folder, { recursive: true, force: true }),
  };
}

/** @returns the archive. */
async function pack(copy: string): Promise<string> {
  await cp(SDK, copy, { recursive: true, filter: (path) => path !== join(SDK, "dist") });
  await symlink(MODULES, join(copy, "node_modules"), "dir");
  // The repository's own npm settings forbid scripts; those of the package build it.
  const output = expectOk(
    await runNpm(["pack", "--offline", "--ignore-scripts=false"], { cwd: copy, env: process.env }),
  );
  const archive = (await readdir(copy)).find((file) => file.endsWith(".tgz"));
  if (archive === undefined) throw new Error(`npm packed nothing: ${output}`);
  return join(copy, archive);
}

async function unpack(archive: string, target: string): Promise<void> {
  const args = ["-xzf", archive, "-C", target, "--strip-components=1"];
  expectOk(await runQuietly("tar", args, { cwd: dirname(archive), env: process.env }));
}

function expectOk({ ok, output }: { ok: boolean; output: string }): string {
  if (!ok) throw new Error(output);
  return output;
}

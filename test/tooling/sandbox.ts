import { spawn, type ChildProcess } from "node:child_process";
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";

import { ROOT } from "../../scripts/checks/root.ts";

export interface Ending {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** The version that the running Node claims to have. */
  readonly node?: string;
  /** Leaves the sandbox's npm off the PATH. */
  readonly withoutNpm?: boolean;
  /** Starts it as npm does: in a shell, which does not pass signals on. */
  readonly inShell?: boolean;
}

/** A clone of the project with nothing but the set-up in it, an npm that does as it is told, and a Hardhat of one line. */
export class Sandbox {
  private constructor(public readonly root: string) {}

  public static async create(): Promise<Sandbox> {
    const sandbox = new Sandbox(await mkdtemp(join(tmpdir(), "ballast-setup-")));
    await cp(join(ROOT, "scripts", "setup"), sandbox.path("scripts", "setup"), { recursive: true });
    await cp(join(ROOT, "scripts", "with-setup.mjs"), sandbox.path("scripts", "with-setup.mjs"));
    await writeFile(sandbox.path("package-lock.json"), "{}");
    await sandbox.hardhat("");
    await sandbox.npm(INSTALLS);
    return sandbox;
  }

  public async remove(): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }

  public path(...parts: string[]): string {
    return join(this.root, ...parts);
  }

  /** Replaces npm by a shell script; each call is noted with the Node that npm would run under. */
  public async npm(script: string): Promise<void> {
    const note = `echo "$* | $(node --version)" >> "${this.path("npm-calls")}"`;
    await this.program("bin/npm", `${note}\n${script}`);
  }

  /** Replaces the Hardhat that `npm ci` installs. */
  public async hardhat(script: string): Promise<void> {
    await writeFile(this.path("hardhat.js"), script);
  }

  /** Writes a shell script under the sandbox's folder. */
  public async program(path: string, script: string): Promise<void> {
    await mkdir(dirname(this.path(path)), { recursive: true });
    await writeFile(this.path(path), `#!/bin/sh\n${script}\n`);
    await chmod(this.path(path), 0o755);
  }

  public async npmCalls(): Promise<string[]> {
    try {
      return (await readFile(this.path("npm-calls"), "utf8")).trim().split("\n");
    } catch {
      return [];
    }
  }

  public start(command: string[], options: RunOptions = {}): ChildProcess {
    const programs = [this.path("bin"), dirname(process.execPath), "/usr/bin", "/bin"];
    const path = options.withoutNpm === true ? this.path("empty") : programs.join(delimiter);
    const program = [process.execPath, ...pretend(options.node), "scripts/with-setup.mjs", ...command];
    const [first = "", ...rest] = options.inShell === true ? ["sh", "-c", '"$@"; true', "sh", ...program] : program;
    return spawn(first, rest, {
      cwd: this.root,
      // npm tells what it starts where it is itself; the sandbox has its own.
      env: { ...process.env, npm_execpath: undefined, NODE_OPTIONS: "", PATH: path },
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  public async run(command: string[], options: RunOptions = {}): Promise<Ending> {
    return ending(this.start(command, options));
  }
}

/** What npm does when all goes well: the packages, and its own record of them. */
export const INSTALLS = `
mkdir -p node_modules/hardhat/dist/src
cp hardhat.js node_modules/hardhat/dist/src/cli.js
echo installed > node_modules/.package-lock.json`;

export async function ending(child: ChildProcess): Promise<Ending> {
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const code = await new Promise<number | null>((done) => child.on("close", done));
  return { code, stdout, stderr };
}

/** Node options that make a program believe it runs on another version. */
function pretend(version: string | undefined): string[] {
  if (version === undefined) return [];
  const versions = `{ ...process.versions, node: ${JSON.stringify(version)} }`;
  const script = `Object.defineProperty(process, "versions", { value: ${versions} })`;
  return ["--import", `data:text/javascript,${encodeURIComponent(script)}`];
}

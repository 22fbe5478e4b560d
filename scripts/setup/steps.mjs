import { spawnSync } from "child_process";
import { createHash } from "crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "fs";
import { join } from "path";

import { canRunHardhat, canStart, majorOf, nodePackage, PINNED_NODE } from "./node-version.mjs";
import { npmFailure, runNpm, runQuietly, withFirstOnPath } from "./run.mjs";
import { SetupError } from "./setup-error.mjs";

/**
 * @typedef {object} Machine
 * @property {string} root the project's folder
 * @property {NodeJS.ProcessEnv} env the environment of everything that is started
 * @property {string} node the version of the Node that runs it
 * @property {(line: string) => void} say
 */

/**
 * Sees to a Node that Hardhat runs on, and puts it first on the PATH.
 *
 * @param {Machine} machine
 * @returns {Promise<Machine>}
 */
export async function ensureNode(machine) {
  if (!canStart(machine.node)) {
    throw new SetupError(`Node ${machine.node} is too old: install Node 20 or newer from nodejs.org.`);
  }
  if (canRunHardhat(machine.node)) return machine;

  const name = nodePackage(process.platform, process.arch);
  // One folder per version, so that a changed pin is a missing folder.
  const prefix = join(".node", PINNED_NODE);
  const bin = join(machine.root, prefix, "node_modules", name, "bin");
  const env = withFirstOnPath(machine.env, bin);
  if (versionOf(bin) !== PINNED_NODE) {
    machine.say(`Fetching Node ${PINNED_NODE} into ${prefix} (Hardhat needs 22.13 or newer, this is ${machine.node})`);
    mkdirSync(join(machine.root, prefix), { recursive: true });
    const args = ["install", "--no-save", "--no-package-lock", "--ignore-scripts", "--prefix", prefix];
    const { ok, output } = await runNpm([...args, `${name}@${PINNED_NODE}`], { cwd: machine.root, env: machine.env });
    if (!ok) throw npmFailure(machine.root, "setup-node.log", output, `Node ${PINNED_NODE} could not be fetched`);
    if (versionOf(bin) !== PINNED_NODE) {
      throw new SetupError(`The fetched Node ${PINNED_NODE} does not run here: install Node 22.13 or newer yourself.`);
    }
  }
  return { ...machine, env, node: PINNED_NODE };
}

/** @param {string} bin */
function versionOf(bin) {
  const { stdout } = spawnSync(join(bin, "node"), ["--version"], { encoding: "utf8" });
  return (stdout || "").trim().replace(/^v/, "");
}

/**
 * Installs the dependencies when they are not those of the lock file, or not those for this Node.
 *
 * @param {Machine} machine
 */
export async function ensureDependencies(machine) {
  const { root } = machine;
  if (!areDependenciesStale(root, machine.node)) return;

  machine.say("Installing the dependencies");
  // Without the mark an installation that is broken off stays undone; npm leaves files that start with a dot.
  rmSync(markOf(root), { force: true });
  const { ok, output } = await runNpm(["ci", "--include=dev", "--include=optional"], { cwd: root, env: machine.env });
  if (!ok) throw npmFailure(root, "setup-npm.log", output, "The dependencies could not be installed");
  writeFileSync(markOf(root), fingerprint(root, machine.node));
}

/**
 * @param {string} root
 * @param {string} nodeVersion
 */
export function areDependenciesStale(root, nodeVersion) {
  const mark = markOf(root);
  return !existsSync(mark) || readFileSync(mark, "utf8") !== fingerprint(root, nodeVersion);
}

/** @param {string} root */
function markOf(root) {
  return join(root, "node_modules", ".ballast-setup");
}

/**
 * What the installed packages depend on. npm's own record of what it put there is part of it: it changes when somebody
 * runs npm by hand under another Node, which drops packages without a word.
 *
 * @param {string} root
 * @param {string} nodeVersion
 */
export function fingerprint(root, nodeVersion) {
  const hash = createHash("sha256");
  for (const file of ["package-lock.json", join("node_modules", ".package-lock.json")]) {
    const path = join(root, file);
    hash.update(existsSync(path) ? readFileSync(path) : "none");
  }
  return `${hash.digest("hex")} ${process.platform}-${process.arch} node${majorOf(nodeVersion)}\n`;
}

/**
 * Compiles what changed. Tests are left out: `npm test` compiles them, and the local market does not need them.
 *
 * @param {Machine} machine
 */
export async function ensureBuild(machine) {
  // Most runs have nothing to compile and are over before this line is worth reading.
  const notice = setTimeout(() => machine.say("Bringing the compiled contracts up to date"), 2500);
  const hardhat = join("node_modules", "hardhat", "dist", "src", "cli.js");
  const { ok, output } = await runQuietly("node", [hardhat, "build", "--no-tests", "--quiet"], {
    cwd: machine.root,
    env: machine.env,
  });
  clearTimeout(notice);
  // Warnings about our own contracts are for whoever changes them; those of packages never get here (hardhat.config.ts).
  if (output.trim() !== "") process.stderr.write(output.trim() + "\n");
  if (!ok) throw new SetupError("The contracts do not compile: fix what the compiler says above and try again.");
}

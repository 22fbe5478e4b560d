#!/usr/bin/env node
/**
 * with-setup.mjs <program> [arguments]: sees to everything that a fresh clone lacks (a Node that Hardhat runs on, the
 * dependencies, the compiled contracts), then runs the program in its place.
 *
 * It runs before anything is installed, so it and scripts/setup/ use nothing but Node; and it is read by whatever Node the
 * machine has, so syntax and module names are such that an old one gets as far as the sentence which says so.
 */
import { spawn } from "child_process";
import { constants } from "os";
import { dirname } from "path";
import { fileURLToPath } from "url";

import { SetupError } from "./setup/setup-error.mjs";
import { ensureBuild, ensureDependencies, ensureNode } from "./setup/steps.mjs";

/** @returns {Promise<import("./setup/steps.mjs").Machine>} */
async function setUp() {
  const machine = await ensureNode({
    root: dirname(dirname(fileURLToPath(import.meta.url))),
    env: process.env,
    node: process.versions.node,
    say: (line) => console.log(line + " ..."),
  });
  await ensureDependencies(machine);
  await ensureBuild(machine);
  return machine;
}

/**
 * Runs the program as if it had been started itself: same terminal, same signals, same exit code.
 *
 * @param {import("./setup/steps.mjs").Machine} machine
 * @param {string} program
 * @param {string[]} args
 */
function runInPlace(machine, program, args) {
  const child = spawn(program, args, { cwd: machine.root, env: machine.env, stdio: "inherit" });
  /** @type {NodeJS.Signals[]} */
  const signals = ["SIGINT", "SIGTERM"];
  for (const signal of signals) {
    process.on(signal, () => {
      // At a terminal Ctrl-C reaches the whole group; a second one would cut the program's own ending short.
      if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
    });
  }
  // npm starts this through a shell, which does not pass signals on: without its parent nobody could end the child.
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid !== parent) child.kill("SIGTERM");
  }, 1000);
  watch.unref();
  child.on("error", (error) => end(new SetupError(`${program} could not be started: ${error.message}.`)));
  child.on("exit", (code, signal) => {
    process.exitCode = signal === null ? Number(code) : 128 + constants.signals[signal];
  });
}

/** @param {unknown} error */
function end(error) {
  const sentence = error instanceof SetupError ? error.message : `Setting up failed: ${String(error)}`;
  process.stderr.write(sentence + "\n");
  process.exitCode = 1;
}

const [program, ...args] = process.argv.slice(2);
if (program === undefined) {
  end(new SetupError("Usage: with-setup.mjs <program> [arguments]"));
} else {
  setUp().then((machine) => runInPlace(machine, program, args), end);
}

import { spawn } from "child_process";
import { mkdirSync, writeFileSync } from "fs";
import { basename, delimiter, dirname, join } from "path";

import { SetupError } from "./setup-error.mjs";

/**
 * Runs a program without showing what it prints; a failure comes back as the output to explain it from.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {{ cwd: string, env: NodeJS.ProcessEnv }} options
 * @returns {Promise<{ ok: boolean, output: string }>}
 */
export function runQuietly(program, args, options) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    /** @param {Buffer} chunk */
    const collect = (chunk) => {
      output += chunk.toString();
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    child.on("error", (error) => resolve({ ok: false, output: output + String(error) }));
    child.on("close", (code) => resolve({ ok: code === 0, output }));
  });
}

/**
 * Runs npm under the first Node on the PATH, which npm itself is then run by too: npm leaves out optional packages that do
 * not suit the Node it runs under, and Hardhat's engine is one of them.
 *
 * @param {string[]} args
 * @param {{ cwd: string, env: NodeJS.ProcessEnv }} options
 */
export async function runNpm(args, options) {
  // Left alone, npm waits for over a minute before it says that there is no network.
  const patience = ["--fetch-retry-mintimeout=2000", "--fetch-retry-factor=2"];
  const entry = process.env.npm_execpath;
  const asScript = entry !== undefined && basename(entry) === "npm-cli.js";
  const all = [...args, ...patience];
  return asScript ? runQuietly("node", [entry, ...all], options) : runQuietly("npm", all, options);
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {string} directory
 */
export function withFirstOnPath(env, directory) {
  return { ...env, PATH: directory + delimiter + (env.PATH || "") };
}

/**
 * Keeps what a failed npm printed and turns it into the sentence for the user.
 *
 * @param {string} root
 * @param {string} logName
 * @param {string} output
 * @param {string} what
 */
export function npmFailure(root, logName, output, what) {
  if (output.includes("spawn npm ENOENT")) {
    return new SetupError(`${what} because there is no npm: install Node from nodejs.org, which brings it.`);
  }
  const log = join("cache", logName);
  mkdirSync(dirname(join(root, log)), { recursive: true });
  writeFileSync(join(root, log), output);
  return new SetupError(`${what}: ${cause(output)} (npm's own words are in ${log}).`);
}

/** @param {string} output */
function cause(output) {
  if (/E404|notarget/i.test(output)) return "npm's registry has no such package for this machine";
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|network/i.test(output)) {
    return "npm's registry could not be reached, so check the network connection and try again";
  }
  if (output.includes("ENOSPC")) return "the disk is full";
  return "npm failed, so fix what it names and try again";
}

import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";

import { expect } from "chai";

import { nodePackage, PINNED_NODE } from "../../scripts/setup/node-version.mjs";
import { ending, INSTALLS, Sandbox, type Ending } from "./sandbox.ts";

const NODE_20 = { node: "20.9.0" };
const GREET = ["node", "-p", "'market'"];

/** A Node that passes for the pinned one, put where the set-up looks for it. */
const NODE_BIN = `.node/${PINNED_NODE}/node_modules/${nodePackage(process.platform, process.arch)}/bin`;
const FETCHES_NODE = `
case "$*" in
  install*)
    mkdir -p ${NODE_BIN}
    printf '#!/bin/sh\\n[ "$1" = --version ] && echo v${PINNED_NODE} || exec "${process.execPath}" "$@"\\n' > ${NODE_BIN}/node
    chmod +x ${NODE_BIN}/node ;;
  *) ${INSTALLS} ;;
esac`;

function expectOneSentence(end: Ending, sentence: RegExp): void {
  expect(end.code).to.equal(1);
  expect(end.stderr).to.match(sentence);
  expect(end.stderr.trim().split("\n")).to.have.lengthOf(1);
}

describe("The set-up of npm start and npm test", () => {
  let sandbox: Sandbox;

  beforeEach(async () => {
    sandbox = await Sandbox.create();
  });

  afterEach(async () => {
    await sandbox.remove();
  });

  it("installs what is missing, then runs the command", async () => {
    const { code, stdout } = await sandbox.run(GREET);
    expect(code).to.equal(0);
    expect(stdout).to.equal("Installing the dependencies ...\nmarket\n");
    expect(await sandbox.npmCalls()).to.have.lengthOf(1);
  });

  it("skips what is done", async () => {
    await sandbox.run(GREET);
    expect((await sandbox.run(GREET)).stdout).to.equal("market\n");
    expect(await sandbox.npmCalls()).to.have.lengthOf(1);
  });

  it("fetches Node when its own is too old, and runs everything else with it, npm included", async () => {
    await sandbox.npm(FETCHES_NODE);
    const { code, stdout } = await sandbox.run(["node", "--version"], NODE_20);
    expect(code).to.equal(0);
    expect(stdout).to.contain(`Fetching Node ${PINNED_NODE}`);
    expect(stdout.trim().split("\n").at(-1)).to.equal(`v${PINNED_NODE}`);
    const [fetched, installed] = await sandbox.npmCalls();
    expect(fetched).to.match(/^install .*--ignore-scripts/);
    expect(installed).to.match(new RegExp(`^ci .*v${PINNED_NODE}$`));
  });

  it("installs again after an installation that broke off", async () => {
    await sandbox.run(GREET);
    await writeFile(sandbox.path("package-lock.json"), '{ "changed": true }');
    await sandbox.npm(`${INSTALLS}\nexit 1`);
    await sandbox.run(GREET);
    await sandbox.npm(INSTALLS);
    expect((await sandbox.run(GREET)).code).to.equal(0);
    expect(await sandbox.npmCalls()).to.have.lengthOf(3);
  });

  it("installs again when the lock file has changed", async () => {
    await sandbox.run(GREET);
    await writeFile(sandbox.path("package-lock.json"), '{ "changed": true }');
    await sandbox.run(GREET);
    expect(await sandbox.npmCalls()).to.have.lengthOf(2);
  });

  it("installs again when npm has changed the packages behind its back", async () => {
    await sandbox.run(GREET);
    await writeFile(sandbox.path("node_modules", ".package-lock.json"), "fewer");
    await sandbox.run(GREET);
    expect(await sandbox.npmCalls()).to.have.lengthOf(2);
  });

  it("installs again under another major version of Node", async () => {
    await sandbox.run(GREET, { node: "24.1.0" });
    await sandbox.run(GREET, { node: "26.0.0" });
    expect(await sandbox.npmCalls()).to.have.lengthOf(2);
  });

  it("passes on the arguments and the exit code", async () => {
    const { code, stdout } = await sandbox.run(["node", "-e", "console.log(process.argv[1]); process.exit(7)", "a b"]);
    expect(code).to.equal(7);
    expect(stdout).to.contain("a b\n");
  });

  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    it(`passes on ${signal} and waits for the command to end`, async () => {
      const script = `process.on("${signal}", () => process.exit(9)); setInterval(() => {}, 1000); console.log("ready")`;
      const child = sandbox.start(["node", "-e", script]);
      const end = ending(child);
      let seen = "";
      while (!seen.includes("ready")) seen += String((await once(child.stdout ?? child, "data"))[0]);
      child.kill(signal);
      expect((await end).code).to.equal(9);
    });
  }

  it("ends the command when the shell that npm starts it in has been ended", async () => {
    const script = `process.on("SIGTERM", () => { console.log("ended"); process.exit(); }); setInterval(() => {}, 1000); console.log("ready")`;
    const shell = sandbox.start(["node", "-e", script], { inShell: true });
    let seen = "";
    shell.stdout?.on("data", (chunk: Buffer) => (seen += chunk.toString()));
    const closed = once(shell, "close"); // the pipe closes when nobody holds it any more
    while (!seen.includes("ready")) await once(shell.stdout ?? shell, "data");
    shell.kill("SIGTERM");
    await closed;
    expect(seen).to.match(/ended\n$/);
  });

  it("shows warnings about our own contracts, and goes on", async () => {
    await sandbox.hardhat("console.warn('Warning: unused variable')");
    const { code, stderr } = await sandbox.run(GREET);
    expect(code).to.equal(0);
    expect(stderr).to.equal("Warning: unused variable\n");
  });
});

describe("A set-up that fails says so in one sentence", () => {
  let sandbox: Sandbox;

  beforeEach(async () => {
    sandbox = await Sandbox.create();
  });

  afterEach(async () => {
    await sandbox.remove();
  });

  it("when Node is too old to go on", async () => {
    const end = await sandbox.run(GREET, { node: "18.20.4" });
    expectOneSentence(end, /^Node 18\.20\.4 is too old: install Node 20 or newer from nodejs\.org\.$/m);
    expect(await sandbox.npmCalls()).to.have.lengthOf(0);
  });

  it("when there is no npm", async () => {
    const end = await sandbox.run(GREET, { withoutNpm: true });
    expectOneSentence(
      end,
      /could not be installed because there is no npm: install Node from nodejs\.org, which brings it\.$/m,
    );
  });

  it("when Node cannot be fetched", async () => {
    await sandbox.npm("echo 'npm error code ENOTFOUND' >&2; exit 1");
    const end = await sandbox.run(GREET, NODE_20);
    expectOneSentence(end, /^Node .* could not be fetched: npm's registry could not be reached, so check the network/);
    expect(await readFile(sandbox.path("cache", "setup-node.log"), "utf8")).to.equal("npm error code ENOTFOUND\n");
  });

  it("when there is no Node to fetch for this machine", async () => {
    await sandbox.npm("echo 'npm error code E404' >&2; exit 1");
    expectOneSentence(await sandbox.run(GREET, NODE_20), /registry has no such package for this machine/);
  });

  it("when the fetched Node does not run here", async () => {
    expectOneSentence(
      await sandbox.run(GREET, NODE_20),
      /does not run here: install Node 22\.13 or newer yourself\.$/m,
    );
  });

  it("when the dependencies cannot be installed", async () => {
    await sandbox.npm("echo 'npm error code EUSAGE' >&2; exit 1");
    const end = await sandbox.run(GREET);
    expectOneSentence(end, /^The dependencies could not be installed: npm failed, .* cache.setup-npm\.log\)\.$/m);
    expect(await readFile(sandbox.path("cache", "setup-npm.log"), "utf8")).to.equal("npm error code EUSAGE\n");
  });

  it("when the contracts do not compile, after what the compiler says", async () => {
    await sandbox.hardhat("console.error('Error: undeclared identifier'); process.exit(1)");
    const { code, stderr } = await sandbox.run(GREET);
    expect(code).to.equal(1);
    expect(stderr).to.match(/^Error: undeclared identifier\nThe contracts do not compile: fix .*\n$/);
  });

  it("when the command does not exist", async () => {
    expectOneSentence(await sandbox.run(["no-such-program"]), /^no-such-program could not be started: /);
  });
});

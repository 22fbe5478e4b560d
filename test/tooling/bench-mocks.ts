import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";

import { expect } from "chai";
import { Interface, type InterfaceAbi } from "ethers";
import hre from "hardhat";

import { ROOT } from "../../scripts/checks/root.ts";
import { BenchChain } from "../../scripts/snapshots/bench-chain.ts";

/** The tokens and feeds that the peers were measured with. */
const PEERS_MOCKS = join(import.meta.dirname, "..", "..", "..", "shared", "gas-bench", "Mocks.sol");

/** What a transfer of a plain OpenZeppelin token cost where the peers were measured. */
const PEERS_TRANSFER = 34_453;

interface Compiled {
  readonly abi: InterfaceAbi;
  readonly bytecode: string;
}

/** Transfers between holders and reads a feed, each in a transaction. */
async function gasOf(chain: BenchChain, token: Compiled, feeds: readonly Compiled[]): Promise<number[]> {
  const [maker, sender, receiver] = await chain.signers();
  if (!maker || !sender || !receiver) throw new Error("There are too few accounts.");
  const call = async (target: string, abi: InterfaceAbi, name: string, args: unknown[] = []): Promise<number> => {
    const data = new Interface(abi).encodeFunctionData(name, args);
    return chain.send(async () => sender.sendTransaction({ to: target, data }));
  };
  const coin = await chain.create(token.abi, token.bytecode, ["Coin", "COIN", 18], maker);
  for (const holder of [sender, receiver]) await call(coin, token.abi, "mint", [holder.address, 10n ** 18n]);
  const gas = [await call(coin, token.abi, "transfer", [receiver.address, 10n ** 15n])];
  for (const { abi, bytecode } of feeds) {
    const feed = await chain.create(abi, bytecode, [10n ** 8n], maker);
    await call(feed, abi, "set", [10n ** 8n + 1n]);
    gas.push(await call(feed, abi, "latestRoundData"));
  }
  return gas;
}

async function ours(name: string): Promise<Compiled> {
  return hre.artifacts.readArtifact(name);
}

/** Compiles as we compile: what differs then is the code. */
async function compileTheirs(): Promise<Map<string, Compiled>> {
  const [compiler] = hre.config.solidity.profiles.default?.compilers ?? [];
  const source = await readFile(PEERS_MOCKS, "utf8");
  const input = {
    language: "Solidity",
    sources: { "Mocks.sol": { content: source.replace(/^pragma solidity .*;$/m, "pragma solidity ^0.8.0;") } },
    settings: { ...record(compiler?.settings), outputSelection: { "*": { "*": ["abi", "evm.bytecode.object"] } } },
  };
  const solc = createRequire(import.meta.url).resolve("solc/solc.js");
  const args = [solc, "--standard-json", "--base-path", ROOT, "--include-path", join(ROOT, "node_modules")];
  const output = await new Promise<string>((done, fail) => {
    const child = execFile(process.execPath, args, { maxBuffer: 2 ** 26 }, (error, stdout, stderr) =>
      error === null ? done(stdout) : fail(new Error(stderr)),
    );
    child.stdin?.end(JSON.stringify(input));
  });
  // Before the answer it says that it has no solver, which nobody asked for.
  return contractsIn(output.replace(/^>>> .*$/gm, ""));
}

function contractsIn(output: string): Map<string, Compiled> {
  const parsed: unknown = JSON.parse(output);
  const contracts = Object.entries(record(record(record(parsed).contracts)["Mocks.sol"]));
  if (contracts.length === 0) throw new Error(output);
  return new Map(
    contracts.map(([name, contract]) => {
      const { abi, evm } = record(contract);
      const { object } = record(record(evm).bytecode);
      if (!Array.isArray(abi) || typeof object !== "string") throw new Error(`${name} has no code.`);
      return [name, { abi: JSON.stringify(abi), bytecode: `0x${object}` }];
    }),
  );
}

function record(value: unknown): Partial<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

describe("The tokens and feeds that gas is measured with", () => {
  let chain: BenchChain;

  before(async () => {
    chain = await BenchChain.start();
  });

  after(async () => chain.close());

  it("cost within 1 % of what the peers' did, which another compiler had built", async () => {
    const [transfer = 0] = await gasOf(chain, await ours("PlainToken"), []);
    expect(Math.abs(transfer / PEERS_TRANSFER - 1)).to.be.below(0.01);
  });

  if (!existsSync(PEERS_MOCKS)) {
    it("were NOT compared with the peers' own: there is no ../shared/gas-bench/Mocks.sol", () => {
      console.log("      ../shared/gas-bench/Mocks.sol is not there, so the measure was taken on trust.");
    });
    return;
  }

  it("cost exactly what the peers' own do", async () => {
    const theirs = await compileTheirs();
    const their = (name: string): Compiled => theirs.get(name) ?? expect.fail(`There is no ${name}.`);
    const [token, simple, eac] = await Promise.all(["PlainToken", "SimpleFeed", "EacFeed"].map(ours));
    if (!token || !simple || !eac) throw new Error("There are too few contracts.");
    const expected = await gasOf(chain, their("MockERC20"), [their("SimpleFeed"), their("EacFeed")]);
    expect(await gasOf(chain, token, [simple, eac])).to.deep.equal(expected);
    console.log(`      transfer, simple feed, EAC feed: ${expected.join(", ")} gas`);
  });
});

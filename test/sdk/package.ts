import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { expect } from "chai";
import { build } from "esbuild";

import { ROOT } from "../../scripts/checks/root.ts";
import { staleSdkSources } from "../../scripts/checks/sdk-sources.ts";
import { newProject, SDK, type Project } from "../helpers/packed-sdk.ts";

/** What an integrator writes first. */
const PROGRAM = `
import { Interface } from "ethers";
import { contractErrorIn, mulDivUp, type ContractError } from "ballast-sdk";
import { loanBookAbi } from "ballast-sdk/abi";
import { AddressBook, type MarketAddresses } from "ballast-sdk/addresses";
import { decodeRevert, InvalidInputError } from "ballast-sdk/errors";
import { mulDivDown, RateCurve, type VaultState } from "ballast-sdk/math";
import { AUTHORIZATION_TYPES, authorizationDomain } from "ballast-sdk/signatures";
import { MarketHistory } from "ballast-sdk/state";

const book = new Interface(loanBookAbi);
const thrown: unknown = { data: book.encodeErrorResult("DebtBelowMin", [5n, 100n]) };
const error = contractErrorIn(thrown);
if (error?.name !== "DebtBelowMin") throw new Error("not decoded");
const least: bigint = error.args.min;
// @ts-expect-error -- an error's figures are its own
error.args.deadline;
// @ts-expect-error -- there is no such error
const wrong: ContractError["name"] = "NoSuchError";
const first: "name" | "AboveBorrowLimit" = loanBookAbi[0].name satisfies string as "AboveBorrowLimit";
const markets: MarketAddresses[] = AddressBook.deployed().chains.map((chain) => AddressBook.deployed().market(chain));

const vault: VaultState = new MarketHistory().state.vault;
const drift: RateCurve.Drift = RateCurve.drift(vault.rateAtTarget, RateCurve.TARGET, 0n);

let refusal: unknown;
try { mulDivDown(1n, 1n, 0n); } catch (caught) { refusal = caught; }
console.log(JSON.stringify({
  least: String(least),
  product: [mulDivDown(2n, 5n, 3n), mulDivUp(2n, 5n, 3n)].map(String),
  rate: String(drift.averageRate),
  refused: refusal instanceof InvalidInputError,
  unknown: decodeRevert("0x").name,
  domain: authorizationDomain(1n, "0x000000000000000000000000000000000000dEaD").name,
  fields: AUTHORIZATION_TYPES.Authorization.length,
  functions: typeof book.getFunction("open")?.selector,
  listed: [first, wrong, markets].length,
}));
`;

/** What needs no ethers. */
const RECKONING = ["math", "state"];

interface Manifest {
  readonly name: string;
  readonly dependencies?: unknown;
  readonly peerDependencies: Record<string, string>;
  readonly sideEffects: boolean;
  readonly exports: Record<string, string | { readonly types: string; readonly default: string }>;
}

describe("SDK: package", function () {
  // Two runs of the compiler and one of npm.
  this.timeout(240_000);

  let project: Project;

  before(async () => {
    project = await newProject();
  });

  after(() => project.remove());

  it("is up to date with the compiled contracts and the deployed markets", async () => {
    expect(await staleSdkSources(ROOT)).to.deep.equal([]);
  });

  it("depends on nothing but its peer, ethers", async () => {
    const manifest = await manifestOf(project.installed);
    expect(Object.keys(manifest.peerDependencies)).to.deep.equal(["ethers"]);
    expect(manifest).not.to.have.any.keys("dependencies", "optionalDependencies", "devDependencies");
    expect(manifest.sideEffects).to.equal(false);
  });

  it("offers every folder of its sources, types first, and holds what it offers", async () => {
    const { exports } = await manifestOf(project.installed);
    const folders = (await readdir(join(SDK, "src"), { withFileTypes: true })).filter((entry) => entry.isDirectory());
    expect(Object.keys(exports)).to.include.members(folders.map(({ name }) => `./${name}`));
    const files = (await readdir(project.installed, { recursive: true })).map(
      (file) => `./${file.replaceAll("\\", "/")}`,
    );
    for (const [subpath, target] of Object.entries(exports)) {
      if (typeof target === "object") expect(Object.keys(target), subpath).to.deep.equal(["types", "default"]);
      expect(files, subpath).to.include.members(typeof target === "string" ? [target] : Object.values(target));
    }
    expect(files).to.include("./LICENSE");
    expect(files.filter((file) => /\.tsx?$/.test(file) && !file.endsWith(".d.ts"))).to.deep.equal([]);
  });

  it("reckons where there is no ethers", async () => {
    const lines = RECKONING.map((subpath) => `import "ballast-sdk/${subpath}";`);
    await writeFile(join(project.folder, "reckoning.js"), lines.join("\n"));
    expect(await project.run("reckoning.js")).to.equal("");
  });

  it("leaves in a bundle only the modules that are used", async () => {
    const contents = 'import { RateCurve } from "ballast-sdk"; console.log(RateCurve.rate(1n, 1n));';
    const bundle = await build({
      stdin: { contents, resolveDir: project.folder },
      ...{ bundle: true, write: false, metafile: true, format: "esm", external: ["ethers"] },
    });
    const [output] = Object.values(bundle.metafile.outputs);
    const used = Object.entries(output?.inputs ?? {}).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
    expect(used.map(([file]) => file.split("/dist/")[1] ?? file)).to.have.members([
      ...["math/rate-curve.js", "math/amounts.js", "math/exp-wad.js", "errors/invalid-input.js"],
      "<stdin>",
    ]);
    expect(output?.imports).to.deep.equal([]);
    expect(output?.bytes).to.be.below(10_000);
  });

  it("type-checks and runs a program in an empty project that has ethers", async () => {
    await project.add("ethers");
    await project.compile({ "program.ts": PROGRAM });
    expect(JSON.parse(await project.run("program.js"))).to.deep.equal({
      least: "100",
      product: ["3", "4"],
      rate: "40000000000000000",
      refused: true,
      unknown: "UnknownRevertError",
      domain: "Ballast LoanBook",
      fields: 5,
      functions: "string",
      listed: 3,
    });
  });
});

async function manifestOf(installed: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(installed, "package.json"), "utf8")) as Manifest;
}

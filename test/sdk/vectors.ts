/** The published vectors, read as another language would read them: the SDK and the compiled contracts answer what they say. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { ROOT } from "../../scripts/checks/root.ts";
import { staleVectors, VECTOR_FILES, VECTORS } from "../../scripts/vectors/files.ts";
import { NOW } from "../../scripts/vectors/vault-vectors.ts";
import { encoded, orRefused } from "../../scripts/vectors/vector-file.ts";
import { clock, networkHelpers } from "../helpers/chain.ts";
import { deployLens } from "../helpers/loan-lens.ts";
import { standardMarket } from "../helpers/market.ts";
import { BOOK_LIBRARIES } from "./book-harness.ts";
import { deployHarness } from "./vault-harness.ts";
import { ofBookLibraries, ofLens, ofVault, ofVaultLibraries, type Answer, type Args } from "./vector-contracts.ts";

interface Case {
  function: string;
  arguments: object;
  result: unknown;
}

/** What no contract reckons. */
const OWN = "plans";

describe("SDK: vectors for other languages", () => {
  let contracts: Record<string, Record<string, Answer>>;
  let asItWas: Awaited<ReturnType<typeof networkHelpers.takeSnapshot>>;

  before(async () => {
    asItWas = await networkHelpers.takeSnapshot();
    const [libraries, book] = [await deployHarness(), await deployHarness(BOOK_LIBRARIES)];
    const { vault } = await standardMarket();
    const lens = await deployLens();
    const ofLibraries = { ...ofVaultLibraries(libraries), ...ofBookLibraries(book) };
    contracts = { ...ofLibraries, ...ofVault(vault), ...ofLens(lens, book) };
    await clock.advance(NOW - clock.now());
  });

  after(async () => asItWas.restore()); // other files have years to go before the contracts' clocks end

  it("are up to date, small enough to publish, and there for every function that they name", async () => {
    expect(await staleVectors(ROOT)).to.deep.equal([]);
    const sizes = VECTOR_FILES.map(({ name }) => textOf(name).length);
    expect(sizes.reduce((sum, size) => sum + size, 0)).to.be.below(600_000);
    for (const { name, functions } of VECTOR_FILES) {
      expect([...new Set(casesOf(name).map((each) => each.function))]).to.deep.equal(Object.keys(functions));
      if (name !== OWN) expect(contracts[name]).to.have.all.keys(Object.keys(functions));
    }
  });

  for (const { name, functions } of VECTOR_FILES) {
    it(`${name}: the SDK answers the same${name === OWN ? "" : ", and the compiled contracts do"}`, async () => {
      for (const { function: asked, arguments: args, result } of casesOf(name)) {
        const answer = functions[asked]?.answer;
        if (answer === undefined) throw new Error(`There is no ${asked}.`);
        expect(encoded(orRefused(answer, decoded(args) as object)), asked).to.deep.equal(result);
        const contract = contracts[name]?.[asked];
        if (contract === undefined) continue; // the first test says where
        expect(figuresOf(await contract(decoded(args) as Args)), asked).to.deep.equal(figuresOf(result));
      }
    });
  }
});

function textOf(name: string): string {
  return readFileSync(join(ROOT, VECTORS, `${name}.json`), "utf8");
}

function casesOf(name: string): Case[] {
  return (JSON.parse(textOf(name)) as { cases: Case[] }).cases;
}

/** Strings of digits are integers, null is nothing, lists of pairs that begin with a number are maps. */
function decoded(value: unknown): unknown {
  if (typeof value === "string") return /^-?\d+$/.test(value) ? BigInt(value) : value;
  if (value === null) return undefined;
  if (typeof value !== "object") return value;
  if (!Array.isArray(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, decoded(each)]));
  }
  const list = value.map(decoded);
  const isMap = list.length > 0 && list.every((each) => Array.isArray(each) && typeof each[0] === "number");
  return isMap ? new Map(list as [number, unknown][]) : list;
}

/** The figures of a result in their order, whatever they are in. */
function figuresOf(value: unknown): string[] {
  if (value === undefined || value === null) return [];
  if (typeof value === "object") return Object.values(value).flatMap(figuresOf);
  return [typeof value === "string" ? value.toLowerCase() : JSON.stringify(encoded(value)).replaceAll('"', "")];
}

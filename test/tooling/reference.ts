import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { readReference } from "../../scripts/reference/reference.ts";

/** What a package without fault offers, as far as the rules look. */
const SOUND = `/** Figures. */
/** What is given. */
export class GivenError extends Error {
  public override readonly name = "GivenError";
}

/** A loan. */
export interface Loan {
  /** Its own. */
  readonly id: bigint;
  /** What it owes. [asset] */
  readonly debt: bigint;
  /** By listing. [token] */
  readonly pledges: ReadonlyMap<number, bigint>;
}

/** What is left of a debt after a payment [asset]. */
export type Left = bigint;

/**
 * What is left of a debt [asset] after a payment. [asset], rounded up.
 * @param payment What is paid. [asset]
 * @throws {@link GivenError} if it is more.
 */
export function left(debt: bigint, payment: bigint, now: bigint): bigint {
  if (payment > debt || now === 0n) throw new GivenError();
  return debt - payment;
}

/** Both parts of a loan. [asset] */
export function parts(loan: Loan): { readonly interest: bigint; readonly principal: bigint } {
  return { interest: 0n, principal: loan.debt };
}

/** Lists of things. */
export const LISTS = [{ name: "a" }, { name: "b" }] as const;
`;

describe("Reference of the SDK", function () {
  this.timeout(60_000);

  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "ballast-reference-"));
    await mkdir(join(root, "sdk", "src", "figures"), { recursive: true });
    const exports = { "./figures": { default: "./dist/figures/index.js" }, "./notes": { default: "./dist/notes.js" } };
    await write("package.json", JSON.stringify({ name: "sample", exports }));
    await write(
      "tsconfig.json",
      JSON.stringify({ compilerOptions: { target: "es2023", types: [] }, include: ["src"] }),
    );
    await write("README.md", "# Sample\n");
    await write("src/notes.ts", '/** Notes. */\n/** A note. */\nexport const NOTE = "note";\n');
    await write("src/types.ts", "/**\n * Amounts: [asset] of the loan asset,\n * [token] of a listing's token.\n */\n");
  });

  afterEach(() => rm(root, { recursive: true, force: true }));

  it("finds nothing wrong where every figure has its unit, and names pages by the imports", async () => {
    await write("src/figures/index.ts", SOUND);
    const reference = await readReference(root, []);
    expect(reference.problems).to.deep.equal([]);
    await reference.write(join(root, "out"));
    const page = await readFile(join(root, "out", "functions", "ballast-sdk_figures.left.html"), "utf8");
    expect(page).to.contain('href="../classes/ballast-sdk_figures.GivenError.html"');
  });

  it("finds each figure without a known unit of its own, and what has no comment", async () => {
    const faults: [from: string, to: string, problem: string][] = [
      ["/** Its own. */", "", "Loan.id has no doc comment."],
      ["What it owes. [asset]", "What it owes. [wei]", "Loan.debt does not name its unit."],
      ["By listing. [token]", "By listing.", "Loan.pledges does not name its unit."],
      ["a payment [asset]. */", "a payment. */", "Left does not name its unit."],
      ["of a debt [asset] after", "of a debt after", "left.left does not name the unit of debt."],
      ["What is paid. [asset]", "What is paid.", "left.left does not name the unit of payment."],
      ["Both parts of a loan. [asset]", "Both parts of a loan.", "parts.parts does not name the unit of its result."],
    ];
    const faulty = faults.reduce((source, [from, to]) => source.replace(from, to), SOUND);
    expect(await problemsOf(faulty)).to.have.members(faults.map(([, , problem]) => `ballast-sdk/figures.${problem}`));
  });

  it("finds a result with no unit but its parameters', a link that leads nowhere, and a type that is not offered", async () => {
    const faulty = SOUND.replace("payment. [asset], rounded", "payment, rounded")
      .replace("@link Given", "@link Taken")
      .replace("export interface Loan", "interface Loan");
    const [hidden, dead, unit, ...others] = await problemsOf(faulty);
    expect(hidden).to.match(/^\[warning\] Loan, defined in .*, is referenced by .*parts/);
    expect(dead).to.match(/^\[warning\] Failed to resolve link to "TakenError"/);
    expect(unit).to.equal("ballast-sdk/figures.left.left does not name the unit of its result.");
    expect(others).to.deep.equal([]);
  });

  async function write(path: string, text: string): Promise<void> {
    await writeFile(join(root, "sdk", path), text);
  }

  async function problemsOf(source: string): Promise<readonly string[]> {
    await write("src/figures/index.ts", source);
    return (await readReference(root, [])).problems;
  }
});

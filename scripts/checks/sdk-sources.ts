import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { artifacts } from "hardhat";

import { LINKED_LIBRARIES } from "../../deploy/linked-libraries.ts";

/** Contracts whose whole interface the SDK offers: file, name of the constant, name of the contract. */
const OFFERED = [
  { file: "loan-book", constant: "loanBookAbi", contract: "LoanBook" },
  { file: "lender-vault", constant: "lenderVaultAbi", contract: "LenderVault" },
  { file: "loan-lens", constant: "loanLensAbi", contract: "LoanLens" },
] as const;

/** Contracts whose errors may reach who calls a market: they revert, or hand on the revert of one of the others. */
export const ERROR_SOURCES: readonly string[] = [
  ...OFFERED.map(({ contract }) => contract),
  ...LINKED_LIBRARIES,
  "ProductFeed",
  "AccessManager",
];

/** Errors that no ABI names: the language's own, for messages of older tokens and for checked arithmetic, and Solady's, which reverts in assembly. */
const UNNAMED: readonly Entry[] = [
  { name: "Error", type: "error", inputs: [{ name: "message", type: "string" }] },
  { name: "Panic", type: "error", inputs: [{ name: "code", type: "uint256" }] },
  { name: "ExpOverflow", type: "error", inputs: [] },
  { name: "FullMulDivFailed", type: "error", inputs: [] },
];

const SOURCES = join("sdk", "src");

/** The chain of everybody's own tests: its addresses are nobody else's. */
const LOCAL = "31337.json";

/** What the compiler says of an argument. The names of Solidity's own types (`internalType`) are left out: no reader needs them. */
interface Parameter {
  readonly name: string;
  readonly type: string;
  readonly indexed?: boolean;
  readonly components?: readonly Parameter[];
}

interface Entry {
  readonly type: string;
  readonly name?: string;
  readonly inputs?: readonly Parameter[];
  readonly outputs?: readonly Parameter[];
  readonly stateMutability?: string;
  readonly anonymous?: boolean;
}

/** Writes the parts of the SDK that follow from what is compiled and from what is deployed. */
export async function writeSdkSources(root: string): Promise<string[]> {
  const sources = await generated(root);
  for (const [file, text] of sources) await writeFile(join(root, file), text);
  return [...sources.keys()];
}

/** Those of them that are not what would be written now. */
export async function staleSdkSources(root: string): Promise<string[]> {
  const stale: string[] = [];
  for (const [file, text] of await generated(root)) {
    if ((await readFile(join(root, file), "utf8").catch(() => undefined)) !== text) stale.push(file);
  }
  return stale;
}

async function generated(root: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const { file, constant, contract } of OFFERED) {
    // Markets are created by the deployment, which links the book's libraries, and not through the SDK.
    const entries = (await abiOf(contract)).filter(({ type }) => type !== "constructor");
    files.set(join(SOURCES, "abi", `${file}.ts`), moduleOf(constant, `What ${contract} offers.`, entries));
  }
  const errors = new Map(UNNAMED.map((entry) => [JSON.stringify(entry), entry]));
  for (const contract of ERROR_SOURCES) {
    for (const entry of await abiOf(contract)) if (entry.type === "error") errors.set(JSON.stringify(entry), entry);
  }
  const sorted = [...errors.values()].sort((a, b) => (named(a) < named(b) ? -1 : 1));
  const repeated = sorted.find((entry, i) => i > 0 && named(entry) === named(sorted[i - 1]));
  if (repeated !== undefined) throw new Error(`Two errors have the name ${named(repeated)}, and different arguments.`);
  const title =
    "Every error that may reach who calls a market: of its contracts, of those they stand on, and of Solidity itself.";
  files.set(join(SOURCES, "abi", "contract-errors.ts"), moduleOf("contractErrorsAbi", title, sorted));
  files.set(join(SOURCES, "addresses", "deployed.ts"), await deployed(join(root, "deploy", "addresses")));
  return files;
}

async function abiOf(contract: string): Promise<Entry[]> {
  const { abi } = await artifacts.readArtifact(contract);
  return (abi as readonly Entry[]).map(({ inputs, outputs, ...entry }) => ({
    ...entry,
    ...(inputs && { inputs: inputs.map(plain) }),
    ...(outputs && { outputs: outputs.map(plain) }),
  }));
}

function plain({ name, type, indexed, components }: Parameter): Parameter {
  return { name, type, ...(indexed && { indexed }), ...(components && { components: components.map(plain) }) };
}

function named(entry: Entry | undefined): string {
  return entry?.name ?? "";
}

/** One line for each entry, so that a change of the contracts reads as one line of a diff. */
function moduleOf(constant: string, title: string, entries: readonly Entry[]): string {
  const lines = entries.map((entry) => `  ${JSON.stringify(entry)},\n`).join("");
  return `// Written by scripts/write-sdk-abis.ts.\n\n/** ${title} */\n// prettier-ignore\nexport const ${constant} = [\n${lines}] as const;\n`;
}

async function deployed(folder: string): Promise<string> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".json") && name !== LOCAL);
  const markets: string[] = [];
  for (const name of names.sort()) markets.push((await readFile(join(folder, name), "utf8")).trim());
  const list = markets.length === 0 ? "[]" : `[\n${markets.join(",\n")},\n]`;
  return `// Written by scripts/write-sdk-abis.ts.
import type { MarketAddresses } from "./market-addresses.ts";

/** The markets that were deployed from this repository when this version of the package was made. */
// prettier-ignore
export const DEPLOYED: readonly MarketAddresses[] = ${list};
`;
}

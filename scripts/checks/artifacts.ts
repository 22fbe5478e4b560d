import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** What the compiler made of one contract in contracts/. */
export interface Artifact {
  readonly path: string;
  readonly name: string;
  /** Relative to contracts/. */
  readonly source: string;
  readonly hasFunctions: boolean;
  /** The libraries that its code calls where they are deployed. */
  readonly linkedLibraries: readonly string[];
  /** Bytes of the code that stands on chain; 0 for interfaces and abstract contracts. */
  readonly deployedSize: number;
  /** Bytes of the code that a deployment sends, constructor arguments not counted. */
  readonly initSize: number;
}

/** The artifacts of contracts/, sorted by path; test doubles are left out. */
export async function readArtifacts(root: string): Promise<Artifact[]> {
  const folder = join(root, "artifacts", "contracts");
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith(".json")).sort();
  const artifacts = await Promise.all(files.map(async (file) => readArtifact(join(folder, file))));
  return artifacts.filter(({ source }) => !source.startsWith("mocks/"));
}

/** The libraries that are deployed beside the contracts that call them. */
export function deployedLibraries(artifacts: readonly Artifact[]): Artifact[] {
  const names = new Set(artifacts.flatMap(({ linkedLibraries }) => linkedLibraries));
  return artifacts.filter(({ name }) => names.has(name));
}

export function isInterface(artifact: Artifact): boolean {
  return artifact.source.startsWith("interfaces/");
}

/** Abstract layers and libraries without a function to call are parts of something else. */
export function isDeployable(artifact: Artifact): boolean {
  return artifact.deployedSize > 0 && artifact.hasFunctions;
}

async function readArtifact(path: string): Promise<Artifact> {
  const { contractName, sourceName, abi, bytecode, deployedBytecode, linkReferences } = fields(
    await readFile(path, "utf8"),
  );
  return {
    path,
    name: text(contractName, path),
    source: text(sourceName, path).replace(/^contracts\//, ""),
    hasFunctions: Array.isArray(abi) && abi.some((entry: unknown) => typeOf(entry) === "function"),
    linkedLibraries: librariesOf(linkReferences),
    deployedSize: byteLength(text(deployedBytecode, path)),
    initSize: byteLength(text(bytecode, path)),
  };
}

/** By source file, then by library. */
function librariesOf(linkReferences: unknown): string[] {
  if (typeof linkReferences !== "object" || linkReferences === null) return [];
  return Object.values(linkReferences).flatMap((libraries: object) => Object.keys(libraries));
}

function fields(json: string): Partial<Record<string, unknown>> {
  const parsed: unknown = JSON.parse(json);
  return typeof parsed === "object" && parsed !== null ? { ...parsed } : {};
}

function text(value: unknown, path: string): string {
  if (typeof value !== "string") throw new Error(`${path} is not an artifact: remove artifacts/ and build again.`);
  return value;
}

function typeOf(abiEntry: unknown): unknown {
  return typeof abiEntry === "object" && abiEntry !== null && "type" in abiEntry ? abiEntry.type : undefined;
}

/** Places for library addresses are as long as the addresses, so unlinked code has its final size. */
function byteLength(hex: string): number {
  return (hex.length - "0x".length) / 2;
}

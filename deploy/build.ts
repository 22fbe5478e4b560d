import { readFile } from "node:fs/promises";

import { getBytes, hexlify } from "ethers";
import hre from "hardhat";

import { DeployError } from "./errors.ts";

const INCOMPLETE = "The build lacks what the compiler said of it: run npx hardhat build --force.";

/** A contract as the build has it: what stands on the chain, but for what its creation fills in. */
export interface BuiltContract {
  readonly name: string;
  /** Zeros where immutables and the addresses of libraries go. */
  readonly code: Uint8Array;
  /** Where the address of each library goes. */
  readonly libraries: ReadonlyMap<string, readonly Range[]>;
  /** Where the value of each immutable goes, by its name in the source. */
  readonly immutables: ReadonlyMap<string, readonly Range[]>;
}

/** A part of a code. [bytes] */
export interface Range {
  readonly start: number;
  readonly length: number;
}

/** The address of a library within its own code, by which it knows whether it is called or linked. */
export const OWN_ADDRESS = "library_deploy_address";

/** Reads contracts from the build. */
export async function readBuild(names: readonly string[]): Promise<BuiltContract[]> {
  const artifacts = await Promise.all(names.map(async (name) => hre.artifacts.readArtifact(name)));
  const variables = new Map<string | undefined, ReadonlyMap<string, string>>();
  for (const { buildInfoId } of artifacts) {
    if (!variables.has(buildInfoId)) variables.set(buildInfoId, await readVariables(buildInfoId));
  }
  return artifacts.map(
    ({ contractName, deployedBytecode, deployedLinkReferences, immutableReferences, buildInfoId }) => {
      const libraries = new Map(Object.values(deployedLinkReferences).flatMap((file) => Object.entries(file)));
      const immutables = new Map<string, readonly Range[]>();
      for (const [id, ranges] of Object.entries(immutableReferences ?? {})) {
        const name = id === OWN_ADDRESS ? id : variables.get(buildInfoId)?.get(id);
        if (name === undefined) throw new DeployError(INCOMPLETE);
        immutables.set(name, ranges);
      }
      // A library's place holds the beginning of a hash of its name until it is linked, in signs that are no digits.
      const code = getBytes(deployedBytecode.replaceAll(/__\$[0-9a-f]{34}\$__/g, "0".repeat(40)));
      return { name: contractName, code, libraries, immutables };
    },
  );
}

/** The names of all variables that one run of the compiler saw, by their ids. */
async function readVariables(buildInfoId: string | undefined): Promise<ReadonlyMap<string, string>> {
  const path = buildInfoId === undefined ? undefined : await hre.artifacts.getBuildInfoOutputPath(buildInfoId);
  if (path === undefined) throw new DeployError(INCOMPLETE);
  const names = new Map<string, string>();
  nameVariables(JSON.parse(await readFile(path, "utf8")), names);
  return names;
}

/** What stands at a place in a code, if all the places hold the same; undefined if they do not. */
export function valueAt(code: Uint8Array, ranges: readonly Range[]): string | undefined {
  const values = new Set(ranges.map(({ start, length }) => hexlify(code.subarray(start, start + length))));
  return values.size === 1 ? [...values][0] : undefined;
}

/** True if a code is the built one, but for what its creation fills in. */
export function isBuilt({ code, libraries, immutables }: BuiltContract, deployed: Uint8Array): boolean {
  const plain = Uint8Array.from(deployed);
  for (const { start, length } of [...libraries.values(), ...immutables.values()].flat()) {
    plain.fill(0, start, start + length);
  }
  return hexlify(plain) === hexlify(code);
}

/** Collects the names of all variables of a compiler's output by their ids. */
function nameVariables(node: unknown, names: Map<string, string>): void {
  if (typeof node !== "object" || node === null) return;
  if ("nodeType" in node && node.nodeType === "VariableDeclaration" && "id" in node && "name" in node) {
    names.set(String(node.id), String(node.name));
  }
  for (const child of Object.values(node)) nameVariables(child, names);
}

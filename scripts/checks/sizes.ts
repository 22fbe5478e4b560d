import { deployedLibraries, isDeployable, type Artifact } from "./artifacts.ts";
import { alignColumns } from "../snapshots/align.ts";

/** EIP-170: the most bytes of code that a chain accepts. */
const DEPLOYED_LIMIT = 24_576;
/** EIP-3860: the most bytes that a deployment may send. */
const INIT_LIMIT = 49_152;

/** Contracts that must leave room for what is still to come. */
const OWN_LIMITS: Readonly<Record<string, number>> = {
  LoanBook: 22_576,
};

export interface ContractSize {
  readonly name: string;
  readonly deployed: number;
  readonly init: number;
  /** Bytes to spare under the limit of the chain. */
  readonly spare: number;
  /** What is wrong, in a sentence; undefined if nothing is. */
  readonly problem: string | undefined;
}

export function measureSizes(artifacts: readonly Artifact[]): ContractSize[] {
  return [...artifacts.filter(isDeployable), ...deployedLibraries(artifacts)]
    .map(({ name, deployedSize, initSize }) => ({
      name,
      deployed: deployedSize,
      init: initSize,
      spare: DEPLOYED_LIMIT - deployedSize,
      problem: problemOf(name, deployedSize, initSize),
    }))
    .sort((a, b) => b.deployed - a.deployed);
}

function problemOf(name: string, deployed: number, init: number): string | undefined {
  const limit = OWN_LIMITS[name] ?? DEPLOYED_LIMIT;
  if (deployed > limit) return `${name} has ${count(deployed)} bytes, ${count(deployed - limit)} over its limit.`;
  if (init > INIT_LIMIT) return `${name} needs ${count(init)} bytes to deploy, ${count(init - INIT_LIMIT)} too many.`;
  return undefined;
}

/** Bytes of code that stand on chain, by contract. */
export function deployedSizes(sizes: readonly ContractSize[]): Map<string, number> {
  return new Map(sizes.map(({ name, deployed }) => [name, deployed]));
}

/** A table for people: contract, deployed bytes, init bytes, bytes to spare. */
export function sizeTable(sizes: readonly ContractSize[]): string {
  const rows = sizes.map(({ name, deployed, init, spare }) => [name, count(deployed), count(init), count(spare)]);
  return alignColumns([["contract", "deployed", "init", "to spare"], ...rows], [0]);
}

function count(bytes: number): string {
  return bytes.toLocaleString("en-US");
}

import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { Provider } from "ethers";
import hre from "hardhat";

import { DeployError } from "./errors.ts";
import { JsonField } from "./json-field.ts";
import { LOCAL_CHAIN_ID } from "./parameters.ts";

/** Where a deployment is written down while it goes on, so that it can be resumed. */
export interface Journal {
  readonly deploymentId: string;
  /** Undefined for a chain that ends with the process: there is nothing to resume. */
  readonly directory: string | undefined;
  /** True if an earlier run has sent transactions. */
  readonly isResumed: boolean;
  /** The chain's latest block before the first transaction: nothing of the deployment is in an older one. */
  readonly fromBlock: number;
  /** Creates the directory; called before the first transaction, so that a run which sends none leaves nothing. */
  readonly begin: () => Promise<void>;
}

/** The journal of a chain that ends with the process. */
export function noJournal(deploymentId: string, fromBlock: number): Journal {
  return { deploymentId, directory: undefined, isResumed: false, fromBlock, begin: () => Promise.resolve() };
}

/**
 * The journal of a deployment to a chain that outlives this process.
 *
 * A local chain that was started afresh has the same chain id as the one before it: its genesis block tells them apart, and
 * the old journal, of contracts that are gone, is thrown away.
 *
 * @throws DeployError if the journal belongs to another public chain with this id
 */
export async function openJournal(provider: Provider, chainId: number, deploymentId: string): Promise<Journal> {
  const directory = join(hre.config.paths.ignition, "deployments", deploymentId);
  const file = join(directory, "chain.json");
  const present = { genesis: (await provider.getBlock(0))?.hash ?? "unknown", block: await provider.getBlockNumber() };
  let start = existsSync(file) ? await readStart(file) : present;
  if (start.genesis !== present.genesis) {
    if (chainId !== LOCAL_CHAIN_ID) {
      throw new DeployError(`The journal in ${directory} belongs to another chain than this one: move it away.`);
    }
    await rm(directory, { recursive: true });
    start = present;
  }
  return {
    deploymentId,
    directory,
    isResumed: existsSync(join(directory, "journal.jsonl")),
    fromBlock: start.block,
    begin: async () => {
      await mkdir(directory, { recursive: true });
      await writeFile(file, `${JSON.stringify(start)}\n`);
    },
  };
}

/** On which chain a deployment began, and when. */
interface Start {
  readonly genesis: string;
  readonly block: number;
}

async function readStart(file: string): Promise<Start> {
  const fields = new JsonField(file, "", JSON.parse(await readFile(file, "utf8"))).object(["genesis", "block"]);
  return { genesis: fields.genesis.text(), block: fields.block.integer(0, Number.MAX_SAFE_INTEGER, "blocks") };
}

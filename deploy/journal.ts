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
  /** Creates the directory; called before the first transaction, so that a run which sends none leaves nothing. */
  readonly begin: () => Promise<void>;
}

/** The journal of a chain that ends with the process. */
export function noJournal(deploymentId: string): Journal {
  return { deploymentId, directory: undefined, isResumed: false, begin: () => Promise.resolve() };
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
  const genesis = (await provider.getBlock(0))?.hash ?? "unknown";
  const written = existsSync(file) ? await readGenesis(file) : genesis;
  if (written !== genesis) {
    if (chainId !== LOCAL_CHAIN_ID) {
      throw new DeployError(`The journal in ${directory} belongs to another chain than this one: move it away.`);
    }
    await rm(directory, { recursive: true });
  }
  return {
    deploymentId,
    directory,
    isResumed: existsSync(join(directory, "journal.jsonl")),
    begin: async () => {
      await mkdir(directory, { recursive: true });
      await writeFile(file, `${JSON.stringify({ genesis })}\n`);
    },
  };
}

async function readGenesis(file: string): Promise<string> {
  return new JsonField(file, "", JSON.parse(await readFile(file, "utf8"))).object(["genesis"]).genesis.text();
}

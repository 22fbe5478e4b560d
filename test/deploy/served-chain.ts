import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import hre, { network } from "hardhat";

import type { CommandOptions } from "../../deploy/command.ts";
import type { Connection } from "../../deploy/session.ts";

/** A chain behind HTTP, as a node of its own would be: deployments to it are written down and can be resumed. */
export interface ServedChain {
  readonly connection: Connection;
  readonly url: string;
  readonly options: Required<Pick<CommandOptions, "addressesDirectory" | "deploymentId">>;
  /** Where Ignition keeps the deployment. */
  readonly journal: string;
  /** A connection for another run, as another process would make it. */
  readonly reconnect: () => Promise<Connection>;
  readonly close: () => Promise<void>;
}

export async function serveChain(
  chainId = 31337,
  deploymentId = `test-${randomUUID()}`,
  accounts?: { privateKey: string; balance: string }[],
): Promise<ServedChain> {
  const override = accounts === undefined ? { chainId } : { chainId, accounts };
  const server = await network.createServer({ network: "default", override }, "127.0.0.1");
  const { port } = await server.listen();
  const url = `http://127.0.0.1:${String(port)}`;
  const connections: Connection[] = [];
  const reconnect = async (): Promise<Connection> => {
    const made = await network.create({ network: "localhost", override: { url, chainId } });
    connections.push(made);
    return made;
  };
  const connection = await reconnect();
  const addressesDirectory = await mkdtemp(join(tmpdir(), "ballast-addresses-"));
  const journal = join(hre.config.paths.ignition, "deployments", deploymentId);
  return {
    connection,
    url,
    options: { addressesDirectory, deploymentId },
    journal,
    reconnect,
    close: async () => {
      for (const made of connections) await made.close();
      await server.close();
      await rm(addressesDirectory, { recursive: true });
      await rm(journal, { recursive: true, force: true });
    },
  };
}

/** The message of the error that a promise ends with. */
export async function messageOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error("There was no error.");
}

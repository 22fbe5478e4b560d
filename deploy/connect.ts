import { isHexString } from "ethers";
import hre, { network } from "hardhat";

import { DeployError, oneLine } from "./errors.ts";
import type { Connection } from "./session.ts";

export interface ConnectOptions {
  /** How the command is called. */
  readonly usage: string;
  /** False for a command that only reads. */
  readonly needsKey: boolean;
}

/**
 * Connects, and asks the network something: only then does Hardhat look for the address, the key and the node.
 *
 * @throws DeployError in one sentence that says what to set right
 */
export async function connect(name: string, { usage, needsKey }: ConnectOptions): Promise<Connection> {
  try {
    if (!needsKey) return await connectToRead(name);
    const connection = await network.create(name);
    checkKey(connection);
    await connection.ethers.getSigners();
    return connection;
  } catch (error) {
    if (error instanceof DeployError) throw error;
    throw new DeployError(unreachable(name, usage, error), { cause: error });
  }
}

/** Leaves the network's accounts alone: looking for them would ask for a key. */
async function connectToRead(name: string): Promise<Connection> {
  const isRemote = hre.config.networks[name]?.type === "http";
  const connection = await network.create({ network: name, ...(isRemote && { override: { accounts: "remote" } }) });
  await connection.ethers.provider.getBlockNumber();
  return connection;
}

/** A key that is not one would end in a message about curves and fields. */
function checkKey({ networkConfig }: Connection): void {
  const key = process.env.DEPLOYER_PRIVATE_KEY;
  if (networkConfig.type !== "http" || networkConfig.accounts === "remote" || key === undefined) return;
  if (isHexString(key, 32)) return;
  throw new DeployError(
    "DEPLOYER_PRIVATE_KEY is not a private key, which is 0x and 64 hexadecimal digits: correct it in .env.",
  );
}

/** Hardhat's errors have several lines and advise what this project does not have; their numbers say what is wrong. */
function unreachable(name: string, usage: string, error: unknown): string {
  const line = oneLine(error);
  const [, number, quoted] = /^HHE(\d+): [^"]*"([^"]+)"/.exec(line) ?? [];
  switch (number) {
    case "7":
      return `${String(quoted)} is not set: put it into .env, as .env.example shows.`;
    case "28":
      return `${String(quoted)} is not the address of a node, such as https://…: correct it in .env.`;
    case "703":
      return name === "localhost"
        ? "No chain answers on this machine: start one with: npx hardhat node"
        : `Nothing answers at the address of the network ${name}: check its address in .env.`;
    case "705":
      return `There is no network ${name}. ${usage}`;
    default:
      return `The network ${name} cannot be used: ${line}`;
  }
}

import { formatEther, type Provider } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";

import { DeployError } from "./errors.ts";
import { noJournal, openJournal, type Journal } from "./journal.ts";
import { findLostTransactions } from "./lost-transactions.ts";

/** A connection to any of the networks. */
export type Connection = NetworkConnection<string>;

/** What all steps of a deployment share. */
export interface Session {
  readonly connection: Connection;
  readonly chainId: number;
  /** The account that sends the transactions. */
  readonly deployer: string;
  readonly journal: Journal;
}

/** Measured: libraries, AccessManager, vault, book with three listings, lens and roles take 23.6 million gas. */
const GAS_NEEDED = 27_000_000n;

/**
 * Settles who deploys, and where it is written down.
 *
 * @throws DeployError if the network is another chain, has no account to deploy from, or too little ether on it
 */
export async function openSession(
  connection: Connection,
  chainId: number,
  sender?: string,
  deploymentId = `chain-${String(chainId)}`,
): Promise<Session> {
  const { provider } = connection.ethers;
  await requireChain(provider, chainId);
  const deployer = sender ?? (await connection.ethers.getSigners())[0]?.address;
  if (deployer === undefined) {
    throw new DeployError(`The network ${connection.networkName} has no account to deploy from.`);
  }
  const session = { connection, chainId, deployer };
  if (connection.networkConfig.type === "edr-simulated") {
    return { ...session, journal: noJournal(deploymentId, await provider.getBlockNumber()) };
  }
  const journal = await openJournal(provider, chainId, deploymentId);
  if (journal.isResumed) await findLostTransactions(connection, journal, chainId);
  else await checkFunds(connection, deployer);
  return { ...session, journal };
}

/** @throws DeployError if the network is another chain than the parameters'. */
export async function requireChain(provider: Provider, chainId: number): Promise<void> {
  const actual = Number((await provider.getNetwork()).chainId);
  if (actual === chainId) return;
  throw new DeployError(`The parameters are for chain ${String(chainId)}, but the network is ${String(actual)}.`);
}

async function checkFunds({ ethers, networkName }: Connection, deployer: string): Promise<void> {
  const [balance, fees] = await Promise.all([ethers.provider.getBalance(deployer), ethers.provider.getFeeData()]);
  const needed = GAS_NEEDED * (fees.maxFeePerGas ?? fees.gasPrice ?? 0n);
  if (balance > 0n && balance >= needed) return;
  throw new DeployError(
    `${deployer} has ${formatEther(balance)} ETH on ${networkName}, and the deployment takes up to ` +
      `${formatEther(needed)} ETH at the present gas price: send it some.`,
  );
}

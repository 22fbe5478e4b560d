import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { trackTransaction } from "@nomicfoundation/ignition-core";
import type { Provider } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";

import { DeployError } from "./errors.ts";
import type { Journal } from "./journal.ts";
import { LOCAL_CHAIN_ID } from "./parameters.ts";

/** A transaction that the journal knows to be prepared, and not whether it was sent. */
interface Prepared {
  readonly future: string;
  readonly from: string;
  readonly nonce: number;
  /** The line of the journal that says so. */
  readonly line: string;
}

/**
 * Mends the journal of a run that was killed around the sending of a transaction. Ignition, which writes down that it will
 * send and then that it has sent, refuses to go on between the two: here the chain is asked which it was. What was sent is
 * written down; what was not is struck out, so that it is sent now.
 *
 * @throws DeployError if only a person can tell, or if it is still on its way
 */
export async function findLostTransactions(
  { ethers, provider }: NetworkConnection<string>,
  { deploymentId, directory, fromBlock }: Journal,
  chainId: number,
): Promise<void> {
  if (directory === undefined) return;
  const file = join(directory, "journal.jsonl");
  for (const prepared of unsent(await readFile(file, "utf8"))) {
    const { from, nonce, future, line } = prepared;
    if ((await ethers.provider.getTransactionCount(from)) <= nonce) {
      if ((await ethers.provider.getTransactionCount(from, "pending")) > nonce)
        throw new DeployError(onItsWay(prepared));
      await strikeOut(file, line);
      continue;
    }
    const hash = await findTransaction(ethers.provider, prepared, fromBlock).catch((error: unknown) => {
      throw new DeployError(unknown(prepared, deploymentId), { cause: error });
    });
    if (hash === undefined) throw new DeployError(unknown(prepared, deploymentId));
    try {
      await trackTransaction(directory, hash, provider, chainId === LOCAL_CHAIN_ID ? 1 : undefined);
    } catch (error) {
      const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
      throw new DeployError(
        `The transaction ${hash} took the nonce that ${future} was to have: ${String(reason).replace(/^HHE\d+: /, "")}`,
        { cause: error },
      );
    }
  }
}

async function strikeOut(file: string, line: string): Promise<void> {
  const lines = (await readFile(file, "utf8")).split("\n");
  await writeFile(file, lines.filter((other) => other !== line).join("\n"));
}

function onItsWay({ from, nonce, future }: Prepared): string {
  return (
    `The transaction number ${String(nonce)} of ${from}, for ${future}, is on its way and in no block yet: run this ` +
    "command again when it is."
  );
}

function unknown({ from, nonce, future }: Prepared, deploymentId: string): string {
  return (
    `${from} sent its transaction number ${String(nonce)} when the last run ended, for ${future}, and this node does not ` +
    `say which it was: look up its hash, run "npx hardhat ignition track-tx HASH ${deploymentId}" and then this command again.`
  );
}

/** Ignition's journal has one message a line: who sends for a step, what is prepared, what was sent. */
function unsent(journal: string): Prepared[] {
  const senders = new Map<string, string>();
  const prepared = new Map<string, Prepared>();
  for (const line of journal.split("\n").filter((text) => text !== "")) {
    const message: unknown = JSON.parse(line);
    const future = textOf(message, "futureId");
    const key = `${future}/${textOf(message, "networkInteractionId")}`;
    const type = textOf(message, "type");
    if (type.endsWith("_EXECUTION_STATE_INITIALIZE")) senders.set(future, textOf(message, "from"));
    if (type === "TRANSACTION_PREPARE_SEND") {
      prepared.set(key, { future, from: senders.get(future) ?? "", nonce: Number(textOf(message, "nonce")), line });
    }
    if (type === "TRANSACTION_SEND" || type === "ONCHAIN_INTERACTION_REPLACED_BY_USER") prepared.delete(key);
  }
  return [...prepared.values()];
}

function textOf(message: unknown, key: string): string {
  if (typeof message !== "object" || message === null) return "";
  const entry = Object.entries(message).find(([name]) => name === key);
  return entry === undefined ? "" : String(entry[1]);
}

/** The hash of an account's transaction with this nonce, from the block after which the account had sent one more. */
async function findTransaction(
  provider: Provider,
  { from, nonce }: Prepared,
  fromBlock: number,
): Promise<string | undefined> {
  let before = fromBlock;
  let after = await provider.getBlockNumber();
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if ((await provider.getTransactionCount(from, middle)) > nonce) after = middle;
    else before = middle;
  }
  const block = await provider.getBlock(after, true);
  const isOurs = (candidate: { from: string; nonce: number }): boolean =>
    candidate.from.toLowerCase() === from.toLowerCase() && candidate.nonce === nonce;
  return block?.prefetchedTransactions.find(isOurs)?.hash;
}

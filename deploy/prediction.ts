import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { getCreateAddress, type Provider } from "ethers";

import { DeployError } from "./errors.ts";
import type { Journal } from "./journal.ts";
import { JsonField } from "./json-field.ts";

/** Where vault and book will be: at the deployer's next two nonces. */
export interface Prediction {
  readonly deployer: string;
  /** The nonce of the vault's creation; the book's is the next. */
  readonly nonce: number;
  readonly vault: string;
  readonly book: string;
}

function predict(deployer: string, nonce: number): Prediction {
  return {
    deployer,
    nonce,
    vault: getCreateAddress({ from: deployer, nonce }),
    book: getCreateAddress({ from: deployer, nonce: nonce + 1 }),
  };
}

/**
 * The prediction of the deployment in this directory: the one it began with, or a new one, written down before any
 * transaction is sent. The vault keeps the address for ever, so a resumed deployment may not predict anew.
 *
 * @throws DeployError if the deployer's nonce has moved on so that the book can no longer get the predicted address
 */
export async function keptPrediction(
  provider: Provider,
  deployer: string,
  { directory, begin }: Pick<Journal, "directory" | "begin">,
): Promise<Prediction> {
  const nonce = await provider.getTransactionCount(deployer);
  if (directory === undefined) return predict(deployer, nonce);
  const file = join(directory, "prediction.json");
  const kept = existsSync(file) ? await readPrediction(file) : undefined;
  if (kept === undefined) {
    await begin();
    await writeFile(file, `${JSON.stringify({ deployer, nonce })}\n`);
    return predict(deployer, nonce);
  }
  await checkResumable(provider, kept, deployer, nonce, directory);
  return kept;
}

async function readPrediction(file: string): Promise<Prediction> {
  const fields = new JsonField(file, "", JSON.parse(await readFile(file, "utf8"))).object(["deployer", "nonce"]);
  const nonce = fields.nonce.integer(0, Number.MAX_SAFE_INTEGER, "transactions");
  return predict(fields.deployer.address(), nonce);
}

async function checkResumable(
  provider: Provider,
  kept: Prediction,
  deployer: string,
  nonce: number,
  directory: string,
): Promise<void> {
  const anew = `delete ${directory} to begin anew`;
  if (kept.deployer !== deployer) {
    throw new DeployError(
      `This deployment was begun by ${kept.deployer}, not by ${deployer}: use its key, or ${anew}.`,
    );
  }
  const [hasVault, hasBook] = await Promise.all([hasCode(provider, kept.vault), hasCode(provider, kept.book)]);
  if (hasVault && hasBook) return;
  if (nonce !== kept.nonce + (hasVault ? 1 : 0)) {
    const left = hasVault ? `the vault at ${kept.vault} stays unused` : "nothing of it is on the chain";
    throw new DeployError(
      `${deployer} has sent other transactions since this deployment was interrupted, so the book cannot get the ` +
        `address ${kept.book} any more (${left}): ${anew}.`,
    );
  }
}

async function hasCode(provider: Provider, address: string): Promise<boolean> {
  return (await provider.getCode(address)) !== "0x";
}

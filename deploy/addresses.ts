import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";

import {
  parseMarketAddresses,
  type AssetAddresses,
  type MarketAddresses as WrittenAddresses,
} from "../sdk/src/addresses/market-addresses.ts";
import { InvalidInputError } from "../sdk/src/errors/invalid-input.ts";
import type { Asset } from "./assets.ts";
import { DeployError } from "./errors.ts";
import { mapLibraries, type LibraryAddresses } from "./linked-libraries.ts";
import type { Market } from "./market.ts";
import type { MarketParameters } from "./parameters.ts";

/** Where the written addresses are: one file for each chain, for integrators to import. */
export const ADDRESSES_DIRECTORY = join(import.meta.dirname, "addresses");

/** What is written of a deployed market. */
export interface MarketAddresses extends WrittenAddresses {
  readonly libraries: LibraryAddresses;
}

export function marketAddresses(market: Market, parameters: MarketParameters): MarketAddresses {
  return {
    chainId: market.chainId,
    vault: market.vaultAddress,
    book: market.bookAddress,
    lens: market.lensAddress,
    accessManager: market.managerAddress,
    libraries: market.libraries,
    loanAsset: assetAddresses(market.loanAsset),
    listings: market.listings.map((listing) => ({ number: listing.number, ...assetAddresses(listing) })),
    sequencerFeed: market.sequencerFeed ?? null,
    treasury: market.treasury,
    deployer: market.deployer,
    fromBlock: market.fromBlock,
    parametersHash: parameters.hash,
  };
}

/** Writes `<chainId>.json` and returns its path. */
export async function writeAddresses(addresses: MarketAddresses, directory = ADDRESSES_DIRECTORY): Promise<string> {
  const file = join(directory, `${String(addresses.chainId)}.json`);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(addresses, undefined, 2)}\n`);
  return file;
}

/**
 * Reads what {@link writeAddresses} wrote.
 *
 * @param path by default the file of the chain
 * @throws DeployError if there is none, or it is of another chain
 */
export async function readAddresses(
  chainId: number,
  path = join(ADDRESSES_DIRECTORY, `${String(chainId)}.json`),
): Promise<MarketAddresses> {
  const file = relative(process.cwd(), path);
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    throw new DeployError(
      `There are no addresses of a market on chain ${String(chainId)} in ${file}: deploy it, or name the file with --addresses.`,
      { cause: error },
    );
  }
  const addresses = parse(file, value);
  if (addresses.chainId !== chainId) {
    throw new DeployError(
      `${file}: chainId is ${String(addresses.chainId)}, but must be ${String(chainId)}, the chain that is looked at.`,
    );
  }
  const libraries = mapLibraries((name) => {
    const address = addresses.libraries[name];
    if (address === undefined) throw new DeployError(`${file}: libraries.${name} is missing.`);
    return address;
  });
  return { ...addresses, libraries };
}

function parse(file: string, value: unknown): WrittenAddresses {
  try {
    return parseMarketAddresses(value);
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    throw new DeployError(`${file}: ${error.message}`, { cause: error });
  }
}

function assetAddresses({ symbol, decimals, token, feed, secondFeed }: Asset): AssetAddresses {
  return { symbol, decimals, token, feed: feed.address, secondFeed: secondFeed?.address ?? null };
}

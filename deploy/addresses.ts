import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";

import type { Asset } from "./assets.ts";
import { DeployError } from "./errors.ts";
import { JsonField } from "./json-field.ts";
import { LINKED_LIBRARIES, mapLibraries, type LibraryAddresses } from "./linked-libraries.ts";
import type { Market } from "./market.ts";
import { MAX_DECIMALS, MAX_LISTINGS, type MarketParameters } from "./parameters.ts";

/** Where the written addresses are: one file for each chain, for integrators to import. */
export const ADDRESSES_DIRECTORY = join(import.meta.dirname, "addresses");

const ASSET_KEYS = ["symbol", "decimals", "token", "feed", "secondFeed"] as const;

/** A token, and the feeds that price it. */
export interface AssetAddresses {
  readonly symbol: string;
  readonly decimals: number;
  readonly token: string;
  readonly feed: string;
  /** Null if there is none. */
  readonly secondFeed: string | null;
}

/** What is written of a deployed market. */
export interface MarketAddresses {
  readonly chainId: number;
  readonly vault: string;
  readonly book: string;
  /** Who holds the market's roles is here. */
  readonly accessManager: string;
  /** The libraries that the book is linked to. */
  readonly libraries: LibraryAddresses;
  readonly loanAsset: AssetAddresses;
  /** A listing's number in the book is its place here. */
  readonly listings: readonly (AssetAddresses & { readonly number: number })[];
  /** Null on a chain without a sequencer. */
  readonly sequencerFeed: string | null;
  readonly treasury: string;
  readonly deployer: string;
  /** No event of the market is in an older block. */
  readonly fromBlock: number;
  /** keccak-256 of the parameter file that it was deployed from. */
  readonly parametersHash: string;
}

export function marketAddresses(market: Market, parameters: MarketParameters): MarketAddresses {
  return {
    chainId: market.chainId,
    vault: market.vaultAddress,
    book: market.bookAddress,
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
  const keys = ["chainId", "vault", "book", "accessManager", "libraries", "loanAsset", "listings"] as const;
  const more = ["sequencerFeed", "treasury", "deployer", "fromBlock", "parametersHash"] as const;
  const fields = new JsonField(file, "", value).object([...keys, ...more]);
  if (fields.chainId.integer(1, Number.MAX_SAFE_INTEGER, "a chain id") !== chainId) {
    fields.chainId.refuse(`${String(chainId)}, the chain that is looked at`);
  }
  const libraries = fields.libraries.object(LINKED_LIBRARIES);
  return {
    chainId,
    vault: fields.vault.address(),
    book: fields.book.address(),
    accessManager: fields.accessManager.address(),
    libraries: mapLibraries((name) => libraries[name].address()),
    loanAsset: parseAsset(fields.loanAsset.object(ASSET_KEYS)),
    listings: fields.listings.list(1, MAX_LISTINGS).map((field) => {
      const { number, ...asset } = field.object([...ASSET_KEYS, "number"]);
      return { number: number.integer(0, MAX_LISTINGS - 1, "listings"), ...parseAsset(asset) };
    }),
    sequencerFeed: fields.sequencerFeed.isNull() ? null : fields.sequencerFeed.address(),
    treasury: fields.treasury.address(),
    deployer: fields.deployer.address(),
    fromBlock: fields.fromBlock.integer(0, Number.MAX_SAFE_INTEGER, "blocks"),
    parametersHash: fields.parametersHash.text(),
  };
}

function parseAsset(fields: Record<(typeof ASSET_KEYS)[number], JsonField>): AssetAddresses {
  return {
    symbol: fields.symbol.text(),
    decimals: fields.decimals.integer(0, MAX_DECIMALS, "decimals"),
    token: fields.token.address(),
    feed: fields.feed.address(),
    secondFeed: fields.secondFeed.isNull() ? null : fields.secondFeed.address(),
  };
}

function assetAddresses({ symbol, decimals, token, feed, secondFeed }: Asset): AssetAddresses {
  return { symbol, decimals, token, feed: feed.address, secondFeed: secondFeed?.address ?? null };
}

import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import type { Asset } from "./assets.ts";
import type { Market } from "./market.ts";
import type { MarketParameters } from "./parameters.ts";

/** Where the written addresses are: one file for each chain, for integrators to import. */
export const ADDRESSES_DIRECTORY = join(import.meta.dirname, "addresses");

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
  /** The library that the book is linked to. */
  readonly listingAdmin: string;
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
    listingAdmin: market.listingAdminAddress,
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

function assetAddresses({ symbol, decimals, token, feed, secondFeed }: Asset): AssetAddresses {
  return { symbol, decimals, token, feed: feed.address, secondFeed: secondFeed?.address ?? null };
}

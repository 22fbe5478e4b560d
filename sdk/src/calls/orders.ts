/** Parts of orders, checked before anything is encoded. */
import { MAX_LISTINGS } from "../constants.ts";
import type { MarketAddresses } from "../addresses/market-addresses.ts";
import { requireAddress } from "../errors/invalid-address.ts";
import { InvalidInputError, requireUint } from "../errors/invalid-input.ts";
import { ownerOf } from "../market/loan-id.ts";
import { requireAmount } from "../math/amounts.ts";
import type { PledgeOrder, TermOrder } from "../previews/outcomes.ts";
import type { Approval } from "./call-request.ts";

/** Who gets what a loan's call sends. */
export interface Receiver {
  /** The loan's owner by default. */
  readonly receiver?: string | undefined;
}

/** The receiver that an order names, else the loan's owner. */
export function receiverOf({ receiver }: Receiver, id: bigint): string {
  return receiver === undefined ? ownerOf(id) : requireAddress("receiver", receiver);
}

/** A listing's number. */
export function requireListing(field: string, listing: number): number {
  if (!Number.isInteger(listing) || listing < 0 || listing >= MAX_LISTINGS) {
    throw new InvalidInputError(field, listing, `a listing's number, below ${MAX_LISTINGS}`);
  }
  return listing;
}

/** An amount other than 0. [asset], [token] */
export function requirePositive(field: string, amount: bigint): bigint {
  if (requireAmount(field, amount) === 0n) throw new InvalidInputError(field, amount, "more than 0");
  return amount;
}

/** A term as the contracts take it. */
export function termOf({ duration, maxRate }: TermOrder): TermOrder {
  return { duration: requireUint("duration", duration), maxRate: requireUint("maxRate", maxRate) };
}

/** What the book pulls for a pledge: the listing's token. */
export function pledgeApproval({ book, listings }: MarketAddresses, { listing, amount }: PledgeOrder): Approval {
  const token = listings[requireListing("listing", listing)]?.token;
  if (token === undefined) {
    throw new InvalidInputError("listing", listing, `a listing of the market's addresses, below ${listings.length}`);
  }
  return { token, spender: book, amount: requirePositive("amount", amount) };
}

/** What the book pulls of the loan asset. [asset] */
export function assetApproval({ book, loanAsset }: MarketAddresses, amount: bigint): Approval {
  return { token: loanAsset.token, spender: book, amount };
}

/** Taking a pledge out of a loan, or a part of it. */
import type { MarketAddresses } from "../addresses/market-addresses.ts";
import { requireLoanId } from "../market/loan-id.ts";
import { UNLIMITED } from "../math/loan-lines.ts";
import type { CallRequest } from "./call-request.ts";
import type { MarketConnection } from "./connection.ts";
import { callOf } from "./contracts.ts";
import { receiverOf, requireListing, requirePositive, type Receiver } from "./orders.ts";
import { send, told, type Done, type SendOptions } from "./send.ts";

/** What is taken out. */
export interface ReleaseOrder extends Receiver {
  /** The loan. */
  readonly id: bigint;
  /** Its number. */
  readonly listing: number;
  /** [token] */
  readonly amount: bigint | "all";
}

/** What came of it. */
export interface Released extends Done {
  /** [token] */
  readonly released: bigint;
}

/** `LoanBook.release`. */
export function releaseCall(addresses: MarketAddresses, order: ReleaseOrder): CallRequest {
  const id = requireLoanId("id", order.id);
  const listing = requireListing("listing", order.listing);
  const amount = order.amount === "all" ? UNLIMITED : requirePositive("amount", order.amount);
  return callOf("book", addresses, "release", [id, listing, amount, receiverOf(order, id)]);
}

/** Releases. Throws like {@link send}. */
export async function release(
  connection: MarketConnection,
  order: ReleaseOrder,
  options?: SendOptions,
): Promise<Released> {
  const done = await send(connection, releaseCall(connection.addresses, order), options);
  return { ...done, released: told(done, "Released", { id: order.id, listing: order.listing }).amount };
}

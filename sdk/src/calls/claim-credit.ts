/** Claiming what the sender's margin calls earned. */
import type { MarketAddresses } from "../addresses/market-addresses.ts";
import { requireAddress } from "../errors/invalid-address.ts";
import type { CallRequest } from "./call-request.ts";
import type { MarketConnection } from "./connection.ts";
import { callOf } from "./contracts.ts";
import { requireListing } from "./orders.ts";
import { send, told, type Done, type SendOptions } from "./send.ts";

/** What is claimed. */
export interface ClaimCreditOrder {
  /** Its number. */
  readonly listing: number;
  /** The sender by default. */
  readonly receiver?: string | undefined;
}

/** What came of it. */
export interface CreditClaimed extends Done {
  /** [token] */
  readonly claimed: bigint;
}

/** `LoanBook.claimCredit`. @param sender Whose credits are claimed. */
export function claimCreditCall(addresses: MarketAddresses, order: ClaimCreditOrder, sender: string): CallRequest {
  const receiver = requireAddress("receiver", order.receiver ?? sender);
  return callOf("book", addresses, "claimCredit", [requireListing("listing", order.listing), receiver]);
}

/** Claims credits. Throws like {@link send}. */
export async function claimCredit(
  connection: MarketConnection,
  order: ClaimCreditOrder,
  options?: SendOptions,
): Promise<CreditClaimed> {
  const caller = await connection.sender();
  const done = await send(connection, claimCreditCall(connection.addresses, order, caller), options);
  return { ...done, claimed: told(done, "CreditClaimed", { caller, listing: order.listing }).amount };
}

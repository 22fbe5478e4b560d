/** Pledging more to a loan: anybody may add to what it pledges, its owner and operators bring an asset in. */
import type { MarketAddresses } from "../addresses/market-addresses.ts";
import { requireLoanId } from "../market/loan-id.ts";
import type { PledgeOrder } from "../previews/outcomes.ts";
import type { CallRequest } from "./call-request.ts";
import type { MarketConnection } from "./connection.ts";
import { callOf } from "./contracts.ts";
import { pledgeApproval } from "./orders.ts";
import { send, told, type Done, type SendOptions } from "./send.ts";

/** What came of it. */
export interface Pledged extends Done {
  /** Less than was ordered if a full cap left room only for what cures. [token] */
  readonly pledged: bigint;
}

/** `LoanBook.pledge`. @param order Of the loan's id, the listing and the amount [token]. */
export function pledgeCall(addresses: MarketAddresses, order: PledgeOrder & { readonly id: bigint }): CallRequest {
  const approval = pledgeApproval(addresses, order);
  return callOf("book", addresses, "pledge", [requireLoanId("id", order.id), order.listing, order.amount], [approval]);
}

/** Pledges. Throws like {@link send}. */
export async function pledge(
  connection: MarketConnection,
  order: PledgeOrder & { readonly id: bigint },
  options?: SendOptions,
): Promise<Pledged> {
  const payer = await connection.sender();
  const done = await send(connection, pledgeCall(connection.addresses, order), options);
  return { ...done, pledged: told(done, "Pledged", { id: order.id, listing: order.listing, payer }).amount };
}

/** Clearing a margin call that has lapsed, or whose loan is at or below its borrow limit. Anybody may. */
import type { MarketAddresses } from "../addresses/market-addresses.ts";
import { requireLoanId } from "../market/loan-id.ts";
import type { CallRequest } from "./call-request.ts";
import type { MarketConnection } from "./connection.ts";
import { callOf } from "./contracts.ts";
import { send, type Done, type SendOptions } from "./send.ts";

/** `LoanBook.clearMarginCall`. */
export function clearMarginCallCall(addresses: MarketAddresses, { id }: { readonly id: bigint }): CallRequest {
  return callOf("book", addresses, "clearMarginCall", [requireLoanId("id", id)]);
}

/** Clears a margin call. Throws like {@link send}. */
export async function clearMarginCall(
  connection: MarketConnection,
  order: { readonly id: bigint },
  options?: SendOptions,
): Promise<Done> {
  return send(connection, clearMarginCallCall(connection.addresses, order), options);
}

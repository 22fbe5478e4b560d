/** Rolling a loan whose term has ended to an open term. Anybody may. */
import type { MarketAddresses } from "../addresses/market-addresses.ts";
import { requireLoanId } from "../market/loan-id.ts";
import type { CallRequest } from "./call-request.ts";
import type { MarketConnection } from "./connection.ts";
import { callOf } from "./contracts.ts";
import { send, type Done, type SendOptions } from "./send.ts";

/** `LoanBook.roll`. */
export function rollCall(addresses: MarketAddresses, { id }: { readonly id: bigint }): CallRequest {
  return callOf("book", addresses, "roll", [requireLoanId("id", id)]);
}

/** Rolls a loan. Throws like {@link send}. */
export async function roll(
  connection: MarketConnection,
  order: { readonly id: bigint },
  options?: SendOptions,
): Promise<Done> {
  return send(connection, rollCall(connection.addresses, order), options);
}

/** Calling the margin of loans above their call line. Anybody may. */
import type { MarketAddresses } from "../addresses/market-addresses.ts";
import { InvalidInputError } from "../errors/invalid-input.ts";
import { requireLoanId } from "../market/loan-id.ts";
import type { CallRequest } from "./call-request.ts";
import type { MarketConnection } from "./connection.ts";
import { callOf } from "./contracts.ts";
import { allTold, send, type Done, type SendOptions } from "./send.ts";

/** One loan, which is called or the call fails; or many, of which those that cannot be called are skipped. */
export type CallMarginOrder = { readonly id: bigint } | { readonly ids: readonly bigint[] };

/** What came of it. */
export interface MarginCalled extends Done {
  /** Of each loan that was called, by its id: until when its owner has time to cure. [s] */
  readonly deadlines: ReadonlyMap<bigint, bigint>;
}

/** `LoanBook.callMargin`, or `callMarginBatch` for many. */
export function callMarginCall(addresses: MarketAddresses, order: CallMarginOrder): CallRequest {
  if ("id" in order) return callOf("book", addresses, "callMargin", [requireLoanId("id", order.id)]);
  if (order.ids.length === 0) throw new InvalidInputError("ids", order.ids, "at least one");
  return callOf("book", addresses, "callMarginBatch", [order.ids.map((id) => requireLoanId("ids", id))]);
}

/** Calls margin. Throws like {@link send}. */
export async function callMargin(
  connection: MarketConnection,
  order: CallMarginOrder,
  options?: SendOptions,
): Promise<MarginCalled> {
  const caller = await connection.sender();
  const done = await send(connection, callMarginCall(connection.addresses, order), options);
  const deadlines = new Map(allTold(done, "MarginCalled", { caller }).map(({ id, deadline }) => [id, deadline]));
  return { ...done, deadlines };
}

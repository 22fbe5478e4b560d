/** Closing a loan: repaying all and taking all pledges out, in one transaction. */
import type { MarketAddresses } from "../addresses/market-addresses.ts";
import { requireUint } from "../errors/invalid-input.ts";
import { requireLoanId } from "../market/loan-id.ts";
import { UNLIMITED } from "../math/loan-lines.ts";
import type { CallRequest } from "./call-request.ts";
import type { MarketConnection } from "./connection.ts";
import { callOf } from "./contracts.ts";
import { assetApproval, receiverOf, type Receiver } from "./orders.ts";
import { allTold, send, type Done, type SendOptions } from "./send.ts";

/** What is closed. */
export interface CloseOrder extends Receiver {
  /** The loan. */
  readonly id: bigint;
  /** The most to pay, a fixed term's fee included. [asset] "all" pays whatever is owed, and wants an approval without limit. */
  readonly maxAmount: bigint | "all";
}

/** What came of it. Both maps are by number of the listing. */
export interface Closed extends Done {
  /** 0 if nothing was owed. [asset] */
  readonly repaid: bigint;
  /** [token] */
  readonly released: ReadonlyMap<number, bigint>;
  /** What its token did not send: it stays behind in the loan, releasable. [token] */
  readonly kept: ReadonlyMap<number, bigint>;
}

/** `LoanBook.close`. */
export function closeCall(addresses: MarketAddresses, order: CloseOrder): CallRequest {
  const id = requireLoanId("id", order.id);
  const maxAmount = order.maxAmount === "all" ? UNLIMITED : requireUint("maxAmount", order.maxAmount);
  const approval = assetApproval(addresses, maxAmount);
  return callOf("book", addresses, "close", [id, maxAmount, receiverOf(order, id)], [approval]);
}

/** Closes a loan. Throws like {@link send}. */
export async function close(connection: MarketConnection, order: CloseOrder, options?: SendOptions): Promise<Closed> {
  const payer = await connection.sender();
  const done = await send(connection, closeCall(connection.addresses, order), options);
  const { id } = order;
  const [repaid] = allTold(done, "Repaid", { id, payer });
  const byListing = (name: "Released" | "ReleaseFailed"): ReadonlyMap<number, bigint> => {
    return new Map(allTold(done, name, { id }).map(({ listing, amount }) => [listing, amount]));
  };
  const [released, kept] = [byListing("Released"), byListing("ReleaseFailed")];
  return { ...done, repaid: repaid?.amount ?? 0n, released, kept };
}

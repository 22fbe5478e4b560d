/** Drawing more on an open-term loan. */
import type { MarketAddresses } from "../addresses/market-addresses.ts";
import { requireLoanId } from "../market/loan-id.ts";
import type { CallRequest } from "./call-request.ts";
import type { MarketConnection } from "./connection.ts";
import { callOf } from "./contracts.ts";
import { receiverOf, requirePositive, type Receiver } from "./orders.ts";
import { send, told, type Done, type SendOptions } from "./send.ts";

/** What is drawn. */
export interface BorrowOrder extends Receiver {
  /** The loan. */
  readonly id: bigint;
  /** [asset] */
  readonly amount: bigint;
}

/** What came of it. */
export interface Borrowed extends Done {
  /** [asset] */
  readonly borrowed: bigint;
}

/** `LoanBook.borrow`. */
export function borrowCall(addresses: MarketAddresses, order: BorrowOrder): CallRequest {
  const id = requireLoanId("id", order.id);
  return callOf("book", addresses, "borrow", [id, requirePositive("amount", order.amount), receiverOf(order, id)]);
}

/** Borrows. Throws like {@link send}. */
export async function borrow(
  connection: MarketConnection,
  order: BorrowOrder,
  options?: SendOptions,
): Promise<Borrowed> {
  const caller = await connection.sender();
  const done = await send(connection, borrowCall(connection.addresses, order), options);
  return { ...done, borrowed: told(done, "Borrowed", { id: order.id, caller }).amount };
}

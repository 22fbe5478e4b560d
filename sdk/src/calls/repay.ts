/** Repaying a loan, or a part of it. Anybody may. */
import type { MarketAddresses } from "../addresses/market-addresses.ts";
import { requireLoanId } from "../market/loan-id.ts";
import { UNLIMITED } from "../math/loan-lines.ts";
import type { CallRequest } from "./call-request.ts";
import type { MarketConnection } from "./connection.ts";
import { callOf } from "./contracts.ts";
import { assetApproval, requirePositive } from "./orders.ts";
import { send, told, type Done, type SendOptions } from "./send.ts";

/** What is repaid. */
export interface RepayOrder {
  /** The loan. */
  readonly id: bigint;
  /**
   * The most to pay, a fixed term's fee included: the whole debt, if it covers that. [asset] "all" pays whatever is owed, and wants an
   * approval without limit; who wants a limit names the debt and what it may grow by until the transaction is included.
   */
  readonly amount: bigint | "all";
}

/** What came of it. */
export interface Repaid extends Done {
  /** [asset] */
  readonly repaid: bigint;
}

/** `LoanBook.repay`. */
export function repayCall(addresses: MarketAddresses, order: RepayOrder): CallRequest {
  const amount = order.amount === "all" ? UNLIMITED : requirePositive("amount", order.amount);
  const approval = assetApproval(addresses, amount);
  return callOf("book", addresses, "repay", [requireLoanId("id", order.id), amount], [approval]);
}

/** Repays. Throws like {@link send}. */
export async function repay(connection: MarketConnection, order: RepayOrder, options?: SendOptions): Promise<Repaid> {
  const payer = await connection.sender();
  const done = await send(connection, repayCall(connection.addresses, order), options);
  return { ...done, repaid: told(done, "Repaid", { id: order.id, payer }).amount };
}

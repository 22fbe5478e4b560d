/** Giving a loan another term, or an open one, with more debt or without. */
import type { MarketAddresses } from "../addresses/market-addresses.ts";
import { InvalidInputError, requireUint } from "../errors/invalid-input.ts";
import { requireLoanId } from "../market/loan-id.ts";
import { requireAmount } from "../math/amounts.ts";
import type { RefinanceOrder } from "../previews/outcomes.ts";
import type { CallRequest } from "./call-request.ts";
import type { MarketConnection } from "./connection.ts";
import { callOf } from "./contracts.ts";
import { assetApproval, receiverOf, termOf, type Receiver } from "./orders.ts";
import { send, told, type Done, type SendOptions } from "./send.ts";

/** What came of it. */
export interface Refinanced extends Done {
  /** Of the new term; 0 for an open one. [1e-9/year] */
  readonly rate: bigint;
  /** Likewise. [s] */
  readonly maturity: bigint;
  /** What ending the standing term cost. [asset] */
  readonly fee: bigint;
  /** [asset] */
  readonly borrowed: bigint;
}

/** `LoanBook.refinance`. @param order With the loan's id. */
export function refinanceCall(
  addresses: MarketAddresses,
  order: RefinanceOrder & Receiver & { readonly id: bigint },
): CallRequest {
  const id = requireLoanId("id", order.id);
  const { addFee } = order;
  // Callers without types bring texts, of which "false" would be true.
  if (typeof (addFee as unknown) !== "boolean") throw new InvalidInputError("addFee", addFee, "true or false");
  const maxFee = requireUint("maxFee", order.maxFee);
  const refinancing = {
    // A duration of 0 is an open term, which has no rate to agree to.
    term: order.term === undefined ? { duration: 0n, maxRate: 0n } : termOf(order.term),
    amount: requireAmount("amount", order.amount),
    ...{ maxFee, addFee, receiver: receiverOf(order, id) },
  };
  const approval = assetApproval(addresses, addFee ? 0n : maxFee);
  return callOf("book", addresses, "refinance", [id, refinancing], [approval]);
}

/** Refinances. Throws like {@link send}. */
export async function refinance(
  connection: MarketConnection,
  order: RefinanceOrder & Receiver & { readonly id: bigint },
  options?: SendOptions,
): Promise<Refinanced> {
  const caller = await connection.sender();
  const done = await send(connection, refinanceCall(connection.addresses, order), options);
  const { rate, maturity, fee, amount } = told(done, "Refinanced", { id: order.id, caller });
  return { ...done, rate, maturity, fee, borrowed: amount };
}

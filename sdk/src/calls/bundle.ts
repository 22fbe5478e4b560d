/** Several calls of the book in one transaction. */
import type { MarketAddresses } from "../addresses/market-addresses.ts";
import { InvalidInputError } from "../errors/invalid-input.ts";
import type { SignedPermit } from "../signatures.ts";
import type { Approval, CallRequest } from "./call-request.ts";
import { callOf, CONTRACTS } from "./contracts.ts";

/**
 * `LoanBook.permit`: gives the book the sender's approval that the sender signed, see `signPermit`; with {@link bundle}, in the transaction
 * that needs it.
 *
 * @throws {@link InvalidInputError} for a permit of another spender than the book.
 */
export function permitCall(addresses: MarketAddresses, permit: SignedPermit): CallRequest {
  const { token, spender, value, deadline, v, r, s } = permit;
  if (spender.toLowerCase() !== addresses.book.toLowerCase()) {
    throw new InvalidInputError("spender", spender, `the market's book, ${addresses.book}`);
  }
  return callOf("book", addresses, "permit", [token, value, deadline, v, r, s]);
}

/**
 * `LoanBook.multicall`: calls of the book that happen one after the other in one transaction, or not at all. What permits among them
 * allow needs no approval.
 *
 * @throws {@link InvalidInputError} for calls of another contract.
 */
export function bundle(addresses: MarketAddresses, calls: readonly CallRequest[]): CallRequest {
  if (calls.length === 0) throw new InvalidInputError("calls", calls, "at least one");
  for (const { to } of calls) {
    if (to !== addresses.book)
      throw new InvalidInputError("calls", to, `calls of the market's book, ${addresses.book}`);
  }
  const data = calls.map((call) => call.data);
  const { approvals, ...bundled } = callOf(
    "book",
    addresses,
    "multicall",
    [data],
    calls.flatMap((call) => call.approvals),
  );
  return { ...bundled, approvals: approvals.filter((approval) => !calls.some((call) => permits(call, approval))) };
}

function permits({ data }: CallRequest, { token, amount }: Approval): boolean {
  const parsed = CONTRACTS.book.parseTransaction({ data });
  if (parsed?.name !== "permit") return false;
  const { token: permitted, value } = parsed.args.toObject() as { token: string; value: bigint };
  return permitted.toLowerCase() === token.toLowerCase() && value >= amount;
}

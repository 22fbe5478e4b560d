/** Opening a loan: pledging and borrowing in one transaction. */
import type { MarketAddresses } from "../addresses/market-addresses.ts";
import { InvalidInputError } from "../errors/invalid-input.ts";
import { loanId } from "../market/loan-id.ts";
import type { OpenOrder } from "../previews/outcomes.ts";
import type { CallRequest } from "./call-request.ts";
import type { MarketConnection } from "./connection.ts";
import { callOf } from "./contracts.ts";
import { pledgeApproval, receiverOf, requirePositive, termOf, type Receiver } from "./orders.ts";
import { allTold, send, told, type Done, type SendOptions } from "./send.ts";

/** A loan that does not exist yet. Its owner is the sender if the order names no other, who has authorized the sender then. */
export type OpenLoanOrder = Omit<OpenOrder, "owner"> & Partial<Pick<OpenOrder, "owner">> & Receiver;

/** What came of it. */
export interface Opened extends Done {
  /** The loan, see `loanId`. */
  readonly id: bigint;
  /** [asset] */
  readonly borrowed: bigint;
  /** Of a fixed term [1e-9/year]; undefined for an open-term loan. */
  readonly rate: bigint | undefined;
  /** When the term ends [s]; likewise. */
  readonly maturity: bigint | undefined;
}

/** `LoanBook.open`, or `openTerm` for a fixed term. @param sender Who pledges, and owns the loan if the order names nobody else. */
export function openCall(addresses: MarketAddresses, order: OpenLoanOrder, sender: string): CallRequest {
  const id = loanId(order.owner ?? sender, order.number);
  const approvals = order.pledges.map((pledge) => pledgeApproval(addresses, pledge));
  if (approvals.length === 0) throw new InvalidInputError("pledges", order.pledges, "at least one");
  const pledges = order.pledges.map(({ listing, amount }) => ({ listing, amount }));
  const amount = requirePositive("amount", order.amount);
  const receiver = receiverOf(order, id);
  return order.term === undefined
    ? callOf("book", addresses, "open", [id, pledges, amount, receiver], approvals)
    : callOf("book", addresses, "openTerm", [id, pledges, amount, termOf(order.term), receiver], approvals);
}

/** Opens a loan. Throws like {@link send}. */
export async function open(connection: MarketConnection, order: OpenLoanOrder, options?: SendOptions): Promise<Opened> {
  const sender = await connection.sender();
  const done = await send(connection, openCall(connection.addresses, order, sender), options);
  const id = loanId(order.owner ?? sender, order.number);
  const { amount } = told(done, "Borrowed", { id, caller: sender });
  const [term] = allTold(done, "TermStarted", { id });
  return { ...done, id, borrowed: amount, rate: term?.rate, maturity: term?.maturity };
}

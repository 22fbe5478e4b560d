/** Loans as they stand in a block, read from the chain. */
import { requireAddress } from "../errors/invalid-address.ts";
import { InvalidInputError, requireUint } from "../errors/invalid-input.ts";
import { requireLoanId } from "../market/loan-id.ts";
import { CURE_PERIOD } from "../math/margin-call-record.ts";
import type { Loan, StoredMarginCall } from "../types.ts";
import type { MarketConnection } from "./connection.ts";
import { MAX_LISTINGS } from "../constants.ts";
import { MarketReader, type ReadOptions } from "./reader.ts";

/** Flag of a loan: a margin call stands, though it may have lapsed. */
const MARGIN_CALL = 1n;

/** Which of an owner's numbers are looked at. */
export interface LoansOfOptions extends ReadOptions {
  /** The first number; 0 by default. [1] */
  readonly from?: bigint;
  /** How many numbers; 100 by default. */
  readonly count?: number;
}

/**
 * Reads a loan. One that does not exist is one without debt and pledges, as in `LoanLens`.
 * @throws {@link InvalidInputError} for what is no loan's id.
 */
export async function readLoan(connection: MarketConnection, id: bigint, options: ReadOptions = {}): Promise<Loan> {
  requireLoanId("id", id);
  return loanIn(await MarketReader.at(connection, options.block), id);
}

/**
 * The loans of an owner, by rising number. The book keeps no list of them: by convention wallets number theirs 0, 1, 2 …, so that a look
 * at the first hundred numbers finds them all. Loans of other numbers are found in the book's events.
 */
export async function loansOf(
  connection: MarketConnection,
  owner: string,
  { from = 0n, count = 100, block }: LoansOfOptions = {},
): Promise<Loan[]> {
  if (!Number.isInteger(count) || count < 0) throw new InvalidInputError("count", count, "a whole number");
  requireUint("from", from, 96);
  const reader = await MarketReader.at(connection, block);
  const ids = await reader.loansAmong(requireAddress("owner", owner), from, count);
  return Promise.all(ids.map((id) => loanIn(reader, id)));
}

async function loanIn(reader: MarketReader, id: bigint): Promise<Loan> {
  const { base, pledged, since, maturity, rate, flags } = await reader.struct("loan", id);
  const [pledges, call] = await Promise.all([
    Promise.all(
      numbersIn(pledged).map(async (listing): Promise<[number, bigint]> => {
        return [listing, await reader.figure("book", "pledgeOf", id, listing)];
      }),
    ),
    (flags & MARGIN_CALL) === 0n ? undefined : callIn(reader, id),
  ]);
  return { id, base, since, maturity, rate, pledges: new Map(pledges), call };
}

/** The view tells the deadline as it counts now. As it was set, which is what is stored, it follows from the time of the call. */
async function callIn(reader: MarketReader, id: bigint): Promise<StoredMarginCall> {
  const { caller, calledAt } = await reader.struct("marginCallOf", id);
  return { caller, calledAt, deadline: calledAt + CURE_PERIOD };
}

/** The numbers of the bits that are set. */
function numbersIn(bitmap: bigint): number[] {
  const numbers = Array.from({ length: MAX_LISTINGS }, (_, number) => number);
  return numbers.filter((number) => ((bitmap >> BigInt(number)) & 1n) === 1n);
}

/** Which loans a store takes. */
import { MAX_LISTINGS } from "../constants.ts";
import { InvalidInputError, requireUint } from "../errors/invalid-input.ts";
import { requireAmount } from "../math/amounts.ts";
import { CURE_PERIOD } from "../math/margin-call-record.ts";
import type { Loan } from "../types.ts";

/**
 * A loan that the book can have.
 * @throws {@link InvalidInputError} for any other.
 */
export function requireLoan(loan: Loan): Loan {
  const { id, base, since, maturity, rate, pledges, call } = loan;
  requireUint("id", id);
  requireAmount("base", base);
  requireUint("since", since, 32);
  requireUint("rate", rate, 32);
  if (requireUint("maturity", maturity, 32) === 0n && (since !== 0n || rate !== 0n)) {
    throw new InvalidInputError("maturity", maturity, "more than 0 where since or rate is");
  }
  requirePledges(pledges);
  if (call === undefined) return loan;
  // The book keeps it in 48 bits; its other times end with 32 bits too.
  if (requireUint("call.calledAt", call.calledAt, 32) === 0n) {
    throw new InvalidInputError("call.calledAt", call.calledAt, "more than 0");
  }
  if (call.deadline !== call.calledAt + CURE_PERIOD) {
    throw new InvalidInputError("call.deadline", call.deadline, `a cure period after the call, ${call.calledAt}n`);
  }
  return loan;
}

function requirePledges(pledges: Loan["pledges"]): void {
  if (!((pledges as unknown) instanceof Map))
    throw new InvalidInputError("pledges", pledges, "a Map from listings to amounts");
  for (const [listing, amount] of pledges) {
    if (!Number.isInteger(listing) || listing < 0 || listing >= MAX_LISTINGS) {
      throw new InvalidInputError("pledges", listing, `listings from 0 to ${MAX_LISTINGS - 1}`);
    }
    if (requireAmount(`pledges[${listing}]`, amount) === 0n) {
      throw new InvalidInputError(`pledges[${listing}]`, amount, "more than 0");
    }
  }
}

/** A loan's id is its owner's address and a number: owner << 96 | number. Mirrors `LoanId`. */
import { getAddress, toBeHex } from "ethers";

import { requireAddress } from "../errors/invalid-address.ts";
import { InvalidInputError, requireUint } from "../errors/invalid-input.ts";

const NUMBER_BITS = 96;

/**
 * The id of an owner's loan.
 * @param number The owner's own, of 96 bits; by convention loans are numbered 0, 1, 2 … [1]
 * @returns [1]
 */
export function loanId(owner: string, number: bigint): bigint {
  requireUint("number", number, NUMBER_BITS);
  return (BigInt(requireAddress("owner", owner)) << BigInt(NUMBER_BITS)) | number;
}

/** The wallet that owns a loan, with its checksum. `LoanId.ownerOf` */
export function ownerOf(id: bigint): string {
  return getAddress(toBeHex(requireLoanId("id", id) >> BigInt(NUMBER_BITS), 20));
}

/** The number that a loan's owner gave it. [1] */
export function numberOf(id: bigint): bigint {
  return BigInt.asUintN(NUMBER_BITS, requireLoanId("id", id));
}

/**
 * The id of a loan that somebody can own.
 * @throws {@link InvalidInputError} for anything else, such as a loan's number alone.
 */
export function requireLoanId(field: string, id: bigint): bigint {
  if (requireUint(field, id) >> BigInt(NUMBER_BITS) === 0n) {
    throw new InvalidInputError(field, id, "a loan's id, which loanId makes of its owner and number");
  }
  return id;
}

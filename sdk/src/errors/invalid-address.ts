import { getAddress, isHexString, ZeroAddress } from "ethers";

import { InvalidInputError } from "./invalid-input.ts";

/**
 * An address other than zero, with its checksum.
 * @throws {@link InvalidInputError} for anything else, and for a checksum that is wrong.
 */
export function requireAddress(field: string, value: unknown): string {
  const address = isHexString(value, 20) ? checksummed(value) : undefined;
  if (address === undefined || address === ZeroAddress) {
    throw new InvalidInputError(field, value, "an address other than zero");
  }
  return address;
}

/** Undefined where capitals and small letters were chosen for a checksum, and not for this one. */
function checksummed(value: string): string | undefined {
  try {
    return getAddress(value);
  } catch {
    return undefined;
  }
}

/** Input that no contract call could have: refused before anything is reckoned. */
export class InvalidInputError extends Error {
  public override readonly name = "InvalidInputError";

  /**
   * @param field What was given, by the name of the parameter.
   * @param value As it was given.
   * @param expected What would have been accepted, in words.
   */
  public constructor(
    public readonly field: string,
    public readonly value: unknown,
    public readonly expected: string,
  ) {
    super(`${field} is ${describe(value)}; expected ${expected}.`);
  }
}

/**
 * An unsigned integer of so many bits.
 * @throws {@link InvalidInputError} for anything else, numbers included.
 */
export function requireUint(field: string, value: bigint, bits = 256): bigint {
  // Callers without types bring numbers and strings.
  if (typeof (value as unknown) !== "bigint" || value < 0n || value >> BigInt(bits) !== 0n) {
    throw new InvalidInputError(field, value, `a bigint from 0 to 2^${bits} - 1`);
  }
  return value;
}

function describe(value: unknown): string {
  if (typeof value === "bigint") return `${value}n`;
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

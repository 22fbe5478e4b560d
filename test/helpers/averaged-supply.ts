/**
 * The form in which the vault stores its averaged supply: 42 bits of digits above 6 of a binary exponent, rounded down. Not the SDK's:
 * `mathematics` rests on it, which knows neither the contracts nor what mirrors them.
 */

const DIGITS = 42n;
const EXPONENT_BITS = 6n;

/** The largest average that can be stored. [asset] */
export const MAX_AVERAGE = (2n ** DIGITS - 1n) << 63n;

/** The stored form of an average of at most `MAX_AVERAGE`. [packed] */
export function packAverage(average: bigint): bigint {
  const exponent = exponentOf(average);
  return ((average >> exponent) << EXPONENT_BITS) | exponent;
}

/** The average that a stored one stands for. [asset] */
export function unpackAverage(packed: bigint): bigint {
  return (packed >> EXPONENT_BITS) << (packed & (2n ** EXPONENT_BITS - 1n));
}

/** What one of the last digits is worth beside such an average: it is stored to less than that. [asset] */
export function grainOf(average: bigint): bigint {
  return 2n ** exponentOf(average);
}

/** How many bits do not fit. */
function exponentOf(average: bigint): bigint {
  const length = average === 0n ? 0n : BigInt(average.toString(2).length);
  return length > DIGITS ? length - DIGITS : 0n;
}

/** Full products with a named rounding. Mirrors `Amounts`. */
import { InvalidInputError, requireUint } from "../errors/invalid-input.ts";

/** 1, as ratios are written: [WAD]. */
export const WAD = 10n ** 18n;

/** 1, as shares of listings are written: [bps]. */
export const BPS = 10n ** 4n;

/** The largest amount that a contract stores: 2^104 - 1. [asset] */
export const MAX_AMOUNT = 2n ** 104n - 1n;

/** The most that a book holds of a listing, and that a cap allows: 2^96 - 1. [token] */
export const MAX_TOKENS = 2n ** 96n - 1n;

/**
 * `a × b / denominator`, rounded down. `Amounts.mulDivDown`.
 * @param a [any]
 * @param b [any]
 * @param denominator More than 0. [any]
 * @returns [any]
 */
export function mulDivDown(a: bigint, b: bigint, denominator: bigint): bigint {
  return (notNegative("a", a) * notNegative("b", b)) / positive(denominator);
}

/**
 * `a × b / denominator`, rounded up. `Amounts.mulDivUp`.
 * @param a [any]
 * @param b [any]
 * @param denominator More than 0. [any]
 * @returns [any]
 */
export function mulDivUp(a: bigint, b: bigint, denominator: bigint): bigint {
  return (notNegative("a", a) * notNegative("b", b) + positive(denominator) - 1n) / denominator;
}

/** `a - b`, and 0 where that would be negative. */
export function saturatingSub(a: bigint, b: bigint): bigint {
  return a > b ? a - b : 0n;
}

export function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

export function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

/**
 * An amount that the contracts can store.
 * @throws {@link InvalidInputError} where a contract reverts with `AmountTooLarge`, and for what is no amount at all.
 */
export function requireAmount(field: string, value: bigint): bigint {
  return requireUint(field, value, 104);
}

/** Rounded down is toward zero only for what is not negative. */
function notNegative(field: string, value: bigint): bigint {
  if (typeof (value as unknown) !== "bigint" || value < 0n)
    throw new InvalidInputError(field, value, "a bigint, not negative");
  return value;
}

function positive(denominator: bigint): bigint {
  if (notNegative("denominator", denominator) === 0n)
    throw new InvalidInputError("denominator", denominator, "more than 0");
  return denominator;
}

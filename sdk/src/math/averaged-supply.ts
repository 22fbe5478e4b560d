/**
 * An exponential average of a market's supply (cash + debt) that rises slowly and falls fast. Mirrors `AveragedSupply`.
 *
 * The stored form [packed] has 48 bits: 42 of digits above 6 of a binary exponent.
 */
import { InvalidInputError, requireUint } from "../errors/invalid-input.ts";
import { min, WAD } from "./amounts.ts";
import { expWad } from "./exp-wad.ts";

/** In which a rising average closes all but 1/e of the gap. [s] */
export const RISING = 7n * 86_400n;

/** The same for a falling one. [s] */
export const FALLING = 43_200n;

const DIGITS = 42n;
const EXPONENT_BITS = 6n;
const MAX_SHIFT = 2n ** EXPONENT_BITS - 1n;

/** The largest average that can be stored. [asset] */
export const MAX = (2n ** DIGITS - 1n) << MAX_SHIFT;

/** From here on the average has arrived: e^-42 is below half of 1e-18. [WAD] */
const MAX_EXPONENT = 42n * WAD;

/**
 * `AveragedSupply.next`: the average after a time in which the supply stood still.
 * @param average Before. [packed]
 * @param supply In the meantime; more than {@link MAX} counts as that. [asset]
 * @param elapsed How long. [s]
 * @returns [packed], rounded down.
 */
export function next(average: bigint, supply: bigint, elapsed: bigint): bigint {
  const before = unpack(average);
  const target = min(requireUint("supply", supply), MAX);
  const rises = target > before;
  const exponent = min((requireUint("elapsed", elapsed, 32) * WAD) / (rises ? RISING : FALLING), MAX_EXPONENT);
  const kept = expWad(-exponent); // of the gap, 0…1 [WAD]
  return pack(
    rises ? before + ((target - before) * (WAD - kept)) / WAD : target + ((before - target) * kept) / WAD, // down
  );
}

/**
 * `AveragedSupply.unpack`: the average that a stored one stands for.
 * @param packed [packed]
 * @returns [asset]
 */
export function unpack(packed: bigint): bigint {
  requireUint("packed", packed, 48);
  return (packed >> EXPONENT_BITS) << (packed & MAX_SHIFT);
}

/**
 * `AveragedSupply.pack`: the stored form of an average.
 * @param average At most {@link MAX}. [asset]
 * @returns [packed], rounded down to 42 significant bits.
 */
export function pack(average: bigint): bigint {
  if (requireUint("average", average) > MAX) throw new InvalidInputError("average", average, `at most ${MAX}`);
  const bits = average === 0n ? 0n : BigInt(average.toString(2).length);
  const exponent = bits > DIGITS ? bits - DIGITS : 0n;
  return ((average >> exponent) << EXPONENT_BITS) | exponent;
}

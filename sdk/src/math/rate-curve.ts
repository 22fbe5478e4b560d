/**
 * The open-term rate: a curve over utilisation whose height drifts with demand. Mirrors `RateCurve`.
 *
 * rate = rateAtTarget × curve(u). The curve is 1/4 at utilisation 0, 1 at the target and 4 at 100 %, straight in between.
 */
import { InvalidInputError, requireUint } from "../errors/invalid-input.ts";
import { max, min, mulDivDown, WAD } from "./amounts.ts";
import { expWad } from "./exp-wad.ts";

/** A year of 365 days, as rates count it. [s] */
export const YEAR = 365n * 86_400n;

/** Utilisation at which the curve is 1. [WAD] */
export const TARGET = (WAD * 9n) / 10n;

/** `rateAtTarget` of a new market. [1e-14/year] */
export const START_RATE = 4n * 10n ** 12n;

/** The lowest `rateAtTarget`. [1e-14/year] */
export const MIN_RATE = 5n * 10n ** 11n;

/** The highest `rateAtTarget`. [1e-14/year] */
export const MAX_RATE = 25n * 10n ** 12n;

/** From [1e-14/year] to [WAD/year]. */
const STORED_TO_WAD = 10n ** 4n;

/** Drift at full distance from the target. [1/year] */
const SPEED = 50n;

/** Where a longer drift ends at the same bound. [WAD] */
const MAX_HALF_DRIFT = 4n * WAD;

/** What an interval at constant utilisation does. */
export interface Drift {
  /** Over the interval. [WAD/year], rounded down. */
  readonly averageRate: bigint;
  /** At its end. [1e-14/year], rounded down, within the bounds. */
  readonly nextRateAtTarget: bigint;
}

/**
 * `RateCurve.utilisation`: the share of the supply that is lent out.
 * @param cash [asset]
 * @param debt [asset]
 * @returns [WAD], rounded down; 0 for an empty market.
 */
export function utilisation(cash: bigint, debt: bigint): bigint {
  requireUint("cash", cash);
  requireUint("debt", debt);
  return debt === 0n ? 0n : mulDivDown(debt, WAD, cash + debt);
}

/**
 * `RateCurve.rate`: the rate at a utilisation.
 * @param rateAtTarget As stored [1e-14/year], or up to 1e18 times as fine.
 * @param used Utilisation. [WAD]
 * @returns [WAD/year], as many times as fine; rounded down.
 */
export function rate(rateAtTarget: bigint, used: bigint): bigint {
  requireUint("rateAtTarget", rateAtTarget, 108); // 48 as stored, and 1e18
  return onCurve(rateAtTarget * STORED_TO_WAD, distance(requireShare(used)));
}

/**
 * `RateCurve.drift`: what an interval at constant utilisation does.
 * @param rateAtTarget At its start. [1e-14/year]
 * @param used Utilisation throughout. [WAD]
 * @param elapsed Its length. [s]
 */
export function drift(rateAtTarget: bigint, used: bigint, elapsed: bigint): Drift {
  requireUint("rateAtTarget", rateAtTarget, 48);
  requireUint("elapsed", elapsed, 32);
  const off = distance(requireShare(used));
  const half = max(-MAX_HALF_DRIFT, min(MAX_HALF_DRIFT, (SPEED * off * elapsed) / (2n * YEAR))); // toward zero
  const factor = expWad(half);
  const middle = bounded((rateAtTarget * factor) / WAD); // down
  const nextRateAtTarget = bounded((rateAtTarget * factor * factor) / (WAD * WAD)); // down
  // The mean of start, middle and end with weights 1, 2, 1.
  const average = (rateAtTarget + 2n * middle + nextRateAtTarget) * (STORED_TO_WAD / 4n);
  return { averageRate: onCurve(average, off), nextRateAtTarget };
}

/**
 * `RateCurve.growth`: relative growth of a debt that compounds every second, x + x²/2 + x³/6 with x = rate × time.
 * @param yearly [WAD/year]
 * @param elapsed [s]
 * @returns [WAD], each of the three rounded down.
 */
export function growth(yearly: bigint, elapsed: bigint): bigint {
  requireUint("yearly", yearly, 64); // 100 % a year have 60
  requireUint("elapsed", elapsed, 32);
  const first = (yearly * elapsed) / YEAR;
  const second = (first * first) / (2n * WAD);
  const third = (second * first) / (3n * WAD);
  return first + second + third;
}

/** Distance from the target as a share of its side, -1…1. [WAD], toward zero. */
function distance(used: bigint): bigint {
  return ((used - TARGET) * WAD) / (used > TARGET ? WAD - TARGET : TARGET);
}

/** `average` × curve: 1 - 3/4 × |distance| below the target, 1 + 3 × distance above it. Rounded down. */
function onCurve(average: bigint, off: bigint): bigint {
  const slope = off < 0n ? (WAD * 3n) / 4n : 3n * WAD;
  return (average * (WAD + (slope * off) / WAD)) / WAD;
}

function bounded(rateAtTarget: bigint): bigint {
  return max(MIN_RATE, min(MAX_RATE, rateAtTarget));
}

function requireShare(used: bigint): bigint {
  if (requireUint("used", used) > WAD) throw new InvalidInputError("used", used, "at most 1e18, all of the supply");
  return used;
}

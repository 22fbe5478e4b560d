/**
 * What two sources of one asset's price mean together: caution where money goes out, and the borrower's benefit where a loan is
 * judged. Mirrors `SourcePair`.
 *
 * | sources | for borrowing | for liquidation | seized at |
 * | --- | --- | --- | --- |
 * | both live, within `maxDeviation` | the lower | the higher | the higher |
 * | both live, apart | 0 | the higher | the higher less `maxDeviation` |
 * | one live | 0 | the live one | the live one |
 * | none live | 0 | the higher of both | cannot be seized |
 */
import { InvalidInputError, requireUint } from "../errors/invalid-input.ts";
import { BPS, max, min, mulDivUp } from "./amounts.ts";
import type { SourcePrice } from "./price-feeds.ts";

/** A price for calls, cures and liquidation. */
export interface PriceForLiquidation {
  /** At which pledges count. [price] */
  readonly price: bigint;
  /** Whether pledges can be seized: a source is live. */
  readonly isLive: boolean;
  /** Whether they are seized at less, see {@link discounted}: both sources are live and differ too much. */
  readonly isApart: boolean;
}

/**
 * True if two prices differ by at most `maxDeviation` of the higher one. `SourcePair.agree`.
 * @param a [price]
 * @param b [price]
 * @param maxDeviation [bps]
 */
export function agree(a: bigint, b: bigint, maxDeviation: bigint): boolean {
  const [lower, higher] = [min(requireUint("a", a), requireUint("b", b)), max(a, b)];
  return (higher - lower) * BPS <= higher * requireShare(maxDeviation);
}

/**
 * The price for borrowing; 0 where it is uncertain. [price] `SourcePair.forBorrowing`.
 * @param maxDeviation [bps]
 */
export function forBorrowing(first: SourcePrice, second: SourcePrice, maxDeviation: bigint): bigint {
  const doAgree = agree(first.price, second.price, maxDeviation);
  return first.isLive && second.isLive && doAgree ? min(first.price, second.price) : 0n;
}

/**
 * The price for calls, cures and liquidation. `SourcePair.forLiquidation`.
 * @param maxDeviation [bps]
 */
export function forLiquidation(first: SourcePrice, second: SourcePrice, maxDeviation: bigint): PriceForLiquidation {
  const doAgree = agree(first.price, second.price, maxDeviation);
  if (first.isLive !== second.isLive) {
    return { price: first.isLive ? first.price : second.price, isLive: true, isApart: false };
  }
  const { isLive } = first;
  return { price: max(first.price, second.price), isLive, isApart: isLive && !doAgree };
}

/**
 * The price at which a pledge is seized whose sources are apart. [price], rounded up. `SourcePair.discounted`.
 * @param price For liquidation. [price]
 * @param maxDeviation [bps]
 */
export function discounted(price: bigint, maxDeviation: bigint): bigint {
  return mulDivUp(requireUint("price", price), BPS - requireShare(maxDeviation), BPS);
}

function requireShare(maxDeviation: bigint): bigint {
  if (requireUint("maxDeviation", maxDeviation) > BPS) {
    throw new InvalidInputError("maxDeviation", maxDeviation, `at most ${BPS}`);
  }
  return maxDeviation;
}

/**
 * From tokens and prices to values and lines. Mirrors `HealthMath`. [asset] × 1e36 / [token] = [price]; shares are in [bps].
 */
import { InvalidInputError, requireUint } from "../errors/invalid-input.ts";
import { BPS, mulDivDown, mulDivUp } from "./amounts.ts";

/** What a price is written in: [price] is [asset] per [token] times this. */
export const PRICE_ONE = 10n ** 36n;

/**
 * What tokens are worth. [asset], rounded down. `HealthMath.valueDown`.
 * @param tokens [token]
 * @param price [price]
 */
export function valueDown(tokens: bigint, price: bigint): bigint {
  return mulDivDown(requireUint("tokens", tokens), requireUint("price", price), PRICE_ONE);
}

/**
 * What tokens are worth. [asset], rounded up. `HealthMath.valueUp`.
 * @param tokens [token]
 * @param price [price]
 */
export function valueUp(tokens: bigint, price: bigint): bigint {
  return mulDivUp(requireUint("tokens", tokens), requireUint("price", price), PRICE_ONE);
}

/**
 * A share of a value, as a pledge's part of a line. [asset], rounded down. `HealthMath.shareDown`.
 * @param value [asset]
 * @param share [bps]
 */
export function shareDown(value: bigint, share: bigint): bigint {
  return mulDivDown(requireUint("value", value), requireUint("share", share), BPS);
}

/**
 * How much more of a pledge brings a debt down to the call line. [token], rounded up. `HealthMath.tokensToCure`.
 * @param debt At least the call line. [asset]
 * @param callLine [asset]
 * @param callLtv More than 0. [bps]
 * @param price For liquidation, more than 0. [price]
 */
export function tokensToCure(debt: bigint, callLine: bigint, callLtv: bigint, price: bigint): bigint {
  if (requireUint("debt", debt) < requireUint("callLine", callLine)) {
    throw new InvalidInputError("debt", debt, `at least the call line, ${callLine}`);
  }
  return leastFor(debt - callLine, callLtv, price);
}

/**
 * The least x with ⌊⌊x × other / 1e36⌋ × ltv / 1e4⌋ ≥ need: tokens at a price, or a price for tokens. The outer floor reaches `need` from
 * a value of ⌈need × 1e4 / ltv⌉ on, the inner one that value from the result on. `LoanLens._least`.
 * @param need [asset]
 * @param ltv More than 0. [bps]
 * @param other A price [price], or tokens [token]; more than 0.
 * @returns Tokens [token], or a price [price].
 */
export function leastFor(need: bigint, ltv: bigint, other: bigint): bigint {
  const value = mulDivUp(requireUint("need", need), BPS, requireUint("ltv", ltv));
  return mulDivUp(value, PRICE_ONE, requireUint("other", other));
}

/** Borrowing an amount against an asset, compared with selling as much of the asset as brings the same amount. */
import { InvalidInputError, requireUint } from "../errors/invalid-input.ts";
import { BPS, mulDivUp, requireAmount, WAD } from "../math/amounts.ts";
import { PRICE_ONE, valueDown } from "../math/health-math.ts";

/** What is compared. */
export interface Choice {
  /** What is needed, borrowed or from a sale. [asset] */
  readonly needed: bigint;
  /** The asset's today. [price] */
  readonly price: bigint;
  /** What the loan takes to pay back, interest and fees included: a plan's `total`. [asset] */
  readonly total: bigint;
  /** The part of a sale's proceeds that is lost: slippage, fees, tax. 0 if it is left out. [bps] */
  readonly saleCost?: bigint;
}

/** When which is better. */
export interface Comparison {
  /** What would have to be sold today, and the loan keeps. [token], rounded up. */
  readonly sold: bigint;
  /** The least price at the end at which the tokens kept are worth what the loan cost. [price], rounded up. */
  readonly breakEvenPrice: bigint;
  /** Break-even price / today's. Below 1 where a sale's cost is more than the interest. [WAD], rounded up. */
  readonly breakEvenRatio: bigint;
}

/**
 * Holding pays if the price at the end is at or above break-even. Money paid back earlier is not discounted, and the loan is assumed not
 * to have been liquidated on the way: see `callDrop` for the fall that it stands.
 * @throws {@link InvalidInputError} for a price of 0, nothing needed, or less paid back than was borrowed.
 */
export function compareHolding({ needed, price, total, saleCost = 0n }: Choice): Comparison {
  if (requireAmount("needed", needed) === 0n) throw new InvalidInputError("needed", needed, "more than 0");
  if (requireUint("price", price, 218) === 0n) throw new InvalidInputError("price", price, "more than 0");
  if (requireUint("total", total) < needed) throw new InvalidInputError("total", total, `at least ${needed}`);
  if (requireUint("saleCost", saleCost) >= BPS) throw new InvalidInputError("saleCost", saleCost, "below 10,000 [bps]");
  // The least tokens with ⌊tokens × price × (1 - cost)⌋ ≥ needed, in one division.
  const sold = mulDivUp(needed * BPS, PRICE_ONE, price * (BPS - saleCost));
  const breakEvenPrice = mulDivUp(total, PRICE_ONE, sold);
  return { sold, breakEvenPrice, breakEvenRatio: mulDivUp(breakEvenPrice, WAD, price) };
}

/**
 * How much better off the holder is than the seller at a price at the end: the tokens kept less what the loan took.
 * @param price At the end. [price]
 * @returns [asset], rounded down; negative where selling would have been better.
 */
export function gainOfHolding(choice: Choice, price: bigint): bigint {
  const { sold } = compareHolding(choice);
  return valueDown(sold, requireUint("price", price, 218)) - choice.total;
}

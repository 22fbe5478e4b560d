/**
 * How much of a loan is liquidated, and for what bonus. Mirrors `LiquidationMath`.
 *
 * With debt D, target T, and a pledge of ratio t seized at bonus β, repaying x takes t x (1 + β) of the target's sum. The loan is back at it
 * when D - x = T - t x (1 + β), hence x = (D - T) / (1 - t (1 + β)).
 */
import { InvalidInputError, requireUint } from "../errors/invalid-input.ts";
import { BPS, max, min, mulDivDown, mulDivUp, saturatingSub, WAD } from "./amounts.ts";
import { PRICE_ONE, valueUp } from "./health-math.ts";
import { retiredDown, type Growth } from "./loan-debt.ts";

/** The bonus that is paid however little equity is left. [WAD] */
export const LAST_BONUS = WAD / 100n;

/** The most that a soft liquidation gives. [WAD] */
export const SOFT_BONUS = (WAD * 15n) / 1_000n;

/** How long after a margin call's deadline the soft bonus is whole. [s] */
export const SOFT_RAMP = 7_200n;

/** The margin call's caller gets the bonus's part of what is seized divided by this. [1] */
export const CREDIT_DIVISOR = 10n;

/** A loan and the pledge that is taken from it, at prices for liquidation. `LiquidationMath.Position`. */
export interface LiquidationPosition {
  /** Of the debt. */
  readonly growth: Growth;
  /** D, more than 0. [asset] */
  readonly debt: bigint;
  /** T. [asset] */
  readonly target: bigint;
  /** [asset] */
  readonly callLine: bigint;
  /** [asset] */
  readonly liquidationLine: bigint;
  /** Of all pledges. [asset] */
  readonly value: bigint;
  /** Of those that have a live source. [asset] */
  readonly seizableValue: bigint;
  /** Since the deadline of a margin call that has not lapsed; 0 if there is none. [s] */
  readonly overdue: bigint;
  /** Of the pledge that is taken. [token] */
  readonly pledged: bigint;
  /** Of it, by which the loan is judged. [price] */
  readonly price: bigint;
  /** At which it is seized: lower than `price` if its two sources are apart. [price] */
  readonly seizurePrice: bigint;
  /** t, its ratio in the target. [bps] */
  readonly targetLtv: bigint;
  /** [bps] */
  readonly maxBonus: bigint;
  /** [bps] */
  readonly bonusSlope: bigint;
}

const FIGURES = [
  ...(["debt", "target", "callLine", "liquidationLine", "value", "seizableValue", "overdue"] as const),
  ...(["pledged", "price", "seizurePrice", "targetLtv", "maxBonus", "bonusSlope"] as const),
];

/** What a liquidator pays and gets. */
export interface Fill {
  /** [asset] */
  readonly repaid: bigint;
  /** A margin call's credit included. [token] */
  readonly seized: bigint;
  /** β. [WAD] */
  readonly bonus: bigint;
}

/**
 * The bonus β: the larger of {@link hardBonus} and {@link softBonus}, and what a lower seizure price adds; but never more than the equity
 * that is left, or {@link LAST_BONUS} if that is more. [WAD], rounded down. `LiquidationMath.bonus`.
 */
export function bonus(position: LiquidationPosition): bigint {
  const { price, seizurePrice, seizableValue, debt } = requirePosition(position);
  let beta = max(hardBonus(position), softBonus(position));
  if (seizurePrice !== price) beta = mulDivDown(WAD + beta, price, seizurePrice) - WAD;
  const equity = saturatingSub(mulDivDown(seizableValue, WAD, debt), WAD);
  return min(beta, max(LAST_BONUS, equity));
}

/**
 * slope × (D / L - 1), at most the listing's maximum: nothing up to the liquidation line. [WAD], rounded down. `LiquidationMath.hardBonus`.
 */
export function hardBonus(position: LiquidationPosition): bigint {
  const { debt, liquidationLine: line, maxBonus, bonusSlope } = requirePosition(position);
  if (debt <= line) return 0n;
  const most = maxBonus * (WAD / BPS);
  return line === 0n ? most : min(most, mulDivDown(bonusSlope * (WAD / BPS), debt - line, line));
}

/**
 * What a due margin call gives: it grows with the time past the deadline and with the way from the call line to the liquidation line.
 * [WAD], rounded down twice. `LiquidationMath.softBonus`.
 */
export function softBonus(position: LiquidationPosition): bigint {
  const { debt, callLine, liquidationLine, overdue } = requirePosition(position);
  if (debt <= callLine) return 0n;
  const ripe = mulDivDown(SOFT_BONUS, min(overdue, SOFT_RAMP), SOFT_RAMP);
  return debt < liquidationLine ? mulDivDown(ripe, debt - callLine, liquidationLine - callLine) : ripe;
}

/**
 * What of a seizure is the margin call's caller's. [token], rounded down. `LiquidationMath.credit`.
 * @param seized [token]
 * @param beta The bonus. [WAD]
 */
export function credit(seized: bigint, beta: bigint): bigint {
  requireUint("beta", beta);
  return mulDivDown(requireUint("seized", seized), beta, (WAD + beta) * CREDIT_DIVISOR);
}

/**
 * The most that may be repaid: all of it if the loan is worth less than 1.01 times its debt, or if less than `minDebt` would remain.
 * [asset], rounded up. `LiquidationMath.repayLimit`.
 * @param beta The bonus. [WAD]
 * @param minDebt The smallest debt that a loan may have. [asset]
 */
export function repayLimit(position: LiquidationPosition, beta: bigint, minDebt: bigint): bigint {
  const { value, debt, target, targetLtv } = requirePosition(position);
  const covered = mulDivUp(targetLtv, WAD + requireUint("beta", beta), BPS);
  requireUint("minDebt", minDebt);
  if (value * 100n < debt * 101n) return debt;
  if (covered >= WAD) throw new InvalidInputError("targetLtv", targetLtv, "a ratio that is below 1 with the bonus");
  const limit = mulDivUp(saturatingSub(debt, target), WAD, WAD - covered);
  return limit >= debt || debt - limit < minDebt ? debt : limit;
}

/**
 * What a liquidator who pays at most `maxRepay` pays and gets. It pays at most {@link repayLimit}, and at most what the pledge is worth
 * without the bonus, rounded up; it gets the pledge whole if it pays that, else what the payment takes off the debt for certain, with
 * the bonus, rounded down. `LiquidationMath.fill`.
 * @param maxRepay [asset]
 * @param minDebt The smallest debt that a loan may have. [asset]
 */
export function fill(position: LiquidationPosition, maxRepay: bigint, minDebt: bigint): Fill {
  const beta = bonus(position);
  const { pledged, price, debt, growth } = position;
  const wholePrice = mulDivUp(valueUp(pledged, price), WAD, WAD + beta);
  const repaid = min(requireUint("maxRepay", maxRepay), repayLimit(position, beta, minDebt));
  if (repaid >= wholePrice) return { repaid: wholePrice, seized: pledged, bonus: beta };
  const retired = repaid === debt ? repaid : retiredDown(growth, repaid);
  const seized = mulDivDown(retired * (WAD + beta), PRICE_ONE / WAD, price);
  // The pledge's value was rounded up.
  return { repaid, seized: min(seized, pledged), bonus: beta };
}

function requirePosition(position: LiquidationPosition): LiquidationPosition {
  for (const field of FIGURES) requireUint(field, position[field]);
  if (position.debt === 0n) throw new InvalidInputError("debt", position.debt, "more than 0");
  if (position.seizurePrice > position.price) {
    throw new InvalidInputError("seizurePrice", position.seizurePrice, `at most the price, ${position.price}`);
  }
  return position;
}

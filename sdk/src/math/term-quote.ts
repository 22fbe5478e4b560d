/**
 * What a fixed term costs. Mirrors `TermQuote`.
 *
 * rate = max(MIN_RATE, rateAtTarget × curve(max(target, q)) + PREMIUM × duration), with
 * q = min(1, debt after / min(cash + debt, averaged supply)).
 */
import { InvalidInputError, requireUint } from "../errors/invalid-input.ts";
import { BPS, max, min, mulDivDown, mulDivUp, WAD } from "./amounts.ts";
import * as RateCurve from "./rate-curve.ts";
import { required, type RefusalOf } from "./refusal.ts";

/** The shortest term. [s] */
export const MIN_DURATION = 7n * 86_400n;

/** The longest term. [s] */
export const MAX_DURATION = RateCurve.YEAR;

/** The lowest fixed rate. [1e-9/year] */
export const MIN_RATE = 2n * 10n ** 7n;

/** What a stored rate is a whole number of, as a part of 1. [1] */
export const RATE_UNIT = 10n ** 9n;

/** What a year of certainty costs above the open-term rate, for each year of duration. [WAD/year] */
export const PREMIUM = (WAD * 3n) / 100n;

/** The most of the lenders' assets that may be lent for fixed terms. [bps] */
export const MAX_SHARE = 3_000n;

/** From [WAD × 1e18] to [1e-9]. */
const FINE_TO_RATE = 10n ** 27n;

/** A market as a quote sees it, with the new term in it. `TermQuote.Market`. */
export interface QuotedMarket {
  /** All debt, open-term and fixed-term. [asset] */
  readonly debtAfter: bigint;
  /** Of it, that of fixed terms. [asset] */
  readonly termDebtAfter: bigint;
  /** cash + debt. [asset] */
  readonly supply: bigint;
  /** What the lenders own. [asset] */
  readonly totalAssets: bigint;
  /** Not packed. [asset] */
  readonly averagedSupply: bigint;
  /** [1e-14/year] */
  readonly rateAtTarget: bigint;
}

/** Why a new term is refused. */
export type TermRefusal = RefusalOf<"TermDurationOutOfRange"> | RefusalOf<"TermShareExceeded">;

/**
 * Why `TermQuote.rate` refuses a new term; `undefined` if it does not.
 * @param market With the new term in it.
 * @param duration [s]
 */
export function refusalOf(market: QuotedMarket, duration: bigint): TermRefusal | undefined {
  const { termDebtAfter, totalAssets, averagedSupply } = market;
  const max = maxTermDebt(totalAssets, averagedSupply);
  const isInRange = MIN_DURATION <= requireUint("duration", duration) && duration <= MAX_DURATION;
  return (
    required(isInRange, "TermDurationOutOfRange", { duration, min: MIN_DURATION, max: MAX_DURATION }) ??
    required(max !== 0n && termDebtAfter <= max, "TermShareExceeded", { termDebt: termDebtAfter, max })
  );
}

/**
 * `TermQuote.rate`: the rate of a new term, which is the number that is charged.
 * @param market With the new term in it.
 * @param duration How long the rate is fixed, 7…365 days. [s]
 * @returns [1e-9/year], rounded up.
 * @throws {@link InvalidInputError} where the contract reverts with `TermDurationOutOfRange` or `TermShareExceeded`, see
 * {@link refusalOf}.
 */
export function rate(market: QuotedMarket, duration: bigint): bigint {
  const { debtAfter, termDebtAfter, supply, averagedSupply, rateAtTarget } = market;
  for (const [field, value] of Object.entries({ debtAfter, termDebtAfter, supply })) requireUint(field, value);
  requireUint("rateAtTarget", rateAtTarget, 48);
  const refusal = refusalOf(market, duration);
  if (refusal?.name === "TermDurationOutOfRange") {
    throw new InvalidInputError("duration", duration, `from ${MIN_DURATION} to ${MAX_DURATION} seconds`);
  }
  if (refusal !== undefined) {
    const expected = `at most ${refusal.args.max}, in a market that sells terms at all`;
    throw new InvalidInputError("termDebtAfter", termDebtAfter, expected);
  }

  const used = min(WAD, mulDivUp(debtAfter, WAD, min(supply, averagedSupply))); // up
  // With a height 1e18 times finer the curve's division leaves no rest: the sum is exact but for the premium's up.
  const open = RateCurve.rate(rateAtTarget * WAD, max(RateCurve.TARGET, used));
  const fine = open + mulDivUp(PREMIUM * WAD, duration, RateCurve.YEAR);
  return max(MIN_RATE, mulDivUp(fine, 1n, FINE_TO_RATE));
}

/**
 * `TermQuote.maxTermDebt`: the most that fixed terms may owe together.
 * @param totalAssets What the lenders own. [asset]
 * @param averagedSupply Not packed. [asset]
 * @returns [asset], rounded down.
 */
export function maxTermDebt(totalAssets: bigint, averagedSupply: bigint): bigint {
  requireUint("totalAssets", totalAssets);
  requireUint("averagedSupply", averagedSupply);
  return mulDivDown(min(totalAssets, averagedSupply), MAX_SHARE, BPS);
}

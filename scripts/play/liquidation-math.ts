/**
 * What a liquidation pays and takes, hard or soft, to the unit. Mirrors LiquidationMath, and what LiquidationLogic refuses, for
 * listings with one source. See health.ts for the units; [WAD] is 1e18.
 */
import { BPS, higher, lower, mulDivUp, WAD } from "./fixed-point.ts";
import { entryOf, linesOf, PRICE_ONE, type Conditions, type Lines, type Terms } from "./health.ts";
import { debtOf, retiredDown, type LoanState } from "./loan-debt.ts";
import { earnsCredit, overdue } from "./margin-call.ts";

const LAST_BONUS = WAD / 100n;
const SOFT_BONUS = (WAD * 15n) / 1_000n;
/** How long after a call's deadline the soft bonus is whole. [s] */
const SOFT_RAMP = 7_200n;
const CREDIT_DIVISOR = 10n;
const WORTHLESS_DIVISOR = 20n;

/** More than any debt: "as much as the contract allows". [asset] */
export const ALL = 2n ** 256n - 1n;

/** What a liquidation would move. */
export interface Fill {
  /** True if the loan is only above its call line, and its margin call is due. */
  readonly isSoft: boolean;
  /** [asset] */
  readonly repaid: bigint;
  /** What leaves the loan. [token] */
  readonly seized: bigint;
  /** What of it is the margin call's caller's; the rest is the liquidator's. [token] */
  readonly credit: bigint;
}

/** A loan's debt and lines, and for how long its margin call has been due. */
export interface Standing {
  /** [asset] */
  readonly debt: bigint;
  readonly lines: Lines;
  /** 0 if there is no call, or none that is due. [s] */
  readonly overdue: number;
}

export function standingOf(loan: LoanState, conditions: Conditions): Standing {
  return {
    debt: debtOf(loan, conditions),
    lines: linesOf(loan, conditions.board),
    overdue: overdue(loan.call, conditions.time),
  };
}

/** True if a part of the loan may be sold: it is above its liquidation line, or above its call line and its call is due. */
export function isLiquidatable({ debt, lines, overdue }: Standing): boolean {
  return debt > lines.liquidationLine || (overdue > 0 && debt > lines.callLine);
}

/** The liquidator's bonus. [WAD], rounded down. */
export function bonus(standing: Standing, terms: Terms): bigint {
  const { debt, lines } = standing;
  const equity = (lines.seizableValue * WAD) / debt - WAD;
  const wanted = higher(hardBonus(standing, terms), softBonus(standing));
  return lower(wanted, higher(LAST_BONUS, equity));
}

function hardBonus({ debt, lines }: Standing, { maxBonus, bonusSlope }: Terms): bigint {
  const line = lines.liquidationLine;
  const max = maxBonus * (WAD / BPS);
  if (debt <= line) return 0n;
  return line === 0n ? max : lower(max, (bonusSlope * (WAD / BPS) * (debt - line)) / line);
}

function softBonus({ debt, lines, overdue }: Standing): bigint {
  const { callLine, liquidationLine } = lines;
  if (debt <= callLine) return 0n;
  const ripe = (SOFT_BONUS * lower(BigInt(overdue), SOFT_RAMP)) / SOFT_RAMP;
  return debt < liquidationLine ? (ripe * (debt - callLine)) / (liquidationLine - callLine) : ripe;
}

/**
 * What a liquidator who pays at most `maxRepay` pays and gets.
 * @returns undefined where the contract refuses: the loan is at or below its line, the feed is dead, too little would remain.
 */
export function fill(loan: LoanState, listing: number, maxRepay: bigint, conditions: Conditions): Fill | undefined {
  const { board, minDebt, time } = conditions;
  const { terms, price, isSeizable } = entryOf(board, listing);
  const pledged = loan.pledges.get(listing) ?? 0n;
  const standing = standingOf(loan, conditions);
  const { debt, lines } = standing;
  if (pledged === 0n || maxRepay === 0n || !isSeizable || !isLiquidatable(standing)) return undefined;

  const beta = bonus(standing, terms);
  const filled = (repaid: bigint, seized: bigint): Fill => {
    const credit = earnsCredit(loan.call, time) ? (seized * beta) / ((WAD + beta) * CREDIT_DIVISOR) : 0n;
    return { isSoft: debt <= lines.liquidationLine, repaid, seized, credit };
  };
  const wholePrice = mulDivUp(mulDivUp(pledged, price, PRICE_ONE), WAD, WAD + beta);
  const repaid = lower(maxRepay, repayLimit(standing, terms, beta, minDebt));
  if (repaid >= wholePrice) return filled(wholePrice, pledged);
  const retired = repaid === debt ? repaid : retiredDown(loan, repaid, conditions);
  const seized = lower((retired * (WAD + beta) * (PRICE_ONE / WAD)) / price, pledged);
  const result = filled(repaid, seized);
  if (seized === result.credit) return undefined;
  if (seized < pledged && repaid < debt) {
    const left = debt - repaid;
    const value = higher(0n, lines.value - mulDivUp(seized, price, PRICE_ONE));
    if (left < minDebt || (value < minDebt / WORTHLESS_DIVISOR && value < left)) return undefined;
  }
  return result;
}

/** True if anyone may take the loan's pledges and write the rest of it off. */
export function isWorthless(loan: LoanState, conditions: Conditions): boolean {
  const debt = debtOf(loan, conditions);
  const { value, seizableValue } = linesOf(loan, conditions.board);
  return debt !== 0n && value === seizableValue && value < lower(debt, conditions.minDebt / WORTHLESS_DIVISOR);
}

/** The most that may be repaid: down to the borrow limit, or to the call line in a soft liquidation. [asset], rounded up. */
function repayLimit({ debt, lines }: Standing, terms: Terms, beta: bigint, minDebt: bigint): bigint {
  if (lines.value * 100n < debt * 101n) return debt;
  const isHard = debt > lines.liquidationLine;
  const target = isHard ? lines.borrowLimit : lines.callLine;
  const divisor = WAD - mulDivUp(isHard ? terms.borrowLtv : terms.callLtv, WAD + beta, BPS);
  const limit = mulDivUp(higher(0n, debt - target), WAD, divisor);
  return limit >= debt || debt - limit < minDebt ? debt : limit;
}

/**
 * What a fall of prices and the time do to a loan, and when its margin call comes. A fall or a time makes another {@link MarketView} of a
 * market; all that `loan-lens` and `standingIn` say of a loan can be asked of it.
 */
import { InvalidInputError, requireUint } from "../errors/invalid-input.ts";
import { min, mulDivDown, mulDivUp, WAD } from "../math/amounts.ts";
import { listingOn, type Prices } from "../math/book-prices.ts";
import { dropToLine, type Line } from "../math/line-prices.ts";
import { debtOf, type MarketView } from "../math/loan-lens.ts";
import { healthOf } from "../math/loan-lines.ts";
import { MAX_INDEX } from "../math/vault.ts";
import type { Loan } from "../types.ts";
import { openGrowth } from "./growth.ts";

/** The last time that the contracts can store: in 2106. [s] */
const LAST_TIME = 2n ** 32n - 1n;

/**
 * A market after prices fell.
 * @param fall The part of each price that is lost, below 1. [WAD]
 * @param listing The number of the one whose price falls; all fall if it is left out.
 * @returns Its prices rounded up, those for borrowing down.
 */
export function fallenMarket(market: MarketView, fall: bigint, listing?: number): MarketView {
  if (requireUint("fall", fall) >= WAD) throw new InvalidInputError("fall", fall, "below 1 [WAD]");
  const { board } = market;
  if (listing !== undefined) listingOn(board, listing);
  const listings = board.listings.map((each, number) => {
    return (listing ?? number) === number ? { ...each, prices: fallen(each.prices, WAD - fall) } : each;
  });
  return { ...market, board: { ...board, listings } };
}

/**
 * A market at a later time, at the same prices.
 * @param rate What open-term loans are assumed to pay until then. [WAD/year]
 * @param time Not before the board's. [s]
 * @returns Its index rounded up; it saturates like the vault's.
 */
export function laterMarket(market: MarketView, rate: bigint, time: bigint): MarketView {
  const { board, debtIndex } = market;
  if (requireUint("time", time, 32) < board.now) {
    throw new InvalidInputError("time", time, `not before the board's, ${board.now}`);
  }
  const { index, unit } = openGrowth(rate, time - board.now);
  const grown = mulDivUp(requireUint("debtIndex", debtIndex, 72), index, unit);
  return { ...market, board: { ...board, now: time }, debtIndex: min(grown, MAX_INDEX) };
}

/** The largest common fall after which nobody may call the loan's margin; 0 if anybody may already. [WAD], rounded down. */
export function callDrop(market: MarketView, loan: Loan): bigint {
  return dropToLine(debtOf(market, loan), loan.pledges, market.board, "call");
}

/**
 * From when on interest alone brings a loan above a line, at the board's prices; past a fixed term's maturity it goes on until somebody
 * rolls it.
 * @param rate What an open-term loan is assumed to pay. [WAD/year]
 * @returns [s], the board's time if it is above it already; `undefined` if not before 2106.
 */
export function aboveLineFrom(market: MarketView, loan: Loan, line: Line, rate: bigint): bigint | undefined {
  const { callLine, liquidationLine } = healthOf(loan, market.board, market.debtIndex);
  const most = line === "call" ? callLine : liquidationLine;
  const isAbove = (time: bigint): boolean => debtOf(laterMarket(market, rate, time), loan) > most;
  let [low, high] = [market.board.now, LAST_TIME];
  if (isAbove(low)) return low;
  if (!isAbove(high)) return undefined;
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (isAbove(middle)) high = middle;
    else low = middle;
  }
  return high;
}

function fallen({ forBorrowing, forLiquidation, forSeizure }: Prices, kept: bigint): Prices {
  return {
    forBorrowing: mulDivDown(forBorrowing, kept, WAD),
    forLiquidation: mulDivUp(forLiquidation, kept, WAD),
    forSeizure: mulDivUp(forSeizure, kept, WAD),
  };
}

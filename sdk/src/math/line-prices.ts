/**
 * At which prices a debt stands at its call line or its liquidation line. The part of `LoanLens` that is the same for both: the lens itself
 * tells it of the liquidation line.
 */
import { mulDivUp, WAD } from "./amounts.ts";
import { listingOn, type Board } from "./book-prices.ts";
import { leastFor } from "./health-math.ts";
import { holdingsOf, lines, part, UNLIMITED, without, type Pledges } from "./loan-lines.ts";

/** Above the one a loan's margin can be called, above the other it can be liquidated. */
export type Line = "call" | "liquidation";

/**
 * The price for liquidation of one listing at which a debt stands at a line, the prices of the other pledges held. [price], rounded up: at
 * this price it is not above the line yet, one unit lower it is.
 * @param debt [asset]
 * @param listing Its number.
 * @returns 0 if no price of it brings the debt above the line; {@link UNLIMITED} if none prevents it.
 */
export function priceAtLine(debt: bigint, pledges: Pledges, board: Board, listing: number, line: Line): bigint {
  const { terms } = listingOn(board, listing);
  if (board.loanAsset === 0n) return 0n;
  const others = lines(without(pledges, listing), board)[lineOf(line)];
  if (debt <= others) return 0n;
  const amount = pledges.get(listing) ?? 0n;
  return amount === 0n ? UNLIMITED : leastFor(debt - others, terms[ltvOf(line)], amount);
}

/**
 * By how much the prices of all pledges can fall together before a debt is above a line. [WAD], rounded down: at this fall it is not, at
 * 1e-18 more it is. 1e18 if nothing is owed or the loan asset has no price.
 * @param debt [asset]
 */
export function dropToLine(debt: bigint, pledges: Pledges, board: Board, line: Line): bigint {
  const holdings = holdingsOf(pledges, board);
  if (debt === 0n || board.loanAsset === 0n) return WAD;
  const carries = (drop: bigint): boolean => {
    const parts = holdings.map(({ amount, prices, terms }) => {
      return part(amount, mulDivUp(prices.forLiquidation, WAD - drop, WAD), terms[ltvOf(line)]);
    });
    return debt <= parts.reduce((sum, more) => sum + more, 0n);
  };
  if (!carries(0n)) return 0n;
  // The line does not rise with the drop, so halving finds the last one that carries the debt, roundings included.
  let [drop, tooMuch] = [0n, WAD];
  while (tooMuch - drop > 1n) {
    const middle = (drop + tooMuch) / 2n;
    if (carries(middle)) drop = middle;
    else tooMuch = middle;
  }
  return drop;
}

function lineOf(line: Line): "callLine" | "liquidationLine" {
  return `${line}Line`;
}

function ltvOf(line: Line): "callLtv" | "liquidationLtv" {
  return `${line}Ltv`;
}

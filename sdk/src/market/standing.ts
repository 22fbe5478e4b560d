/** Where a loan stands in a market: its debt and lines, and what follows from them. */
import { mulDivDown, WAD } from "../math/amounts.ts";
import { listingOn } from "../math/book-prices.ts";
import { priceAtLine, type Line } from "../math/line-prices.ts";
import {
  amountToCure,
  liquidationDrop,
  marginCallState,
  type Cure,
  type MarginCallState,
  type MarketView,
} from "../math/loan-lens.ts";
import { healthOf, lines, type Health } from "../math/loan-lines.ts";
import type { Loan } from "../types.ts";

/** What one pledge means to a loan, its other pledges held. */
export interface PledgeStanding {
  /** What it counts for calls and liquidation. [price] */
  readonly price: bigint;
  /** Below this anybody may call the loan's margin; 0 if the others carry it. [price], rounded up. */
  readonly callPrice: bigint;
  /** Below this a part of the pledges may be sold at once; 0 if the others carry it. [price], rounded up. */
  readonly liquidationPrice: bigint;
}

/** A loan at a moment, judged as the book judges it. */
export interface Standing extends Health {
  /** What all pledges are worth at prices for liquidation; 0 if the loan asset has no price. [asset], each rounded down. */
  readonly value: bigint;
  /** Liquidation line / debt: below 1 it can be liquidated. Undefined without debt, or if the loan asset has no price. [WAD], rounded down. */
  readonly health: bigint | undefined;
  /** Where the debt is among the lines, whatever margin call stands. */
  readonly state: "safe" | "callable" | "liquidatable";
  /** Where its margin call stands. */
  readonly callState: MarginCallState;
  /** What brings the debt down to the call line. */
  readonly cure: Cure;
  /** By number of the pledged listing. */
  readonly pledges: ReadonlyMap<number, PledgeStanding>;
  /** By how much the prices of all pledges can fall together until it can be liquidated. [WAD], rounded down. */
  readonly liquidationDrop: bigint;
}

/** Where a loan stands at the board's time. */
export function standingIn(market: MarketView, loan: Loan): Standing {
  const { board, debtIndex } = market;
  const hasPrice = board.loanAsset !== 0n;
  const health = healthOf(loan, board, debtIndex);
  const { debt, callLine, liquidationLine } = health;
  const above = debt > callLine ? "callable" : "safe";
  const pledges = [...loan.pledges.keys()].map((listing): [number, PledgeStanding] => {
    const priceAt = (line: Line): bigint => priceAtLine(debt, loan.pledges, board, listing, line);
    const price = listingOn(board, listing).prices.forLiquidation;
    return [listing, { price, callPrice: priceAt("call"), liquidationPrice: priceAt("liquidation") }];
  });
  return {
    ...health,
    value: lines(loan.pledges, board).value,
    health: debt !== 0n && hasPrice ? mulDivDown(liquidationLine, WAD, debt) : undefined,
    state: debt > liquidationLine ? "liquidatable" : above,
    callState: marginCallState(board, loan),
    cure: amountToCure(market, loan),
    pledges: new Map(pledges),
    liquidationDrop: liquidationDrop(market, loan),
  };
}

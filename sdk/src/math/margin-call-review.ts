/** Whether a margin call is over after something was done to its loan. Mirrors `MarginCallRecord.review` and `LiquidationLogic._review`. */
import type { Loan } from "../types.ts";
import { debtOf, type MarketView } from "./loan-lens.ts";
import { lines } from "./loan-lines.ts";

/** A loan whose call is over, if one stood. `MarginCallRecord.clear`. */
export function withoutCall(loan: Loan): Loan {
  return { ...loan, call: undefined };
}

/**
 * A loan after a payment or a pledge, or after its term was ended: its call is over if it was above its call line before and is not any
 * more, or if it is at or below its borrow limit; always without a debt, and otherwise not while the loan asset has no price.
 * @param before The loan as it was.
 */
export function reviewed(market: MarketView, before: Loan, loan: Loan): Loan {
  if (loan.base === 0n) return withoutCall(loan);
  if (loan.call === undefined || market.board.loanAsset === 0n) return loan;
  const debt = debtOf(market, loan);
  const { callLine, borrowLimit } = lines(loan.pledges, market.board);
  const isCured = debtOf(market, before) > lines(before.pledges, market.board).callLine && debt <= callLine;
  return isCured || debt <= borrowLimit ? withoutCall(loan) : loan;
}

/** A loan after a part of it was sold: its call is over at or below its borrow limit only. The loan asset has a price. */
export function reviewedAfterSale(market: MarketView, loan: Loan): Loan {
  return debtOf(market, loan) <= lines(loan.pledges, market.board).borrowLimit ? withoutCall(loan) : loan;
}

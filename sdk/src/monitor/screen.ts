/** Which of a million loans are callable or liquidatable, each time a price changes. */
import type { LoanRows } from "../loans/loan-store.ts";
import type { MarketView } from "../math/loan-lens.ts";
import { LoanIds } from "./loan-ids.ts";
import { screenPages } from "./screening.ts";

/** What can be done to loans at a time. */
export interface Screening {
  /** Above their call line, and no margin call stands. `LoanLens.callable`. */
  readonly callable: LoanIds;
  /** Above their liquidation line; or above their call line, with a margin call that is due. `LoanLens.liquidatable`. */
  readonly liquidatable: LoanIds;
  /** How many loans were too close to a line for float64, and were judged in bigint. */
  readonly rechecked: number;
}

/**
 * Which loans are callable and which liquidatable: exactly those that `LoanLens` finds at that moment; see `screening` for the proof. What
 * a million loans take, `npm run bench:sdk` prints.
 * @param loans Those of a market that is followed by its events, `MarketHistory.state.loans`, or any others in a `LoanStore`.
 * @param market The book's board and the vault's index at a time. All the loans are of this market.
 * @throws {@link InvalidInputError} for figures that no board has, for a time before a fixed-term loan began, and for a board that
 * lacks a listing which a loan with debt pledges.
 */
export function screen(loans: LoanRows, market: MarketView): Screening {
  const { callable, liquidatable, rechecked } = screenPages(loans.pages, market);
  return { callable: new LoanIds(loans, callable), liquidatable: new LoanIds(loans, liquidatable), rechecked };
}

import type { BoardEntry, Conditions } from "../../scripts/play/health.ts";
import type { Situation } from "../../scripts/play/keeper.ts";
import type { LoanState } from "../../scripts/play/loan-debt.ts";

/** Loans and conditions for tests of the play's mathematics, in whole dollars and tokens. */
export const WAD = 10n ** 18n;
export const USDC = 1_000_000n;
export const MIN_DEBT = 100n * USDC;
export const NOW = 1_700_000_000;
export const TERMS = { borrowLtv: 7_800n, callLtv: 8_000n, liquidationLtv: 8_600n, maxBonus: 500n, bonusSlope: 5_000n };

const DAY = 86_400;

/** A board of one listing with 18 decimals at a price in whole dollars. */
export function board(dollars: number, isSeizable = true): BoardEntry[] {
  return [{ terms: TERMS, price: BigInt(dollars) * USDC * 10n ** 18n, isSeizable }];
}

/** The price of that listing, in dollars, at an index of 1. */
export function conditions(dollars: number, more: Partial<Conditions> = {}): Conditions {
  return { board: board(dollars), index: WAD, minDebt: MIN_DEBT, time: NOW, ...more };
}

/** An open-term loan of a debt in dollars against one listing's whole tokens. */
export function loan(debt: number, tokens: number): LoanState {
  return {
    ...{ id: 1n, base: BigInt(debt) * USDC, since: 0, maturity: 0, rate: 0n, call: undefined },
    pledges: new Map([[0, BigInt(tokens) * WAD]]),
  };
}

/** A fixed-term loan of 90 days since some time. [s], [1e-9/year] */
export function termLoan(principal: number, tokens: number, since: number, rate: bigint): LoanState {
  return { ...loan(principal, tokens), since, maturity: since + 90 * DAY, rate };
}

/** The same loan, with a margin call that was made at some time. */
export function called(state: LoanState, calledAt: number): LoanState {
  return { ...state, call: { calledAt, deadline: calledAt + DAY, lapse: calledAt + DAY + DAY / 2 } };
}

/** What a keeper sees that sells at the board's price and pays no gas. */
export function situation(loans: readonly LoanState[], dollars: number, more: Partial<Situation> = {}): Situation {
  const price = BigInt(dollars) * USDC;
  return {
    ...conditions(dollars),
    ...{ loans, gasCost: 0n, proceeds: (_: number, tokens: bigint) => (tokens * price) / WAD },
    ...more,
  };
}

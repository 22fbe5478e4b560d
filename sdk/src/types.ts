/**
 * What the contracts store, as the SDK's functions take it. Every figure is a `bigint` in the contracts' own unit, named in brackets
 * beside it; the numbers of listings (0…39) are `number`. Times are unix seconds.
 *
 * Amounts: [asset] base units of the loan asset, [token] of a listing's token, [share] of the vault's shares; [asset / index] scaled debt.
 * Ratios: [WAD] × 1e18, [bps] × 1e4. Rates: [WAD/year], [1e-9/year] of a fixed term, [1e-14/year] the stored rate at target. Sums of fixed
 * terms: [asset × 1e-9/year], [asset × 1e-9/year × s]. Prices: [price] base units of the loan asset per one of the token × 1e36,
 * [feed decimals] a feed's answer in units of its own. Stored forms: [packed]. Times: [s] seconds; what is called `now` is one. Plain
 * numbers: [1]. Where any unit will do, or the text names it: [any].
 */

/** The vault as it is stored; interest is booked up to `lastAccrual`. `LenderVault.State` and its sums of terms. */
export interface VaultState {
  /** Σ over open-term loans. [asset / index] */
  readonly scaledDebt: bigint;
  /** What a unit of scaled debt has grown to. [WAD] */
  readonly index: bigint;
  /** Up to when interest is booked. [s] */
  readonly lastAccrual: bigint;
  /** Stored form, see `averaged-supply`. [packed] */
  readonly averagedSupply: bigint;
  /** What lies in the vault. [asset] */
  readonly cash: bigint;
  /** Part of cash + debt that is not the lenders'. [asset] */
  readonly reserves: bigint;
  /** The curve's height at the target utilisation. [1e-14/year] */
  readonly rateAtTarget: bigint;
  /** What fixed-term loans owe together, as three sums. */
  readonly terms: TermSums;
}

/** `TermDebt.Sums`: fixed terms owe P + (W t - Z) / (365 days × 1e9) at a time t. */
export interface TermSums {
  /** P = Σ principal. [asset] */
  readonly principal: bigint;
  /** W = Σ principal × rate. [asset × 1e-9/year] */
  readonly weighted: bigint;
  /** Z = Σ principal × rate × since. [asset × 1e-9/year × s] */
  readonly dated: bigint;
}

/** The risk terms of a listing, which never change. `ILoanBook.Terms` */
export interface ListingTerms {
  /** The share of a pledge's value that may be borrowed. [bps] */
  readonly borrowLtv: bigint;
  /** The share above which the margin is called. [bps] */
  readonly callLtv: bigint;
  /** The share above which the loan is liquidated. [bps] */
  readonly liquidationLtv: bigint;
  /** The largest bonus of a hard liquidation. [bps] */
  readonly maxBonus: bigint;
  /** How much bonus there is for each 100 % by which the debt is above the liquidation line. [bps] */
  readonly bonusSlope: bigint;
  /** By how much two sources may differ, as a share of the higher one. [bps] */
  readonly maxDeviation: bigint;
}

/** What a loan owes is base × index / unit, see `loan-debt`. `ILoanBook.Loan` without its flags. */
export interface LoanDebtState {
  /** Open-term: the scaled debt [asset / index]; fixed-term: the principal [asset]. */
  readonly base: bigint;
  /** Fixed-term: from when on interest runs; else 0. [s] */
  readonly since: bigint;
  /** Fixed-term: from when on anybody may roll it; else 0. [s] */
  readonly maturity: bigint;
  /** Fixed-term: simple interest on the principal; else 0. [1e-9/year] */
  readonly rate: bigint;
}

/** A margin call as it is stored; `margin-call-record` tells what it means at a time. */
export interface StoredMarginCall {
  /** Who made it. */
  readonly caller: string;
  /** When it was made. [s] */
  readonly calledAt: bigint;
  /** Until when the owner has time to cure. [s] */
  readonly deadline: bigint;
}

/** A loan with its pledges. */
export interface Loan extends LoanDebtState {
  /** What the book calls it by: its owner's address and number. */
  readonly id: bigint;
  /** By number of the listing, none of them 0. [token] */
  readonly pledges: ReadonlyMap<number, bigint>;
  /** The margin call that stands, though it may have lapsed. */
  readonly call: StoredMarginCall | undefined;
}

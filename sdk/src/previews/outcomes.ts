/**
 * What users order, and what a preview says of it.
 *
 * A preview is what would happen in a block of the snapshot's time, to the unit. `refusal` is the error with which the market would
 * refuse the call, by its own rules and in its own order: what tokens refuse (balances, allowances), who may act on a loan and who may
 * receive is not looked at. Where a call is refused the figures are what it would come to otherwise, and undefined where there is no such thing.
 */
import type { ContractError } from "../errors/contract-error.ts";
import type { MarketSnapshot } from "../market/market-snapshot.ts";
import type { LoanStanding } from "./standing.ts";

/** What every preview of a loan says. */
export interface LoanOutcome {
  /** Where the loan stands then. */
  readonly after: LoanStanding | undefined;
  /** The market then: for the preview of what comes next, in another transaction. Undefined where `after` is. */
  readonly market: MarketSnapshot | undefined;
  /** Undefined if the market accepts the call. */
  readonly refusal: ContractError | undefined;
}

// ------------------------------------------------------------------------------------------------------------------ Lenders

/** Whose shares. */
export interface Lender {
  /** Its address. */
  readonly owner: string;
  /** What it has of the vault's shares. [share] */
  readonly shares: bigint;
}

/** Where a lender stands. */
export interface LenderStanding extends Lender {
  /** What its shares are worth. [asset], rounded down */
  readonly value: bigint;
  /** What of it cash allows to withdraw at once. [asset], rounded down */
  readonly withdrawable: bigint;
  /** What lenders earn. [WAD/year], rounded down */
  readonly lendRate: bigint;
  /** Which share of the supply is lent out. [WAD], rounded down */
  readonly utilisation: bigint;
}

/** `LenderVault.deposit`, `withdraw` or `redeem`. */
export interface LenderOutcome {
  /** What the lender pays or gets. [asset] */
  readonly assets: bigint;
  /** What it gets or gives. [share] */
  readonly shares: bigint;
  /** Where the lender stands then. */
  readonly after: LenderStanding | undefined;
  /** The market then, see {@link LoanOutcome}. */
  readonly market: MarketSnapshot | undefined;
  /** Undefined if the vault accepts the call. */
  readonly refusal: ContractError | undefined;
}

// -------------------------------------------------------------------------------------------------------------------- Loans

/** Tokens of a listing. */
export interface PledgeOrder {
  /** Its number. */
  readonly listing: number;
  /** [token] */
  readonly amount: bigint;
}

/** A rate that is fixed for a time. */
export interface TermOrder {
  /** 7…365 days. [s] */
  readonly duration: bigint;
  /** The highest rate that is accepted. [1e-9/year] */
  readonly maxRate: bigint;
}

/** A loan that does not exist yet. */
export interface OpenOrder {
  /** The address of who will own the loan. */
  readonly owner: string;
  /** Chosen by the owner among its loans, of 96 bits. [1] */
  readonly number: bigint;
  /** Of up to four listings. */
  readonly pledges: readonly PledgeOrder[];
  /** [asset] */
  readonly amount: bigint;
  /** Undefined for an open-term loan. */
  readonly term?: TermOrder | undefined;
}

/** `LoanBook.open`, `openTerm`. */
export interface OpenOutcome extends LoanOutcome {
  /** Of the new loan. */
  readonly id: bigint;
  /** Of a fixed term [1e-9/year]; undefined for an open-term loan, whose rate is that of `after`. */
  readonly termRate: bigint | undefined;
}

/** `LoanBook.pledge`. */
export interface PledgeOutcome extends LoanOutcome {
  /** What is taken: less than was ordered if a full cap leaves room only for what cures; the order where it is refused. [token] */
  readonly pledged: bigint;
}

/** `LoanBook.release`. */
export interface ReleaseOutcome extends LoanOutcome {
  /** [token] */
  readonly released: bigint;
}

/** `LoanBook.borrow`. */
export interface BorrowOutcome extends LoanOutcome {
  /** [asset] */
  readonly borrowed: bigint;
}

/** `LoanBook.repay`. */
export interface RepayOutcome extends LoanOutcome {
  /** What is paid, the fee included. [asset] */
  readonly paid: bigint;
  /** What of it is the fee for ending a term early. [asset] */
  readonly fee: bigint;
  /** Whether the loan owes nothing then. */
  readonly isAll: boolean;
}

/** `LoanBook.close`. */
export interface CloseOutcome extends LoanOutcome {
  /** What is paid, the fee included. [asset] */
  readonly paid: bigint;
  /** What of it is the fee for ending a term early. [asset] */
  readonly fee: bigint;
  /** What comes back, by number of the listing. [token] */
  readonly released: ReadonlyMap<number, bigint>;
}

/** How a loan is refinanced. `ILoanBook.Refinancing` without its receiver. */
export interface RefinanceOrder {
  /** Undefined for an open term. */
  readonly term?: TermOrder | undefined;
  /** What is borrowed in addition. [asset] */
  readonly amount: bigint;
  /** The most that ending the standing term may cost. [asset] */
  readonly maxFee: bigint;
  /** Whether that is added to the debt; else the caller pays it. */
  readonly addFee: boolean;
}

/** `LoanBook.refinance`. */
export interface RefinanceOutcome extends LoanOutcome {
  /** Of the new term [1e-9/year]; undefined for an open one, whose rate is that of `after`. */
  readonly termRate: bigint | undefined;
  /** What ending the standing term costs. [asset], rounded up */
  readonly fee: bigint;
  /** What of it the caller pays now. [asset] */
  readonly paid: bigint;
}

// ------------------------------------------------------------------------------------------------ Margin calls, liquidation

/** What is sold of a pledge. */
export interface Sale {
  /** [asset] */
  readonly repaid: bigint;
  /** What the liquidator gets, without the credit. [token] */
  readonly seized: bigint;
  /** What the margin call's caller is credited. [token] */
  readonly credit: bigint;
  /** What is taken above what is paid, the credit included. [WAD] */
  readonly bonus: bigint;
}

/** `LoanBook.callMargin`. */
export interface CallMarginOutcome extends LoanOutcome {
  /** Until when the owner has time to cure. [s] */
  readonly deadline: bigint;
  /** From when on the call does nothing. [s] */
  readonly lapse: bigint;
  /** From when on a sale credits the caller a tenth of the bonus. [s] */
  readonly creditedFrom: bigint;
  /**
   * The most that is sold of each pledged listing alone once the bonus of a call is whole, two hours past the deadline, if prices stand still
   * and nobody does anything; listings that could not be sold are left out.
   */
  readonly sales: ReadonlyMap<number, Sale>;
}

/** What a liquidator orders. `ILoanBook.Order` without the loan. */
export type { LiquidationOrder } from "../math/liquidation-preview.ts";

/** `LoanBook.liquidate`. Figures are 0 where an order is refused. */
export interface LiquidateOutcome extends LoanOutcome, Sale {
  /** Whether the order is filled for a margin call that is due: it goes down to the call line only. */
  readonly isSoft: boolean;
  /** The debt that is lost with the last pledge. [asset] */
  readonly writtenOff: bigint;
}

/**
 * What happens to a loan, and with it to the vault's sums and cash: pledging, drawing, paying, refinancing, rolling, selling. Mirrors what
 * `Loans`, `TermLogic` and `LiquidationLogic` write, and what they have `LenderVault` book of it.
 *
 * These are effects and no checks: whoever calls them has refused what the contracts refuse, or finds afterwards that a figure does not
 * fit, see {@link isStorable}. Margin calls go by rules of their own, see `margin-call-review`.
 */
import type { Loan, VaultState } from "../types.ts";
import { MAX_AMOUNT, min } from "./amounts.ts";
import {
  baseDown,
  baseWithFeeDown,
  debtUp,
  endTerm,
  feeDown,
  feeUp,
  growthOf,
  isFixedTerm,
  scaledUp,
  type Growth,
} from "./loan-debt.ts";
import { MAX_RESERVES, totalDebt } from "./vault.ts";

/** A loan and the vault that lends to it. Interest is booked up to the vault's `lastAccrual`, which is when things happen. */
export interface LoanInVault {
  readonly loan: Loan;
  readonly vault: VaultState;
}

/** What a loan owes. */
export interface Owed {
  readonly growth: Growth;
  /** Without the fee. [asset], rounded up */
  readonly debt: bigint;
  /** For ending a term now. [asset], rounded up */
  readonly fee: bigint;
}

/** What a payment does. */
export interface Payment {
  /** [asset] */
  readonly paid: bigint;
  /** What of it is the fee for ending a term. [asset] */
  readonly fee: bigint;
  /** Of the loan's base. */
  readonly retired: bigint;
}

/** What a loan becomes when it is refinanced. */
export interface Refinancing {
  /** What is borrowed in addition. [asset] */
  readonly amount: bigint;
  /** Whether the fee for ending the standing term is added to the debt; else it is paid. */
  readonly addFee: boolean;
  /** Of the new term; 0 for an open one. [1e-9/year] */
  readonly rate: bigint;
  /** Likewise. [s] */
  readonly maturity: bigint;
}

/** What is sold of a pledge, the credit of a margin call's caller included. */
export interface PledgeSale {
  /** The pledge's number. */
  readonly listing: number;
  /** [asset] */
  readonly repaid: bigint;
  /** [token] */
  readonly seized: bigint;
}

/** A loan that neither owes nor pledges anything, which is how a book stores none. */
export function noLoan(id: bigint): Loan {
  return { id, base: 0n, since: 0n, maturity: 0n, rate: 0n, pledges: new Map(), call: undefined };
}

/** What a loan owes at the vault's `lastAccrual`. */
export function owedBy({ loan, vault }: LoanInVault): Owed {
  const growth = growthOf(loan, vault.index, vault.lastAccrual);
  return { growth, debt: debtUp(growth, loan.base), fee: feeUp(growth, loan.base) };
}

/** The same vault with the loan as it is now: its sums of all debt move by the difference. `LenderVault._remove`, `_add`. */
export function rewritten({ loan: before, vault }: LoanInVault, loan: Loan): LoanInVault {
  return { loan, vault: withContribution(withContribution(vault, before, -1n), loan, 1n) };
}

/** The loan with another amount of a pledge [token]; 0 takes it out. */
export function withPledge(loan: Loan, listing: number, amount: bigint): Loan {
  const pledges = new Map(loan.pledges);
  if (amount === 0n) pledges.delete(listing);
  else pledges.set(listing, amount);
  return { ...loan, pledges };
}

/** Lends an amount [asset]. `Loans._lend`, `LenderVault.draw`. */
export function draw(at: LoanInVault, amount: bigint): LoanInVault {
  const { loan, vault } = at;
  const added = isFixedTerm(loan) ? amount : scaledUp(amount, vault.index);
  return received(rewritten(at, { ...loan, base: loan.base + added }), -amount);
}

/** What a payment of at most `maxAmount` [asset] does: it pays all there is, or a part and the part's fee. `Loans.repay`. */
export function paymentOf(at: LoanInVault, maxAmount: bigint): Payment {
  const { growth, debt, fee } = owedBy(at);
  const paid = min(maxAmount, debt + fee);
  if (paid === debt + fee) return { paid, fee, retired: at.loan.base };
  const retired = baseWithFeeDown(growth, paid);
  return { paid, fee: feeDown(growth, retired), retired };
}

/** Books a payment. `Loans.repay`, `LenderVault.repaid`. */
export function pay(at: LoanInVault, { paid, fee, retired }: Payment): LoanInVault {
  return reserved(received(rewritten(at, retire(at.loan, retired)), paid), fee);
}

/** Gives a loan another term, or an open one, from now on. `TermLogic.refinance`, `LenderVault.refinanced`. */
export function refinance(at: LoanInVault, { amount, addFee, rate, maturity }: Refinancing): LoanInVault {
  const { debt, fee } = owedBy(at);
  const { index, lastAccrual } = at.vault;
  const debtAfter = debt + amount + (addFee ? fee : 0n);
  const loan: Loan =
    maturity === 0n
      ? { ...endTerm(at.loan), base: scaledUp(debtAfter, index) }
      : { ...at.loan, base: debtAfter, rate, maturity, since: lastAccrual };
  return reserved(received(rewritten(at, loan), (addFee ? 0n : fee) - amount), fee);
}

/** Makes a fixed-term loan an open-term one. `TermLogic.roll`. */
export function roll(at: LoanInVault): LoanInVault {
  return rewritten(at, { ...endTerm(at.loan), base: scaledUp(owedBy(at).debt, at.vault.index) });
}

/**
 * Sells a part of a pledge, or all of it; what is left of the debt is lost with the last pledge. `LiquidationLogic._write`,
 * `LenderVault.repaid`.
 * @returns `writtenOff`: the debt that is lost [asset]; `loss`: what all debt falls by, which is still to be borne, see {@link bear} [asset].
 */
export function sell(
  at: LoanInVault,
  { listing, repaid, seized }: PledgeSale,
): LoanInVault & { readonly writtenOff: bigint; readonly loss: bigint } {
  const { growth, debt } = owedBy(at);
  const retired = repaid === debt ? at.loan.base : baseDown(growth, repaid);
  const rest = withPledge(retire(at.loan, retired), listing, (at.loan.pledges.get(listing) ?? 0n) - seized);
  const paid = received(rewritten(at, rest), repaid);
  if (rest.pledges.size !== 0 || rest.base === 0n) return { ...paid, writtenOff: 0n, loss: 0n };
  const lost = writeOff(paid);
  return { ...lost, writtenOff: debtUp(growth, rest.base) };
}

/** Gives up what a loan owes and pledges. `LiquidationLogic.writeOff`. */
export function writeOff(at: LoanInVault): LoanInVault & { readonly loss: bigint } {
  const lost = rewritten(at, noLoan(at.loan.id));
  const { lastAccrual } = at.vault;
  return { ...lost, loss: totalDebt(at.vault, lastAccrual) - totalDebt(lost.vault, lastAccrual) };
}

/** The vault after a loss [asset]: reserves bear it first, then the lenders, whose assets have shrunk with the debt. `LenderVault.repaid`. */
export function bear<Vault extends VaultState>(vault: Vault, loss: bigint): Vault {
  return { ...vault, reserves: vault.reserves - min(loss, vault.reserves) };
}

/** True if a loan and a vault have the widths in which contracts store them. */
export function isStorable({ loan, vault }: LoanInVault): boolean {
  const amounts = [loan.base, ...loan.pledges.values(), vault.scaledDebt, vault.terms.principal, vault.cash];
  return amounts.every((amount) => amount >= 0n && amount <= MAX_AMOUNT);
}

/** A loan less a part of its base; without a base it has no term either. */
function retire(loan: Loan, base: bigint): Loan {
  return base === loan.base ? { ...endTerm(loan), base: 0n } : { ...loan, base: loan.base - base };
}

/** Cash that comes in, or goes out where it is negative. [asset] */
function received({ loan, vault }: LoanInVault, amount: bigint): LoanInVault {
  return { loan, vault: { ...vault, cash: vault.cash + amount } };
}

/** A fee goes to reserves, which saturate. `LenderVault._reserve`. */
function reserved({ loan, vault }: LoanInVault, fee: bigint): LoanInVault {
  return { loan, vault: { ...vault, reserves: min(vault.reserves + fee, MAX_RESERVES) } };
}

/** The vault with a loan's contribution once more, or once less. `LoanDebt.debtsOf`, without its widths. */
function withContribution(vault: VaultState, loan: Loan, sign: 1n | -1n): VaultState {
  const { rate, since } = loan;
  const amount = sign * loan.base;
  if (!isFixedTerm(loan)) return { ...vault, scaledDebt: vault.scaledDebt + amount };
  const { principal, weighted, dated } = vault.terms;
  const terms = {
    principal: principal + amount,
    weighted: weighted + amount * rate,
    dated: dated + amount * rate * since,
  };
  return { ...vault, terms };
}

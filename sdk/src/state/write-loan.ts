/** Loans in a market's tables: with the vault whose sums of all debt they are part of. */
import { noLoan, rewritten, type LoanInVault } from "../math/loan-changes.ts";
import type { Loan } from "../types.ts";
import type { Tables } from "./market-state.ts";

/** Writes a loan in place of what was there. */
export function writeLoan(tables: Tables, loan: Loan): void {
  const before = tables.loans.get(loan.id) ?? noLoan(loan.id);
  write(tables, rewritten({ loan: before, vault: tables.vault }, loan));
}

/** Writes a loan and its vault. A loan that neither owes nor pledges anything is none. */
export function write(tables: Tables, { loan, vault }: LoanInVault): void {
  if (loan.base === 0n && loan.pledges.size === 0) tables.loans.delete(loan.id);
  else tables.loans.set(loan);
  tables.write({ vault });
}

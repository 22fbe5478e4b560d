/** Loans by the million: in columns, found by their ids. */
export { LoanStore, type LoanRows } from "./loan-store.ts";

/** Which loans of a market are callable or liquidatable, however many there are. */
export type { LoanIds } from "./loan-ids.ts";
export { screen, type Screening } from "./screen.ts";

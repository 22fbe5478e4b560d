/** Where a loan stands, what it may do, and what a liquidation of it would do. Mirrors `LoanLens`. */
export * from "./line-prices.ts";
export * from "./liquidation-preview.ts";
export * from "./loan-lens.ts";

/**
 * The contracts' mathematics, to the last unit. What a library or contract reckons is a namespace of its name, with its types, so that
 * calls read as they do in Solidity: `RateCurve.rate(…)`, `LoanLens.maxBorrow(…)`. `Amounts` alone has none, as it has none there.
 */
export { BPS, MAX_AMOUNT, MAX_TOKENS, mulDivDown, mulDivUp, WAD } from "./amounts.ts";
export * as AveragedSupply from "./averaged-supply.ts";
export * as BookPrices from "./book-prices.ts";
export * as HealthMath from "./health-math.ts";
export * as LenderVault from "./lender-vault.ts";
export * as LiquidationMath from "./liquidation-math.ts";
export * as LoanDebt from "./loan-debt.ts";
export * as LoanLens from "./lens.ts";
export * as LoanLines from "./loan-lines.ts";
export * as MarginCallRecord from "./margin-call-record.ts";
export * as PriceFeeds from "./price-feeds.ts";
export * as RateCurve from "./rate-curve.ts";
export * as SourcePair from "./source-pair.ts";
export * as TermDebt from "./term-debt.ts";
export * as TermQuote from "./term-quote.ts";
export type { Refusal, RefusalOf } from "./refusal.ts";
export type * from "../types.ts";

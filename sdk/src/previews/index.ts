/** What each call of a user would do, and why it would be refused. */
export * from "./borrow.ts";
export * from "./call-margin.ts";
export * from "./clear-margin-call.ts";
export * from "./close.ts";
export * from "./lend.ts";
export { lenderStandingOf } from "./lender-standing.ts";
export * from "./liquidate.ts";
export * from "./open.ts";
export type * from "./outcomes.ts";
export * from "./pledge.ts";
export * from "./refinance.ts";
export * from "./release.ts";
export * from "./repay.ts";
export * from "./roll.ts";
export * from "./standing.ts";
export * from "./withdraw.ts";

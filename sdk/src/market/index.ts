/** A market at a moment, which previews and the mathematics stand on, and ids of loans. */
export { loanId, numberOf, ownerOf } from "./loan-id.ts";
export * from "./market-snapshot.ts";
export * from "./snapshot-of.ts";
export * from "./standing.ts";

import type { OperationName } from "./system.ts";

/** What operations may cost at most, with simple feeds, one collateral unless the name says two, and every feature on. */
export const TARGETS: Readonly<Partial<Record<OperationName, number>>> = {
  "lend-first": 87_000,
  "lend-again": 70_000,
  "withdraw-part": 68_500,
  "open-first": 148_000,
  "borrow-more": 88_000,
  "borrow-two-assets": 101_000,
  "repay-part": 69_500,
  close: 86_500,
  "liquidate-one": 110_000,
  "liquidate-ten": 262_000,
};

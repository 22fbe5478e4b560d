import type { SentenceTable } from "./table.ts";

/** What those meet who call margin and liquidate. */
export const LIQUIDATION_SENTENCES = {
  AlreadyCalled: ({ id, deadline }, say) =>
    `The margin of ${say.loan(id)} is called already, until ${say.time(deadline)}: liquidate after that if it is still above its call line.`,
  InCurePeriod: ({ id, deadline }, say) =>
    `The owner of ${say.loan(id)} has until ${say.time(deadline)} to cure it: liquidate after that if it is still above its call line.`,
  MarginCallLapsed: ({ id, lapse }, say) =>
    `The margin call of ${say.loan(id)} lapsed at ${say.time(lapse)}: call its margin again.`,
  MarginCallStands: ({ id, debt, borrowLimit }, say) =>
    `The margin call of ${say.loan(id)} stands, as it owes ${say.asset(debt)} and its borrow limit is ${say.asset(borrowLimit)}: repay or pledge until it owes no more than that, or wait until the call lapses.`,
  NoCredit: ({ caller, listing }, say) =>
    `${caller} has no credit in ${say.listing(listing)} to claim: claim with the account that called the margin, or wait until a loan that it called is sold.`,
  NoMarginCall: ({ id }, say) => `No margin call of ${say.loan(id)} stands, so there is none to clear: leave it out.`,
  NotCallable: ({ id, debt, callLine }, say) =>
    `The margin of ${say.loan(id)} cannot be called: it owes ${say.asset(debt)} and its call line is ${say.asset(callLine)}. Call once it owes more than that.`,
  NotLiquidatable: ({ id, debt, liquidationLine }, say) =>
    `There is nothing to liquidate in ${say.loan(id)}: it owes ${say.asset(debt)} and its liquidation line is ${say.asset(liquidationLine)}. Liquidate once it owes more than that.`,
  NotWorthless: ({ id, value, limit }, say) =>
    `The pledges of ${say.loan(id)} are worth ${say.asset(value)}, and only what is worth less than ${say.asset(limit)} is written off: liquidate it instead.`,
  NothingCalled: ({ loans }) =>
    `None of the ${loans} loans can be called now: keep only loans above their call line that are not called yet.`,
  NothingLiquidated: ({ orders }) =>
    `None of the ${orders} orders could be filled: keep only loans that can be liquidated, and ask for less in return.`,
  RemainderTooSmall: ({ value, min }, say) =>
    `Pledges worth ${say.asset(value)} would remain beside a larger debt, and the least is ${say.asset(min)}: repay so much that the pledge is taken whole, or less.`,
  SeizedBelowMin: ({ seized, min }) =>
    `The liquidation yields ${seized} base units of the pledge, fewer than the ${min} that were asked for: lower minSeized, or leave the loan to others.`,
} satisfies Partial<SentenceTable>;

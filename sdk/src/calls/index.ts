/** Typed calls: reading a market, and one function for each thing that a user does in it. */
export { approve, approveCall, missingApprovals } from "./approve.ts";
export {
  authorise,
  authoriseCall,
  revokeSignatures,
  revokeSignaturesCall,
  type AuthoriseOrder,
  type Revoked,
} from "./authorise.ts";
export { borrow, borrowCall, type Borrowed, type BorrowOrder } from "./borrow.ts";
export { bundle, permitCall } from "./bundle.ts";
export { callMargin, callMarginCall, type CallMarginOrder, type MarginCalled } from "./call-margin.ts";
export type { Approval, CallRequest } from "./call-request.ts";
export { claimCredit, claimCreditCall, type ClaimCreditOrder, type CreditClaimed } from "./claim-credit.ts";
export { clearMarginCall, clearMarginCallCall } from "./clear-margin-call.ts";
export { close, closeCall, type Closed, type CloseOrder } from "./close.ts";
export { connect, type MarketConnection, type Requests, type Runner } from "./connection.ts";
export { lend, lendCall, type LendOrder, type Lent } from "./lend.ts";
export {
  liquidate,
  liquidateCall,
  writeOff,
  writeOffCall,
  type Fill,
  type Liquidated,
  type LiquidateOrder,
  type LoanLiquidation,
  type WrittenOff,
} from "./liquidate.ts";
export { open, openCall, type Opened, type OpenLoanOrder } from "./open.ts";
export type { Receiver } from "./orders.ts";
export { pledge, pledgeCall, type Pledged } from "./pledge.ts";
export { loansOf, readLoan, type LoansOfOptions } from "./read-loan.ts";
export { readMarket, type ReadMarketOptions } from "./read-market.ts";
export type { BlockTag, ReadOptions } from "./reader.ts";
export { refinance, refinanceCall, type Refinanced } from "./refinance.ts";
export { release, releaseCall, type Released, type ReleaseOrder } from "./release.ts";
export { repay, repayCall, type Repaid, type RepayOrder } from "./repay.ts";
export { roll, rollCall } from "./roll.ts";
export { send, type Done, type SendOptions, type TransactionOverrides } from "./send.ts";
export { sharesOf, withdraw, withdrawCall, type WithdrawOrder, type Withdrawn } from "./withdraw.ts";

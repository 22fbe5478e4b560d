import { ADMIN_DELAY } from "../../deploy/roles.ts";
import { officers, type Power, type Powers } from "./powers.ts";

/** What only the borrower and its operator may do with the borrower's loans. */
function owners(tries: string): Power {
  return { tries, atOnce: ["borrower", "operator"], error: "NotOwnerOrOperator" };
}

/** The book's functions that change anything. */
export const BOOK_POWERS: Powers = {
  borrow: owners("draw more on the borrower's loan, to oneself"),
  "callMargin: a loan above its call line": { tries: "call its margin", atOnce: "anyone" },
  "callMargin: a loan in order": { tries: "call its margin", error: "NotCallable" },
  "callMarginBatch: a loan above its call line": { tries: "call its margin", atOnce: "anyone" },
  "callMarginBatch: a loan in order": { tries: "call its margin", error: "NothingCalled" },
  cancel: officers("guardian", "cancel a proposed action"),
  cancelAll: officers("guardian", "cancel all proposals"),
  claimCredit: {
    tries: "take what the liquidator's margin call has earned, to oneself",
    atOnce: ["liquidator"],
    error: "NoCredit",
  },
  "clearMarginCall: a call that has lapsed": { tries: "clear it", atOnce: "anyone" },
  "clearMarginCall: a call that stands": { tries: "clear it", error: "MarginCallStands" },
  close: owners("repay the borrower's loan and take its collateral"),
  execute: officers("curator", "raise a cap as proposed 7 days ago"),
  "liquidate: a loan above its liquidation line": { tries: "liquidate it, paying for it", atOnce: "anyone" },
  "liquidate: a loan in order": { tries: "liquidate it", error: "NotLiquidatable" },
  "liquidateBatch: a loan above its liquidation line": { tries: "liquidate it, paying for it", atOnce: "anyone" },
  "liquidateBatch: a loan in order": { tries: "liquidate it", error: "NothingLiquidated" },
  lowerCap: officers("guardian", "lower a listing's cap to 0"),
  "multicall: the caller's own business": { tries: "several calls in one", atOnce: "anyone" },
  "multicall: a draw on the borrower's loan": owners("what the call inside may do, and nothing else"),
  "multicall: an officer's function": officers("guardian", "what the call inside may do, and nothing else"),
  open: owners("open a loan of the borrower's, drawing to oneself"),
  openTerm: owners("open a fixed-term loan of the borrower's, drawing to oneself"),
  permit: { tries: "use a signed approval of one's own", atOnce: "anyone" },
  "pledge: more of what a loan holds": {
    tries: "add to the borrower's pledge, from one's own tokens",
    atOnce: "anyone",
  },
  "pledge: another asset": owners("add an asset to the borrower's loan"),
  propose: officers("curator", "propose a higher cap, a listing or a feed"),
  "refinance: drawing more": owners("fix the rate of the borrower's loan, drawing to oneself"),
  "refinance: drawing nothing": owners("fix the rate of the borrower's loan"),
  release: owners("take collateral out of the borrower's loan, to oneself"),
  repay: { tries: "repay the borrower's loan from one's own tokens", atOnce: "anyone" },
  retire: officers("guardian", "retire a listing for ever"),
  revokeSignatures: { tries: "make one's own unused signatures worthless", atOnce: "anyone" },
  "roll: a loan that has matured": { tries: "make it an open-term loan", atOnce: "anyone" },
  "roll: a loan within its term": { tries: "make it an open-term loan", error: "NotMatured" },
  setAuthority: {
    tries: "point the book at another authority",
    later: { caller: "admin", delay: ADMIN_DELAY },
    error: "AccessManagedUnauthorized",
  },
  setAuthorization: { tries: "make or unmake an operator of one's own loans", atOnce: "anyone" },
  "setAuthorizationWithSig: the borrower's signature": {
    tries: "bring it, which makes an operator of whom the borrower has named",
    atOnce: "anyone",
  },
  "setAuthorizationWithSig: a signature of one's own": {
    tries: "make oneself an operator of the borrower's loans",
    atOnce: ["borrower"],
    error: "InvalidSignature",
  },
  "writeOff: a loan whose pledges are worth next to nothing": { tries: "write it off", atOnce: "anyone" },
  "writeOff: a loan in order": { tries: "write it off", error: "NotWorthless" },
};

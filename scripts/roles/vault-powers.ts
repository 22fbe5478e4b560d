import { ADMIN_DELAY } from "../../deploy/roles.ts";
import { officers, type Powers } from "./powers.ts";

/** The vault's functions that change anything. */
export const VAULT_POWERS: Powers = {
  accrue: { tries: "book interest up to now", atOnce: "anyone" },
  accrueDebt: { tries: "book interest up to now, as the book does", error: "CallerNotBook" },
  approve: { tries: "approve a spender of one's own shares", atOnce: "anyone" },
  cancel: officers("guardian", "cancel a proposed deposit cap"),
  cancelAll: officers("guardian", "cancel all proposals"),
  deposit: { tries: "lend one's own tokens", atOnce: "anyone" },
  draw: { tries: "send the vault's cash to oneself (the book does, for a borrower)", error: "CallerNotBook" },
  execute: officers("curator", "raise the deposit cap as proposed 7 days ago"),
  flashLoan: { tries: "borrow the cash for the length of one call, by a contract that pays it back", atOnce: "anyone" },
  lowerDepositCap: officers("guardian", "lower the deposit cap to 0"),
  mint: { tries: "lend one's own tokens, counted in shares", atOnce: "anyone" },
  pause: officers("guardian", "pause deposits, borrowing or flash loans, for 14 days"),
  permit: {
    tries: "approve oneself for the lender's shares, by a signature of one's own",
    atOnce: ["lender"],
    error: "ERC2612InvalidSigner",
  },
  propose: officers("curator", "propose a higher deposit cap"),
  redeem: {
    tries: "take the lender's cash to oneself, counted in shares",
    atOnce: ["lender"],
    error: "ERC20InsufficientAllowance",
  },
  refinanced: {
    tries: "turn the borrower's debt into cash for oneself (the book books what is refinanced)",
    error: "CallerNotBook",
  },
  retire: { tries: "book a repayment that nobody made (the book books those made)", error: "CallerNotBook" },
  setAuthority: {
    tries: "point the vault at another authority",
    later: { caller: "admin", delay: ADMIN_DELAY },
    error: "AccessManagedUnauthorized",
  },
  sweepReserves: officers("treasurer", "send reserves above their target to the treasury"),
  transfer: { tries: "move one's own shares", atOnce: "anyone" },
  transferFrom: { tries: "move the lender's shares without an approval", error: "ERC20InsufficientAllowance" },
  unpause: officers("guardian", "end a pause"),
  withdraw: {
    tries: "take the lender's cash to oneself",
    atOnce: ["lender"],
    error: "ERC20InsufficientAllowance",
  },
  writeOff: {
    tries: "write off the borrower's debt in the vault alone (the book books what is lost)",
    error: "CallerNotBook",
  },
};

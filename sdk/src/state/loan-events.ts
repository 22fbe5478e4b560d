/** What the events of loans change: their debts and pledges, and the vault's sums and cash with them. Mirrors `LoanBook`'s layers. */
import {
  draw,
  noLoan,
  owedBy,
  pay,
  paymentOf,
  refinance,
  roll,
  sell,
  withPledge,
  writeOff,
  type LoanInVault,
} from "../math/loan-changes.ts";
import { CURE_PERIOD } from "../math/margin-call-record.ts";
import type { BookEvents } from "./events.ts";
import { GOVERNANCE_HANDLERS, type Handlers } from "./governance-events.ts";
import { hold, LISTING_HANDLERS, letGo } from "./listing-events.ts";
import { less, requireTold, type Tables } from "./market-state.ts";
import { accrue, cashLess } from "./vault-events.ts";
import { write, writeLoan } from "./write-loan.ts";

export const BOOK_HANDLERS: Handlers<BookEvents> = {
  ...GOVERNANCE_HANDLERS,
  ...LISTING_HANDLERS,

  Pledged(tables, { id, listing, amount }) {
    hold(tables, listing, amount);
    const loan = tables.loans.get(id) ?? noLoan(id);
    writeLoan(tables, withPledge(loan, listing, (loan.pledges.get(listing) ?? 0n) + amount));
  },

  Released(tables, { id, listing, amount }) {
    writeLoan(tables, withPledge(tables.loan(id), listing, pledgeLess(tables, id, listing, amount)));
    letGo(tables, listing, amount);
  },

  ReleaseFailed(tables, { id }) {
    tables.loan(id); // the pledge was taken out and put back, which no other event tells
  },

  TermStarted(tables, { id, rate, maturity }, time) {
    writeLoan(tables, { ...tables.loan(id), rate, since: time, maturity }); // Borrowed follows, and brings the principal
  },

  Borrowed(tables, { id, amount }, time) {
    const at = inVault(tables, id, time);
    cashLess(tables, amount);
    write(tables, draw(at, amount));
  },

  Repaid(tables, { id, amount }, time) {
    const at = inVault(tables, id, time);
    const { debt, fee } = owedBy(at);
    less("What is repaid", debt + fee, amount);
    write(tables, pay(at, paymentOf(at, amount)));
  },

  Refinanced(tables, { id, amount, fee, addFee, rate, maturity }, time) {
    const at = inVault(tables, id, time);
    requireTold("The fee for ending a term", fee, owedBy(at).fee);
    cashLess(tables, amount); // before the fee comes in
    write(tables, refinance(at, { amount, addFee, rate, maturity }));
  },

  Rolled(tables, { id }, time) {
    write(tables, roll(inVault(tables, id, time)));
  },

  MarginCalled(tables, { id, caller, deadline }, time) {
    const loan = tables.loan(id);
    requireTold("The deadline of a margin call", deadline, time + CURE_PERIOD);
    writeLoan(tables, { ...loan, call: { caller, calledAt: time, deadline } });
  },

  MarginCallCleared(tables, { id }) {
    writeLoan(tables, { ...tables.loan(id), call: undefined });
  },

  Liquidated(tables, { id, listing, repaid, seized, writtenOff }, time) {
    const at = inVault(tables, id, time);
    less("What a liquidator repays", owedBy(at).debt, repaid);
    pledgeLess(tables, id, listing, seized);
    const sold = sell(at, { listing, repaid, seized });
    requireTold("What is written off", writtenOff, sold.writtenOff);
    write(tables, sold); // what reserves bear of the loss is LossBooked's
    letGo(tables, listing, seized);
  },

  WrittenOff(tables, { id, debt }, time) {
    const at = inVault(tables, id, time);
    requireTold("What is written off", debt, owedBy(at).debt);
    write(tables, writeOff(at));
    for (const [listing, amount] of at.loan.pledges) letGo(tables, listing, amount);
  },
};

/** A loan in the vault with interest booked, as every call does that changes a debt. */
function inVault(tables: Tables, id: bigint, time: bigint): LoanInVault {
  accrue(tables, time);
  return { loan: tables.loan(id), vault: tables.vault };
}

/** What is left of a pledge [token] when an amount is taken out. */
function pledgeLess(tables: Tables, id: bigint, listing: number, amount: bigint): bigint {
  return less("What is taken of a pledge", tables.loan(id).pledges.get(listing) ?? 0n, amount);
}

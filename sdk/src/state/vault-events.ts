/** What each event of the vault changes. Mirrors `LenderVault`. */
import { accrued } from "../math/vault.ts";
import { NO_ADDRESS } from "../constants.ts";
import type { VaultEvents } from "./events.ts";
import { GOVERNANCE_HANDLERS, type Handlers } from "./governance-events.ts";
import { less, requireTold, type Tables } from "./market-state.ts";

/**
 * Books interest, as the call behind an event did before it wrote anything. The vault reckons interest by steps that end where it is
 * booked, so that it matters which events tell of it: Accrued, Deposit, Withdraw and ReservesSwept here; Borrowed, Repaid, Refinanced,
 * Rolled, Liquidated and WrittenOff of the book. No other call books any, and none of these leaves no event. Within a second the first
 * one counts, and before it nothing that interest depends on has changed.
 */
export function accrue(tables: Tables, time: bigint): void {
  if (tables.vault.lastAccrual !== time) tables.write({ vault: accrued(tables.vault, time) });
}

/** Cash that comes in. [asset] */
function receive(tables: Tables, amount: bigint): void {
  tables.writeVault({ cash: tables.vault.cash + amount });
}

/** Cash that goes out. [asset] */
function pay(tables: Tables, amount: bigint): void {
  tables.writeVault({ cash: cashLess(tables, amount) });
}

/** What is left of the cash [asset] when an amount goes out. */
export function cashLess(tables: Tables, amount: bigint): bigint {
  return less("What leaves the vault's cash", tables.vault.cash, amount);
}

function ignore(): void {
  // It changes nothing that is stored, or an allowance, which events do not tell whole.
}

export const VAULT_HANDLERS: Handlers<VaultEvents> = {
  ...GOVERNANCE_HANDLERS,
  Approval: ignore,
  FlashLoan: ignore,

  Accrued(tables, { index }, time) {
    accrue(tables, time);
    requireTold("The index", index, tables.vault.index);
  },

  Deposit(tables, { assets }, time) {
    accrue(tables, time);
    receive(tables, assets);
  },

  Withdraw(tables, { assets }, time) {
    accrue(tables, time);
    pay(tables, assets);
  },

  ReservesSwept(tables, { amount }, time) {
    accrue(tables, time);
    pay(tables, amount);
    tables.writeVault({ reserves: less("What is swept", tables.vault.reserves, amount) });
  },

  LossBooked(tables, { fromReserves }) {
    tables.writeVault({ reserves: less("What reserves bear", tables.vault.reserves, fromReserves) });
  },

  DepositCapChanged(tables, { cap }, time) {
    // The constructor's is the vault's first: from then on time runs.
    if (tables.vault.lastAccrual === 0n) tables.writeVault({ lastAccrual: time });
    tables.write({ depositCap: cap });
  },

  PauseSet(tables, { activity, until }) {
    if (until === 0n) tables.pauses.delete(activity);
    else tables.pauses.set(activity, until);
  },

  Transfer(tables, { from, to, value }) {
    if (from === NO_ADDRESS) tables.write({ totalSupply: tables.totalSupply + value });
    else setBalance(tables, from, less("What leaves a balance", tables.balances.get(from) ?? 0n, value));
    if (to === NO_ADDRESS) tables.write({ totalSupply: less("What is burnt", tables.totalSupply, value) });
    else setBalance(tables, to, (tables.balances.get(to) ?? 0n) + value);
  },
};

function setBalance(tables: Tables, owner: string, shares: bigint): void {
  if (shares === 0n) tables.balances.delete(owner);
  else tables.balances.set(owner, shares);
}

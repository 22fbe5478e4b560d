/** The books of a market as an indexer keeps them, from events alone. */
import { expect } from "chai";
import type { Interface, LogDescription } from "ethers";

import { ethers } from "./chain.ts";
import type { Market } from "./market.ts";
import { debtOf as openDebt, Fraction, WAD, whole } from "./mathematics.ts";
import { debtOf as termDebt, feeOf, payment, termDebtOf, type Term } from "./terms.ts";

const NOBODY = `0x${"0".repeat(40)}`;
const OPEN = { rate: 0n, since: 0n, maturity: 0n };

/** What an indexer keeps. It sees events and, for their blocks, time and index: never a call's arguments, nor storage. */
export class EventLedger {
  public cash = 0n;
  /** Open-term loans with their scaled debt, fixed-term loans with their principal. */
  public readonly loans = new Map<bigint, Term>();
  /** By "id/listing". */
  public readonly pledges = new Map<string, bigint>();
  /** By loan: caller, when it was made, and deadline. */
  public readonly calls = new Map<bigint, [caller: string, calledAt: bigint, deadline: bigint]>();
  /** By "caller/listing". */
  public readonly credits = new Map<string, bigint>();
  /** By "owner/operator". */
  public readonly operators = new Map<string, boolean>();
  /** By owner: the next one. */
  public readonly nonces = new Map<string, bigint>();

  public loanOf(id: bigint): Term {
    return this.loans.get(id) ?? { base: 0n, ...OPEN };
  }

  public get scaledDebt(): bigint {
    return [...this.loans.values()].reduce((sum, { base, maturity }) => sum + (maturity === 0n ? base : 0n), 0n);
  }

  public get termDebt(): bigint {
    return termDebtOf([...this.loans.values()].filter(({ maturity }) => maturity !== 0n));
  }

  /** What loans pledge of a listing, and what is kept for callers. */
  public heldOf(listing: bigint): bigint {
    const entries = [...this.pledges, ...this.credits].filter(([key]) => key.endsWith(`/${listing}`));
    return entries.reduce((sum, [, amount]) => sum + amount, 0n);
  }

  public read({ name, args }: LogDescription, index: bigint, time: bigint): void {
    const value = (key: string): bigint => {
      const field: unknown = args.getValue(key);
      return typeof field === "bigint" ? field : expect.fail(`${name} has no ${key}`);
    };
    const text = (key: string): string => String(args.getValue(key));
    const isTrue = (key: string): boolean => args.getValue(key) === true;

    if (name === "Deposit") this.cash += value("assets");
    if (name === "Withdraw") this.cash -= value("assets");
    if (name === "ReservesSwept") this.cash -= value("amount");
    if (name === "AuthorizationSet") this.operators.set(`${text("owner")}/${text("operator")}`, isTrue("isAuthorized"));
    if (name === "NonceUsed") this.nonces.set(text("owner"), value("nonce") + 1n);
    if (name === "CreditClaimed") add(this.credits, `${text("caller")}/${value("listing")}`, -value("amount"));
    if (!("id" in args.toObject())) return;

    const id = value("id");
    const loan = this.loanOf(id);
    const debt = loan.maturity === 0n ? openDebt(loan.base, index) : termDebt(loan, time);
    if (name === "Pledged") add(this.pledges, `${id}/${value("listing")}`, value("amount"));
    if (name === "Released") add(this.pledges, `${id}/${value("listing")}`, -value("amount"));
    if (name === "TermStarted") {
      this.loans.set(id, { base: 0n, rate: value("rate"), since: time, maturity: value("maturity") });
    }
    if (name === "Borrowed") {
      this.cash -= value("amount");
      const added = loan.maturity === 0n ? scaled(value("amount"), index).ceil() : value("amount");
      this.loans.set(id, { ...loan, base: loan.base + added });
    }
    if (name === "Repaid") {
      this.cash += value("amount");
      const fee = loan.maturity === 0n ? 0n : feeOf(loan, time);
      const isAll = value("amount") === debt + fee;
      if (loan.maturity === 0n || isAll) this.retire(id, value("amount"), isAll, index, time);
      else this.loans.set(id, payment(loan, value("amount"), time).left);
    }
    if (name === "Refinanced") {
      const added = value("amount") + (isTrue("addFee") ? value("fee") : 0n);
      this.cash += isTrue("addFee") ? 0n : value("fee");
      this.cash -= value("amount");
      const isFixed = value("maturity") !== 0n;
      const term = { rate: value("rate"), since: isFixed ? time : 0n, maturity: value("maturity") };
      this.loans.set(id, { base: isFixed ? debt + added : scaled(debt + added, index).ceil(), ...term });
    }
    if (name === "Rolled") this.loans.set(id, { base: scaled(debt, index).ceil(), ...OPEN });
    if (name === "MarginCalled") this.calls.set(id, [text("caller"), time, value("deadline")]);
    if (name === "MarginCallCleared") this.calls.delete(id);
    if (name === "Liquidated") {
      this.cash += value("repaid");
      add(this.pledges, `${id}/${value("listing")}`, -value("seized"));
      this.retire(id, value("repaid"), value("repaid") === debt || value("writtenOff") !== 0n, index, time);
    }
    if (name === "Credited") add(this.credits, `${text("caller")}/${value("listing")}`, value("amount"));
    if (name === "WrittenOff") {
      this.loans.delete(id);
      for (const key of this.pledges.keys()) if (key.startsWith(`${id}/`)) this.pledges.set(key, 0n);
    }
  }

  /** Takes a payment without a fee off a loan, or all that it owes. */
  private retire(id: bigint, amount: bigint, isAll: boolean, index: bigint, time: bigint): void {
    const loan = this.loanOf(id);
    if (isAll) this.loans.delete(id);
    else if (loan.maturity === 0n) this.loans.set(id, { ...loan, base: loan.base - scaled(amount, index).floor() });
    else this.loans.set(id, { ...payment({ ...loan, maturity: time }, amount, time).left, maturity: loan.maturity });
  }
}

/** Reads all events of a market, oldest first. */
export async function readEvents({ vault, book }: Market): Promise<EventLedger> {
  const ledger = new EventLedger();
  const contracts = new Map<string, Interface>([
    [await vault.getAddress(), vault.interface],
    [await book.getAddress(), book.interface],
  ]);
  const logs = await ethers.provider.getLogs({ address: [...contracts.keys()], fromBlock: 0 });
  for (const log of logs) {
    const event = contracts.get(log.address)?.parseLog(log);
    if (!event) throw new Error(`A log that the interface does not know: ${log.topics[0] ?? "none"}`);
    const { timestamp } = await log.getBlock();
    ledger.read(event, await vault.debtIndex({ blockTag: log.blockNumber }), BigInt(timestamp));
  }
  return ledger;
}

/** Compares the books with what is stored, to the unit; `parties` are all who may have credits. */
export async function expectRebuilt(
  { vault, book }: Market,
  ledger: EventLedger,
  ids: readonly bigint[],
  parties: readonly { address: string }[],
): Promise<void> {
  const state = await vault.state();
  expect([ledger.cash, ledger.scaledDebt]).to.deep.equal([state.cash, state.scaledDebt]);
  expect(ledger.termDebt).to.equal(await vault.termDebt());
  const count = await book.listingCount();
  for (const id of ids) {
    const { base, rate, since, maturity, flags, pledged } = await book.loan(id);
    expect(ledger.loanOf(id)).to.deep.equal({ base, rate, since, maturity });
    const { caller, calledAt, deadline } = await book.marginCallOf(id);
    expect(ledger.calls.get(id) ?? [NOBODY, 0n, 0n]).to.deep.equal([caller, calledAt, deadline]);
    expect(flags).to.equal(ledger.calls.has(id) ? 1n : 0n);
    for (let listing = 0n; listing < count; listing++) {
      const amount = ledger.pledges.get(`${id}/${listing}`) ?? 0n;
      expect(amount).to.equal(await book.pledgeOf(id, listing));
      expect((pledged >> listing) & 1n).to.equal(amount === 0n ? 0n : 1n);
    }
  }
  for (let listing = 0n; listing < count; listing++) {
    expect(ledger.heldOf(listing)).to.equal((await book.listings(listing)).held);
    for (const { address } of parties) {
      expect(ledger.credits.get(`${address}/${listing}`) ?? 0n).to.equal(await book.creditOf(address, listing));
    }
  }
  for (const { address: owner } of parties) {
    expect(ledger.nonces.get(owner) ?? 0n).to.equal(await book.nonces(owner));
    for (const { address: operator } of parties) {
      const isOperator = ledger.operators.get(`${owner}/${operator}`) ?? false;
      expect(isOperator).to.equal(await book.isAuthorized(owner, operator));
    }
  }
}

/** What an amount is of scaled debt. */
function scaled(amount: bigint, index: bigint): Fraction {
  return whole(amount).times(new Fraction(WAD, index));
}

function add(map: Map<string, bigint>, key: string, amount: bigint): void {
  map.set(key, (map.get(key) ?? 0n) + amount);
}

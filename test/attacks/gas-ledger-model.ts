/**
 * What a book should say of its loans, kept beside it in plain maps: no words, no fields, no place that two things share. Pledges come
 * from what calls were told; only what a liquidation took is read from its events.
 */
import { expect } from "chai";
import type { ContractTransactionReceipt } from "ethers";

import { clock, YEAR } from "../helpers/chain.ts";
import type { Market } from "../helpers/market.ts";
import type { TestToken } from "../helpers/mocks.ts";

const WAD = 10n ** 18n;
const UNIT = YEAR * 10n ** 9n;
const HAS_TERMS = 1n << 7n;

export interface Term {
  since: bigint;
  maturity: bigint;
  rate: bigint;
}

export interface ModelLoan {
  base: bigint;
  pledges: Map<bigint, bigint>;
  term: Term | undefined;
  isCalled: boolean;
}

const divUp = (a: bigint, b: bigint): bigint => (a + b - 1n) / b;

const bigintOr0 = (value: unknown): bigint => (typeof value === "bigint" ? value : 0n);
const sum = (values: bigint[]): bigint => values.reduce((total, value) => total + value, 0n);

export class LedgerModel {
  public readonly loans = new Map<bigint, ModelLoan>();
  readonly #credits = new Map<string, bigint>();
  readonly #market: Market;
  readonly #listings: readonly TestToken[];

  /** @param listings - The token of each listing, by number. */
  public constructor(market: Market, listings: readonly TestToken[]) {
    this.#market = market;
    this.#listings = listings;
  }

  public of(id: bigint): ModelLoan {
    let loan = this.loans.get(id);
    if (loan === undefined) {
      loan = { base: 0n, pledges: new Map<bigint, bigint>(), term: undefined, isCalled: false };
      this.loans.set(id, loan);
    }
    return loan;
  }

  /** What a base has grown to, and what ending a term costs besides: numerator, denominator and the fee's numerator. */
  public growth({ term }: ModelLoan, index: bigint): [grown: bigint, unit: bigint, fee: bigint] {
    if (term === undefined) return [index, WAD, 0n];
    const { since, maturity, rate } = term;
    const left = maturity > clock.now() ? maturity - clock.now() : 0n;
    const week = (YEAR / 365n) * 7n;
    return [UNIT + rate * (clock.now() - since), UNIT, rate * (left < week ? left : week)];
  }

  public debt(loan: ModelLoan, index: bigint): bigint {
    const [grown, unit] = this.growth(loan, index);
    return divUp(loan.base * grown, unit);
  }

  public fee(loan: ModelLoan, index: bigint): bigint {
    const [, unit, fee] = this.growth(loan, index);
    return divUp(loan.base * fee, unit);
  }

  public put(id: bigint, listing: bigint, amount: bigint): void {
    const { pledges } = this.of(id);
    pledges.set(listing, (pledges.get(listing) ?? 0n) + amount);
  }

  public take(id: bigint, listing: bigint, amount: bigint): void {
    const { pledges } = this.of(id);
    const left = (pledges.get(listing) ?? 0n) - amount;
    expect(left).to.be.at.least(0n);
    if (left === 0n) pledges.delete(listing);
    else pledges.set(listing, left);
  }

  public draw(id: bigint, amount: bigint, index: bigint): void {
    this.of(id).base += divUp(amount * WAD, index);
  }

  /** A payment of at most so much. */
  public repay(id: bigint, maxAmount: bigint, index: bigint): void {
    const loan = this.of(id);
    const [grown, unit, fee] = this.growth(loan, index);
    if (maxAmount >= this.debt(loan, index) + this.fee(loan, index)) this.#end(loan);
    else loan.base -= (maxAmount * unit) / (grown + fee);
  }

  /** Pledges that cannot leave stay, in a loan without debt. */
  public close(id: bigint, stays: (listing: bigint) => boolean): void {
    const loan = this.of(id);
    this.#end(loan);
    for (const listing of [...loan.pledges.keys()]) if (!stays(listing)) loan.pledges.delete(listing);
  }

  /** From one kind to another, or the same kind anew. */
  public refinance(id: bigint, more: bigint, index: bigint, term: Term | undefined): void {
    const loan = this.of(id);
    const debt = this.debt(loan, index) + more;
    loan.term = term;
    loan.base = term === undefined ? divUp(debt * WAD, index) : debt;
  }

  /** What margin calls, credits and liquidations did, by the events of a call. */
  public read(receipt: ContractTransactionReceipt | null, index: bigint): void {
    for (const log of receipt?.logs ?? []) {
      const event = this.#market.book.interface.parseLog(log);
      if (event === null) continue;
      const values: readonly unknown[] = event.args;
      const [first, second, third, ...amounts] = values;
      const [id, listing, paid, seized, lost] = [first, second, ...amounts].map(bigintOr0);
      if (event.name === "MarginCalled") this.of(id ?? 0n).isCalled = true;
      else if (event.name === "MarginCallCleared") this.of(id ?? 0n).isCalled = false;
      else if (event.name === "WrittenOff") this.close(id ?? 0n, () => false);
      else if (event.name === "Credited") this.#credit(String(third), listing ?? 0n, paid ?? 0n);
      else if (event.name === "CreditClaimed") this.#credits.delete(`${String(first)} ${listing}`);
      else if (event.name === "Liquidated")
        this.#sell(id ?? 0n, listing ?? 0n, [paid ?? 0n, seized ?? 0n, lost ?? 0n], index);
    }
  }

  #credit(caller: string, listing: bigint, amount: bigint): void {
    const key = `${caller} ${listing}`;
    this.#credits.set(key, (this.#credits.get(key) ?? 0n) + amount);
  }

  #sell(id: bigint, listing: bigint, [repaid, seized, lost]: [bigint, bigint, bigint], index: bigint): void {
    const loan = this.of(id);
    const [grown, unit] = this.growth(loan, index);
    const isAll = repaid === this.debt(loan, index);
    this.take(id, listing, seized);
    if (isAll) this.#end(loan);
    else loan.base -= (repaid * unit) / grown;
    if (loan.base !== 0n && loan.pledges.size === 0) {
      expect(lost).to.equal(this.debt(loan, index));
      this.#end(loan);
    } else expect(lost).to.equal(0n);
    if (loan.base === 0n) this.#end(loan);
  }

  #end(loan: ModelLoan): void {
    loan.base = 0n;
    loan.term = undefined;
  }

  /** The credits of a caller. */
  public credit(caller: string, listing: bigint): bigint {
    return this.#credits.get(`${caller} ${listing}`) ?? 0n;
  }

  /** The book says the same of these loans, of what it holds by each listing, and has each token. */
  public async expectSame(ids: Iterable<bigint>): Promise<void> {
    const { book } = this.#market;
    const numbers = this.#listings.map((_, listing) => BigInt(listing));
    for (const id of ids) {
      const loan = this.of(id);
      const set = [...loan.pledges.keys()].reduce((bits, listing) => bits | (1n << listing), 0n);
      const { since, maturity, rate } = loan.term ?? { since: 0n, maturity: 0n, rate: 0n };
      const flags = loan.isCalled ? 1n : 0n;
      expect(await book.loan(id)).to.deep.equal([loan.base, set, since, maturity, rate, flags]);
      const pledges = await Promise.all(numbers.map(async (listing) => book.pledgeOf(id, listing)));
      expect(pledges).to.deep.equal(numbers.map((listing) => loan.pledges.get(listing) ?? 0n));
    }
    const held = numbers.map((listing) => {
      const credits = [...this.#credits].filter(([key]) => key.endsWith(` ${listing}`)).map(([, amount]) => amount);
      return sum([...[...this.loans.values()].map(({ pledges }) => pledges.get(listing) ?? 0n), ...credits]);
    });
    const stored = await Promise.all(numbers.map(async (listing) => (await book.listings(listing)).held));
    expect(stored).to.deep.equal(held);
    for (const token of new Set(this.#listings)) {
      const all = held.filter((_, listing) => this.#listings[listing] === token);
      expect(await token.balanceOf(book)).to.equal(sum(all));
    }
  }

  /** The vault's sums are those of the loans, and its flag says whether there are terms. */
  public async expectSums(): Promise<void> {
    const { vault } = this.#market;
    let [scaled, principal, weighted, dated] = [0n, 0n, 0n, 0n];
    for (const { base, term } of this.loans.values()) {
      if (term === undefined) scaled += base;
      else {
        principal += base;
        weighted += base * term.rate;
        dated += base * term.rate * term.since;
      }
    }
    const state = await vault.state();
    expect(state.scaledDebt).to.equal(scaled);
    expect(await vault.termSums()).to.deep.equal([principal, weighted, dated]);
    expect(state.flags & HAS_TERMS).to.equal(principal === 0n ? 0n : HAS_TERMS);
    expect(await this.#market.usdc.balanceOf(vault)).to.equal(state.cash);
  }
}

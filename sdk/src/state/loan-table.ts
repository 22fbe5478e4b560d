/** The loans of a market by their ids: changes are recorded, so that they can be taken back. */
import type { LoanPage } from "../loans/loan-page.ts";
import { LoanStore, type LoanRows } from "../loans/loan-store.ts";
import type { Loan } from "../types.ts";
import type { Journal } from "./journal.ts";

/** A market's loans by their ids, in no particular order: each is made anew as it is read. `screen` of the monitor takes it as it is. */
export interface Loans extends ReadonlyMap<bigint, Loan>, LoanRows {}

/** What a market's history writes its loans to. */
export class LoanTable implements Loans {
  readonly #store = new LoanStore();
  readonly #journal: Journal;

  public constructor(journal: Journal) {
    this.#journal = journal;
  }

  public get size(): number {
    return this.#store.size;
  }

  public get pages(): readonly LoanPage[] {
    return this.#store.pages;
  }

  public get deletions(): number {
    return this.#store.deletions;
  }

  public idAt(row: number): bigint {
    return this.#store.idAt(row);
  }

  public has(id: bigint): boolean {
    return this.#store.has(id);
  }

  public get(id: bigint): Loan | undefined {
    return this.#store.get(id);
  }

  public *keys(): MapIterator<bigint> {
    for (let row = 0; row < this.size; row++) yield this.idAt(row);
    return undefined;
  }

  public values(): MapIterator<Loan> {
    return this.#store.values();
  }

  public *entries(): MapIterator<[bigint, Loan]> {
    for (const loan of this.values()) yield [loan.id, loan];
    return undefined;
  }

  public [Symbol.iterator](): MapIterator<[bigint, Loan]> {
    return this.entries();
  }

  public forEach(visit: (loan: Loan, id: bigint, loans: ReadonlyMap<bigint, Loan>) => void): void {
    for (const loan of this.values()) visit(loan, loan.id, this);
  }

  /** Writes a loan in place of what was there. */
  public set(loan: Loan): void {
    const before = this.get(loan.id);
    this.#store.set(loan);
    this.#journal.record(() => {
      if (before === undefined) this.#store.delete(loan.id);
      else this.#store.set(before);
    });
  }

  /** Deletes the loan of an id, if there is one. */
  public delete(id: bigint): void {
    const before = this.get(id);
    if (before === undefined) return;
    this.#store.delete(id);
    this.#journal.record(() => {
      this.#store.set(before);
    });
  }
}

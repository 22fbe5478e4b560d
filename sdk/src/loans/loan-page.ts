/** Some thousand loans in columns: 41 bytes a loan and 13 a pledge, beside the ids, the callers and what growing leaves free. */
import { CURE_PERIOD } from "../math/margin-call-record.ts";
import type { Loan } from "../types.ts";
import { AmountColumn, gathered } from "./amount-column.ts";

/** How many bits of a row's number tell it from the others of its page. */
export const PAGE_BITS = 14;

/** How many loans a page has room for. Pages never grow, so that a full monitor is never copied, nor kept twice meanwhile. */
export const PAGE_SIZE = 2 ** PAGE_BITS;

/** Rows are dense: 0…size - 1. The pledges of a row stand beside each other in columns of their own. */
export class LoanPage {
  /** Kept as they were given, so that nothing is made when a list of them is read. */
  public readonly ids = new Array<bigint>(PAGE_SIZE).fill(0n);
  /** Open-term: scaled debt [asset / index]; fixed-term: principal [asset]. */
  public readonly base = new AmountColumn(PAGE_SIZE);
  /** 0 for open-term loans. [s] */
  public readonly maturity = new Uint32Array(PAGE_SIZE);
  /** [s] */
  public readonly since = new Uint32Array(PAGE_SIZE);
  /** [1e-9/year] */
  public readonly rate = new Uint32Array(PAGE_SIZE);
  /** When the margin call that is stored was made; 0 if none is. [s] */
  public readonly calledAt = new Uint32Array(PAGE_SIZE);
  /** By row: who made it. Few are called at a time. */
  public readonly callers = new Map<number, string>();
  /** Place of the first pledge. */
  public readonly first = new Uint32Array(PAGE_SIZE);
  /** How many pledges there are. */
  public readonly count = new Uint8Array(PAGE_SIZE);

  /** By place: the listing's number. */
  public listing = new Uint8Array(PAGE_SIZE);
  /** By place. [token] */
  public readonly amount = new AmountColumn(PAGE_SIZE);

  #size = 0;
  /** Places that were given out since the pledges were packed, and of these those that rows still have. */
  #given = 0;
  #held = 0;

  /** How many loans there are. */
  public get size(): number {
    return this.#size;
  }

  /** What the columns take, without the ids themselves. [byte] */
  public get byteLength(): number {
    const { maturity, since, rate, calledAt, first, count, listing, base, amount } = this;
    const columns = [maturity, since, rate, calledAt, first, count, listing, base, amount];
    return columns.reduce((sum, column) => sum + column.byteLength, 8 * PAGE_SIZE);
  }

  /** The loan of a row. */
  public read(row: number): Loan {
    const calledAt = BigInt(this.calledAt[row] ?? 0);
    const pledges = new Map<number, bigint>();
    const first = this.first[row] ?? 0;
    const end = first + (this.count[row] ?? 0);
    for (let i = first; i < end; i++) pledges.set(this.listing[i] ?? 0, this.amount.read(i));
    return {
      id: this.ids[row] ?? 0n,
      base: this.base.read(row),
      since: BigInt(this.since[row] ?? 0),
      maturity: BigInt(this.maturity[row] ?? 0),
      rate: BigInt(this.rate[row] ?? 0),
      pledges,
      call:
        calledAt === 0n
          ? undefined
          : { caller: this.callers.get(row) ?? "", calledAt, deadline: calledAt + CURE_PERIOD },
    };
  }

  /** Writes a loan whose figures have been checked; the row is one that there is, or the next. */
  public write(row: number, loan: Loan): void {
    this.#appendAt(row);
    this.ids[row] = loan.id;
    this.base.write(row, loan.base);
    this.maturity[row] = Number(loan.maturity);
    this.since[row] = Number(loan.since);
    this.rate[row] = Number(loan.rate);
    this.calledAt[row] = Number(loan.call?.calledAt ?? 0n);
    this.#setCaller(row, loan.call?.caller);
    let place = this.#placeFor(row, loan.pledges.size);
    for (const [listing, amount] of loan.pledges) {
      this.listing[place] = listing;
      this.amount.write(place++, amount);
    }
  }

  /** Writes what a row of a page holds, this one or another, in place of a row that there is. */
  public copy(from: LoanPage, source: number, row: number): void {
    this.ids[row] = from.ids[source] ?? 0n;
    this.base.copy(from.base, source, row);
    this.maturity[row] = from.maturity[source] ?? 0;
    this.since[row] = from.since[source] ?? 0;
    this.rate[row] = from.rate[source] ?? 0;
    this.calledAt[row] = from.calledAt[source] ?? 0;
    this.#setCaller(row, from.callers.get(source));
    const count = from.count[source] ?? 0;
    const place = this.#placeFor(row, count);
    const first = from.first[source] ?? 0; // after `#placeFor`, which moves the pledges of this page
    for (let i = 0; i < count; i++) {
      this.listing[place + i] = from.listing[first + i] ?? 0;
      this.amount.copy(from.amount, first + i, place + i);
    }
  }

  /** Removes the last row. */
  public pop(): void {
    this.#held -= this.count[--this.#size] ?? 0;
    this.ids[this.#size] = 0n;
    this.callers.delete(this.#size);
  }

  #setCaller(row: number, caller: string | undefined): void {
    if (caller === undefined) this.callers.delete(row);
    else this.callers.set(row, caller);
  }

  #appendAt(row: number): void {
    if (row !== this.#size) return;
    this.count[row] = 0;
    this.#size++;
  }

  /** Where the pledges of a row go: as many as before stay where they were, others come behind all that there are. */
  #placeFor(row: number, count: number): number {
    const before = this.count[row] ?? 0;
    if (before !== count) {
      this.#held -= before;
      this.count[row] = 0;
      if (this.#given + count > this.listing.length) this.#pack(count);
      this.count[row] = count;
      this.first[row] = this.#given;
      this.#given += count;
      this.#held += count;
    }
    return this.first[row] ?? 0;
  }

  /**
   * Packs the pledges in the order of their rows, with room for as many of each row that the page lacks, and an eighth more: what is
   * held decides, not what was given.
   */
  #pack(more: number): void {
    const capacity = Math.ceil(((this.#held + more) * 1.125 * PAGE_SIZE) / this.#size);
    const places = new Uint32Array(this.#held);
    let place = 0;
    for (let row = 0; row < this.#size; row++) {
      const first = this.first[row] ?? 0;
      this.first[row] = place;
      for (let i = 0; i < (this.count[row] ?? 0); i++) places[place++] = first + i;
    }
    this.listing = gathered(this.listing, places, new Uint8Array(capacity));
    this.amount.gather(places, capacity);
    this.#given = place;
  }
}

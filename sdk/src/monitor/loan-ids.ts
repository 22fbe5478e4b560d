/** The ids that a screening found, in a bit for each loan: a fall of prices may find hundreds of thousands at once. */
import { StaleScreeningError } from "../errors/stale-screening.ts";
import type { LoanRows } from "../loans/loan-store.ts";
import type { RowSet } from "./row-set.ts";

/**
 * Ids in no particular order. They are looked up by row as they are read, until one of the loans is deleted; `[...ids]` keeps
 * them longer.
 */
export class LoanIds implements Iterable<bigint> {
  readonly #loans: LoanRows;
  readonly #rows: RowSet;
  readonly #deletions: number;

  /** @param rows Of the loans, as they are now. */
  public constructor(loans: LoanRows, rows: RowSet) {
    this.#loans = loans;
    this.#rows = rows;
    this.#deletions = loans.deletions;
  }

  /** How many there are. */
  public get size(): number {
    return this.#rows.size;
  }

  /**
   * Visits each id; in half the time that `for … of` takes, which only hundreds of thousands make felt.
   * @throws {@link StaleScreeningError} after a deletion.
   */
  public forEach(visit: (id: bigint) => void): void {
    this.#rows.forEach((row) => {
      visit(this.#idAt(row));
    });
  }

  /** @throws {@link StaleScreeningError} after a deletion. */
  public *[Symbol.iterator](): Generator<bigint, void, undefined> {
    for (const row of this.#rows) yield this.#idAt(row);
  }

  #idAt(row: number): bigint {
    if (this.#loans.deletions !== this.#deletions) throw new StaleScreeningError();
    return this.#loans.idAt(row);
  }
}

/** Loans in columns, found by their ids: a million take less than 200 megabytes, a part of what as many objects would. */
import { requireUint } from "../errors/invalid-input.ts";
import type { Loan } from "../types.ts";
import { IdIndex } from "./id-index.ts";
import { LoanPage, PAGE_BITS, PAGE_SIZE } from "./loan-page.ts";
import { requireLoan } from "./require-loan.ts";

/** Loans as they are screened: in pages of columns. Their rows are dense: 0…size - 1, `PAGE_SIZE` of them in a page. */
export interface LoanRows {
  /** How many loans there are. */
  readonly size: number;
  /** @internal The columns. */
  readonly pages: readonly LoanPage[];
  /** @internal How many loans were deleted: each time a row may have got another id. */
  readonly deletions: number;
  /** @internal The id of a row. */
  idAt(row: number): bigint;
}

/** Loans by their ids, in no particular order. */
export class LoanStore implements LoanRows {
  readonly #pages: LoanPage[] = [];
  readonly #index = new IdIndex((row) => this.idAt(row));
  #size = 0;
  #deletions = 0;

  /** How many loans there are. */
  public get size(): number {
    return this.#size;
  }

  /** @internal How many loans were deleted: each time a row may have got another id. */
  public get deletions(): number {
    return this.#deletions;
  }

  /** @internal The loans in columns. */
  public get pages(): readonly LoanPage[] {
    return this.#pages;
  }

  /** What the columns take, without the ids themselves. [byte] */
  public get byteLength(): number {
    return this.#pages.reduce((sum, page) => sum + page.byteLength, this.#index.byteLength);
  }

  /**
   * Whether there is a loan of this id.
   * @throws {@link InvalidInputError} for what is no id.
   */
  public has(id: bigint): boolean {
    return this.#rowOf(id) !== -1;
  }

  /**
   * The loan of an id, made anew each time; undefined if there is none.
   * @throws {@link InvalidInputError} for what is no id.
   */
  public get(id: bigint): Loan | undefined {
    const row = this.#rowOf(id);
    return row === -1 ? undefined : this.#pageOf(row).read(row % PAGE_SIZE);
  }

  /** Every loan, made anew as it is visited. */
  public *values(): Generator<Loan, undefined, undefined> {
    for (const page of this.#pages) for (let row = 0; row < page.size; row++) yield page.read(row);
    return undefined;
  }

  /** @internal The id of a row. */
  public idAt(row: number): bigint {
    return this.#pages[row >>> PAGE_BITS]?.ids[row % PAGE_SIZE] ?? 0n;
  }

  /**
   * Keeps a loan as it is now, in place of what was kept under its id.
   * @throws {@link InvalidInputError} for a loan that the book cannot have; then nothing has changed.
   */
  public set(loan: Loan): void {
    const { id } = requireLoan(loan);
    const known = this.#rowOf(id);
    const row = known === -1 ? this.#size : known;
    if (row === this.#pages.length * PAGE_SIZE) this.#pages.push(new LoanPage());
    this.#pageOf(row).write(row % PAGE_SIZE, loan);
    if (known !== -1) return;
    this.#index.add(id, row);
    this.#size++;
  }

  /**
   * Forgets a loan; the last row moves to its place. False if there was none of this id.
   * @throws {@link InvalidInputError} for what is no id.
   */
  public delete(id: bigint): boolean {
    const row = this.#rowOf(id);
    if (row === -1) return false;
    const last = this.#size - 1;
    const lastPage = this.#pageOf(last);
    this.#index.remove(id);
    if (row !== last) {
      this.#index.move(this.idAt(last), row);
      this.#pageOf(row).copy(lastPage, last % PAGE_SIZE, row % PAGE_SIZE);
    }
    lastPage.pop();
    if (lastPage.size === 0) this.#pages.pop();
    this.#size--;
    this.#deletions++;
    return true;
  }

  #rowOf(id: bigint): number {
    return this.#index.rowOf(requireUint("id", id));
  }

  #pageOf(row: number): LoanPage {
    const page = this.#pages[row >>> PAGE_BITS];
    if (page === undefined) throw new RangeError(`There is no row ${row}.`);
    return page;
  }
}

/** A set of rows in a bit each: however many are found, a screening of a million leaves next to nothing to be collected. */
export class RowSet {
  readonly #words: Int32Array;
  #size = 0;

  /** @param rows How many there are: 0…rows - 1 may be added. */
  public constructor(rows: number) {
    this.#words = new Int32Array(Math.ceil(rows / 32));
  }

  public get size(): number {
    return this.#size;
  }

  /** Adds a row that is not in it. */
  public add(row: number): void {
    this.#words[row >>> 5] = (this.#words[row >>> 5] ?? 0) | (1 << (row & 31));
    this.#size++;
  }

  /** Visits the rows, the lowest first. */
  public forEach(visit: (row: number) => void): void {
    for (let word = 0; word < this.#words.length; word++) {
      for (let bits = this.#words[word] ?? 0; bits !== 0; bits &= bits - 1) visit(32 * word + lowestOf(bits));
    }
  }

  /** The rows, the lowest first. */
  public *[Symbol.iterator](): Generator<number, void, undefined> {
    for (const [word, held] of this.#words.entries()) {
      for (let bits = held; bits !== 0; bits &= bits - 1) yield 32 * word + lowestOf(bits);
    }
  }
}

/** The place of the lowest bit that is set. */
function lowestOf(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}

/** From the id of a loan (160 bits of owner, 96 of number) to its row, in 8 to 16 bytes a loan. */

/** 64-bit parts of an id. */
const PARTS = 4;

const FIRST_SLOTS = 64;

/**
 * An open hash table with linear probing, half of whose slots at least are free. It keeps rows only: the ids themselves are where its
 * owner keeps them.
 *
 * A `Map` hashes a bigint by its lowest 64 bits, which is the number of the loan alone, and 1 for most: they would all collide.
 */
export class IdIndex {
  readonly #idAt: (row: number) => bigint;
  /** Owners choose the numbers of their loans: without a seed they could choose such as collide. */
  readonly #seed = Math.floor(Math.random() * 2 ** 32);
  /** An id that is hashed, and the same as 32-bit words. */
  readonly #parts = new BigUint64Array(PARTS);
  readonly #words = new Uint32Array(this.#parts.buffer);
  /** Row + 1; 0 where the slot is free. */
  #slots = new Uint32Array(FIRST_SLOTS);

  /** @param idAt The id of a row that is entered. */
  public constructor(idAt: (row: number) => bigint) {
    this.#idAt = idAt;
  }

  /** [byte] */
  public get byteLength(): number {
    return this.#slots.byteLength;
  }

  /** The row of an id; -1 if it has none. */
  public rowOf(id: bigint): number {
    return (this.#slots[this.#slotOf(id)] ?? 0) - 1;
  }

  /** Enters the row behind all that are entered, which has this id. */
  public add(id: bigint, row: number): void {
    if (2 * (row + 1) > this.#slots.length) this.#grow(row);
    this.#slots[this.#slotOf(id)] = row + 1;
  }

  /** Enters another row for an id; its old row still has the id. */
  public move(id: bigint, row: number): void {
    this.#slots[this.#slotOf(id)] = row + 1;
  }

  /** Removes an id, and closes the gap: an entry behind it moves there unless its probing begins later. */
  public remove(id: bigint): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let gap = this.#slotOf(id);
    for (let slot = (gap + 1) & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
      const entry = slots[slot] ?? 0;
      const home = this.#homeOf(this.#idAt(entry - 1));
      if (((slot - home) & mask) < ((slot - gap) & mask)) continue;
      slots[gap] = entry;
      gap = slot;
    }
    slots[gap] = 0;
  }

  /** The slot of an id, or the free one where it belongs. */
  #slotOf(id: bigint): number {
    const mask = this.#slots.length - 1;
    let slot = this.#homeOf(id);
    for (;;) {
      const entry = this.#slots[slot] ?? 0;
      if (entry === 0 || this.#idAt(entry - 1) === id) return slot;
      slot = (slot + 1) & mask;
    }
  }

  /** Where the probing for an id begins. */
  #homeOf(id: bigint): number {
    for (let i = 0; i < PARTS; i++) this.#parts[i] = id >> BigInt(64 * i); // the lowest 64 bits of that
    let hash = this.#seed;
    for (const word of this.#words) {
      hash = Math.imul(hash ^ word, 0x9e3779b1); // 2^32 over the golden ratio, odd
      hash ^= hash >>> 15;
    }
    return hash & (this.#slots.length - 1);
  }

  #grow(rows: number): void {
    const slots = new Uint32Array(this.#slots.length * 2);
    this.#slots = slots;
    for (let row = 0; row < rows; row++) {
      let slot = this.#homeOf(this.#idAt(row));
      while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1);
      slots[slot] = row + 1;
    }
  }
}

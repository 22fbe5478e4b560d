/** A column of amounts of up to 104 bits in 12 bytes, rarely 16: what the screening reads, and what is missing from it. */

/**
 * An amount is kept as head + tail: the head is the float64 nearest to it, and the tail is the rest. Below 2^104 neighbouring
 * float64 are at most 2^51 apart, so the rest is a whole number of at most 2^50 either way, which a float64 holds exactly; below 2^84
 * it is at most 2^30, and 32 bits are enough.
 */
export class AmountColumn {
  /** The amounts with a relative error of at most 2^-53. [asset], [asset / index], [token] */
  public heads: Float64Array;
  /** Of 32 bits until a tail needs more. */
  #tails: Int32Array | Float64Array;

  public constructor(capacity: number) {
    this.heads = new Float64Array(capacity);
    this.#tails = new Int32Array(capacity);
  }

  /** [byte] */
  public get byteLength(): number {
    return this.heads.byteLength + this.#tails.byteLength;
  }

  /** The amount at a place, exactly. */
  public read(place: number): bigint {
    return BigInt(this.heads[place] ?? 0) + BigInt(this.#tails[place] ?? 0);
  }

  public write(place: number, amount: bigint): void {
    const head = Number(amount);
    this.heads[place] = head;
    this.#writeTail(place, Number(amount - BigInt(head)));
  }

  public copy(from: AmountColumn, source: number, place: number): void {
    this.heads[place] = from.heads[source] ?? 0;
    this.#writeTail(place, from.#tails[source] ?? 0);
  }

  /** Moves the amounts at some places to the beginning of new columns, in that order. */
  public gather(places: Uint32Array, capacity: number): void {
    const wide = this.#tails instanceof Float64Array;
    this.heads = gathered(this.heads, places, new Float64Array(capacity));
    this.#tails = gathered(this.#tails, places, wide ? new Float64Array(capacity) : new Int32Array(capacity));
  }

  #writeTail(place: number, tail: number): void {
    if (this.#tails instanceof Int32Array && tail !== (tail | 0)) this.#tails = Float64Array.from(this.#tails);
    this.#tails[place] = tail;
  }
}

/** A column with what another has at some places, in that order. */
export function gathered<Column extends Uint8Array | Int32Array | Float64Array>(
  from: Uint8Array | Int32Array | Float64Array,
  places: Uint32Array,
  to: Column,
): Column {
  for (let i = 0; i < places.length; i++) to[i] = from[places[i] ?? 0] ?? 0;
  return to;
}

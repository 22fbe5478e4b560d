import { Random } from "../play/random.ts";

/** Seeded whole numbers of any size: the same seed gives the same on every machine. */
export class BigRandom {
  readonly #source: Random;

  public constructor(seed: number) {
    this.#source = new Random(seed);
  }

  /** From 0 to 2^bits - 1, each length of at most so many bits as likely as any other; and often a number at the very end. */
  public sized(bits: number): bigint {
    if (this.#source.uniform() < 0.05) return 2n ** BigInt(bits) - 1n;
    return this.#digits(Math.floor(this.#source.between(0, bits + 1)));
  }

  /** From `low` to `high`, both included. */
  public within(low: bigint, high: bigint): bigint {
    if (high < low) throw new RangeError(`There is nothing from ${low} to ${high}.`);
    return low + (this.#digits(288) % (high - low + 1n));
  }

  /** From 0 to `limit`, and often one of the two or next to them. */
  public upTo(limit: bigint): bigint {
    const chance = this.#source.uniform();
    if (chance < 0.1) return limit;
    if (chance < 0.2) return limit === 0n ? 0n : this.pick([0n, 1n, limit - 1n]);
    return this.within(0n, limit);
  }

  public chance(share: number): boolean {
    return this.#source.uniform() < share;
  }

  public pick<T>(items: readonly T[]): T {
    return this.#source.pick(items.map((item) => [item, 1] as const));
  }

  /** One of the items, with probability proportional to its weight. */
  public weighed<T>(items: readonly (readonly [item: T, weight: number])[]): T {
    return this.#source.pick(items);
  }

  #digits(bits: number): bigint {
    let value = 0n;
    for (let drawn = 0; drawn < bits; drawn += 32) value = (value << 32n) | BigInt(this.#word());
    return value & (2n ** BigInt(bits) - 1n);
  }

  #word(): number {
    return Math.floor(this.#source.uniform() * 2 ** 32);
  }
}

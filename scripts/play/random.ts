/** A seeded source of numbers: the same seed gives the same run on every machine. */
export class Random {
  #state: number;

  /** @param seed Only its lower 32 bits count. */
  public constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Evenly spread over [0, 1). Mulberry32: 32 bits of state are plenty for a book of loans. */
  public uniform(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let x = this.#state;
    x = Math.imul(x ^ (x >>> 15), x | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  }

  /** Evenly spread over [low, high). */
  public between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** Normally distributed with mean 0 and standard deviation 1 (Box and Muller). */
  public normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform())); // 1 - u is never 0
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** One of the items, with probability proportional to its weight. */
  public pick<T>(items: readonly (readonly [item: T, weight: number])[]): T {
    const total = items.reduce((sum, [, weight]) => sum + weight, 0);
    let left = this.uniform() * total;
    let last: T | undefined;
    for (const [item, weight] of items) {
      last = item;
      left -= weight;
      if (left < 0) return item;
    }
    if (last === undefined) throw new RangeError("Nothing to pick from.");
    return last;
  }
}

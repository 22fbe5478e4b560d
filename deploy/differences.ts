/** What a market differs in, one sentence each. */
export class Differences {
  readonly #lines: string[] = [];

  public get lines(): readonly string[] {
    return this.#lines;
  }

  public add(...lines: readonly string[]): void {
    this.#lines.push(...lines);
  }

  /** Notes what is not as expected: «the cap is 5 WETH, not 7 WETH.» */
  public compare<Value>(what: string, actual: Value, expected: Value, words: (value: Value) => string = String): void {
    if (actual !== expected) this.add(`${what} is ${words(actual)}, not ${words(expected)}.`);
  }
}

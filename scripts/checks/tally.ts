/** How many tests or checks passed, and which failed. */
export interface Tally {
  readonly passed: number;
  /** A line for each: its name, and what was wrong. */
  readonly failures: readonly string[];
}

export function add(a: Tally, b: Tally): Tally {
  return { passed: a.passed + b.passed, failures: [...a.failures, ...b.failures] };
}

/**
 * The end of what `npm test` and `npm run check` print: each failure once more, where nobody overlooks it, and the line that `.ci/run`
 * counts from.
 */
export function lastLines({ passed, failures }: Tally): string {
  const failed = failures.map((failure) => `failed: ${failure}`);
  return [...failed, `${passed} passed, ${failures.length} failed`].join("\n");
}

/** The first line of what was thrown, or of its message: an error of another process is no `Error` any more. */
export function firstLine(thrown: unknown): string {
  const said = String(property(thrown, "message") ?? thrown);
  return said.split("\n", 1)[0] ?? "";
}

/** Of an object, if it is one and has it. */
export function property(object: unknown, key: string): unknown {
  return typeof object === "object" && object !== null ? Reflect.get(object, key) : undefined;
}

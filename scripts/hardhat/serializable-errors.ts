/**
 * Loaded by each of Mocha's processes. They hand on what failed as JSON, and an error that holds a `bigint` would take all results of
 * its file with it. Only errors are changed: a `toJSON` of `bigint` itself would change what the tested code writes.
 */
import Mocha from "mocha";

const emit = Reflect.get(Mocha.Runner.prototype, "emit") as (...args: unknown[]) => boolean;

Mocha.Runner.prototype.emit = function (this: Mocha.Runner, event: string | symbol, ...args: unknown[]): boolean {
  const [, error] = args;
  if (event === Mocha.Runner.constants.EVENT_TEST_FAIL && typeof error === "object" && error !== null) {
    for (const [key, value] of Object.entries(error)) Reflect.set(error, key, withoutBigints(value));
  }
  return Reflect.apply(emit, this, [event, ...args]);
};

/** A copy that JSON can take, if there is a `bigint` in the value; what is in itself is left out there. */
function withoutBigints(value: unknown, around: readonly object[] = []): unknown {
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value !== "object" || value === null) return value;
  if (around.includes(value)) return undefined;
  const within = [...around, value];
  if (Array.isArray(value)) return value.map((one) => withoutBigints(one, within));
  const own = Object.entries(value);
  if (value instanceof Error) own.push(["message", value.message]);
  return Object.fromEntries(own.map(([key, one]) => [key, withoutBigints(one, within)] as const));
}

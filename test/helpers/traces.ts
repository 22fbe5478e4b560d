import { ethers } from "./chain.ts";

/** The addresses that a transaction called statically, in lower case, one entry for each call. */
export async function calledAddresses(hash: string): Promise<string[]> {
  const trace: unknown = await ethers.provider.send("debug_traceTransaction", [hash, { disableStorage: true }]);
  return entries(trace, "structLogs")
    .filter((step) => property(step, "op") === "STATICCALL")
    .map((step) => {
      const stack = entries(step, "stack");
      return `0x${String(stack.at(-2)).replace(/^0x/, "").padStart(40, "0").slice(-40)}`;
    });
}

function entries(object: unknown, key: string): unknown[] {
  const value = property(object, key);
  if (!Array.isArray(value)) throw new TypeError(`The trace has no ${key}.`);
  return value;
}

function property(object: unknown, key: string): unknown {
  return typeof object === "object" && object !== null ? Reflect.get(object, key) : undefined;
}

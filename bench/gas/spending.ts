import { getBytes } from "ethers";

import type { TracedTransaction, TraceStep } from "../../scripts/snapshots/bench-chain.ts";

/** What gas is spent on. */
export const ITEMS = [
  "transaction and its data",
  "accounts called",
  "slots read",
  "slots written, less refunds",
  "transient slots",
  "events",
  "the vault's code",
  "the book's code",
  "other code",
] as const;
export type Item = (typeof ITEMS)[number];

export type Spending = ReadonlyMap<Item, number>;

/** Whose code counts for itself: the rest is libraries, tokens and feeds. */
export interface Owners {
  readonly vault: string | undefined;
  readonly book: string | undefined;
}

const BASE = 21_000;
/** Of a byte of data that is 0, or is not. */
const [ZERO_BYTE, OTHER_BYTE] = [4, 16];

/** Splits a transaction's gas into items, which add up to it. */
export function spendingOf({ gas, data, to, steps }: TracedTransaction, { vault, book }: Owners): Spending {
  const spent = new Map<Item, number>();
  const add = (item: Item, cost: number): void => {
    spent.set(item, (spent.get(item) ?? 0) + cost);
  };
  const codeOf = (account: string): Item =>
    account === vault?.toLowerCase()
      ? "the vault's code"
      : account === book?.toLowerCase()
        ? "the book's code"
        : "other code";
  for (const { op, account, cost } of priced(steps, to)) add(ITEM_OF_OPCODE.get(op) ?? codeOf(account), cost);

  const sent = getBytes(data).reduce((sum, byte) => sum + (byte === 0 ? ZERO_BYTE : OTHER_BYTE), BASE);
  add("transaction and its data", sent);
  const before = [...spent.values()].reduce((sum, cost) => sum + cost, 0);
  add("slots written, less refunds", gas - before);
  return spent;
}

const ITEM_OF_OPCODE: ReadonlyMap<string, Item> = new Map([
  ...(["CALL", "STATICCALL", "DELEGATECALL"] as const).map((op): [string, Item] => [op, "accounts called"]),
  ["SLOAD", "slots read"],
  ["SSTORE", "slots written, less refunds"],
  ["TLOAD", "transient slots"],
  ["TSTORE", "transient slots"],
  ...[0, 1, 2, 3, 4].map((topics): [string, Item] => [`LOG${topics}`, "events"]),
]);

interface PricedStep {
  readonly op: string;
  /** Whose code runs. */
  readonly account: string;
  /** Of the step itself: a call without what is spent in it. */
  readonly cost: number;
}

/** What each step costs by itself, and in whose code it is. */
function priced(steps: readonly TraceStep[], to: string): PricedStep[] {
  const accounts = [to.toLowerCase()];
  return steps.map((step, i) => {
    const { op, gas, gasCost, depth, stack } = step;
    accounts.length = depth; // what is deeper has ended
    const account = accounts[depth - 1] ?? "";
    const next = steps[i + 1];
    if (next === undefined || !isCall(op)) return { op, account, cost: gasCost };
    if (next.depth <= depth) return { op, account, cost: gas - next.gas }; // of an account without code
    accounts.push(`0x${(stack.at(-2) ?? "").replace(/^0x/u, "").padStart(64, "0").slice(24)}`);
    const end = steps.findIndex((later, at) => at > i && later.depth === depth);
    const [after, last] = [steps[end], steps[end - 1]];
    if (after === undefined || last === undefined) throw new Error("A call did not return.");
    return { op, account, cost: gas - after.gas - (next.gas - last.gas + last.gasCost) };
  });
}

function isCall(op: string): boolean {
  return op === "CALL" || op === "STATICCALL" || op === "DELEGATECALL";
}

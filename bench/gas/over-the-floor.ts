import { BenchChain } from "../../scripts/snapshots/bench-chain.ts";
import { count } from "../../scripts/snapshots/snapshot.ts";
import { ballast } from "./ballast.ts";
import { floor } from "./floor.ts";
import { ITEMS, spendingOf, type Item, type Spending } from "./spending.ts";
import { fallTo, OPERATION_NAMES, type Deployment, type OperationName, type System } from "./system.ts";

/** What an operation spends here and on the floor, where that has it. */
export interface Excess {
  readonly operation: OperationName;
  readonly ours: Spending;
  readonly floor: Spending | undefined;
}

/** What is taken apart though the floor has nothing like it. */
const WITHOUT_FLOOR: readonly OperationName[] = ["liquidate-one", "liquidate-ten"];

/** Takes apart, with simple feeds, what operations cost here and on the floor. */
export async function measureExcess(say: (line: string) => void): Promise<Excess[]> {
  const chain = await BenchChain.start();
  try {
    say("ballast and the floor, item by item");
    const least = await chain.trying(async () => spendings(chain, floor));
    const ours = await chain.trying(async () => spendings(chain, ballast));
    return [...ours].flatMap(([operation, spending]) => {
      const excess = { operation, ours: spending, floor: least.get(operation) };
      return excess.floor !== undefined || WITHOUT_FLOOR.includes(operation) ? [excess] : [];
    });
  } finally {
    await chain.close();
  }
}

/** A row for each item; in each operation's column what it costs here, and by how much that is over the floor. */
export function excessTable(excesses: readonly Excess[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const rows = ITEMS.map((item) => [item, ...excesses.map(({ ours, floor: least }) => cell(ours, least, [item]))]);
  const sums = ["all", ...excesses.map(({ ours, floor: least }) => cell(ours, least, ITEMS))];
  const head = ["item", ...excesses.map(({ operation }) => operation)];
  return [head, head.map((_, i) => (i === 0 ? "---" : "---:")), ...rows, sums].map(line).join("\n");
}

function cell(ours: Spending, least: Spending | undefined, items: readonly Item[]): string {
  const sum = (spending: Spending): number => items.reduce((all, item) => all + (spending.get(item) ?? 0), 0);
  const own = sum(ours);
  if (least === undefined) return count(own);
  const over = own - sum(least);
  return `${count(own)} (${over < 0 ? "−" : "+"}${count(Math.abs(over))})`;
}

async function spendings(chain: BenchChain, system: System): Promise<Map<OperationName, Spending>> {
  const deployment = await system.deploy(chain, "simple");
  const found = new Map<OperationName, Spending>();
  for (const operation of OPERATION_NAMES) {
    const spending = await chain.trying(async () => spendingIn(chain, deployment, operation));
    if (spending !== undefined) found.set(operation, spending);
  }
  return found;
}

/** Of deeds of one transaction, which all of both are. */
async function spendingIn(
  chain: BenchChain,
  { deeds, wait, owners }: Deployment,
  operation: OperationName,
): Promise<Spending | undefined> {
  const deed = deeds[operation];
  const [transaction] = deed?.transactions ?? [];
  if (deed === undefined || transaction === undefined) return undefined;
  await deed.prepare?.();
  await wait(fallTo(deed.wethPrice));
  return spendingOf(await chain.trace(transaction), owners ?? { vault: undefined, book: undefined });
}

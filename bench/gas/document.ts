/** docs/gas.md, made of what was measured. What people have to say to it is in another file, which no run touches. */
import type { Comparison } from "./comparison.ts";
import { excessTable, type Excess } from "./over-the-floor.ts";
import { LEGEND, markdownTable, notesOf, tableOf, targetsLine } from "./report.ts";
import type { System } from "./system.ts";

export const GAS_DOCUMENT = "docs/gas.md";

const INTRODUCTION = `# Gas

What each operation costs here, in other protocols, and at least. This page is written by \`npm run bench:gas -- --write\`, which deploys
all of them on one chain, each compiled with its own settings. Where the gas over the floor goes is in
[gas over the floor](gas-over-the-floor.md), item by item.

Tokens are OpenZeppelin's ERC-20 and nothing else. Feeds are \`simple\`, of one slot, or \`eac\`, which read the slots that Chainlink's proxy
and aggregator do. Others lend and borrow already, two hours of interest are to be booked, balances are not zero, and approvals were given
before. First is for somebody who has never used the system, again for somebody who has.
`;

const ITEM_BY_ITEM = `
## Item by item

The same with simple feeds, by what gas is spent on, and in brackets by how much that is over the floor. Code is arithmetic, memory and
jumps; other code is that of libraries, tokens and feeds. What the items are is told in [gas over the floor](gas-over-the-floor.md).
`;

export function gasDocument(
  comparisons: readonly Comparison[],
  excesses: readonly Excess[],
  systems: readonly System[],
): string {
  const notes = notesOf(systems).map((note) => `- ${note}`);
  const table = markdownTable(tableOf(comparisons));
  const figures = [`${LEGEND} ${targetsLine(comparisons)}`, "", table, "", ...notes];
  return [INTRODUCTION, ...figures, ITEM_BY_ITEM, excessTable(excesses), ""].join("\n");
}

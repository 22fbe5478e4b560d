import { expect } from "chai";

import { excessTable } from "../../bench/gas/over-the-floor.ts";
import { ITEMS, spendingOf, type Item, type Spending } from "../../bench/gas/spending.ts";
import { BenchChain } from "../../scripts/snapshots/bench-chain.ts";
import { usdc } from "../../scripts/snapshots/bench-ground.ts";
import { deployBenchMarket } from "../../scripts/snapshots/bench-market.ts";

const NOBODY = { vault: undefined, book: undefined };

describe("What gas is spent on", () => {
  it("adds up to the gas of the transaction, each call without what is spent in it", async () => {
    const chain = await BenchChain.start();
    try {
      const { vault, book, lender, wait } = await deployBenchMarket(chain, "simple");
      await wait({});
      const addresses = { vault: await vault.getAddress(), book: await book.getAddress() };
      const traced = await chain.trace(async () => vault.connect(lender).withdraw(usdc("500"), lender, lender));
      const spent = spendingOf(traced, addresses);

      expect([...spent.values()].reduce((sum, gas) => sum + gas)).to.equal(traced.gas);
      expect(spent.get("accounts called")).to.equal(2_600); // the token
      // Two of the state, the supply, the lender's shares; two balances of the token, and what was read before once more.
      expect(spent.get("slots read")).to.be.within(6 * 2_100, 6 * 2_100 + 300);
      expect(spent.get("slots written, less refunds")).to.be.within(6 * 2_900, 6 * 2_900 + 300);
      expect(spent.get("the book's code")).to.equal(undefined);
      expect(spent.get("the vault's code")).to.be.above(spent.get("other code") ?? 0);
      const unknown = spendingOf(traced, NOBODY).get("other code");
      expect(unknown).to.equal((spent.get("the vault's code") ?? 0) + (spent.get("other code") ?? 0));
    } finally {
      await chain.close();
    }
  });

  it("counts data by its bytes, and a refund against what was written", () => {
    // SSTORE of 5,000 and a refund of 4,800; one byte of 0 and one that is not.
    const steps = [
      { op: "PUSH0", gas: 9_002, gasCost: 2, depth: 1, stack: [] },
      { op: "SSTORE", gas: 9_000, gasCost: 5_000, depth: 1, stack: [] },
    ];
    const spent = spendingOf({ gas: 21_020 + 5_002 - 4_800, data: "0x0001", to: "0x00", steps }, NOBODY);
    expect(Object.fromEntries(spent)).to.deep.equal({
      "other code": 2,
      "slots written, less refunds": 200,
      "transaction and its data": 21_020,
    });
  });

  it("tells by how much each item is over the floor", () => {
    const all = (figures: Partial<Record<Item, number>>): Spending =>
      new Map(ITEMS.map((item) => [item, figures[item] ?? 0]));
    const ours = all({ events: 2_000, "slots read": 4_200 });
    const floor = all({ events: 1_250, "slots read": 6_300 });
    const table = excessTable([
      { operation: "close", ours, floor },
      { operation: "liquidate-one", ours, floor: undefined },
    ]).split("\n");
    expect(table[0]).to.equal("| item | close | liquidate-one |");
    expect(table).to.include("| events | 2,000 (+750) | 2,000 |");
    expect(table).to.include("| slots read | 4,200 (−2,100) | 4,200 |");
    expect(table.at(-1)).to.equal("| all | 6,200 (−1,350) | 6,200 |");
  });
});

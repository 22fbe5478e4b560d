import { expect } from "chai";

import { Random } from "../../scripts/play/random.ts";
import { IdIndex } from "../../sdk/src/loans/id-index.ts";
import { Journal, undo } from "../../sdk/src/state/journal.ts";
import { LoanTable } from "../../sdk/src/state/loan-table.ts";
import type { Loan } from "../../sdk/src/types.ts";
import { bitsOf, loanOf } from "../helpers/monitor.ts";

const sorted = (loans: ReadonlyMap<bigint, Loan>): [bigint, Loan][] =>
  [...loans].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));

describe("SDK state: the table of loans", () => {
  it("is a map of what was written, and of what was before once that is undone", () => {
    const random = new Random(41);
    const journal = new Journal();
    const table = new LoanTable(journal);
    const map = new Map<bigint, Loan>();
    // Ids of few owners and numbers, so that most are written more than once.
    const ids = Array.from({ length: 400 }, (_, i) => (bitsOf(random, 160) << 96n) | BigInt(i % 3));
    const write = (): void => {
      const id = ids[Math.floor(random.uniform() * ids.length)] ?? 0n;
      const loan = random.uniform() < 0.4 ? undefined : loanOf(id, { base: bitsOf(random, 104) });
      if (loan === undefined) {
        table.delete(id);
        map.delete(id);
      } else {
        table.set(loan);
        map.set(id, loan);
      }
    };
    for (let block = 0; block < 60; block++) {
      const before = sorted(map);
      for (let i = 0; i < 50; i++) write();
      expect(sorted(table)).to.deep.equal(sorted(map));
      if (random.uniform() < 0.7) {
        journal.take();
        continue;
      }
      undo(journal.take());
      expect(sorted(table)).to.deep.equal(before);
      map.clear();
      for (const [id, loan] of before) map.set(id, loan);
    }
    expect(table.size).to.equal(map.size);
    for (const id of ids) {
      expect(table.has(id)).to.equal(map.has(id));
      expect(table.get(id)).to.deep.equal(map.get(id));
    }
    const visited = new Map<bigint, Loan>();
    table.forEach((loan, id) => visited.set(id, loan));
    expect(sorted(visited)).to.deep.equal(sorted(map));
    expect([...table.keys()]).to.deep.equal([...table.values()].map(({ id }) => id));
  });

  it("finds any of many loans after a look or two, whatever their owners and numbers", () => {
    const ids = Array.from({ length: 30_000 }, (_, i) =>
      i % 2 === 0 ? (BigInt(i) << 96n) | 1n : (1n << 96n) | (BigInt(i) << 64n),
    );
    let looks = 0;
    const index = new IdIndex((row) => {
      looks++;
      return ids[row] ?? 0n;
    });
    for (const [row, id] of ids.entries()) index.add(id, row);
    looks = 0;
    const found = ids.map((id) => index.rowOf(id));
    expect(found.every((row, i) => row === i)).to.equal(true);
    expect(index.rowOf(5n)).to.equal(-1);
    expect(looks).to.be.below(2 * ids.length);
  });
});

import { readFile } from "node:fs/promises";

import { expect } from "chai";

import { TARGETS } from "../../bench/gas/targets.ts";
import { ROOT } from "../../scripts/checks/root.ts";
import { GAS_SNAPSHOT, readSnapshot } from "../../scripts/snapshots/files.ts";

/** What the snapshot calls otherwise. */
const SNAPSHOT_NAMES: Readonly<Record<string, string>> = { "call-margin": "call-one" };

describe("docs/gas.md", () => {
  it("has the figures of the gas snapshot, which every check measures anew", async () => {
    const snapshot = await readSnapshot(ROOT, GAS_SNAPSHOT);
    const page = await readFile(new URL("../../docs/gas.md", import.meta.url), "utf8");
    const rows = page.split("\n").map((line) => line.split("|").map((cell) => cell.trim()));
    const measured = rows.filter(([, , feed = ""]) => ["none", "simple", "eac"].includes(feed));
    expect(measured).to.have.length.above(20);
    for (const [, operation = "", feed = "", ballast = ""] of measured) {
      const name = SNAPSHOT_NAMES[operation] ?? operation;
      const key = feed === "none" ? name : `${name}/${feed}`;
      expect(Number(ballast.replaceAll(",", "")), key).to.equal(snapshot.get(key)?.figure);
    }
  });

  it("has targets that the snapshot meets", async () => {
    const snapshot = await readSnapshot(ROOT, GAS_SNAPSHOT);
    const missed = Object.entries(TARGETS).flatMap(([operation, target]) => {
      const measured = snapshot.get(operation) ?? snapshot.get(`${operation}/simple`);
      if (measured === undefined) throw new Error(`${operation} is not in the snapshot.`);
      return measured.figure <= target ? [] : [operation];
    });
    expect(missed).to.deep.equal([]);
  });
});

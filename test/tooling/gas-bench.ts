import { expect } from "chai";

import { compare, isMet } from "../../bench/gas/comparison.ts";
import { gasDocument } from "../../bench/gas/document.ts";
import type { Row } from "../../bench/gas/measure.ts";
import { readOptions } from "../../bench/gas/options.ts";
import { jsonOf, markdownTable, tableOf, targetsLine, textTable } from "../../bench/gas/report.ts";
import type { System } from "../../bench/gas/system.ts";

/** Made up; nothing is compiled or deployed here. */
const ROWS: readonly Row[] = [
  { system: "floor", operation: "lend-first", feed: "none", gas: 50_000, transactions: 1 },
  { system: "ballast", operation: "close", feed: "none", gas: 86_501, transactions: 1 },
  { system: "ballast", operation: "open-first", feed: "eac", gas: 160_000, transactions: 1 },
  { system: "ballast", operation: "open-first", feed: "simple", gas: 148_000, transactions: 1 },
  { system: "morpho-blue", operation: "open-first", feed: "simple", gas: 180_000, transactions: 2 },
  { system: "aave-v3", operation: "open-first", feed: "eac", gas: 190_000, transactions: 2 },
  { system: "ballast", operation: "lend-first", feed: "none", gas: 60_000, transactions: 1 },
  { system: "morpho-blue", operation: "lend-first", feed: "none", gas: 90_000, transactions: 1 },
  { system: "ballast", operation: "call-margin", feed: "simple", gas: 100_000, transactions: 1 },
];

const SYSTEM: System = {
  name: "floor",
  notes: ["Does next to nothing."],
  deploy: () => Promise.reject(new Error("It is not deployed here.")),
};

describe("The gas bench", () => {
  it("reads what the command line asks for", () => {
    expect(readOptions([])).to.deep.equal({ json: undefined, write: false });
    expect(readOptions(["--write", "--json", "out/gas.json"])).to.deep.equal({ json: "out/gas.json", write: true });
  });

  for (const [args, problem] of [
    [["--json"], /--json/u],
    [["--json", ""], /^--json needs the name of a file\.$/u],
    [["--json", "--write"], /--json/u],
    [["--write=docs/gas.md"], /--write/u],
    [["--system", "floor"], /--system/u],
    [["gas.json"], /gas\.json/u],
  ] as const) {
    it(`refuses ${args.join(" ")}`, () => {
      expect(readOptions(args)).to.match(problem);
    });
  }

  it("puts what belongs together side by side, in the order of a loan's life", () => {
    const order = compare(ROWS).map(({ operation, feed, rows }) => [operation, feed, rows.size]);
    expect(order).to.deep.equal([
      ["lend-first", "none", 3],
      ["open-first", "simple", 2],
      ["open-first", "eac", 2],
      ["close", "none", 1],
      ["call-margin", "simple", 1],
    ]);
  });

  it("takes for the best peer the cheapest that was measured here or elsewhere, and neither itself nor the floor", () => {
    const best = compare(ROWS).map((comparison) => comparison.best);
    expect(best).to.deep.equal([
      { name: "morpho-blue", gas: 90_000 }, // Compound III takes 100,056.
      { name: "Morpho Blue", gas: 174_340 }, // Here it took more.
      { name: "aave-v3", gas: 190_000 }, // Morpho Blue takes 199,310.
      { name: "Compound III", gas: 140_850 },
      undefined,
    ]);
  });

  it("holds targets against simple feeds alone, and meets them to the unit", () => {
    expect(compare(ROWS).map(isMet)).to.deep.equal([true, true, undefined, false, undefined]);
    expect(targetsLine(compare(ROWS))).to.equal("2 of 3 targets are met; missed: close by 1.");
    expect(targetsLine(compare(ROWS.slice(2)))).to.equal("2 of 2 targets are met.");
  });

  it("has no opinion on what this protocol was not measured for", () => {
    const [lending] = compare(ROWS.slice(0, 1));
    expect(lending && isMet(lending)).to.equal(undefined);
    expect(targetsLine(compare(ROWS.slice(0, 1)))).to.equal("0 of 0 targets are met.");
  });

  it("prints a row for each operation and kind of feed", () => {
    const [head, lend, open] = tableOf(compare(ROWS));
    expect(head?.slice(0, 3)).to.deep.equal(["operation", "feed", "ballast"]);
    expect(lend).to.deep.equal([
      ...["lend-first", "none", "60,000", "90,000", "", "", "50,000"],
      ...["morpho-blue", "90,000", "0.667", "1.200", "87,000", "yes"],
    ]);
    expect(open?.slice(2, 4)).to.deep.equal(["148,000", "180,000 (2)"]);
    const lines = textTable(tableOf(compare(ROWS))).split("\n");
    expect(lines).to.have.length(6);
    expect(lines[5]).to.match(/^call-margin +simple +100,000$/u);
  });

  it("writes a page with the table, the targets and what to know of each system", () => {
    const excess = { operation: "close", ours: new Map([["events" as const, 2_000]]), floor: undefined } as const;
    const page = gasDocument(compare(ROWS), [excess], [SYSTEM]);
    expect(page).to.include(markdownTable(tableOf(compare(ROWS))));
    expect(page).to.include("| call-margin | simple | 100,000 |  |");
    expect(page).to.include("2 of 3 targets are met; missed: close by 1.");
    expect(page).to.include("\n- floor: Does next to nothing.\n");
    expect(page).to.match(/\| events \| 2,000 \|\n[^]*\| all \| 2,000 \|\n$/u);
  });

  it("writes every row as JSON", () => {
    const json = jsonOf(ROWS);
    expect(JSON.parse(json)).to.deep.equal(ROWS);
    expect(json.split("\n")[1]).to.equal(
      '{"system":"floor","operation":"lend-first","feed":"none","gas":50000,"transactions":1},',
    );
    expect(JSON.parse(jsonOf([]))).to.deep.equal([]);
  });
});

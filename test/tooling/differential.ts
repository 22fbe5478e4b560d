import { expect } from "chai";

import { readOptions } from "../../scripts/differential/options.ts";
import { lastLine, progressLine } from "../../scripts/differential/report.ts";
import { COLLATERAL_DECIMALS, LOAN_ASSET_DECIMALS } from "../matrix/market.ts";
import { worldOf } from "../differential/worlds.ts";

describe("The long run of the differential lives", () => {
  it("reads what the command line asks for", () => {
    const args = ["--operations", "100000", "--seed", "7", "--jobs", "2", "--life", "12"];
    expect(readOptions(args)).to.deep.equal({ operations: 100_000, seed: 7, jobs: 2, life: 12 });
    expect(readOptions(["--jobs", "1"])).to.deep.equal({ operations: 100_000, seed: 1, jobs: 1, life: undefined });
  });

  for (const [args, problem] of [
    [["--operations", "0"], '--operations is "0"; it must be a whole number from 1 to 1000000000.'],
    [["--seed", "1e3"], '--seed is "1e3"; it must be a whole number from 0 to 4294967295.'],
    [["--jobs", "257"], '--jobs is "257"; it must be a whole number from 1 to 256.'],
    [["--life", ""], '--life is ""; it must be a whole number from 0 to 1000000000.'],
  ] as const) {
    it(`refuses ${args.join(" ")}`, () => {
      expect(readOptions(args)).to.equal(problem);
    });
  }

  it("refuses what it does not know", () => {
    expect(readOptions(["--steps", "5"])).to.match(/--steps/u);
    expect(readOptions(["5"])).to.match(/5/u);
  });

  it("says how far it is, how fast, and how long it will take", () => {
    const totals = { operations: 12_500, figures: 1_500_000, differed: 0 };
    const line =
      "12,500 of at least 100,000 operations, 1,500,000 figures compared, 0 differed; 25.0 a second, 58:20 left";
    expect(progressLine(totals, 100_000, 500)).to.equal(line);
    expect(progressLine({ operations: 0, figures: 0, differed: 0 }, 10, 1)).to.match(/0\.0 a second, \? left$/u);
    expect(lastLine(totals)).to.equal("12,500 operations, 1,500,000 figures compared, 0 differed");
  });

  it("lives in markets of every pair of decimals, with and without peg and sequencer", () => {
    const worlds = Array.from({ length: 80 }, (_, life) => worldOf(life));
    const pairs = new Set(worlds.map(({ assetDecimals, tokenDecimals }) => `${assetDecimals} ${tokenDecimals}`));
    expect(pairs.size).to.equal(LOAN_ASSET_DECIMALS.length * COLLATERAL_DECIMALS.length);
    expect(new Set(worlds.map((world) => JSON.stringify(world))).size).to.equal(80);
  });
});

import { expect } from "chai";

import { compare, differenceOf, isWithinLimit, type Row } from "../../bench/scale/comparison.ts";
import { crowdLoans, ownersOf } from "../../bench/scale/crowd-loans.ts";
import { fill, lenderOf } from "../../bench/scale/crowd.ts";
import { scaleDocument } from "../../bench/scale/document.ts";
import { measureScale } from "../../bench/scale/measure.ts";
import { readOptions } from "../../bench/scale/options.ts";
import { jsonOf, limitLine, markdownTable, tableOf, textTable } from "../../bench/scale/report.ts";
import { ALONE, FULL } from "../../bench/scale/size.ts";
import { BenchChain } from "../../scripts/snapshots/bench-chain.ts";
import { deployBenchMarket } from "../../scripts/snapshots/bench-market.ts";
import { OPERATIONS } from "../../scripts/snapshots/operations.ts";

/** Made up. */
const ROWS: readonly Row[] = [
  { operation: "lend-first", alone: 90_000, crowd: 90_000 },
  { operation: "open-first/simple", alone: 150_000, crowd: 151_500 },
  { operation: "close", alone: 90_000, crowd: 89_099 },
];

const SMALL = { loans: 60, lenders: 20, listings: 12 };

const keepSilent = (): void => undefined;

describe("The scale bench", () => {
  describe("compares", () => {
    const figures = new Map([["close", 90_000]]);

    it("what was measured in both markets", () => {
      const rows = compare(figures, new Map([["close", 89_000]]));
      expect(rows).to.deep.equal([{ operation: "close", alone: 90_000, crowd: 89_000 }]);
      expect(rows.map(differenceOf)).to.deep.equal([-1_000]);
    });

    it("nothing that was measured in one of them", () => {
      expect(() => compare(figures, new Map())).to.throw("close was not measured in the crowd.");
      expect(() => compare(new Map(), figures)).to.throw("close was measured in the crowd alone.");
    });

    it("to the unit, upwards and downwards", () => {
      expect(ROWS.map(isWithinLimit)).to.deep.equal([true, true, false]);
      expect(isWithinLimit({ operation: "close", alone: 90_000, crowd: 90_901 })).to.equal(false);
      expect(isWithinLimit({ operation: "close", alone: 90_000, crowd: 89_100 })).to.equal(true);
    });
  });

  describe("reports", () => {
    it("a row for each operation, with its sign", () => {
      expect(tableOf(ROWS).slice(1)).to.deep.equal([
        ["lend-first", "90,000", "90,000", "0", "0.000"],
        ["open-first/simple", "150,000", "151,500", "+1,500", "+1.000"],
        ["close", "90,000", "89,099", "-901", "-1.001"],
      ]);
      expect(textTable(ROWS).split("\n")).to.have.length(4);
    });

    it("how many operations are within the limit, and which are not", () => {
      expect(limitLine(ROWS)).to.equal("2 of 3 operations within 1 %; not close");
      expect(limitLine(ROWS.slice(0, 2))).to.equal("2 of 2 operations within 1 %");
    });

    it("a page with the table and the sizes of both markets", () => {
      const page = scaleDocument(ROWS, FULL);
      expect(page).to.include(markdownTable(ROWS)).and.to.include("| close | 90,000 | 89,099 | -901 | -1.001 |");
      expect(page).to.include("10,000 loans, 1,000 lenders and 30 listings");
      expect(page).to.include("5 loans, 1 lender and 5 listings");
    });

    it("every row as JSON", () => {
      expect(JSON.parse(jsonOf(ROWS))).to.deep.equal(ROWS);
    });
  });

  describe("reads the command line", () => {
    it("for a size, the promised one unless it is told another", () => {
      expect(readOptions([])).to.deep.equal({ size: FULL, json: undefined, write: false });
      const args = ["--loans", "60", "--lenders=20", "--listings", "12", "--json", "out/scale.json", "--write"];
      expect(readOptions(args)).to.deep.equal({ size: SMALL, json: "out/scale.json", write: true });
    });

    for (const [args, problem] of [
      [["--json", ""], "--json needs the name of a file."],
      [["--loans", "4"], "--loans needs a whole number from 5 to 100000."],
      [["--loans", "many"], "--loans needs a whole number from 5 to 100000."],
      [["--lenders", ""], "--lenders needs a whole number from 1 to 100000."],
      [["--lenders", "1.5"], "--lenders needs a whole number from 1 to 100000."],
      [["--listings", "41"], "--listings needs a whole number from 5 to 40."],
      [["--loans", "29"], "--loans must be at least --listings: each listing is pledged."],
    ] as const) {
      it(`and refuses ${args.join(" ")}`, () => {
        expect(readOptions(args)).to.equal(problem);
      });
    }

    it("and refuses what it does not know", () => {
      expect(readOptions(["--feeds", "eac"])).to.match(/--feeds/u);
      expect(readOptions(["scale.json"])).to.match(/scale\.json/u);
    });
  });

  describe("has a crowd", () => {
    it("of loans of many owners, which pledge every listing", () => {
      const loans = crowdLoans(FULL.loans, FULL.listings, ownersOf(FULL.loans, null));
      expect(new Set(loans.map(({ id }) => id))).to.have.property("size", 10_000);
      expect(new Set(loans.map(({ id }) => id >> 96n))).to.have.property("size", 500);
      expect(new Set(loans.flatMap(({ pledges }) => pledges.map(({ listing }) => listing)))).to.have.property(
        "size",
        30,
      );
      const counts = [1, 2, 3].map((size) => loans.filter(({ pledges }) => pledges.length === size).length);
      expect(counts).to.deep.equal([8_000, 1_000, 1_000]);
      expect(loans.filter(({ isFixedTerm }) => isFixedTerm)).to.have.length(1_000);
      expect(loans.filter(({ isCalled }) => isCalled)).to.have.length(500);
    });

    it("of no loans without owners", () => {
      expect(() => crowdLoans(21, 5, ownersOf(20, null))).to.throw("There are too few owners.");
    });

    it("of whom the smallest market has what every operation meets: each listing pledged, and a fixed term", () => {
      const loans = crowdLoans(ALONE.loans, ALONE.listings, ownersOf(ALONE.loans, null));
      expect(loans.map(({ pledges }) => pledges.map(({ listing }) => listing))).to.deep.equal([
        [0n],
        [1n],
        [2n],
        [3n],
        [4n],
      ]);
      expect(loans.filter(({ isFixedTerm }) => isFixedTerm)).to.have.length(1);
    });

    it("that is in the market when it is filled, at the utilisation that it had", async () => {
      const chain = await BenchChain.start();
      try {
        const market = await deployBenchMarket(chain, "simple");
        const { vault, book } = market;
        const before = await vault.utilisation();
        const last = await fill(market, SMALL, "simple", keepSilent);
        expect(last.number).to.equal(11n);
        expect(await book.listingCount()).to.equal(12n);
        for (const loan of crowdLoans(SMALL.loans, SMALL.listings, ownersOf(SMALL.loans, null))) {
          const { base, rate, flags } = await book.loan(loan.id);
          expect(base).to.be.greaterThan(0n);
          expect([rate !== 0n, flags === 1n]).to.deep.equal([loan.isFixedTerm, loan.isCalled]);
        }
        for (let n = 0; n < SMALL.lenders; n++) {
          expect(await vault.balanceOf(lenderOf(n))).to.be.greaterThan(0n);
        }
        expect(await vault.utilisation()).to.be.closeTo(before, before / 100n);
      } finally {
        await chain.close();
      }
    });
  });

  it("finds every operation within 1 % in a small crowd (INV-11)", async () => {
    const rows = await measureScale(SMALL, ["simple"], keepSilent);
    expect(rows).to.have.length(OPERATIONS.length + 5);
    expect(limitLine(rows)).to.equal(`${rows.length} of ${rows.length} operations within 1 %`);
  });
});

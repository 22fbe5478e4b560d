import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { networkHelpers } from "../helpers/chain.ts";
import { setCap } from "../helpers/governance.ts";
import { NO_LOAN } from "../helpers/loans.ts";
import { loanId, openLoan, usdc, WETH, weth } from "../helpers/market.ts";
import { FeedMode } from "../helpers/mocks.ts";
import {
  allFeeds,
  ETHER_PAIRS,
  pairedMarket,
  tell,
  tellStale,
  type Pair,
  type PairedMarket,
} from "../helpers/pairs.ts";

type Scene = PairedMarket & { pair: Pair; id: bigint };

/** A row of the table: how the sources of ten ether of 2,000 dollars are brought there, and what their loan's lines are. */
interface Row {
  name: string;
  bring: (pair: Pair) => Promise<unknown>;
  borrowLimit: string; // 78 % of the first column
  callLine: string; // 80 % of the third column
  liquidationLine: string; // 86 % of it
}

const AGREED: Row[] = [
  {
    name: "two live, within the deviation, the second lower",
    bring: async (pair) => tell(pair, "2,000", "1,960"),
    ...{ borrowLimit: "15,288", callLine: "16,000", liquidationLine: "17,200" },
  },
  {
    name: "two live, within the deviation, the first lower",
    bring: async (pair) => tell(pair, "1,990", "2,000"),
    ...{ borrowLimit: "15,522", callLine: "16,000", liquidationLine: "17,200" },
  },
];

const UNCERTAIN: Row[] = [
  {
    name: "two live, a unit too far apart, the first higher",
    bring: async (pair) => tell(pair, "2,000", "1,959.99999999"),
    ...{ borrowLimit: "0", callLine: "16,000", liquidationLine: "17,200" },
  },
  {
    name: "two live, far apart, the second higher",
    bring: async (pair) => tell(pair, "2,000", "3,000"),
    ...{ borrowLimit: "0", callLine: "24,000", liquidationLine: "25,800" },
  },
  {
    name: "only the first live",
    bring: async (pair) => {
      await tell(pair, "1,950", "2,000");
      await tellStale(pair.second, "2,500");
    },
    ...{ borrowLimit: "0", callLine: "15,600", liquidationLine: "16,770" },
  },
  {
    name: "only the second live",
    bring: async (pair) => {
      await tell(pair, "2,000", "2,100");
      await pair.first.feed.setMode(FeedMode.revert);
    },
    ...{ borrowLimit: "0", callLine: "16,800", liquidationLine: "18,060" },
  },
  {
    name: "none live, both with an old answer",
    bring: async (pair) => {
      await tellStale(pair.first, "1,900");
      await tellStale(pair.second, "1,800");
    },
    ...{ borrowLimit: "0", callLine: "15,200", liquidationLine: "16,340" },
  },
  {
    name: "none live, one without any answer",
    bring: async (pair) => {
      await tellStale(pair.first, "1,900");
      await pair.second.feed.setMode(FeedMode.burnGas);
    },
    ...{ borrowLimit: "0", callLine: "800,000", liquidationLine: "860,000" },
  },
];

/** A loan of 10,000 on ten ether with two sources. */
async function scene(name: "ether" | "fine"): Promise<Scene> {
  const market = await pairedMarket();
  const pair = market.pairs[name];
  const id = await openLoan(market, { pledges: [[pair.listing, weth("10")]], amount: usdc("10,000") });
  return { ...market, pair, id };
}

const SCENES = { ether: async () => scene("ether"), fine: async () => scene("fine") };

for (const name of ETHER_PAIRS) {
  const scenery = SCENES[name];
  describe(`Loans on a pledge with sources of 8 and ${name === "ether" ? 8 : 18} decimals`, () => {
    for (const { name: row, bring, borrowLimit, callLine, liquidationLine } of [...AGREED, ...UNCERTAIN]) {
      it(`${row}: the lines`, async () => {
        const { book, pair, id } = await networkHelpers.loadFixture(scenery);
        await bring(pair);
        expect(await book.healthOf(id)).to.deep.equal(["10,000", borrowLimit, callLine, liquidationLine].map(usdc));
      });
    }

    for (const { name: row, bring, borrowLimit } of AGREED) {
      it(`${row}: borrows, opens and releases up to the lower price`, async () => {
        const { book, borrower, pair, id } = await networkHelpers.loadFixture(scenery);
        await bring(pair);
        const { listing } = pair;
        const limit = usdc(borrowLimit);
        await expect(book.connect(borrower).borrow(id, limit - usdc("10,000") + 1n, borrower))
          .to.be.revertedWithCustomError(book, "AboveBorrowLimit")
          .withArgs(limit + 1n, limit);
        await book.connect(borrower).borrow(id, limit - usdc("10,000"), borrower);
        await expect(book.connect(borrower).release(id, listing, 1n, borrower))
          .to.be.revertedWithCustomError(book, "AboveBorrowLimit")
          .withArgs(limit, limit - 1n);
        await book.connect(borrower).repay(id, limit / 10n);
        await book.connect(borrower).release(id, listing, weth("1"), borrower);

        const other = loanId(borrower, 2n);
        const pledges = [{ listing, amount: weth("10") }];
        await expect(book.connect(borrower).open(other, pledges, limit + 1n, borrower))
          .to.be.revertedWithCustomError(book, "AboveBorrowLimit")
          .withArgs(limit + 1n, limit);
        await book.connect(borrower).open(other, pledges, limit, borrower);
        expect(await book.debtOf(other)).to.equal(limit);
      });
    }

    for (const { name: row, bring } of UNCERTAIN) {
      it(`${row}: it counts 0 for what goes out, and stops nothing that comes in`, async () => {
        const { book, borrower, stranger, pair, id } = await networkHelpers.loadFixture(scenery);
        await bring(pair);
        const { listing } = pair;
        await expect(book.connect(borrower).borrow(id, 1n, borrower))
          .to.be.revertedWithCustomError(book, "AboveBorrowLimit")
          .withArgs(usdc("10,000.000001"), 0n);
        await expect(book.connect(borrower).release(id, listing, 1n, borrower))
          .to.be.revertedWithCustomError(book, "AboveBorrowLimit")
          .withArgs(usdc("10,000"), 0n);
        const pledges = [{ listing, amount: weth("10") }];
        await expect(book.connect(borrower).open(loanId(borrower, 2n), pledges, usdc("100"), borrower))
          .to.be.revertedWithCustomError(book, "FeedNotLive")
          .withArgs(listing);

        await book.connect(stranger).pledge(id, listing, weth("1"));
        await book.connect(stranger).repay(id, usdc("2,000"));
        await book.connect(borrower).repay(id, MaxUint256);
        await book.connect(borrower).release(id, listing, weth("5"), borrower);
        await book.connect(borrower).close(id, 0n, borrower);
        expect(await book.loan(id)).to.deep.equal(NO_LOAN);
      });

      it(`${row}: it refuses nothing that another pledge carries`, async () => {
        const { book, borrower, pair, id } = await networkHelpers.loadFixture(scenery);
        const { listing } = pair;
        await book.connect(borrower).pledge(id, WETH, weth("8")); // 12,480 of limit
        await bring(pair);
        expect((await book.healthOf(id)).borrowLimit).to.equal(usdc("12,480"));
        await book.connect(borrower).borrow(id, usdc("2,480"), borrower);
        await expect(book.connect(borrower).borrow(id, 1n, borrower))
          .to.be.revertedWithCustomError(book, "AboveBorrowLimit")
          .withArgs(usdc("12,480.000001"), usdc("12,480"));
        // The uncertain pledge may leave: it counted nothing.
        await book.connect(borrower).release(id, listing, MaxUint256, borrower);
        await book.connect(borrower).repay(id, usdc("2,480"));
        await book.connect(borrower).release(id, WETH, weth("1"), borrower);
        expect(await book.pledgeOf(id, WETH)).to.equal(weth("7"));
        expect((await book.loan(id)).pledged).to.equal(1n << WETH);
      });

      it(`${row}: a first pledge of it is refused, alone and in an opening`, async () => {
        const { book, borrower, pair } = await networkHelpers.loadFixture(scenery);
        const { listing } = pair;
        const plain = { listing: WETH, amount: weth("8") };
        const doubtful = { listing, amount: weth("1") };
        await book.connect(borrower).open(loanId(borrower, 2n), [plain], usdc("10,000"), borrower);
        await bring(pair);
        for (const call of [
          async () => book.connect(borrower).pledge(loanId(borrower, 2n), listing, weth("1")),
          async () => book.connect(borrower).open(loanId(borrower, 3n), [plain, doubtful], usdc("100"), borrower),
        ]) {
          await expect(call()).to.be.revertedWithCustomError(book, "FeedNotLive").withArgs(listing);
        }
      });
    }
  });
}

describe("A cure beyond a full cap, with two sources", () => {
  /** A loan of 15,000 on ten ether whose listing is full. */
  async function fullListing(): Promise<Scene> {
    const market = await pairedMarket();
    const pair = market.pairs.fine;
    const id = await openLoan(market, { pledges: [[pair.listing, weth("10")]], amount: usdc("15,000") });
    await setCap({ ...market, feeds: allFeeds(market) }, pair.listing, weth("10"));
    return { ...market, pair, id };
  }

  // The call line is 80 % of ten times the third column. What is missing, / 80 %, / the third column:
  for (const [name, bring, cure] of [
    ["as far apart as may be", async (pair) => tell(pair, "1,800", "1,764"), 416_666_666_666_666_667n], // 600 / 0.8 / 1,800
    [
      "only one live, the lower",
      async (pair) => {
        await tell(pair, "1,750", "1,800");
        await tellStale(pair.second, "1,800");
      },
      714_285_714_285_714_286n, // 1,000 / 0.8 / 1,750
    ],
  ] as [string, (pair: Pair) => Promise<unknown>, bigint][]) {
    it(`${name}: takes what cures at the third column, and no more`, async () => {
      const { book, borrower, stranger, pair, id } = await networkHelpers.loadFixture(fullListing);
      await bring(pair);
      const before = await book.healthOf(id);
      expect(before.debt).to.be.above(before.callLine);
      expect(await book.connect(stranger).pledge.staticCall(id, pair.listing, weth("9"))).to.equal(cure);
      await book.connect(borrower).pledge(id, pair.listing, weth("9"));
      expect(await book.pledgeOf(id, pair.listing)).to.equal(weth("10") + cure);
      // One wei less would not have cured it.
      const after = await book.healthOf(id);
      expect(after.callLine).to.be.within(after.debt, after.debt + 1n);
      await expect(book.connect(borrower).pledge(id, pair.listing, 1n))
        .to.be.revertedWithCustomError(book, "CapExceeded")
        .withArgs(pair.listing, weth("10") + cure + 1n, weth("10"));
    });
  }

  for (const [name, bring] of [
    [
      "none live",
      async (pair) => {
        await tellStale(pair.first, "1,700");
        await tellStale(pair.second, "1,750");
      },
    ],
    // At the higher price it could be cured; but a price that only one of two vouches for lifts no cap.
    ["apart", async (pair) => tell(pair, "900", "1,800")],
    ["in no need of one at the higher price", async (pair) => tell(pair, "1,700", "1,875")],
  ] as [string, (pair: Pair) => Promise<unknown>][]) {
    it(`${name}: takes nothing`, async () => {
      const { book, borrower, pair, id } = await networkHelpers.loadFixture(fullListing);
      await bring(pair);
      await expect(book.connect(borrower).pledge(id, pair.listing, weth("1")))
        .to.be.revertedWithCustomError(book, "CapExceeded")
        .withArgs(pair.listing, weth("11"), weth("10"));
      expect(await book.pledgeOf(id, pair.listing)).to.equal(weth("10"));
    });
  }
});

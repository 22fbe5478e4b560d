import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { networkHelpers } from "../helpers/chain.ts";
import { NO_LOAN } from "../helpers/loans.ts";
import { dollars, link, loanId, openLoan, usdc, WBTC, wbtc, WETH, weth, type Market } from "../helpers/market.ts";
import { FeedMode } from "../helpers/mocks.ts";
import { tell } from "../helpers/pairs.ts";
import { sequencedMarket, type SequencedMarket } from "../helpers/sequencer.ts";

/** What a read demands to be there: its budget of 150,000, × 64 / 63 for what a call keeps back, and 3,000. */
const NEEDED = 155_380n;

/** The smallest of what may limit a transaction: 2^24 of EIP-7825. A block holds two of them, or more. */
const TRANSACTION_GAS = 16_777_216n;

/** How the chain says that a call ran out of gas; inside the book, a call that did so fails without a word. */
const OUT_OF_GAS = "ran out of gas";

type Scene = SequencedMarket & { id: bigint };

/** A loan of 15,351 on ten ether of two sources; its line is at 1,785 dollars. */
async function scene(): Promise<Scene> {
  const market = await sequencedMarket();
  const id = await openLoan(market, { pledges: [[market.pairs.fine.listing, weth("10")]], amount: usdc("15,351") });
  return { ...market, id };
}

/** How calls end, from too little gas to plenty, and the most gas with which one was refused for want of it. */
async function outcomesOf(
  book: Market["book"],
  call: (gasLimit: bigint) => Promise<unknown>,
): Promise<{ outcomes: string[]; starvedAt: bigint }> {
  const outcomes = new Set<string>();
  let starvedAt = 0n;
  for (let gasLimit = 100_000n; gasLimit <= 900_000n; gasLimit += 4_000n) {
    const outcome = await outcomeOf(book, async () => call(gasLimit));
    if (outcome !== OUT_OF_GAS) outcomes.add(outcome); // it changes nothing, and decides nothing
    if (outcome === `InsufficientGas(${NEEDED})`) starvedAt = gasLimit;
  }
  return { outcomes: [...outcomes].sort(), starvedAt };
}

/** The error a call ends with and its values (of InsufficientGas what was needed), or what it returns. */
async function outcomeOf(book: Market["book"], call: () => Promise<unknown>): Promise<string> {
  try {
    return String(await call());
  } catch (error) {
    const data: unknown = error instanceof Error && "data" in error ? error.data : undefined;
    if (data === "0x" || (error instanceof Error && error.message.includes(OUT_OF_GAS))) return OUT_OF_GAS;
    if (typeof data !== "string") throw error;
    const parsed = book.interface.parseError(data);
    if (parsed === null) return data;
    const values: unknown[] = parsed.args.toArray();
    return `${parsed.name}(${(parsed.name === "InsufficientGas" ? values.slice(1) : values).join()})`;
  }
}

describe("Gas of the feeds", () => {
  const STARVED = `InsufficientGas(${NEEDED})`;

  it("no amount of it turns a live sequencer, loan asset or source dead in a borrow", async () => {
    const { book, borrower, id } = await networkHelpers.loadFixture(scene);
    const { outcomes } = await outcomesOf(book, async (gasLimit) =>
      book.connect(borrower).borrow.staticCall(id, usdc("100"), borrower, { gasLimit }),
    );
    // Starved, a sequencer would be SequencerNotReady, a loan asset LoanAssetFeedNotLive, a source AboveBorrowLimit(…, 0).
    expect(outcomes).to.deep.equal(["", STARVED]);
  });

  it("nor in a release or an opening", async () => {
    const { book, borrower, pairs, id } = await networkHelpers.loadFixture(scene);
    const { listing } = pairs.fine;
    const release = await outcomesOf(book, async (gasLimit) =>
      book.connect(borrower).release.staticCall(id, listing, weth("0.1"), borrower, { gasLimit }),
    );
    expect(release.outcomes).to.deep.equal([weth("0.1").toString(), STARVED]);
    const pledges = [{ listing, amount: weth("1") }];
    const opening = await outcomesOf(book, async (gasLimit) =>
      book.connect(borrower).open.staticCall(loanId(borrower, 2n), pledges, usdc("100"), borrower, { gasLimit }),
    );
    expect(opening.outcomes).to.deep.equal(["", STARVED]);
  });

  for (const [position, other] of [
    ["first", "second"],
    ["second", "first"],
  ] as const) {
    it(`nor in a liquidation, while the ${other} source burns all it gets and the ${position} decides`, async () => {
      const { book, keeper, pairs, id } = await networkHelpers.loadFixture(scene);
      await tell(pairs.fine, "1,750", "1,750");
      await pairs.fine[other].feed.setMode(FeedMode.burnGas);
      const order = { id, listing: pairs.fine.listing, maxRepay: MaxUint256, minSeized: 0n };
      const { outcomes, starvedAt } = await outcomesOf(book, async (gasLimit) =>
        book.connect(keeper).liquidate.staticCall(order, "0x", { gasLimit }),
      );
      // Starved too, the pledge would count at its upper bound, and the loan be NotLiquidatable.
      const expected = [usdc("8,016.022621"), 4_626_390_198_405_714_285n].join();
      expect(outcomes).to.deep.equal([expected, STARVED]);
      // The guard of the second read was reached: the first was over, and had burned its budget if it was the one to do so.
      expect(starvedAt).to.be.above(other === "first" ? NEEDED + 150_000n : NEEDED);
    });
  }

  it("nor in a first pledge", async () => {
    const { book, borrower, pairs } = await networkHelpers.loadFixture(scene);
    await pairs.fine.first.feed.setMode(FeedMode.answerLate);
    const { outcomes, starvedAt } = await outcomesOf(book, async (gasLimit) =>
      book.connect(borrower).pledge.staticCall(loanId(borrower, 2n), pairs.fine.listing, 1n, { gasLimit }),
    );
    expect(outcomes).to.deep.equal(["1", STARVED]); // never FeedNotLive, though the second feed is read with little left
    expect(starvedAt).to.be.above(NEEDED + 100_000n);
  });

  it("nor in a view", async () => {
    const { book, pairs, id } = await networkHelpers.loadFixture(scene);
    await tell(pairs.fine, "1,960", "2,000");
    const health = await outcomesOf(book, async (gasLimit) => book.healthOf(id, { gasLimit }));
    expect(health.outcomes).to.deep.equal([STARVED, ["15,351", "15,288", "16,000", "17,200"].map(usdc).join()].sort());
    const prices = await outcomesOf(book, async (gasLimit) => book.pricesOf(pairs.fine.listing, { gasLimit }));
    const perEther = [1_960n, 2_000n, 2_000n].map((price) => price * 10n ** 24n).join();
    expect(prices.outcomes).to.deep.equal([perEther, STARVED].sort());
  });

  for (const [name, mode] of [
    ["burn all they get", FeedMode.burnGas],
    ["answer when nearly all they get is gone", FeedMode.answerLate],
  ] as const) {
    describe(`of a market in which all eight sources, the loan asset and the sequencer ${name}`, () => {
      interface Worst extends SequencedMarket {
        /** Four pledges of two sources each. */
        id: bigint;
        /** One pledge of one source that is well, above its line. */
        plain: bigint;
      }

      async function worst(): Promise<Worst> {
        const market = await sequencedMarket();
        const { pairs, feeds, sequencer, stranger } = market;
        const pledges: [bigint, bigint][] = [
          [pairs.ether.listing, weth("1")],
          [pairs.fine.listing, weth("1")],
          [pairs.bitcoin.listing, wbtc("0.1")],
          [pairs.link.listing, link("100")],
        ];
        const id = await openLoan(market, { pledges, amount: usdc("5,000") });
        const plain = await openLoan(market, {
          pledges: [[WETH, weth("10")]],
          amount: usdc("15,351"),
          owner: stranger,
        });
        await feeds.weth.set(dollars("1,750"));
        const sources = Object.values(pairs).flatMap(({ first, second }) => [first.feed, second.feed]);
        for (const feed of [...sources, feeds.usdc, sequencer]) await feed.setMode(mode);
        return { ...market, id, plain };
      }

      const isLate = mode === FeedMode.answerLate;

      it("a borrow is decided within a tenth of a transaction", async () => {
        const { book, borrower, id } = await networkHelpers.loadFixture(worst);
        // Late but live, all ten are read: 10 × 150,000. Burning, the sequencer alone is.
        const gasLimit = TRANSACTION_GAS / 10n;
        const outcome = await outcomeOf(book, async () =>
          book.connect(borrower).borrow.staticCall(id, usdc("100,000"), borrower, { gasLimit }),
        );
        // 78 % of 2,000 + 2,000 + 6,000 and 65 % of 1,500.
        const refusal = `AboveBorrowLimit(${[usdc("105,000"), usdc("8,775")].join()})`;
        expect(outcome).to.equal(isLate ? refusal : "SequencerNotReady(0,3600)");
      });

      it("liquidating another listing costs one budget, that of the loan asset", async () => {
        const { book, keeper, plain } = await networkHelpers.loadFixture(worst);
        const order = { id: plain, listing: WETH, maxRepay: MaxUint256, minSeized: 0n };
        const response = await book.connect(keeper).liquidate(order, "0x", { gasLimit: 600_000n });
        const { gasUsed } = (await response.wait()) ?? { gasUsed: MaxUint256 };
        expect(gasUsed).to.be.within(150_000n, 450_000n);
        expect(await book.debtOf(plain)).to.equal(usdc("15,351") - usdc("8,016.022621"));
      });

      it("a batch with the loan on all eight sources costs nine", async () => {
        const { book, keeper, pairs, id, plain } = await networkHelpers.loadFixture(worst);
        const orders = [
          { id, listing: pairs.ether.listing, maxRepay: MaxUint256, minSeized: 0n },
          { id: plain, listing: WETH, maxRepay: MaxUint256, minSeized: 0n },
          { id, listing: pairs.link.listing, maxRepay: MaxUint256, minSeized: 0n },
        ];
        const response = await book.connect(keeper).liquidateBatch(orders, "0x", { gasLimit: TRANSACTION_GAS / 8n });
        const { gasUsed } = (await response.wait()) ?? { gasUsed: MaxUint256 };
        // Each is read once, though its loan is named twice.
        expect(gasUsed).to.be.within(9n * 138_000n, 1_800_000n);
        expect(await book.debtOf(plain)).to.equal(usdc("15,351") - usdc("8,016.022621"));
      });

      it("repaying, adding, releasing what owes nothing and closing cost no budget at all", async () => {
        const { book, borrower, stranger, pairs, id } = await networkHelpers.loadFixture(worst);
        const costs: bigint[] = [];
        for (const call of [
          async () => book.connect(stranger).repay(id, usdc("1,000")),
          async () => book.connect(stranger).pledge(id, pairs.link.listing, link("1")),
          async () => book.connect(borrower).repay(id, MaxUint256),
          async () => book.connect(borrower).release(id, pairs.bitcoin.listing, MaxUint256, borrower),
          async () => book.connect(borrower).close(id, 0n, borrower),
        ]) {
          const receipt = await (await call()).wait();
          costs.push(receipt?.gasUsed ?? MaxUint256);
        }
        expect(costs.filter((cost) => cost >= 250_000n)).to.deep.equal([]);
        expect(await book.loan(id)).to.deep.equal(NO_LOAN);
      });

      it("a first pledge of a listing that is well costs no budget but its own", async () => {
        const { book, borrower, id } = await networkHelpers.loadFixture(worst);
        // Four are pledged: one leaves, which needs a borrow limit only while there is debt.
        await book.connect(borrower).repay(id, MaxUint256);
        await book.connect(borrower).release(id, (await book.listingCount()) - 1n, MaxUint256, borrower);
        const response = await book.connect(borrower).pledge(id, WBTC, wbtc("0.1"), { gasLimit: 400_000n });
        const { gasUsed } = (await response.wait()) ?? { gasUsed: MaxUint256 };
        expect(gasUsed).to.be.below(200_000n);
      });

      it("health and prices are seen within the budgets of twice the pledges", async () => {
        const { book, pairs, id } = await networkHelpers.loadFixture(worst);
        // Both columns are read, 2 × (8 + 1): for borrowing and for liquidation.
        const { debt, borrowLimit } = await book.healthOf(id, { gasLimit: TRANSACTION_GAS / 5n });
        expect([debt, borrowLimit]).to.deep.equal([usdc("5,000"), isLate ? usdc("8,775") : 0n]);
        const { forBorrowing } = await book.pricesOf(pairs.fine.listing, { gasLimit: 1_200_000n });
        expect(forBorrowing).to.equal(isLate ? 2_000n * 10n ** 24n : 0n);
      });
    });
  }
});

import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { networkHelpers } from "../helpers/chain.ts";
import { NO_LOAN } from "../helpers/loans.ts";
import {
  dollars,
  FEED_AGE,
  LOAN_ASSET_FEED_AGE,
  loanId,
  ONE_DOLLAR,
  openLoan,
  usdc,
  WETH,
  weth,
} from "../helpers/market.ts";
import { MISBEHAVIOURS, ODDITIES, type Misbehaviour, type Patient } from "../helpers/misbehaviour.ts";
import { answerOf, deployPairs, ETHER_BOUNDS, type PairedMarket, type PairedSource } from "../helpers/pairs.ts";

/** A dollar per ether as a price: loan asset units per wei, times 1e36. */
const DOLLAR = 10n ** 24n;
const prices = (...perEther: bigint[]): bigint[] => perEther.map((price) => price * DOLLAR);

interface Scene extends PairedMarket {
  /** Ten ether of one source, ten of two, 10,000 of debt. */
  id: bigint;
  /** Ten ether of the listing that is tried, 15,351 of debt: its line is at 1,785 dollars. */
  deep: Record<"single" | "paired", bigint>;
}

async function scene(peg = ONE_DOLLAR): Promise<Scene> {
  const market = await deployPairs({ peg });
  const { listing } = market.pairs.fine;
  const pledges: [bigint, bigint][] = [
    [WETH, weth("10")],
    [listing, weth("10")],
  ];
  const id = await openLoan(market, { pledges, amount: usdc("10,000") });
  const deep = async (pledged: bigint, number: bigint): Promise<bigint> =>
    openLoan(market, {
      pledges: [[pledged, weth("10")]],
      amount: usdc("15,351"),
      owner: market.stranger,
      number,
    });
  return { ...market, id, deep: { single: await deep(WETH, 1n), paired: await deep(listing, 2n) } };
}

const standardScene = async (): Promise<Scene> => scene();
const sceneWithoutPeg = async (): Promise<Scene> => scene(0n);

/** An ether source of the scene that would answer 1,700 dollars if it were well. */
function etherPatient(source: PairedSource): Patient {
  const [minAnswer, maxAnswer] = [answerOf(source, ETHER_BOUNDS[0]), answerOf(source, ETHER_BOUNDS[1])];
  return { feed: source.feed, answer: answerOf(source, "1,700"), minAnswer, maxAnswer, maxAge: FEED_AGE };
}

/** What the misbehaviour counts for, in dollars per ether. */
const counted = ({ counts }: Misbehaviour): bigint => ({ answer: 1_700n, minAnswer: 10n, maxAnswer: 100_000n })[counts];

/** INV-09: whatever the feeds do, debt can be repaid, pledges added, and what owes nothing goes home. */
async function expectExits({ book, borrower, stranger, pairs, id }: Scene): Promise<void> {
  await book.connect(stranger).repay(id, usdc("1,000"));
  await book.connect(stranger).pledge(id, WETH, weth("1"));
  await book.connect(stranger).pledge(id, pairs.fine.listing, weth("1"));
  await book.connect(borrower).repay(id, usdc("8,900")); // down to the smallest debt
  expect(await book.debtOf(id)).to.equal(usdc("100"));
  await book.connect(stranger).repay(id, MaxUint256);
  await book.connect(borrower).release(id, WETH, MaxUint256, borrower);
  await book.connect(borrower).release(id, pairs.fine.listing, weth("3"), borrower);
  await book.connect(borrower).close(id, 0n, borrower);
  expect(await book.loan(id)).to.deep.equal(NO_LOAN);
}

/** Whether `listing`, worth nothing for borrowing, is worth `price` dollars where its loans are judged, and can be seized. */
async function expectUncertain(
  market: Scene,
  { listing, deep, price, isLive }: { listing: bigint; deep: bigint; price: bigint; isLive: boolean },
): Promise<void> {
  const { book, borrower, stranger, keeper, id } = market;
  expect(await book.pricesOf(listing)).to.deep.equal(prices(0n, price, isLive ? price : 0n));

  // The other pledge, at 2,000 dollars, carries 15,600 of debt.
  const value = usdc("20,000") + usdc("10") * price;
  const lines = [(value * 80n) / 100n, (value * 86n) / 100n];
  expect(await book.healthOf(id)).to.deep.equal([usdc("10,000"), usdc("15,600"), ...lines]);
  await expect(book.connect(borrower).borrow(id, usdc("5,600.000001"), borrower))
    .to.be.revertedWithCustomError(book, "AboveBorrowLimit")
    .withArgs(usdc("15,600.000001"), usdc("15,600"));
  await book.connect(borrower).borrow.staticCall(id, usdc("5,600"), borrower);
  await book.connect(borrower).release.staticCall(id, listing, weth("10"), borrower);

  // No loan starts to pledge what only one of two vouches for.
  await expect(book.connect(stranger).pledge(loanId(stranger, 3n), listing, 1n))
    .to.be.revertedWithCustomError(book, "FeedNotLive")
    .withArgs(listing);

  const order = { id: deep, listing, maxRepay: MaxUint256, minSeized: 0n };
  const line = (usdc("10") * price * 86n) / 100n;
  const seizure = expect(book.connect(keeper).liquidate(order, "0x"));
  const debt = usdc("15,351");
  if (debt <= line) await seizure.to.be.revertedWithCustomError(book, "NotLiquidatable").withArgs(deep, debt, line);
  else if (isLive) await seizure.to.emit(book, "Liquidated");
  else await seizure.to.be.revertedWithCustomError(book, "FeedNotLive").withArgs(listing);
}

describe("A feed of a pledge that misbehaves", () => {
  for (const misbehaviour of MISBEHAVIOURS) {
    describe(misbehaviour.name, () => {
      it("as the only source: nothing for borrowing, its last answer for the lines, no seizure", async () => {
        const market = await networkHelpers.loadFixture(standardScene);
        await misbehaviour.infect(etherPatient({ feed: market.feeds.weth, decimals: 8 }));
        const price = counted(misbehaviour);
        await expectUncertain(market, { listing: WETH, deep: market.deep.single, price, isLive: false });
        await expectExits(market);
      });

      for (const [position, other] of [
        ["first", "second"],
        ["second", "first"],
      ] as const) {
        it(`as the ${position} of two: the other one for lines and seizure, nothing for borrowing`, async () => {
          const market = await networkHelpers.loadFixture(standardScene);
          const { fine } = market.pairs;
          await misbehaviour.infect(etherPatient(fine[position]));
          await fine[other].feed.set(answerOf(fine[other], "1,700"));
          const deep = market.deep.paired;
          await expectUncertain(market, { listing: fine.listing, deep, price: 1_700n, isLive: true });
          await expectExits(market);
        });
      }

      it("as both: nothing for borrowing, the last answers for the lines, no seizure", async () => {
        const market = await networkHelpers.loadFixture(standardScene);
        const { fine } = market.pairs;
        for (const source of [fine.first, fine.second]) await misbehaviour.infect(etherPatient(source));
        const price = counted(misbehaviour);
        await expectUncertain(market, { listing: fine.listing, deep: market.deep.paired, price, isLive: false });
        await expectExits(market);
      });
    });
  }

  for (const { name, infect } of ODDITIES) {
    it(`${name}: counts as any other, alone and as one of two`, async () => {
      const market = await networkHelpers.loadFixture(standardScene);
      const { book, feeds, pairs } = market;
      await infect(etherPatient({ feed: feeds.weth, decimals: 8 }));
      expect(await book.pricesOf(WETH)).to.deep.equal(prices(1_700n, 1_700n, 1_700n));
      await infect(etherPatient(pairs.fine.first));
      expect(await book.pricesOf(pairs.fine.listing)).to.deep.equal(prices(0n, 2_000n, 1_960n));
      await infect(etherPatient(pairs.fine.second));
      expect(await book.pricesOf(pairs.fine.listing)).to.deep.equal(prices(1_700n, 1_700n, 1_700n));
      await expectExits(market);
    });
  }
});

describe("A feed of the loan asset that misbehaves", () => {
  /** The loan asset's feed, which would answer 0.9 if it were well. */
  function assetPatient({ feeds }: Scene): Patient {
    const bounds = { minAnswer: dollars("0.5"), maxAnswer: dollars("2") };
    return { feed: feeds.usdc, answer: dollars("0.9"), ...bounds, maxAge: LOAN_ASSET_FEED_AGE };
  }

  /** Nothing that adds debt, or takes from what covers it. */
  async function expectNoBorrowing({ book, borrower, feeds, pairs, id }: Scene): Promise<void> {
    const pledges = [{ listing: pairs.fine.listing, amount: weth("10") }];
    for (const call of [
      async () => book.connect(borrower).borrow(id, 1n, borrower),
      async () => book.connect(borrower).open(loanId(borrower, 2n), pledges, usdc("100"), borrower),
      async () => book.connect(borrower).release(id, WETH, 1n, borrower),
    ]) {
      await expect(call())
        .to.be.revertedWithCustomError(book, "LoanAssetFeedNotLive")
        .withArgs(await feeds.usdc.getAddress());
    }
  }

  for (const { name, infect } of MISBEHAVIOURS) {
    it(`${name}: nobody borrows, the peg judges`, async () => {
      const market = await networkHelpers.loadFixture(standardScene);
      const { book, borrower, keeper, feeds, pairs, id, deep } = market;
      await infect(assetPatient(market));
      for (const listing of [WETH, pairs.fine.listing]) {
        expect(await book.pricesOf(listing)).to.deep.equal(prices(0n, 2_000n, 2_000n));
      }
      expect(await book.healthOf(id)).to.deep.equal([usdc("10,000"), 0n, usdc("32,000"), usdc("34,400")]);
      await expectNoBorrowing(market);
      // A first pledge needs no price of the loan asset.
      await book.connect(borrower).pledge.staticCall(loanId(borrower, 2n), pairs.fine.listing, 1n);
      // At the peg its line is 15,351 at 1,785 dollars.
      await feeds.weth.set(dollars("1,784"));
      const order = { id: deep.single, listing: WETH, maxRepay: usdc("1,000"), minSeized: 0n };
      await expect(book.connect(keeper).liquidate(order, "0x")).to.emit(book, "Liquidated");
      await expectExits(market);
    });

    it(`${name}, without a peg: nobody borrows, nobody is liquidated`, async () => {
      const market = await networkHelpers.loadFixture(sceneWithoutPeg);
      const { book, keeper, feeds, pairs, id, deep } = market;
      await feeds.weth.set(dollars("1,000"));
      await infect(assetPatient(market));
      for (const listing of [WETH, pairs.fine.listing]) {
        expect(await book.pricesOf(listing)).to.deep.equal([0n, 0n, 0n]);
      }
      expect(await book.healthOf(id)).to.deep.equal([usdc("10,000"), 0n, MaxUint256, MaxUint256]);
      await expectNoBorrowing(market);
      const order = { id: deep.single, listing: WETH, maxRepay: MaxUint256, minSeized: 0n };
      for (const call of [
        async () => book.connect(keeper).liquidate(order, "0x"),
        async () => book.connect(keeper).liquidateBatch([order], "0x"),
        async () => book.connect(keeper).writeOff(deep.single),
      ]) {
        await expect(call())
          .to.be.revertedWithCustomError(book, "LoanAssetFeedNotLive")
          .withArgs(await feeds.usdc.getAddress());
      }
      await expectExits(market);
    });
  }

  for (const { name, infect } of ODDITIES) {
    it(`${name}: counts as any other`, async () => {
      const market = await networkHelpers.loadFixture(standardScene);
      const { book, borrower, pairs, id } = market;
      await infect(assetPatient(market));
      // At 0.9 the peg is the higher and counts for borrowing; for the rest it is 2,000 / 0.9, rounded up.
      const dear = (2_000n * DOLLAR * 10n) / 9n + 1n;
      expect(await book.pricesOf(WETH)).to.deep.equal([2_000n * DOLLAR, dear, dear]);
      expect(await book.pricesOf(pairs.fine.listing)).to.deep.equal([2_000n * DOLLAR, dear, dear]);
      await book.connect(borrower).borrow(id, usdc("21,200"), borrower);
      expect(await book.debtOf(id)).to.equal(usdc("31,200")); // 78 % of 40,000
    });
  }

  it("at its bounds it is live, and counts as any other", async () => {
    const market = await networkHelpers.loadFixture(standardScene);
    const { book, feeds } = market;
    await feeds.usdc.set(dollars("0.5"));
    expect(await book.pricesOf(WETH)).to.deep.equal(prices(2_000n, 4_000n, 4_000n));
    await feeds.usdc.set(dollars("2"));
    expect(await book.pricesOf(WETH)).to.deep.equal(prices(1_000n, 2_000n, 2_000n));
  });
});

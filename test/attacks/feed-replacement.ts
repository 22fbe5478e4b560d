import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { clock, networkHelpers } from "../helpers/chain.ts";
import { idOfAction } from "../helpers/governance.ts";
import {
  DAY,
  dollars,
  ONE_DOLLAR,
  openLoan,
  standardMarket,
  usdc,
  WETH,
  weth,
  type Market,
} from "../helpers/market.ts";
import { deployMock, FeedMode, type TestFeed } from "../helpers/mocks.ts";
import { deploySource, type PairedSource } from "../helpers/pairs.ts";
import {
  ANYHOW,
  etherSource,
  execute,
  IF_AGREED,
  IF_DEAD,
  keepAlive,
  LOAN_ASSET_LIMITS,
  propose,
  replaceFeeds,
  replaceLoanAssetFeed,
} from "../helpers/replacing.ts";
import { expectBalancedBooks, greedyOrder } from "./scene.ts";

const OUT_OF_GAS = "out of gas";

interface Scene extends Market {
  /** A feed in the curator's hand, and the action that puts it in the place of ether's. */
  hostile: PairedSource;
  action: string;
  /** A loan of 10,000 on ten ether. */
  id: bigint;
}

async function scene(): Promise<Scene> {
  const market = await standardMarket();
  const hostile = await deploySource(8, "2,000");
  const action = await replaceFeeds(WETH, etherSource(hostile));
  const id = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("10,000") });
  return { ...market, hostile, action, id };
}

/** Moves time on; all feeds say again what they said. */
async function wait({ feeds, hostile }: Scene, seconds: bigint): Promise<void> {
  await clock.advance(seconds);
  await keepAlive(...Object.values(feeds), hostile.feed);
}

async function expectNotReady(market: Scene, action: string, age: bigint, delay: bigint): Promise<void> {
  await expect(execute(market, action))
    .to.be.revertedWithCustomError(market.book, "ProposalNotReady")
    .withArgs(age, delay);
}

describe("Attacks through the replacement of feeds", () => {
  // A curator's key in the wrong hands: the oracle swaps that emptied markets took one transaction.
  it("a feed that lies moves no line for thirty days in which all may leave, and the guardian ends it", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, vault, borrower, lender, guardian, hostile, action, id } = market;
    await hostile.feed.set(dollars("10.01"));
    await expect(propose(market, action))
      .to.emit(book, "Proposed")
      .withArgs(idOfAction(action), action.slice(0, 10), action);
    for (let age = 5n * DAY; age < ANYHOW; age += 5n * DAY) {
      await wait(market, 5n * DAY);
      expect(await book.proposedAt(idOfAction(action))).to.equal(clock.now() - age);
      expect((await book.healthOf(id)).liquidationLine).to.equal(usdc("17,200"));
      await expectNotReady(market, action, age, ANYHOW);
    }
    const snapshot = await networkHelpers.takeSnapshot();
    await book.connect(borrower).close(id, MaxUint256, borrower);
    await vault.connect(lender).redeem(await vault.balanceOf(lender), lender, lender);
    await expectBalancedBooks(market);
    await snapshot.restore();

    await book.connect(guardian).cancel(idOfAction(action));
    await wait(market, 5n * DAY);
    await expect(execute(market, action))
      .to.be.revertedWithCustomError(book, "NotProposed")
      .withArgs(idOfAction(action));
    expect((await book.healthOf(id)).liquidationLine).to.equal(usdc("17,200"));
  });

  it("a feed that is honest for fourteen days and lies from then has been seen for fourteen days", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, keeper, borrower, guardian, hostile, action, id } = market;
    await propose(market, action);
    await wait(market, IF_AGREED - 1n);
    await expectNotReady(market, action, IF_AGREED - 1n, IF_AGREED);
    await wait(market, 1n);
    // It cannot lie and be in time at once.
    await hostile.feed.set(dollars("1,000"));
    await expectNotReady(market, action, IF_AGREED, ANYHOW);
    await hostile.feed.set(dollars("2,000"));
    await execute(market, action);

    // The worst that it does then: it sells what stayed, or lends against nothing until somebody retires the listing.
    const snapshot = await networkHelpers.takeSnapshot();
    await hostile.feed.set(dollars("1,100"));
    await expect(book.connect(keeper).liquidate(greedyOrder(id), "0x")).to.emit(book, "Liquidated");
    await snapshot.restore();
    await hostile.feed.set(dollars("100,000"));
    await book.connect(guardian).retire(WETH);
    const more = (await book.debtOf(id)) + usdc("1");
    const moreUp = (debt: bigint): boolean => debt === more || debt === more + 1n; // what is drawn is scaled up
    await expect(book.connect(borrower).borrow(id, usdc("1"), borrower))
      .to.be.revertedWithCustomError(book, "AboveBorrowLimit")
      .withArgs(moreUp, 0n);
  });

  it("bounds that close around the price are seen as long, and a feed that left them is replaced in three days", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, keeper, feeds, action, id } = market;
    const own = { feed: feeds.weth, decimals: 8 };
    const trap = await replaceFeeds(WETH, {
      ...etherSource(own),
      minAnswer: dollars("1,990"),
      maxAnswer: dollars("2,010"),
    });
    const cure = await replaceFeeds(WETH, etherSource(own));
    await propose(market, trap);
    await wait(market, IF_AGREED - 1n);
    await expectNotReady(market, trap, IF_AGREED - 1n, IF_AGREED);
    await wait(market, 1n);
    await execute(market, trap);
    // The kill switch: the loan is judged at the bound, and not to be liquidated at any price.
    await feeds.weth.set(dollars("1,000"));
    expect((await book.healthOf(id)).liquidationLine).to.equal(usdc("17,114")); // 0.86 × 19,900
    await expect(book.connect(keeper).liquidate(greedyOrder(id), "0x")).to.be.revertedWithCustomError(
      book,
      "NotLiquidatable",
    );
    // It works for whoever is curator then: the honest one heals it, and a hostile one needs three days more.
    await propose(market, cure);
    await propose(market, action);
    await wait(market, IF_DEAD - 1n);
    await expectNotReady(market, action, IF_DEAD - 1n, IF_DEAD);
    await wait(market, 1n);
    await execute(market, cure);
    await expect(book.connect(keeper).liquidate(greedyOrder(id), "0x")).to.emit(book, "Liquidated");
    // The hostile one that was proposed beside it gains nothing by a moment's silence of the healed one.
    await feeds.weth.setMode(FeedMode.revert);
    await expectNotReady(market, action, IF_DEAD, ANYHOW);
  });

  it("a live feed is not made dead by too little gas, at either step", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, curator, action } = market;
    const refusals = new Set<string>();
    let gasLimit = 150_000n;
    for (; ; gasLimit += 4_000n) {
      const refusal = await refusalOf(book, async () => book.connect(curator).propose(action, { gasLimit }));
      if (refusal === undefined) break; // with the least gas that does: if any, this one was starved
      if (refusal !== OUT_OF_GAS) refusals.add(refusal);
    }
    expect([...refusals]).to.deep.equal(["InsufficientGas"]);
    await wait(market, IF_DEAD);
    const outcomes = new Set<string>();
    for (gasLimit = 150_000n; gasLimit < 900_000n; gasLimit += 4_000n) {
      const refusal = await refusalOf(book, async () => book.connect(curator).execute.staticCall(action, { gasLimit }));
      if (refusal !== OUT_OF_GAS) outcomes.add(refusal ?? "none");
    }
    expect([...outcomes].sort()).to.deep.equal(["InsufficientGas", "ProposalNotReady"]);
    await expectNotReady(market, action, IF_DEAD, IF_AGREED);
  });

  it("a proposal made while the feed was silent for a moment has to wait as long as any", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { feeds, hostile, action } = market;
    await feeds.weth.setMode(FeedMode.revert);
    await propose(market, action);
    await feeds.weth.setMode(FeedMode.answer);
    await hostile.feed.set(dollars("5,000"));
    for (const age of [IF_DEAD, IF_AGREED]) {
      await wait(market, age - (age === IF_DEAD ? 0n : IF_DEAD));
      await expectNotReady(market, action, age, ANYHOW);
    }
  });

  it("a feed of the loan asset liquidates nobody where there is a peg, whatever it says", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, keeper, feeds, id } = market;
    const hostileAsset = await deployMock<TestFeed>("TestFeed", 8, ONE_DOLLAR);
    const action = await replaceLoanAssetFeed({ feed: hostileAsset, ...LOAN_ASSET_LIMITS });
    await propose(market, action);
    await wait(market, IF_AGREED);
    await hostileAsset.set(ONE_DOLLAR);
    await execute(market, action);
    await feeds.weth.set(dollars("1,200")); // the line is 10,320
    for (const quote of ["0.5", "0.9", "1.1", "2", "2.1", "0"]) {
      await hostileAsset.set(dollars(quote));
      const { borrowLimit, liquidationLine } = await book.healthOf(id);
      expect(liquidationLine, quote).to.be.gte(usdc("10,320"));
      expect(borrowLimit, quote).to.be.lte(usdc("9,360"));
      await expect(book.connect(keeper).liquidate(greedyOrder(id), "0x")).to.be.revertedWithCustomError(
        book,
        "NotLiquidatable",
      );
    }
  });
});

/** The error that a call ends with; nothing if it goes through. */
async function refusalOf(book: Market["book"], call: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await call();
    return undefined;
  } catch (error) {
    const data: unknown = error instanceof Error && "data" in error ? error.data : undefined;
    if (typeof data !== "string" || data.length <= 2) return OUT_OF_GAS;
    return book.interface.parseError(data)?.name ?? data;
  }
}

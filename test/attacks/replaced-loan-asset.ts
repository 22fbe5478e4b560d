import { expect } from "chai";

import { clock, ethers, networkHelpers } from "../helpers/chain.ts";
import { addListing, bookAction, carryOut } from "../helpers/governance.ts";
import { outcomesOf, twinOf } from "../helpers/library-twin.ts";
import {
  deployCore,
  dollars,
  FEED_AGE,
  fund,
  LINK,
  loanAssetFeedConfig,
  loanId,
  MAJOR_TERMS,
  MINOR_TERMS,
  ONE_DOLLAR,
  openLoan,
  usdc,
  WBTC,
  WETH,
  weth,
  type Market,
} from "../helpers/market.ts";
import { deployMock, FeedMode, type TestFeed } from "../helpers/mocks.ts";
import { allFeeds, deployPairs, deploySource, type PairedMarket, type PairedSource } from "../helpers/pairs.ts";
import {
  ANYHOW,
  etherSource,
  execute,
  IF_AGREED,
  IF_DEAD,
  keepAlive,
  propose,
  replaceFeeds,
  replaceLoanAssetFeed,
  replaceSequencerFeed,
} from "../helpers/replacing.ts";
import { DOWN, tellSequencer, UP } from "../helpers/sequencer.ts";
import { calledAddresses } from "../helpers/traces.ts";
import { greedyOrder } from "./scene.ts";

interface Scene extends PairedMarket {
  sequencer: TestFeed;
  /** The loan asset's next feed, and the action that puts it in. */
  fresh: TestFeed;
  replace: string;
  /** 10,000 on ten ether; on bitcoin of two sources and on LINK; and a loan that owes nothing and pledges nothing. */
  single: bigint;
  double: bigint;
  none: bigint;
}

/** A loan asset without a peg, so that its feed alone says what everything is worth; and a sequencer. */
async function scene(): Promise<Scene> {
  const sequencer = await deployMock<TestFeed>("TestFeed", 0, UP);
  await tellSequencer(sequencer, UP, ANYHOW);
  const market = await deployPairs({ peg: 0n, sequencerFeed: sequencer });
  const { pairs, borrower } = market;
  const fresh = await deployMock<TestFeed>("TestFeed", 8, ONE_DOLLAR);
  const replace = await replaceLoanAssetFeed(loanAssetFeedConfig(fresh));
  const single = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("10,000") });
  const pledges: [bigint, bigint][] = [
    [pairs.bitcoin.listing, 20_000_000n],
    [LINK, weth("100")],
  ];
  const double = await openLoan(market, { pledges, amount: usdc("5,000"), number: 2n });
  return { ...market, sequencer, fresh, replace, single, double, none: loanId(borrower, 3n) };
}

/** All feeds that a scene keeps alive while an action waits. */
function feedsOf(market: Scene): Record<string, TestFeed> {
  return { ...allFeeds(market), fresh: market.fresh };
}

async function carry(market: Scene, action: string, delay = IF_AGREED): Promise<void> {
  await carryOut({ ...market, feeds: feedsOf(market) }, market.book, action, delay);
}

async function wait(market: Scene, seconds: bigint): Promise<void> {
  await clock.advance(seconds);
  await keepAlive(...Object.values(feedsOf(market)));
}

/** What a feed that was replaced may say: that all is worth twice as much, or half, or nothing. */
const LIES: [string, (feed: TestFeed) => Promise<unknown>][] = [
  ["half a dollar", async (feed) => feed.set(dollars("0.5"))],
  ["two dollars", async (feed) => feed.set(dollars("2"))],
  ["nothing", async (feed) => feed.setMode(FeedMode.revert)],
];

/** Nobody asks the old feed any more, whatever a loan pledges, and nothing depends on it. */
async function expectForgotten(
  market: Scene,
  old: TestFeed,
  { ids = [], ether = market.feeds.weth }: { ids?: bigint[]; ether?: TestFeed } = {},
): Promise<void> {
  const { book, vault, borrower, keeper, single, double, none } = market;
  const twin = await twinOf({ vault, book, keeper, contracts: [] });
  const before = await networkHelpers.takeSnapshot();
  const healths = await Promise.all([single, double, ...ids].map(async (id) => book.healthOf(id)));
  for (const [name, lie] of LIES) {
    const snapshot = await networkHelpers.takeSnapshot();
    await lie(old);
    for (const [n, id] of [single, double, ...ids].entries()) {
      const health = await book.healthOf(id);
      expect(health, name).to.deep.equal(healths[n]);
      const room = health.borrowLimit - health.debt;
      await expect(book.connect(borrower).borrow.staticCall(id, room + 2n, borrower), name)
        .to.be.revertedWithCustomError(book, "AboveBorrowLimit")
        .withArgs((debt: bigint) => debt > health.borrowLimit, health.borrowLimit);
      await expectUnasked(old, async () => book.connect(borrower).borrow(id, room - 2n, borrower));
    }
    // A loan without a pledge has no listing that could tell.
    await expect(book.connect(borrower).borrow.staticCall(none, usdc("100"), borrower), name)
      .to.be.revertedWithCustomError(book, "AboveBorrowLimit")
      .withArgs((debt: bigint) => debt - usdc("100") <= 1n, 0n); // what is drawn is scaled up
    await expect(book.connect(borrower).release(single, WETH, weth("1"), borrower), name).to.be.revertedWithCustomError(
      book,
      "AboveBorrowLimit",
    );
    await expectUnasked(old, async () => book.connect(borrower).repay(single, usdc("2,000")));
    await expectUnasked(old, async () => book.connect(borrower).release(single, WETH, weth("0.1"), borrower));
    await snapshot.restore();
  }
  for (const [name, lie] of LIES) {
    const snapshot = await networkHelpers.takeSnapshot();
    const { debt, liquidationLine } = await book.healthOf(single);
    await ether.set(((await ether.answer()) * debt * 95n) / (liquidationLine * 100n));
    const honest = await outcomesOf(twin, greedyOrder(single));
    await lie(old);
    const outcomes = await outcomesOf(twin, greedyOrder(single));
    expect(outcomes.plain, name).to.deep.equal(honest.library);
    expect(outcomes.library, name).to.deep.equal(honest.library);
    await expectUnasked(old, async () =>
      book.connect(keeper).liquidate(greedyOrder(single, WETH, usdc("1,000")), "0x"),
    );
    await snapshot.restore();
  }
  await before.restore();
}

/** A transaction that goes through and does not ask a feed. */
async function expectUnasked(feed: TestFeed, act: () => Promise<{ hash: string }>): Promise<void> {
  const { hash } = await act();
  const asked = await calledAddresses(hash);
  expect(asked).not.to.include((await feed.getAddress()).toLowerCase());
}

/** Flags of a source. */
const [SECOND, RETIRED, SEQUENCER, REPLACED] = [1n, 2n, 4n, 8n] as const;

/** The flags of the loan asset's source, and of each listing's first; where they are is fixed by test/integration/storage-layout.ts. */
async function flagsOf({ book }: Pick<Market, "book">): Promise<{ loanAsset: bigint; listings: bigint[] }> {
  const at = async (slot: bigint): Promise<bigint> =>
    (BigInt(await ethers.provider.getStorage(await book.getAddress(), slot)) >> 160n) % 256n;
  const listings: bigint[] = [];
  const count = await book.listingCount();
  for (let n = 0n; n < count; n++) listings.push(await at(9n + 4n * n + 1n));
  return { loanAsset: await at(6n), listings };
}

describe("Attacks by a loan asset's feed that was replaced", () => {
  it("whatever it says then moves no loan of a listing of before, with one source or two, or without a pledge", async () => {
    const market = await networkHelpers.loadFixture(scene);
    expect(await flagsOf(market)).to.deep.equal({
      loanAsset: SEQUENCER,
      listings: [0n, 0n, 0n, SECOND, SECOND, SECOND, SECOND],
    });
    await carry(market, market.replace);
    const both = SECOND | REPLACED;
    expect(await flagsOf(market)).to.deep.equal({
      loanAsset: SEQUENCER | REPLACED,
      listings: [REPLACED, REPLACED, REPLACED, both, both, both, both],
    });
    await expectForgotten(market, market.feeds.usdc);
  });

  it("nor a loan on a listing that came later, or whose feeds were replaced before, after, or in between", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, guardian, borrower, pairs } = market;
    await book.connect(guardian).retire(WBTC);
    // Before: ether's. In between: the proposal is older than the replacement. After: bitcoin's of two sources, which had none.
    const sources: PairedSource[] = [];
    for (let n = 0; n < 4; n++) sources.push(await deploySource(8, n < 2 ? "2,000" : "60,000"));
    const [before, between, late, lateSecond] = sources as [PairedSource, PairedSource, PairedSource, PairedSource];
    const feeds = Object.fromEntries(sources.map(({ feed }, n) => [`source ${String(n)}`, feed]));
    const all = { ...market, feeds: { ...feedsOf(market), ...feeds } };
    await carryOut(all, book, await replaceFeeds(WETH, etherSource(before)), IF_AGREED);
    const meanwhile = await replaceFeeds(pairs.ether.listing, etherSource(between));
    await propose(market, meanwhile);
    await carryOut(all, book, market.replace, IF_AGREED);
    await execute(market, meanwhile);
    const bounds = { maxAge: FEED_AGE, minAnswer: dollars("100"), maxAnswer: dollars("5,000,000") };
    const pair = [
      { feed: late.feed, ...bounds },
      { feed: lateSecond.feed, ...bounds },
    ] as const;
    await carryOut(all, book, await replaceFeeds(WBTC, ...pair), IF_AGREED);
    const feed = {
      feed: all.feeds.link ?? market.feeds.link,
      ...bounds,
      minAnswer: dollars("0.1"),
      maxAnswer: dollars("10,000"),
    };
    const newest = await addListing(all, { token: market.link, terms: MINOR_TERMS, feed, cap: weth("1,000,000") });
    await book.connect(guardian).retire(LINK);
    expect(await flagsOf(market)).to.deep.equal({
      loanAsset: SEQUENCER | REPLACED,
      listings: [
        ...[REPLACED, REPLACED | RETIRED | SECOND, REPLACED | RETIRED],
        ...[REPLACED, SECOND | REPLACED, SECOND | REPLACED, SECOND | REPLACED, REPLACED],
      ],
    });
    const ids: bigint[] = [];
    for (const listing of [pairs.ether.listing, newest]) {
      const pledged = listing === newest ? weth("2,000") : weth("10");
      const number = 10n + listing;
      ids.push(
        await openLoan({ ...market, borrower }, { pledges: [[listing, pledged]], amount: usdc("10,000"), number }),
      );
    }
    await expectForgotten(market, market.feeds.usdc, { ids, ether: before.feed });
  });

  it("nor does the second of three, nor the first one once it is back and gone again", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { feeds, fresh } = market;
    const back = await replaceLoanAssetFeed(loanAssetFeedConfig(feeds.usdc));
    await carry(market, market.replace);
    await carry(market, back);
    await expectForgotten(market, fresh);
    // What the code has would do, but for the limits: they are those of its last coming.
    const narrow = { ...loanAssetFeedConfig(feeds.usdc), minAnswer: dollars("0.9"), maxAnswer: dollars("1.1") };
    await carry(market, await replaceLoanAssetFeed(narrow));
    await feeds.usdc.set(dollars("0.8"));
    await expect(market.book.connect(market.borrower).borrow(market.single, usdc("1"), market.borrower))
      .to.be.revertedWithCustomError(market.book, "LoanAssetFeedNotLive")
      .withArgs(await feeds.usdc.getAddress());
    await feeds.usdc.set(ONE_DOLLAR);
    await carry(market, market.replace);
    await expectForgotten(market, feeds.usdc);
  });

  it("the sequencer is asked before and after, also its next feed", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, borrower, sequencer, single } = market;
    const next = await deployMock<TestFeed>("TestFeed", 0, UP);
    await tellSequencer(next, UP, ANYHOW);
    const expectGated = async (feed: TestFeed): Promise<void> => {
      const snapshot = await networkHelpers.takeSnapshot();
      await tellSequencer(feed, DOWN, 1n);
      const refused = [
        async () => book.connect(borrower).borrow(single, usdc("1"), borrower),
        async () => book.connect(borrower).release(single, WETH, 1n, borrower),
      ];
      for (const call of refused) await expect(call()).to.be.revertedWithCustomError(book, "SequencerNotReady");
      await tellSequencer(feed, UP, 3_600n);
      for (const call of refused) await call();
      await snapshot.restore();
    };
    await expectGated(sequencer);
    await carry(market, market.replace);
    await expectGated(sequencer);
    await carry(market, await replaceSequencerFeed(await next.getAddress()));
    await expectGated(next);
    await tellSequencer(sequencer, DOWN, 1n);
    await book.connect(borrower).borrow(single, usdc("1"), borrower);
  });

  it("one that is replaced while there is no listing is forgotten by the first one that comes", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { deployer, treasury, lender, borrower, curator, usdc: asset, feeds, fresh } = market;
    const core = await deployCore({
      ...{ deployer, treasury, asset, depositCap: usdc("1,000,000"), minDebt: usdc("100"), peg: 0n },
      ...{ authority: market.manager, feed: loanAssetFeedConfig(feeds.usdc) },
    });
    const { vault, book } = core;
    const setRole = market.manager.getFunction("setTargetFunctionRole");
    await setRole(
      book,
      ["propose", "execute"].map((name) => book.interface.getFunction(name as "propose").selector),
      1n,
    );
    await fund(lender, vault, [[asset, usdc("100,000")]]);
    await vault.connect(lender).deposit(usdc("100,000"), lender);
    const empty = { ...market, vault, book, curator };
    await carryOut({ ...empty, feeds: { ...feeds, fresh } }, book, market.replace, IF_AGREED);
    expect(await flagsOf(empty)).to.deep.equal({ loanAsset: REPLACED, listings: [] });
    const feed = { feed: feeds.weth, maxAge: FEED_AGE, minAnswer: dollars("10"), maxAnswer: dollars("100,000") };
    const ether = { token: market.weth, terms: MAJOR_TERMS, feed, cap: weth("1,000") };
    expect(await addListing({ ...empty, feeds: { ...feeds, fresh } }, ether)).to.equal(0n);
    expect(await flagsOf(empty)).to.deep.equal({ loanAsset: REPLACED, listings: [REPLACED] });
    await fund(borrower, book, [[market.weth, weth("10")]]);
    await feeds.usdc.set(dollars("0.5"));
    const pledges = [{ listing: 0n, amount: weth("10") }];
    const id = loanId(borrower);
    await expect(book.connect(borrower).open(id, pledges, usdc("15,601"), borrower))
      .to.be.revertedWithCustomError(book, "AboveBorrowLimit")
      .withArgs((debt: bigint) => debt - usdc("15,601") <= 1n, usdc("15,600"));
    await expectUnasked(feeds.usdc, async () => book.connect(borrower).open(id, pledges, usdc("15,599"), borrower));
  });

  it("the mark in a listing makes no dead feed live and no live one dead: what was noted of it stands", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, feeds, fresh, pairs } = market;
    const [first, second] = [await deploySource(8, "2,000"), await deploySource(8, "2,000")];
    const other = await deployMock<TestFeed>("TestFeed", 8, ONE_DOLLAR);
    const dead = await replaceFeeds(WETH, etherSource(first));
    const live = await replaceFeeds(pairs.ether.listing, etherSource(second));
    const rival = await replaceLoanAssetFeed(loanAssetFeedConfig(other));
    await feeds.weth.setMode(FeedMode.revert);
    await feeds.usdc.setMode(FeedMode.revert);
    for (const action of [dead, live, market.replace, rival]) await propose(market, action);
    await wait(market, IF_DEAD);
    await keepAlive(first.feed, second.feed, other);
    await execute(market, market.replace);
    // The rival was proposed against a feed that is gone, and the one that took its place lives.
    await other.set(dollars("1.5"));
    await expect(execute(market, rival))
      .to.be.revertedWithCustomError(book, "ProposalNotReady")
      .withArgs(IF_DEAD, ANYHOW);
    await fresh.setMode(FeedMode.revert);
    await expect(execute(market, rival))
      .to.be.revertedWithCustomError(book, "ProposalNotReady")
      .withArgs(IF_DEAD, ANYHOW);
    await fresh.setMode(FeedMode.answer);
    await expect(execute(market, live))
      .to.be.revertedWithCustomError(book, "ProposalNotReady")
      .withArgs(IF_DEAD, IF_AGREED);
    await execute(market, dead);
    expect((await flagsOf(market)).listings.slice(0, 4)).to.deep.equal([
      REPLACED,
      REPLACED,
      REPLACED,
      REPLACED | SECOND,
    ]);
  });

  it("forty listings are marked in one call", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, feeds, fresh } = market;
    const feed = { feed: feeds.link, maxAge: FEED_AGE, minAnswer: dollars("0.1"), maxAnswer: dollars("10,000") };
    const actions: string[] = [];
    for (let n = 7n; n < 40n; n++) {
      const config = { token: await market.link.getAddress(), terms: MINOR_TERMS, cap: n };
      const [own, none] = [
        { ...feed, feed: await feeds.link.getAddress() },
        { feed: ethers.ZeroAddress, maxAge: 0n, minAnswer: 0n, maxAnswer: 0n },
      ];
      actions.push(bookAction("addListing", [{ ...config, feed: own, secondFeed: none }]));
    }
    for (const action of [...actions, market.replace]) await propose(market, action);
    await wait(market, IF_AGREED);
    for (const action of actions) await execute(market, action);
    await execute(market, market.replace);
    const { listings } = await flagsOf(market);
    expect(listings.length).to.equal(40);
    expect(listings.every((flags) => (flags & REPLACED) !== 0n)).to.equal(true);
    expect(await book.loanAssetFeed()).to.deep.equal([
      await fresh.getAddress(),
      ...[loanAssetFeedConfig(fresh).maxAge, dollars("0.5"), dollars("2")],
    ]);
  });
});

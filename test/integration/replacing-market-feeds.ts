import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { clock, networkHelpers } from "../helpers/chain.ts";
import { bookAction } from "../helpers/governance.ts";
import {
  dollars,
  LOAN_ASSET_FEED_AGE,
  ONE_DOLLAR,
  openLoan,
  standardMarket,
  usdc,
  WETH,
  weth,
} from "../helpers/market.ts";
import { deployMock, FeedMode, type TestFeed } from "../helpers/mocks.ts";
import { allFeeds } from "../helpers/pairs.ts";
import {
  ANYHOW,
  configFields,
  execute,
  IF_AGREED,
  IF_DEAD,
  keepAlive,
  LIFETIME,
  LOAN_ASSET_LIMITS,
  propose,
  replaceLoanAssetFeed,
  replaceSequencerFeed,
} from "../helpers/replacing.ts";
import { DOWN, sequencedMarket, tellSequencer, UP, type SequencedMarket } from "../helpers/sequencer.ts";

interface Scene extends SequencedMarket {
  fresh: TestFeed;
  freshSequencer: TestFeed;
  /** A loan of 10,000 on ten ether. */
  id: bigint;
}

async function scene(): Promise<Scene> {
  const market = await sequencedMarket();
  const fresh = await deployMock<TestFeed>("TestFeed", 8, ONE_DOLLAR);
  const freshSequencer = await deployMock<TestFeed>("TestFeed", 0, UP);
  const id = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("10,000") });
  return { ...market, fresh, freshSequencer, id };
}

/** Moves time on; the listings' feeds and the new one of the loan asset are kept alive, its old one is not. */
async function wait(market: Scene, seconds: bigint): Promise<void> {
  await clock.advance(seconds);
  const feeds = Object.values(allFeeds(market)).filter((feed) => feed !== market.feeds.usdc);
  await keepAlive(...feeds, market.fresh);
}

async function expectNotReady(market: Scene, action: string, age: bigint, delay: bigint): Promise<void> {
  await expect(execute(market, action))
    .to.be.revertedWithCustomError(market.book, "ProposalNotReady")
    .withArgs(age, delay);
}

describe("Replacing the loan asset's feed", () => {
  it("takes fourteen days where old and new agree, to the second; its lines stay", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, curator, feeds, fresh, id } = market;
    const config = { feed: fresh, maxAge: 1_234n, minAnswer: dollars("0.9"), maxAnswer: dollars("1.1") };
    const action = await replaceLoanAssetFeed(config);
    await propose(market, action);
    await wait(market, IF_AGREED - 1n);
    await keepAlive(feeds.usdc);
    await expectNotReady(market, action, IF_AGREED - 1n, IF_AGREED);
    await wait(market, 1n);
    const health = await book.healthOf(id);
    await expect(book.connect(curator).execute(action))
      .to.emit(book, "LoanAssetFeedSet")
      .withArgs(await configFields(config), ONE_DOLLAR);
    expect(await book.loanAssetFeed()).to.deep.equal(await configFields(config));
    expect(await book.healthOf(id)).to.deep.equal(health); // INV-08
    // From now on it is the new one, with its own limits.
    await feeds.usdc.setMode(FeedMode.revert);
    await fresh.set(dollars("0.9"));
    expect((await book.healthOf(id)).liquidationLine).to.equal(usdc("19,111.11111")); // 0.86 × 22,222.222222, down
    await clock.advance(1_235n);
    expect((await book.healthOf(id)).borrowLimit).to.equal(0n);
  });

  for (const [answer, delay] of [
    ["0.98", IF_AGREED],
    ["0.97999999", ANYHOW],
    ["1.02040816", IF_AGREED],
    ["1.02040817", ANYHOW],
  ] as const) {
    it(`at ${answer} beside 1.00 it is ${delay === IF_AGREED ? "within" : "beyond"} 2 %`, async () => {
      const market = await networkHelpers.loadFixture(scene);
      const { feeds, fresh } = market;
      const action = await replaceLoanAssetFeed({ feed: fresh, ...LOAN_ASSET_LIMITS });
      await propose(market, action);
      await fresh.set(dollars(answer));
      await wait(market, IF_AGREED);
      await keepAlive(feeds.usdc);
      if (delay === ANYHOW) {
        await expectNotReady(market, action, IF_AGREED, ANYHOW);
        await wait(market, ANYHOW - IF_AGREED - 1n);
        await expectNotReady(market, action, ANYHOW - 1n, ANYHOW);
        await wait(market, 1n);
      }
      await execute(market, action);
      expect((await market.book.loanAssetFeed()).feed).to.equal(await fresh.getAddress());
    });
  }

  for (const [name, kill] of [
    ["broken", async ({ feeds }: Scene) => feeds.usdc.setMode(FeedMode.burnGas)],
    ["outside its bounds", async ({ feeds }: Scene) => feeds.usdc.set(dollars("0.49"))],
    ["too old", async ({ feeds }: Scene) => feeds.usdc.setAt(ONE_DOLLAR, clock.now() - LOAN_ASSET_FEED_AGE - 1n)],
  ] as const) {
    it(`takes three days where the old one is ${name} at both steps, and fourteen if it came back`, async () => {
      const market = await networkHelpers.loadFixture(scene);
      const { book, feeds, fresh } = market;
      const action = await replaceLoanAssetFeed({ feed: fresh, ...LOAN_ASSET_LIMITS });
      await kill(market);
      await propose(market, action);
      await wait(market, IF_DEAD - 1n);
      await expectNotReady(market, action, IF_DEAD - 1n, IF_DEAD);
      await wait(market, 1n);
      const snapshot = await networkHelpers.takeSnapshot();
      await feeds.usdc.setMode(FeedMode.answer);
      await feeds.usdc.set(ONE_DOLLAR);
      await expectNotReady(market, action, IF_DEAD, IF_AGREED);
      await snapshot.restore();
      await execute(market, action);
      expect((await book.loanAssetFeed()).feed).to.equal(await fresh.getAddress());
    });
  }

  it("too old twice with an update in between is not dead, nor is what died later", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { feeds, fresh } = market;
    const action = await replaceLoanAssetFeed({ feed: fresh, ...LOAN_ASSET_LIMITS });
    const snapshot = await networkHelpers.takeSnapshot();
    await feeds.usdc.setAt(ONE_DOLLAR, clock.now() - LOAN_ASSET_FEED_AGE - 1n);
    await propose(market, action);
    await feeds.usdc.set(ONE_DOLLAR);
    await wait(market, IF_DEAD); // too old again
    await expectNotReady(market, action, IF_DEAD, ANYHOW);
    await snapshot.restore();
    await propose(market, action);
    await wait(market, IF_DEAD);
    await expectNotReady(market, action, IF_DEAD, ANYHOW);
  });

  it("keeps its decimals, the bounds within the first, and the peg within the bounds", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, feeds, fresh } = market;
    const fine = await deployMock<TestFeed>("TestFeed", 18, 10n ** 18n);
    await expect(propose(market, await replaceLoanAssetFeed({ feed: fine, ...LOAN_ASSET_LIMITS })))
      .to.be.revertedWithCustomError(book, "PriceScaleOutOfRange")
      .withArgs(60n); // 36 + 6 + 18, not 50
    for (const [minAnswer, maxAnswer] of [
      [dollars("0.4999"), dollars("2")],
      [dollars("0.5"), dollars("2.0001")],
      [dollars("1.01"), dollars("2")],
      [dollars("0.5"), dollars("0.99")],
      [dollars("2"), dollars("0.5")],
      [0n, dollars("2")],
    ] as const) {
      const action = await replaceLoanAssetFeed({ feed: fresh, maxAge: 1n, minAnswer, maxAnswer });
      await expect(propose(market, action))
        .to.be.revertedWithCustomError(book, "InvalidBounds")
        .withArgs(minAnswer, maxAnswer);
    }
    // Narrow bounds may be widened again, as far as the first went.
    const narrow = { feed: feeds.usdc, maxAge: 10n ** 9n, minAnswer: dollars("0.9"), maxAnswer: dollars("1.1") };
    const actions = [
      await replaceLoanAssetFeed(narrow),
      await replaceLoanAssetFeed({ ...narrow, ...LOAN_ASSET_LIMITS }),
    ];
    for (const action of actions) {
      await propose(market, action);
      await wait(market, IF_AGREED);
      await keepAlive(feeds.usdc);
      await execute(market, action);
    }
    expect((await book.loanAssetFeed()).minAnswer).to.equal(dollars("0.5"));
  });

  it("must be live at both steps, and lapses on day 37", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, fresh } = market;
    const action = await replaceLoanAssetFeed({ feed: fresh, ...LOAN_ASSET_LIMITS });
    await fresh.setMode(FeedMode.revert);
    const address = await fresh.getAddress();
    await expect(propose(market, action)).to.be.revertedWithCustomError(book, "InvalidFeed").withArgs(address);
    await fresh.setMode(FeedMode.answer);
    await propose(market, action);
    await wait(market, ANYHOW);
    await fresh.set(dollars("2.01"));
    await expect(execute(market, action)).to.be.revertedWithCustomError(book, "InvalidFeed").withArgs(address);
    await fresh.set(ONE_DOLLAR);
    await wait(market, LIFETIME - ANYHOW);
    await expect(execute(market, action))
      .to.be.revertedWithCustomError(book, "ProposalLapsed")
      .withArgs(LIFETIME, LIFETIME);
  });

  it("leaves the sequencer's in charge", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, borrower, feeds, fresh, sequencer, id } = market;
    const action = await replaceLoanAssetFeed({ feed: fresh, ...LOAN_ASSET_LIMITS });
    await propose(market, action);
    await wait(market, IF_AGREED);
    await keepAlive(feeds.usdc);
    await execute(market, action);
    await tellSequencer(sequencer, DOWN, 60n);
    await expect(book.connect(borrower).borrow(id, 1n, borrower))
      .to.be.revertedWithCustomError(book, "SequencerNotReady")
      .withArgs(0n, 3_600n);
  });
});

describe("Replacing the sequencer's feed", () => {
  const LONG = 40n * 86_400n;

  it("takes fourteen days where both say up, or both say down, to the second", async () => {
    for (const status of [UP, DOWN]) {
      const market = await networkHelpers.loadFixture(scene);
      const { book, sequencer, freshSequencer } = market;
      for (const feed of [sequencer, freshSequencer]) await tellSequencer(feed, status, LONG);
      const action = await replaceSequencerFeed(freshSequencer);
      await propose(market, action);
      await wait(market, IF_AGREED - 1n);
      await expectNotReady(market, action, IF_AGREED - 1n, IF_AGREED);
      await wait(market, 1n);
      await expect(execute(market, action))
        .to.emit(book, "SequencerFeedSet")
        .withArgs(await freshSequencer.getAddress());
      expect(await book.sequencerFeed()).to.equal(await freshSequencer.getAddress());
    }
  });

  it("takes thirty where one says up and the other down: down is no death", async () => {
    for (const status of [UP, DOWN]) {
      const market = await networkHelpers.loadFixture(scene);
      const { book, borrower, feeds, sequencer, freshSequencer, id } = market;
      await tellSequencer(sequencer, status, LONG);
      await tellSequencer(freshSequencer, 1n - status, LONG);
      const action = await replaceSequencerFeed(freshSequencer);
      await propose(market, action);
      await wait(market, IF_DEAD);
      await expectNotReady(market, action, IF_DEAD, ANYHOW);
      await wait(market, ANYHOW - IF_DEAD - 1n);
      await expectNotReady(market, action, ANYHOW - 1n, ANYHOW);
      await wait(market, 1n);
      await execute(market, action);
      await keepAlive(feeds.usdc);
      const borrowing = expect(book.connect(borrower).borrow(id, 1n, borrower));
      if (status === DOWN) await borrowing.to.emit(book, "Borrowed");
      else await borrowing.to.be.revertedWithCustomError(book, "SequencerNotReady").withArgs(0n, 3_600n);
    }
  });

  it("takes three where the old one is dead at both steps, fourteen or thirty if it came back", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, sequencer, freshSequencer } = market;
    const action = await replaceSequencerFeed(freshSequencer);
    await sequencer.setMode(FeedMode.revert);
    await propose(market, action);
    await wait(market, IF_DEAD - 1n);
    await expectNotReady(market, action, IF_DEAD - 1n, IF_DEAD);
    await wait(market, 1n);
    await sequencer.setMode(FeedMode.answer);
    await expectNotReady(market, action, IF_DEAD, IF_AGREED);
    await tellSequencer(sequencer, DOWN, 1n);
    await expectNotReady(market, action, IF_DEAD, ANYHOW);
    await tellSequencer(sequencer, 2n, 1n); // broken again, if in another way
    await execute(market, action);
    expect(await book.sequencerFeed()).to.equal(await freshSequencer.getAddress());
  });

  it("died only later, or is another than the dead one: thirty", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { sequencer, freshSequencer } = market;
    const hostile = await deployMock<TestFeed>("TestFeed", 0, UP);
    const action = await replaceSequencerFeed(freshSequencer);
    const attack = await replaceSequencerFeed(hostile);
    const snapshot = await networkHelpers.takeSnapshot();
    await propose(market, action);
    await wait(market, IF_DEAD);
    await sequencer.setMode(FeedMode.revert);
    await expectNotReady(market, action, IF_DEAD, ANYHOW);
    await snapshot.restore();
    await sequencer.setMode(FeedMode.revert);
    for (const proposal of [action, attack]) await propose(market, proposal);
    await wait(market, IF_DEAD);
    await execute(market, action);
    await freshSequencer.setMode(FeedMode.revert);
    await expectNotReady(market, attack, IF_DEAD, ANYHOW);
  });

  it("must make sense at both steps, and lapses on day 37", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, freshSequencer, stranger } = market;
    const action = await replaceSequencerFeed(freshSequencer);
    const address = await freshSequencer.getAddress();
    const nonsense: [answer: bigint, startedAt: bigint][] = [
      [2n, 1n],
      [-1n, 1n],
      [UP, 0n],
      [UP, MaxUint256],
    ];
    for (const [answer, startedAt] of nonsense) {
      await freshSequencer.setRound(answer, startedAt, startedAt);
      await expect(propose(market, action)).to.be.revertedWithCustomError(book, "InvalidFeed").withArgs(address);
    }
    await expect(propose(market, await replaceSequencerFeed(stranger)))
      .to.be.revertedWithCustomError(book, "InvalidFeed")
      .withArgs(stranger.address);
    await tellSequencer(freshSequencer, UP, 1n);
    await propose(market, action);
    await wait(market, IF_AGREED);
    for (const [answer, startedAt] of nonsense) {
      await freshSequencer.setRound(answer, startedAt, startedAt);
      await expect(execute(market, action)).to.be.revertedWithCustomError(book, "InvalidFeed").withArgs(address);
    }
    await tellSequencer(freshSequencer, UP, 1n);
    await wait(market, LIFETIME - IF_AGREED);
    await expect(execute(market, action))
      .to.be.revertedWithCustomError(book, "ProposalLapsed")
      .withArgs(LIFETIME, LIFETIME);
  });

  it("is no action where there is no sequencer", async () => {
    const { book, curator, feeds } = await networkHelpers.loadFixture(standardMarket);
    const action = bookAction("replaceSequencerFeed", [await feeds.weth.getAddress()]);
    await expect(book.connect(curator).propose(action)).to.be.revertedWithCustomError(book, "NoSequencer");
  });
});

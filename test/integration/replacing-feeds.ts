import { expect } from "chai";
import { ZeroAddress } from "ethers";

import { clock, networkHelpers } from "../helpers/chain.ts";
import { idOfAction } from "../helpers/governance.ts";
import { DAY, dollars, loanId, openLoan, usdc, WETH, weth } from "../helpers/market.ts";
import { FeedMode } from "../helpers/mocks.ts";
import { allFeeds, deploySource, pairedMarket, tell, type PairedMarket, type PairedSource } from "../helpers/pairs.ts";
import {
  ANYHOW,
  configFields,
  etherSource,
  execute,
  IF_AGREED,
  keepAlive,
  LIFETIME,
  propose,
  replaceFeeds,
} from "../helpers/replacing.ts";

const DOLLAR = 10n ** 24n;

interface Scene extends PairedMarket {
  fresh: PairedSource;
  freshSecond: PairedSource;
  /** Loans of 10,000 on ten ether of one source, and of two. */
  single: bigint;
  paired: bigint;
}

async function scene(): Promise<Scene> {
  const market = await pairedMarket();
  const [fresh, freshSecond] = [await deploySource(8, "2,000"), await deploySource(18, "2,000")];
  const open = async (listing: bigint, number: bigint): Promise<bigint> =>
    openLoan(market, { pledges: [[listing, weth("10")]], amount: usdc("10,000"), number });
  return { ...market, fresh, freshSecond, single: await open(WETH, 1n), paired: await open(4n, 2n) };
}

/** Moves time on; all feeds are well. */
async function wait(market: Scene, seconds: bigint): Promise<void> {
  await clock.advance(seconds);
  await keepAlive(...Object.values(allFeeds(market)), market.fresh.feed, market.freshSecond.feed);
}

describe("Replacing a listing's feeds", () => {
  it("takes fourteen days where old and new agree, to the second", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, curator, fresh, single } = market;
    const action = await replaceFeeds(WETH, { ...etherSource(fresh), maxAge: 7_777n });
    await expect(propose(market, action))
      .to.emit(book, "Proposed")
      .withArgs(idOfAction(action), action.slice(0, 10), action);
    await wait(market, IF_AGREED - 1n);
    await expect(execute(market, action))
      .to.be.revertedWithCustomError(book, "ProposalNotReady")
      .withArgs(IF_AGREED - 1n, IF_AGREED);
    await wait(market, 1n);
    const [before, health] = [await book.pricesOf(WETH), await book.healthOf(single)];
    const config = await configFields({ ...etherSource(fresh), maxAge: 7_777n });
    await expect(book.connect(curator).execute(action))
      .to.emit(book, "FeedsSet")
      .withArgs(WETH, config, 24n, [ZeroAddress, 0n, 0n, 0n], 0n); // 36 + 6 + 8 - 8 - 18
    expect((await book.listings(WETH)).feed).to.deep.equal(config);
    // INV-08: at the same price, the same lines.
    expect(await book.pricesOf(WETH)).to.deep.equal(before);
    expect(await book.healthOf(single)).to.deep.equal(health);
    await fresh.feed.set(dollars("1,500"));
    expect((await book.pricesOf(WETH)).forLiquidation).to.equal(1_500n * DOLLAR);
    await expect(execute(market, action))
      .to.be.revertedWithCustomError(book, "NotProposed")
      .withArgs(idOfAction(action));
  });

  it("takes thirty days where they disagree, to the second", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, fresh, single } = market;
    const action = await replaceFeeds(WETH, etherSource(fresh));
    await propose(market, action);
    await fresh.feed.set(dollars("3,000"));
    await wait(market, IF_AGREED);
    await expect(execute(market, action))
      .to.be.revertedWithCustomError(book, "ProposalNotReady")
      .withArgs(IF_AGREED, ANYHOW);
    await wait(market, ANYHOW - IF_AGREED - 1n);
    await expect(execute(market, action))
      .to.be.revertedWithCustomError(book, "ProposalNotReady")
      .withArgs(ANYHOW - 1n, ANYHOW);
    expect((await book.healthOf(single)).liquidationLine).to.equal(usdc("17,200"));
    await wait(market, 1n);
    await execute(market, action);
    expect((await book.healthOf(single)).liquidationLine).to.equal(usdc("25,800")); // what section 2 lets a new feed do
  });

  for (const [answer, agrees] of [
    [dollars("2,040.81632653"), true], // 2,000 is 2 % less, but for a unit
    [dollars("2,040.81632654"), false],
    [dollars("1,960"), true],
    [dollars("1,959.99999999"), false],
  ] as const) {
    it(`${agrees ? "agreement" : "disagreement"} at ${answer} is what maxDeviation says, on the day`, async () => {
      const market = await networkHelpers.loadFixture(scene);
      const { book, fresh } = market;
      const action = await replaceFeeds(WETH, etherSource(fresh));
      await propose(market, action); // they agree at 2,000
      await fresh.feed.set(answer);
      await wait(market, IF_AGREED);
      const execution = expect(execute(market, action));
      if (agrees) await execution.to.emit(book, "FeedsSet");
      else {
        await execution.to.be.revertedWithCustomError(book, "ProposalNotReady").withArgs(IF_AGREED, ANYHOW);
      }
    });
  }

  it("an old feed that is not live on the day, and was when it was proposed, agrees with nobody", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, feeds, fresh } = market;
    const action = await replaceFeeds(WETH, etherSource(fresh));
    await propose(market, action);
    await wait(market, IF_AGREED);
    await feeds.weth.setMode(FeedMode.revert);
    await expect(execute(market, action))
      .to.be.revertedWithCustomError(book, "ProposalNotReady")
      .withArgs(IF_AGREED, ANYHOW);
    await feeds.weth.setMode(FeedMode.answer);
    await execute(market, action);
    expect((await book.listings(WETH)).feed.feed).to.equal(await fresh.feed.getAddress());
  });

  it("lapses on day 37, to the second", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, fresh } = market;
    const action = await replaceFeeds(WETH, etherSource(fresh));
    await propose(market, action);
    await wait(market, LIFETIME - 1n);
    const snapshot = await networkHelpers.takeSnapshot();
    await execute(market, action);
    expect((await book.listings(WETH)).feed.feed).to.equal(await fresh.feed.getAddress());
    await snapshot.restore();
    await wait(market, 1n);
    await expect(execute(market, action))
      .to.be.revertedWithCustomError(book, "ProposalLapsed")
      .withArgs(LIFETIME, LIFETIME);
    // Proposed again it begins again.
    await propose(market, action);
    expect(await book.proposedAt(idOfAction(action))).to.equal(clock.now());
    await expect(execute(market, action))
      .to.be.revertedWithCustomError(book, "ProposalNotReady")
      .withArgs(0n, IF_AGREED);
  });

  it("is off when the guardian cancels it, and is not what was proposed if a limit differs", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, guardian, fresh } = market;
    const action = await replaceFeeds(WETH, etherSource(fresh));
    await propose(market, action);
    await wait(market, IF_AGREED);
    const other = await replaceFeeds(WETH, { ...etherSource(fresh), maxAge: 1n });
    await expect(execute(market, other)).to.be.revertedWithCustomError(book, "NotProposed").withArgs(idOfAction(other));
    await expect(book.connect(guardian).cancel(idOfAction(action)))
      .to.emit(book, "ProposalCancelled")
      .withArgs(idOfAction(action));
    await expect(execute(market, action))
      .to.be.revertedWithCustomError(book, "NotProposed")
      .withArgs(idOfAction(action));
  });

  describe("checks the new ones as a new listing's, at both steps:", () => {
    for (const position of ["first", "second"] as const) {
      it(`the ${position} must be live, within its bounds and there`, async () => {
        const market = await networkHelpers.loadFixture(scene);
        const { book, fresh, freshSecond } = market;
        const source = { first: fresh, second: freshSecond }[position];
        const address = await source.feed.getAddress();
        const action = await replaceFeeds(WETH, etherSource(fresh), etherSource(freshSecond));
        const one = etherSource(source).minAnswer / 10n;
        const ailments = [
          async () => source.feed.setMode(FeedMode.burnGas),
          async () => source.feed.set(one * 10n - 1n),
          async () => source.feed.set(one * 100_000n + 1n),
          async () => source.feed.setAt(one * 2_000n, clock.now() - 3_901n),
          async () => networkHelpers.setCode(address, "0x"),
        ];
        for (const infect of ailments) {
          const snapshot = await networkHelpers.takeSnapshot();
          await infect();
          await expect(propose(market, action)).to.be.revertedWithCustomError(book, "InvalidFeed").withArgs(address);
          await snapshot.restore();
        }
        await propose(market, action);
        await wait(market, IF_AGREED);
        for (const infect of ailments) {
          const snapshot = await networkHelpers.takeSnapshot();
          await infect();
          await expect(execute(market, action)).to.be.revertedWithCustomError(book, "InvalidFeed").withArgs(address);
          await snapshot.restore();
        }
        await execute(market, action);
        expect((await book.listings(WETH))[position === "first" ? "feed" : "secondFeed"].feed).to.equal(address);
      });
    }

    it("bounds, scale and the worth of a unit", async () => {
      const market = await networkHelpers.loadFixture(scene);
      const { book, fresh, freshSecond } = market;
      const good = etherSource(fresh);
      const second = etherSource(freshSecond);
      const proposing = async (changes: object, secondChanges: object = {}) =>
        propose(market, await replaceFeeds(WETH, { ...good, ...changes }, { ...second, ...secondChanges }));
      await expect(proposing({ minAnswer: 0n }))
        .to.be.revertedWithCustomError(book, "InvalidBounds")
        .withArgs(0n, good.maxAnswer);
      await expect(proposing({}, { maxAnswer: second.minAnswer }))
        .to.be.revertedWithCustomError(book, "InvalidBounds")
        .withArgs(second.minAnswer, second.minAnswer);
      await expect(proposing({ maxAnswer: 65_537n * 10n ** 8n }))
        .to.be.revertedWithCustomError(book, "BoundNotRepresentable")
        .withArgs(65_537n * 10n ** 8n);
      await expect(proposing({}, { maxAnswer: 10n ** 71n }))
        .to.be.revertedWithCustomError(book, "PriceScaleOutOfRange")
        .withArgs(14n); // 36 + 6 + 8 - 18 - 18
      // 10^26 dollars for an ether make a wei worth 10^14 / 0.5 units, of which a hundredth of the smallest loan is 10^6.
      await expect(proposing({ maxAnswer: 10n ** 34n }))
        .to.be.revertedWithCustomError(book, "UnitTooValuable")
        .withArgs(2n * 10n ** 14n, usdc("1"));
      await expect(proposing({}, { feed: fresh.feed }))
        .to.be.revertedWithCustomError(book, "InvalidFeed")
        .withArgs(await fresh.feed.getAddress());
    });
  });

  it("keeps a listing retired, whether that was before it was proposed or after", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, borrower, guardian, fresh, freshSecond, pairs } = market;
    await book.connect(guardian).retire(WETH);
    const first = await replaceFeeds(WETH, etherSource(fresh), etherSource(freshSecond));
    const second = await replaceFeeds(pairs.fine.listing, etherSource(fresh));
    for (const action of [first, second]) await propose(market, action);
    await book.connect(guardian).retire(pairs.fine.listing);
    await wait(market, IF_AGREED);
    for (const action of [first, second]) await execute(market, action);
    for (const listing of [WETH, pairs.fine.listing]) {
      expect((await book.listings(listing)).isRetired).to.equal(true);
      await expect(book.connect(borrower).pledge(loanId(borrower, 9n), listing, 1n))
        .to.be.revertedWithCustomError(book, "ListingRetired")
        .withArgs(listing);
    }
  });

  describe("changes the number of sources:", () => {
    it("a second is added, and counts from then on", async () => {
      const market = await networkHelpers.loadFixture(scene);
      const { book, feeds, freshSecond, single } = market;
      const old = { feed: feeds.weth, decimals: 8 };
      const action = await replaceFeeds(WETH, etherSource(old), etherSource(freshSecond));
      await propose(market, action);
      await wait(market, IF_AGREED);
      const lines = await book.healthOf(single);
      const configs = [await configFields(etherSource(old)), await configFields(etherSource(freshSecond))];
      await expect(execute(market, action)).to.emit(book, "FeedsSet").withArgs(WETH, configs[0], 24n, configs[1], 14n);
      expect(await book.healthOf(single)).to.deep.equal(lines); // INV-08
      await freshSecond.feed.set(1_500n * 10n ** 18n);
      expect(await book.pricesOf(WETH)).to.deep.equal([0n, 2_000n * DOLLAR, 1_960n * DOLLAR]);
    });

    it("the second is removed, and counts no more", async () => {
      const market = await networkHelpers.loadFixture(scene);
      const { book, pairs, paired } = market;
      const { listing, first, second } = pairs.fine;
      await tell(pairs.fine, "2,000", "1,900");
      const action = await replaceFeeds(listing, etherSource(first));
      await propose(market, action);
      await wait(market, IF_AGREED);
      const { callLine, liquidationLine } = await book.healthOf(paired);
      await expect(execute(market, action))
        .to.emit(book, "FeedsSet")
        .withArgs(listing, await configFields(etherSource(first)), 24n, [ZeroAddress, 0n, 0n, 0n], 0n);
      expect((await book.listings(listing)).secondFeed.feed).to.equal(ZeroAddress);
      const health = await book.healthOf(paired);
      expect([health.callLine, health.liquidationLine]).to.deep.equal([callLine, liquidationLine]); // INV-08
      expect(health.borrowLimit).to.equal(usdc("15,600")); // it was 0 while they were apart
      await second.feed.setMode(FeedMode.revert);
      expect(await book.pricesOf(listing)).to.deep.equal([2_000n * DOLLAR, 2_000n * DOLLAR, 2_000n * DOLLAR]);
    });

    it("both are replaced at once, or change places", async () => {
      const market = await networkHelpers.loadFixture(scene);
      const { book, pairs, fresh, freshSecond, paired } = market;
      const { listing, first, second } = pairs.fine;
      const swap = await replaceFeeds(listing, etherSource(second), etherSource(first));
      const both = await replaceFeeds(listing, etherSource(fresh), etherSource(freshSecond));
      for (const action of [swap, both]) await propose(market, action);
      await wait(market, IF_AGREED);
      const health = await book.healthOf(paired);
      await execute(market, swap);
      expect((await book.listings(listing)).feed.feed).to.equal(await second.feed.getAddress());
      expect(await book.healthOf(paired)).to.deep.equal(health); // INV-08
      await execute(market, both);
      expect((await book.listings(listing)).secondFeed.feed).to.equal(await freshSecond.feed.getAddress());
      expect(await book.healthOf(paired)).to.deep.equal(health);
      await tell({ listing, first, second }, "10", "100,000"); // the old ones
      expect(await book.healthOf(paired)).to.deep.equal(health);
    });

    it("pairs agree by their third columns: the higher of two that are apart", async () => {
      const market = await networkHelpers.loadFixture(scene);
      const { book, pairs, fresh, freshSecond } = market;
      const action = await replaceFeeds(pairs.fine.listing, etherSource(fresh), etherSource(freshSecond));
      await propose(market, action);
      const said = async (old: [string, string], young: [string, string]): Promise<boolean> => {
        await tell(pairs.fine, ...old);
        await tell({ listing: 0n, first: fresh, second: freshSecond }, ...young);
        return execute(market, action).then(
          () => true,
          () => false,
        );
      };
      await wait(market, 14n * DAY);
      const snapshot = await networkHelpers.takeSnapshot();
      for (const [old, young, agree] of [
        [["2,000", "1,000"], ["1,500", "1,960"], true],
        [["2,000", "1,000"], ["1,000", "1,000"], false],
        [["1,000", "2,000"], ["2,041", "2,000"], false],
        [["2,000", "2,000"], ["2,040", "1,000"], true],
      ] as [[string, string], [string, string], boolean][]) {
        expect(await said(old, young), `${old.join()} and ${young.join()}`).to.equal(agree);
        await snapshot.restore();
      }
      await expect(execute(market, action)).to.emit(book, "FeedsSet");
    });
  });
});

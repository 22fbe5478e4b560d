import { expect } from "chai";

import { clock, networkHelpers } from "../helpers/chain.ts";
import { DAY, dollars, FEED_AGE, openLoan, usdc, WETH, weth } from "../helpers/market.ts";
import { MISBEHAVIOURS, type Patient } from "../helpers/misbehaviour.ts";
import { FeedMode } from "../helpers/mocks.ts";
import {
  answerOf,
  deploySource,
  ETHER_BOUNDS,
  pairedMarket,
  tell,
  tellStale,
  type PairedMarket,
  type PairedSource,
} from "../helpers/pairs.ts";
import {
  ANYHOW,
  etherSource,
  execute,
  IF_AGREED,
  IF_DEAD,
  keepAlive,
  propose,
  replaceFeeds,
} from "../helpers/replacing.ts";

interface Scene extends PairedMarket {
  fresh: PairedSource;
  /** Replaces the one source of the first listing, and both of the pair. */
  single: string;
  paired: string;
}

async function scene(): Promise<Scene> {
  const market = await pairedMarket();
  const fresh = await deploySource(8, "2,000");
  const single = await replaceFeeds(WETH, etherSource(fresh));
  const paired = await replaceFeeds(market.pairs.fine.listing, etherSource(fresh));
  return { ...market, fresh, single, paired };
}

/** Moves time on; only the new feed is kept alive. */
async function wait({ fresh }: Scene, seconds: bigint): Promise<void> {
  await clock.advance(seconds);
  await keepAlive(fresh.feed);
}

/** The proposal, now three days old, is not for a dead feed: it waits on. */
async function expectNotDead(market: Scene, action: string, delay: bigint): Promise<void> {
  await expect(execute(market, action))
    .to.be.revertedWithCustomError(market.book, "ProposalNotReady")
    .withArgs(IF_DEAD, delay);
}

function patient(source: PairedSource): Patient {
  const [minAnswer, maxAnswer] = [answerOf(source, ETHER_BOUNDS[0]), answerOf(source, ETHER_BOUNDS[1])];
  return { feed: source.feed, answer: answerOf(source, "1,700"), minAnswer, maxAnswer, maxAge: FEED_AGE };
}

/** What stays as it is while time moves on. A feed from the near future does not. */
const LASTING = MISBEHAVIOURS.filter(({ name }) => name !== "was updated a second from now");

describe("Replacing a dead feed", () => {
  for (const { name, infect } of LASTING) {
    it(`that ${name}: three days, to the second`, async () => {
      const market = await networkHelpers.loadFixture(scene);
      const { book, feeds, fresh, single } = market;
      await infect(patient({ feed: feeds.weth, decimals: 8 }));
      await propose(market, single);
      await fresh.feed.set(dollars("3,000")); // whatever the new one says
      await wait(market, IF_DEAD - 1n);
      await expect(execute(market, single))
        .to.be.revertedWithCustomError(book, "ProposalNotReady")
        .withArgs(IF_DEAD - 1n, IF_DEAD);
      await wait(market, 1n);
      await execute(market, single);
      expect((await book.listings(WETH)).feed.feed).to.equal(await fresh.feed.getAddress());
    });

    it(`both of whose sources are such: ${name}`, async () => {
      const market = await networkHelpers.loadFixture(scene);
      const { book, fresh, pairs, paired } = market;
      for (const source of [pairs.fine.first, pairs.fine.second]) await infect(patient(source));
      await propose(market, paired);
      await wait(market, IF_DEAD);
      await execute(market, paired);
      expect((await book.listings(pairs.fine.listing)).feed.feed).to.equal(await fresh.feed.getAddress());
    });
  }

  it("brings its loans back: seizable, borrowable, at the new price", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, keeper, feeds, fresh, single } = market;
    const id = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("15,351") });
    await feeds.weth.setMode(FeedMode.revert);
    await propose(market, single);
    await wait(market, IF_DEAD);
    expect((await book.healthOf(id)).liquidationLine).to.equal(usdc("860,000")); // at the upper bound
    await fresh.feed.set(dollars("1,700"));
    await execute(market, single);
    expect((await book.healthOf(id)).liquidationLine).to.equal(usdc("14,620"));
    const order = { id, listing: WETH, maxRepay: usdc("100"), minSeized: 0n };
    await expect(book.connect(keeper).liquidate(order, "0x")).to.emit(book, "Liquidated");
  });

  it("broken in one way and then in another is dead all the same", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, feeds, fresh, single } = market;
    await feeds.weth.setMode(FeedMode.revert);
    await propose(market, single);
    await wait(market, IF_DEAD);
    await feeds.weth.setMode(FeedMode.answer);
    await feeds.weth.set(dollars("9"));
    await execute(market, single);
    expect((await book.listings(WETH)).feed.feed).to.equal(await fresh.feed.getAddress());
  });

  describe("is for feeds that are dead at both steps, in the same way:", () => {
    for (const [name, before, after, delay] of [
      [
        "live, then broken",
        async () => Promise.resolve(),
        async ({ feeds }: Scene) => feeds.weth.setMode(FeedMode.revert),
        ANYHOW,
      ],
      ["live, then too old", async () => Promise.resolve(), async () => Promise.resolve(), ANYHOW],
      [
        "broken, then live and agreeing",
        async ({ feeds }: Scene) => feeds.weth.setMode(FeedMode.revert),
        async ({ feeds }: Scene) => {
          await feeds.weth.setMode(FeedMode.answer);
          await feeds.weth.set(dollars("2,000"));
        },
        IF_AGREED,
      ],
      [
        "broken, then live and disagreeing",
        async ({ feeds }: Scene) => feeds.weth.setMode(FeedMode.revert),
        async ({ feeds }: Scene) => {
          await feeds.weth.setMode(FeedMode.answer);
          await feeds.weth.set(dollars("2,500"));
        },
        ANYHOW,
      ],
      [
        "too old, then updated and live",
        async ({ feeds }: Scene) => tellStale({ feed: feeds.weth, decimals: 8 }, "2,000"),
        async ({ feeds }: Scene) => feeds.weth.set(dollars("2,000")),
        IF_AGREED,
      ],
      [
        "too old, updated, then too old again",
        async ({ feeds }: Scene) => tellStale({ feed: feeds.weth, decimals: 8 }, "2,000"),
        async ({ feeds }: Scene) => tellStale({ feed: feeds.weth, decimals: 8 }, "2,000"), // three days later
        ANYHOW,
      ],
      [
        "too old, then said to be a second older",
        async ({ feeds }: Scene) => tellStale({ feed: feeds.weth, decimals: 8 }, "2,000"),
        async ({ feeds }: Scene) => feeds.weth.setAt(dollars("2,000"), clock.now() - IF_DEAD - FEED_AGE - 2n),
        ANYHOW,
      ],
      [
        "too old, then broken",
        async ({ feeds }: Scene) => tellStale({ feed: feeds.weth, decimals: 8 }, "2,000"),
        async ({ feeds }: Scene) => feeds.weth.setMode(FeedMode.revert),
        ANYHOW,
      ],
      [
        "broken, then too old",
        async ({ feeds }: Scene) => feeds.weth.setMode(FeedMode.revert),
        async ({ feeds }: Scene) => feeds.weth.setMode(FeedMode.answer),
        ANYHOW,
      ],
      [
        "from the future, which then is the past",
        async ({ feeds }: Scene) => feeds.weth.setAt(dollars("2,000"), clock.now() + 1n),
        async () => Promise.resolve(),
        ANYHOW,
      ],
    ] as const) {
      it(name, async () => {
        const market = await networkHelpers.loadFixture(scene);
        await before(market);
        await propose(market, market.single);
        await wait(market, IF_DEAD);
        await after(market);
        await expectNotDead(market, market.single, delay);
      });
    }

    it("too old still, but with another answer of the same time: dead, for its time did not move", async () => {
      const market = await networkHelpers.loadFixture(scene);
      const { feeds, book, single } = market;
      const updatedAt = clock.now() - FEED_AGE - 1n;
      await feeds.weth.setAt(dollars("2,000"), updatedAt);
      await propose(market, single);
      await wait(market, IF_DEAD);
      await feeds.weth.setAt(dollars("2,100"), updatedAt);
      await expect(execute(market, single)).to.emit(book, "FeedsSet");
    });

    it("proposed again, the three days begin again, and so does what is noted", async () => {
      const market = await networkHelpers.loadFixture(scene);
      const { book, feeds, single } = market;
      await propose(market, single); // live
      await feeds.weth.setMode(FeedMode.revert);
      await wait(market, 2n * DAY);
      await propose(market, single); // broken
      await wait(market, IF_DEAD - 1n);
      await expect(execute(market, single))
        .to.be.revertedWithCustomError(book, "ProposalNotReady")
        .withArgs(IF_DEAD - 1n, IF_DEAD);
      await wait(market, 1n);
      await expect(execute(market, single)).to.emit(book, "FeedsSet");
    });
  });

  describe("of a pair is for pairs that are dead altogether:", () => {
    for (const [dead, well] of [
      ["first", "second"],
      ["second", "first"],
    ] as const) {
      for (const [says, delay] of [
        ["2,000", IF_AGREED],
        ["3,000", ANYHOW],
      ] as const) {
        it(`with the ${dead} dead and the other at ${says} it takes ${delay / DAY} days`, async () => {
          const market = await networkHelpers.loadFixture(scene);
          const { fine } = market.pairs;
          await fine[dead].feed.setMode(FeedMode.revert);
          await propose(market, market.paired);
          await wait(market, IF_DEAD);
          await fine[well].feed.set(answerOf(fine[well], says));
          await expectNotDead(market, market.paired, delay);
        });
      }

      it(`the ${well} died only later, or came back`, async () => {
        const market = await networkHelpers.loadFixture(scene);
        const { fine } = market.pairs;
        await fine[dead].feed.setMode(FeedMode.revert);
        const snapshot = await networkHelpers.takeSnapshot();
        await propose(market, market.paired);
        await fine[well].feed.setMode(FeedMode.revert);
        await wait(market, IF_DEAD);
        await expectNotDead(market, market.paired, ANYHOW);

        await snapshot.restore();
        await fine[well].feed.setMode(FeedMode.revert);
        await propose(market, market.paired); // both dead
        await wait(market, IF_DEAD);
        await fine[well].feed.setMode(FeedMode.answer);
        await fine[well].feed.set(answerOf(fine[well], "2,000"));
        await expectNotDead(market, market.paired, IF_AGREED);
      });

      it(`the ${well} was too old at both steps, but had been updated`, async () => {
        const market = await networkHelpers.loadFixture(scene);
        const { book, pairs, paired } = market;
        const { fine } = pairs;
        await fine[dead].feed.setMode(FeedMode.revert);
        await tellStale(fine[well], "2,000");
        await propose(market, paired);
        await wait(market, IF_DEAD);
        const snapshot = await networkHelpers.takeSnapshot();
        await tellStale(fine[well], "2,000");
        await expectNotDead(market, paired, ANYHOW);
        await snapshot.restore(); // without the update: one broken, the other too old, both times
        await expect(execute(market, paired)).to.emit(book, "FeedsSet");
      });
    }

    it("the two change the ways in which they are dead", async () => {
      const market = await networkHelpers.loadFixture(scene);
      const { fine } = market.pairs;
      await tell(fine, "2,000", "2,000");
      await fine.first.feed.setMode(FeedMode.revert);
      await tellStale(fine.second, "2,000");
      await propose(market, market.paired);
      await wait(market, IF_DEAD);
      await fine.first.feed.setMode(FeedMode.answer); // too old by now
      await fine.second.feed.setMode(FeedMode.revert);
      await expectNotDead(market, market.paired, ANYHOW);
    });
  });

  // What a proposal notes is of the feeds that stood then. Others that stand at its execution were not dead at both steps.
  describe("is for the feeds that stood when it was proposed:", () => {
    it("one that took their place and fails for a moment is not dead", async () => {
      const market = await networkHelpers.loadFixture(scene);
      const { feeds, fresh, single } = market;
      const hostile = await deploySource(8, "9,000");
      const attack = await replaceFeeds(WETH, etherSource(hostile));
      await feeds.weth.setMode(FeedMode.revert);
      for (const action of [single, attack]) await propose(market, action);
      await wait(market, IF_DEAD);
      await keepAlive(hostile.feed);
      await execute(market, single);
      await fresh.feed.setMode(FeedMode.revert);
      await expectNotDead(market, attack, ANYHOW);
    });

    it("nor is the same feed with other bounds", async () => {
      const market = await networkHelpers.loadFixture(scene);
      const { feeds, single } = market;
      const wider = await replaceFeeds(WETH, {
        ...etherSource({ feed: feeds.weth, decimals: 8 }),
        minAnswer: dollars("1"),
      });
      await feeds.weth.set(dollars("9"));
      await propose(market, single); // outside its bounds
      await propose(market, wider); // within the new ones
      await wait(market, IF_DEAD);
      await keepAlive(feeds.weth);
      await execute(market, wider);
      await feeds.weth.set(dollars("0.9"));
      await expectNotDead(market, single, ANYHOW);
    });
  });
});

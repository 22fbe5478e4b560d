/** What feeds count for, beside the book at the edge of every limit, and against figures reckoned by hand. */
import { expect } from "chai";

import { pricesOf, sequencer, type ListingFeeds } from "../../sdk/src/math/book-prices.ts";
import { viewOf } from "../../sdk/src/market/market-snapshot.ts";
import { snapshotOf } from "../../sdk/src/market/snapshot-of.ts";
import { leastFor, shareDown, tokensToCure, valueDown, valueUp } from "../../sdk/src/math/health-math.ts";
import { asOf, earnsCredit, isAlive, overdue } from "../../sdk/src/math/margin-call-record.ts";
import { inspect, inspectSequencer, type FeedSource, type Round } from "../../sdk/src/math/price-feeds.ts";
import { agree, discounted, forBorrowing, forLiquidation } from "../../sdk/src/math/source-pair.ts";
import type { MarketState } from "../../sdk/src/state/market-state.ts";
import { Comparison } from "../differential/comparison.ts";
import { Follower } from "../differential/follower.ts";
import { readRounds } from "../helpers/rounds.ts";
import { createWorld, type World, type WorldOptions } from "../differential/world.ts";
import { clock, DAY, HOUR, networkHelpers } from "../helpers/chain.ts";
import { at } from "../helpers/lens.ts";
import { FeedMode, type TestFeed } from "../helpers/mocks.ts";

const MAX_AGE = 3_900n;
const INT_MAX = 2n ** 255n - 1n;
const NOW = 1_800_000_000n;
const SOURCE: FeedSource = { maxAge: MAX_AGE, minAnswer: 10n, maxAnswer: 5_000n, round: undefined };

/** Answers of an ether feed of 8 decimals between 10 and 5,000 dollars, and how long ago they were given. */
const ETHER_ROUNDS: [answer: bigint, ago: bigint][] = [
  ...[0n, 1n, MAX_AGE - 1n, MAX_AGE, MAX_AGE + 1n, -1n].map((ago): [bigint, bigint] => [200_000_000_007n, ago]),
  ...[1n, 10n ** 9n - 1n, 10n ** 9n, 5n * 10n ** 11n, 5n * 10n ** 11n + 1n].map((answer): [bigint, bigint] => [
    answer,
    0n,
  ]),
  ...[0n, -1n, -(2n ** 255n), INT_MAX].map((answer): [bigint, bigint] => [answer, 0n]),
];

/** Numbers of listings: with one source, and with two of 8 and 12, and of 8 and 18 decimals. */
const [ONE, TWO, PAIR] = [2, 3, 5];

interface Scene {
  world: World;
  state: MarketState;
}

async function sceneOf(options: Pick<WorldOptions, "assetDecimals" | "hasPeg" | "hasSequencer">): Promise<Scene> {
  const world = await createWorld({ ...options, tokenDecimals: 18 });
  const follower = new Follower(world.known);
  await follower.follow();
  return { world, state: follower.state };
}

async function scene(): Promise<Scene> {
  return sceneOf({ assetDecimals: 6, hasPeg: false, hasSequencer: true });
}

/** The feeds of a listing. */
function feedsOf({ world, state }: Scene, listing: number): [first: TestFeed, second: TestFeed] {
  const { feed, secondFeed } = at([...state.listings.values()], listing);
  const known = world.feeds.usdc;
  return [known.attach(feed.feed) as TestFeed, known.attach(secondFeed.feed) as TestFeed];
}

async function tell(feed: TestFeed, answer: bigint, ago: bigint): Promise<void> {
  await feed.setAt(answer, clock.now() - ago);
}

/** Compares one listing's prices, and tells them. */
async function compare({ world, state }: Scene, listing: number): Promise<string> {
  const market = snapshotOf(state, await readRounds(state), world.minDebt, clock.now());
  const {
    forBorrowing: borrowing,
    forLiquidation: judging,
    forSeizure,
  } = at(viewOf(market).board.listings, listing).prices;
  const comparison = new Comparison();
  comparison.ask(world.known.book, "pricesOf", [listing], () => [borrowing, judging, forSeizure]);
  await comparison.settle();
  return [borrowing, judging, forSeizure].join();
}

describe("SDK: prices of feeds", () => {
  it("are the book's at the edge of every limit, with one source", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const [feed] = feedsOf(market, ONE); // between 0.1 and 10,000 dollars
    const seen = new Set<string>();
    for (const [answer, ago] of ETHER_ROUNDS) {
      await tell(feed, answer / 10n, ago);
      seen.add(await compare(market, ONE));
    }
    for (const answer of [9_999_999n, 10_000_000n, 10n ** 12n, 10n ** 12n + 1n]) {
      await tell(feed, answer, 0n);
      seen.add(await compare(market, ONE));
    }
    expect(seen.size).to.be.above(6);
  });

  it("are the book's for every pair of what two sources may say", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const [first, second] = feedsOf(market, PAIR);
    const seen = new Set<string>();
    for (const [answer, ago] of ETHER_ROUNDS) {
      await tell(first, answer, ago);
      for (const [other, otherAgo] of ETHER_ROUNDS) {
        // Of 18 decimals; what would not fit stays as it is.
        await tell(second, other > -(10n ** 30n) && other < 10n ** 30n ? other * 10n ** 10n : other, otherAgo);
        seen.add(await compare(market, PAIR));
      }
    }
    expect(seen.size).to.equal(11);
  });

  it("are the book's where two sources differ by the most that is allowed, and a unit more", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const [first, second] = feedsOf(market, PAIR); // 2 %
    const higher = 200_000_000_000n;
    const seen: string[] = [];
    for (const lower of [196_000_000_000n, 195_999_999_999n]) {
      await first.set(higher);
      await second.set(lower * 10n ** 10n);
      seen.push(await compare(market, PAIR));
      await first.set(lower);
      await second.set(higher * 10n ** 10n);
      expect(await compare(market, PAIR)).to.equal(seen.at(-1));
    }
    // 2,000 × 1e6 / 1e24 × 1e36, the lower one, and 98 % of the higher one
    const price = 2_000n * 10n ** 18n;
    expect(seen[0]).to.equal([(price * 98n) / 100n, price, price].join());
    expect(seen[1]).to.equal([0n, price, (price * 98n) / 100n].join());
  });

  it("are the book's whatever the loan asset's feed says, with a peg and without", async () => {
    for (const hasPeg of [true, false]) {
      const market = await sceneOf({ assetDecimals: 18, hasPeg, hasSequencer: false });
      const { usdc: loanFeed } = market.world.feeds;
      const seen = new Set<string>();
      for (const answer of [49_999_999n, 50_000_000n, 97_000_003n, 100_000_000n, 103_000_007n, 200_000_001n, 0n, -5n]) {
        for (const ago of [0n, 25n * HOUR, 25n * HOUR + 1n]) {
          await tell(loanFeed, answer, ago);
          for (const feed of feedsOf(market, TWO)) await feed.set(await feed.answer());
          seen.add(await compare(market, TWO));
        }
      }
      await loanFeed.setMode(FeedMode.revert);
      seen.add(await compare(market, TWO));
      expect(seen.size).to.equal(5);
      expect(seen.has("0,0,0")).to.equal(!hasPeg);
    }
  });
});

describe("SDK: what a feed's last round counts for", () => {
  const round = (answer: bigint, updatedAt: bigint): Round => ({ answer, startedAt: 0n, updatedAt });
  const said = (answer: bigint, updatedAt: bigint): unknown[] => {
    const found = inspect({ ...SOURCE, round: round(answer, updatedAt) }, NOW);
    expect(found.updatedAt).to.equal(updatedAt);
    return [found.answer, found.status];
  };

  it("is live within its limits, stale beyond its age, broken otherwise", () => {
    expect(said(10n, NOW)).to.deep.equal([10n, "live"]);
    expect(said(5_000n, NOW - MAX_AGE)).to.deep.equal([5_000n, "live"]);
    expect(said(77n, NOW - MAX_AGE - 1n)).to.deep.equal([77n, "stale"]);
    expect(said(77n, NOW + 1n)).to.deep.equal([77n, "broken"]);
    expect(said(77n, 0n)).to.deep.equal([77n, "broken"]);
    expect(said(9n, NOW)).to.deep.equal([10n, "broken"]);
    expect(said(5_001n, NOW)).to.deep.equal([5_000n, "broken"]);
    expect(said(0n, NOW)).to.deep.equal([5_000n, "broken"]);
    expect(said(-1n, NOW)).to.deep.equal([5_000n, "broken"]);
    expect(inspect(SOURCE, NOW)).to.deep.equal({ answer: 5_000n, status: "broken", updatedAt: 0n });
  });

  it("tells of a sequencer whether it is up, and since when", () => {
    const told = (answer: bigint, startedAt: bigint): unknown =>
      inspectSequencer({ answer, startedAt, updatedAt: 0n }, NOW);
    expect(told(0n, NOW)).to.deep.equal({ status: "live", isUp: true, since: NOW });
    expect(told(1n, NOW - 5n)).to.deep.equal({ status: "live", isUp: false, since: NOW - 5n });
    for (const [answer, since] of [
      [2n, NOW],
      [-1n, NOW],
      [0n, 0n],
      [0n, NOW + 1n],
    ] as const) {
      expect(told(answer, since)).to.deep.equal({ status: "broken", isUp: false, since });
    }
    expect(inspectSequencer(undefined, NOW)).to.deep.equal({ status: "broken", isUp: false, since: 0n });
    const ready = (ago: bigint): boolean => {
      return sequencer({ round: { answer: 0n, startedAt: NOW - ago, updatedAt: 0n } }, NOW).isReady;
    };
    expect([ready(HOUR - 1n), ready(HOUR)]).to.deep.equal([false, true]);
    expect(sequencer(undefined, NOW)).to.deep.equal({ isReady: true, upSince: 0n });
    expect(sequencer({ round: undefined }, NOW)).to.deep.equal({ isReady: false, upSince: 0n });
  });

  it("gives a price with the exponent of its listing: down for borrowing, up for liquidation", () => {
    const loanAsset = { maxAge: DAY, minAnswer: 1n, maxAnswer: 9n, round: round(7n, NOW) };
    const terms = { borrowLtv: 1n, callLtv: 2n, liquidationLtv: 3n, maxBonus: 4n, bonusSlope: 5n, maxDeviation: 200n };
    const source = { ...SOURCE, exponent: 3n, round: round(10n, NOW) };
    const listing: ListingFeeds = { terms, isRetired: true, source, secondSource: undefined };
    // 10,000 / 7 = 1,428.57…
    const prices = { forBorrowing: 1_428n, forLiquidation: 1_429n, forSeizure: 1_429n };
    expect(pricesOf(listing, loanAsset, 0n, NOW)).to.deep.equal(prices);
    // A peg of 8 counts for borrowing, one of 6 for liquidation.
    expect(pricesOf(listing, loanAsset, 8n, NOW)).to.deep.equal({ ...prices, forBorrowing: 1_250n });
    expect(pricesOf(listing, loanAsset, 6n, NOW)).to.deep.equal({
      ...prices,
      forLiquidation: 1_667n,
      forSeizure: 1_667n,
    });
  });

  it("means with another one what the table of SourcePair says", () => {
    const live = (price: bigint): { price: bigint; isLive: boolean } => ({ price, isLive: true });
    const dead = (price: bigint): { price: bigint; isLive: boolean } => ({ price, isLive: false });
    const both = (...pair: [ReturnType<typeof live>, ReturnType<typeof live>]): unknown[] => {
      const { price, isLive, isApart } = forLiquidation(...pair, 200n);
      return [forBorrowing(...pair, 200n), price, isLive, isApart];
    };
    expect(both(live(9_800n), live(10_000n))).to.deep.equal([9_800n, 10_000n, true, false]);
    expect(both(live(10_000n), live(9_799n))).to.deep.equal([0n, 10_000n, true, true]);
    expect(both(live(9_000n), dead(10_000n))).to.deep.equal([0n, 9_000n, true, false]);
    expect(both(dead(10_000n), live(9_999n))).to.deep.equal([0n, 9_999n, true, false]);
    expect(both(dead(10_000n), dead(9_000n))).to.deep.equal([0n, 10_000n, false, false]);
    expect([agree(0n, 0n, 0n), agree(5n, 5n, 0n), agree(5n, 6n, 1_666n), agree(5n, 6n, 1_667n)]).to.deep.equal([
      ...[true, true, false, true],
    ]);
    expect([discounted(10_001n, 200n), discounted(10_000n, 10_000n)]).to.deep.equal([9_801n, 0n]); // 9,800.98
  });
});

describe("SDK: values, lines and times", () => {
  it("round as their names say", () => {
    const third = 10n ** 36n / 3n; // a little less than 1/3
    expect([valueDown(9n, third), valueUp(9n, third), valueUp(0n, third)]).to.deep.equal([2n, 3n, 0n]);
    expect([shareDown(9_999n, 7_800n), shareDown(1n, 9_999n)]).to.deep.equal([7_799n, 0n]);
    // ⌈(107 - 100) × 1e4 / 8,000⌉ = 9 of value, which is 28 tokens at a little less than 1/3
    expect(tokensToCure(107n, 100n, 8_000n, third)).to.equal(28n);
    expect(tokensToCure(100n, 100n, 8_000n, third)).to.equal(0n);
  });

  it("the least tokens for a line reach it, and one less does not", () => {
    for (const [need, ltv, price] of [
      [1n, 1n, 1n],
      [7n, 6_500n, 3n * 10n ** 35n],
      [10n ** 15n + 1n, 8_600n, 2_001n * 10n ** 24n],
    ] as const) {
      const least = leastFor(need, ltv, price);
      expect(shareDown(valueDown(least, price), ltv) >= need).to.equal(true);
      expect(shareDown(valueDown(least - 1n, price), ltv) >= need).to.equal(false);
    }
  });

  it("a call moves with the sequencer while it stands, and no longer", () => {
    const [calledAt, deadline] = [NOW, NOW + DAY];
    const deadlineFor = (upSince: bigint): bigint => asOf({ caller: "0x", calledAt, deadline }, upSince).deadline - NOW;
    expect(deadlineFor(0n)).to.equal(DAY);
    expect(deadlineFor(NOW)).to.equal(DAY);
    expect(deadlineFor(NOW + 19n * HOUR)).to.equal(DAY);
    expect(deadlineFor(NOW + 19n * HOUR + 1n)).to.equal(DAY + 1n);
    expect(deadlineFor(NOW + 36n * HOUR - 1n)).to.equal(41n * HOUR - 1n);
    expect(deadlineFor(NOW + 36n * HOUR)).to.equal(DAY);
  });

  it("a call is due from its deadline to its lapse, and earns a credit from ten minutes on", () => {
    const call = asOf({ caller: "0x", calledAt: NOW, deadline: NOW + DAY }, 0n);
    expect(call.lapse).to.equal(NOW + 36n * HOUR);
    const when = (time: bigint): unknown[] => {
      return [isAlive(call, NOW + time), overdue(call, NOW + time), earnsCredit(call, NOW + time)];
    };
    expect(when(599n)).to.deep.equal([true, 0n, false]);
    expect(when(600n)).to.deep.equal([true, 0n, true]);
    expect(when(DAY)).to.deep.equal([true, 0n, true]);
    expect(when(DAY + 1n)).to.deep.equal([true, 1n, true]);
    expect(when(36n * HOUR - 1n)).to.deep.equal([true, 12n * HOUR - 1n, true]);
    expect(when(36n * HOUR)).to.deep.equal([false, 0n, false]);
    expect([isAlive(undefined, NOW), overdue(undefined, NOW), earnsCredit(undefined, NOW)]).to.deep.equal([
      false,
      0n,
      false,
    ]);
  });
});

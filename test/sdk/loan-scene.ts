/** Markets whose six listings have tokens and feeds of all decimals, random loans in them, and what the SDK's mathematics takes of both. */
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { parseUnits, ZeroAddress } from "ethers";

import type { Random } from "../../scripts/play/random.ts";
import { board, type BookFeeds, type ListingFeeds } from "../../sdk/src/math/book-prices.ts";
import type { MarketView } from "../../sdk/src/math/loan-lens.ts";
import type { PriceSource } from "../../sdk/src/math/price-feeds.ts";
import type { Loan } from "../../sdk/src/types.ts";
import type { LoanLens } from "../../typechain-types/index.ts";
import { clock, DAY, ethers, HOUR } from "../helpers/chain.ts";
import type { LenderVault, LoanBook } from "../helpers/contracts.ts";
import type { Candidate } from "../helpers/governance.ts";
import { amountBetween, at } from "../helpers/lens.ts";
import { deployLens } from "../helpers/loan-lens.ts";
import { deployCore, fund, loanId, MAJOR_TERMS, MINOR_TERMS } from "../helpers/market.ts";
import { roundOf } from "../helpers/rounds.ts";
import { deployMock, FeedMode, type TestFeed, type TestToken } from "../helpers/mocks.ts";

export interface SceneOptions {
  assetDecimals: number;
  hasPeg: boolean;
  hasSequencer: boolean;
}

/** A feed and the decimals of its answers. */
export interface SceneFeed {
  contract: TestFeed;
  decimals: number;
}

export interface SceneListing {
  token: TestToken;
  decimals: number;
  feeds: readonly SceneFeed[];
  dollars: string;
}

export interface LoanScene {
  book: LoanBook;
  vault: LenderVault;
  lens: LoanLens;
  /** One whole loan asset. */
  unit: bigint;
  assetDecimals: number;
  peg: bigint;
  loanFeed: TestFeed;
  sequencer: TestFeed | undefined;
  listings: SceneListing[];
  deployer: HardhatEthersSigner;
  borrower: HardhatEthersSigner;
  keeper: HardhatEthersSigner;
}

const FEED_AGE = 3_900n;
const LOAN_FEED_DECIMALS = 8;

/** Prices are in dollars for a whole token; the feeds' decimals are those of the first source and the second. */
const LISTED = [
  { decimals: 18, dollars: "2000", bounds: ["10", "5000"], feeds: [8, 18] },
  { decimals: 8, dollars: "60000", bounds: ["100", "5000000"], feeds: [8, 8] },
  { decimals: 0, dollars: "0.2", bounds: ["0.001", "0.5"], feeds: [8] },
  { decimals: 2, dollars: "15", bounds: ["0.1", "40"], feeds: [8, 12] },
  { decimals: 6, dollars: "1.5", bounds: ["0.1", "100"], feeds: [18] },
  { decimals: 18, dollars: "15", bounds: ["0.1", "10000"], feeds: [6] },
] as const;

/** A market in which a lender has deposited ten million and the keeper owes two of them. */
export async function loanScene({ assetDecimals, hasPeg, hasSequencer }: SceneOptions): Promise<LoanScene> {
  const [deployer, treasury, lender, borrower, keeper] = await ethers.getSigners();
  if (!deployer || !treasury || !lender || !borrower || !keeper) throw new Error("Five accounts are needed.");
  const unit = 10n ** BigInt(assetDecimals);
  const asset = await deployMock<TestToken>("TestToken", "Loan Asset", "USD", assetDecimals);
  const loanFeed = await deployMock<TestFeed>("TestFeed", LOAN_FEED_DECIMALS, 10n ** 8n);
  const sequencer = hasSequencer ? await deployMock<TestFeed>("TestFeed", 0, 0n) : undefined;

  const listings: SceneListing[] = [];
  const candidates: Candidate[] = [];
  for (const [number, { decimals, dollars, bounds, feeds: feedDecimals }] of LISTED.entries()) {
    const token = await deployMock<TestToken>("TestToken", "Token", "T", decimals);
    const feeds: SceneFeed[] = [];
    for (const ofFeed of feedDecimals) {
      feeds.push({ contract: await deployMock("TestFeed", ofFeed, parseUnits(dollars, ofFeed)), decimals: ofFeed });
    }
    const [feed, secondFeed] = feeds.map(({ contract, decimals: ofFeed }) => {
      const [minAnswer, maxAnswer] = [parseUnits(bounds[0], ofFeed), parseUnits(bounds[1], ofFeed)];
      return { feed: contract, maxAge: FEED_AGE, minAnswer, maxAnswer };
    });
    if (feed === undefined) throw new Error("A listing has a feed.");
    const listed = { token, terms: number < 3 ? MAJOR_TERMS : MINOR_TERMS, feed, cap: 10n ** 28n };
    candidates.push(secondFeed === undefined ? listed : { ...listed, secondFeed });
    listings.push({ token, decimals, feeds, dollars });
  }
  const bounds = { minAnswer: 5n * 10n ** 7n, maxAnswer: 2n * 10n ** 8n };
  const peg = hasPeg ? 10n ** 8n : 0n;
  const { vault, book } = await deployCore({
    ...{ deployer, treasury, asset, depositCap: 100_000_000n * unit, minDebt: 100n * unit, peg },
    ...{ feed: { feed: loanFeed, maxAge: 25n * HOUR, ...bounds }, listings: candidates },
    sequencerFeed: sequencer ?? ZeroAddress,
  });
  for (const actor of [borrower, keeper]) {
    await fund(actor, book, [[asset, 100_000_000n * unit]]);
    for (const { token } of listings) await fund(actor, book, [[token, 10n ** 28n]]);
  }
  await fund(lender, vault, [[asset, 10_000_000n * unit]]);
  await vault.connect(lender).deposit(10_000_000n * unit, lender);
  const lens = await deployLens();
  const scene = {
    book,
    vault,
    lens,
    unit,
    assetDecimals,
    peg,
    loanFeed,
    sequencer,
    listings,
    deployer,
    borrower,
    keeper,
  };

  await sequencer?.setRound(0n, clock.now() - DAY, clock.now() - DAY);
  const whale = [{ listing: 0n, amount: parseUnits("10000", 18) }];
  await book.connect(keeper).open(loanId(keeper), whale, 2_000_000n * unit, keeper);
  await pass(scene, 70n * DAY); // a market must be old to lend for terms
  return scene;
}

/** Time passes; every feed says again what it said. */
export async function pass(scene: LoanScene, seconds: bigint): Promise<void> {
  await clock.advance(seconds);
  for (const feed of feedsOf(scene)) await feed.set(await feed.answer());
}

/** Loans of one to four pledges, each second one for a fixed term, and one that is hardly more than the smallest that may be. */
export async function randomLoans({ book, borrower, unit, listings }: LoanScene, random: Random): Promise<bigint[]> {
  const ids: bigint[] = [];
  const sizes: [count: number, least: bigint, most: bigint][] = [1, 2, 3, 4].map((count) => [count, 1_000n, 80_000n]);
  for (const [number, [count, least, most]] of [...sizes, [1, 200n, 300n] as const].entries()) {
    const first = Math.floor(random.between(0, listings.length));
    const pledges: { listing: bigint; amount: bigint }[] = [];
    let limit = 0n;
    for (let i = 0; i < count; i++) {
      const listing = (first + i) % listings.length;
      const { decimals, dollars } = at(listings, listing);
      const worth = amountBetween(random, least, most);
      const whole = 10n ** BigInt(decimals + 2); // the price in cents
      pledges.push({ listing: BigInt(listing), amount: (whole * worth) / parseUnits(dollars, 2) + BigInt(i) });
      limit += (worth * unit * (listing < 3 ? MAJOR_TERMS : MINOR_TERMS).borrowLtv) / 10_000n;
    }
    // To the last unit of the loan asset, so that nothing is round.
    const amount = (limit * amountBetween(random, 850n, 985n)) / 1_000n + amountBetween(random, 0n, unit);
    const id = loanId(borrower, BigInt(number));
    const term = { duration: amountBetween(random, 7n * DAY, 100n * DAY), maxRate: 2n ** 32n };
    if (count % 2 === 0) await book.connect(borrower).openTerm(id, pledges, amount, term, borrower);
    else await book.connect(borrower).open(id, pledges, amount, borrower);
    ids.push(id);
  }
  return ids;
}

/** Prices move together by a factor, and each a little by itself; two sources drift apart. Every feed is live. */
export async function movePrices({ listings, loanFeed }: LoanScene, random: Random, factor: number): Promise<void> {
  await loanFeed.set(amountBetween(random, 97_000_000n, 103_000_000n));
  for (const { feeds, dollars } of listings) {
    const moved = factor * random.between(0.95, 1.05);
    for (const { contract, decimals } of feeds) {
      const drift = BigInt(Math.floor(moved * random.between(0.985, 1.015) * 1e9));
      await contract.set((parseUnits(dollars, decimals) * drift) / 10n ** 9n);
    }
  }
}

/** Feeds fail in their ways, listings are retired, the sequencer goes down and comes up: anything that a book has to live with. */
export async function misfortunes(scene: LoanScene, random: Random, isLoanFeedDead: boolean): Promise<void> {
  const { book, deployer, listings, loanFeed, sequencer } = scene;
  for (const [number, { feeds }] of listings.entries()) {
    for (const { contract } of feeds) await strike(contract, random, 0.15, FEED_AGE);
    const isRetired = (await book.listings(number)).isRetired;
    if (!isRetired && random.uniform() < 0.1) await book.connect(deployer).retire(number);
  }
  await strike(loanFeed, random, 0.12, 25n * HOUR);
  if (isLoanFeedDead) await loanFeed.setMode(FeedMode.revert);
  const status = random.uniform() < 0.3 ? 1n : 0n;
  const ago = amountBetween(random, 0n, random.uniform() < 0.5 ? 2n * HOUR : 30n * HOUR);
  await sequencer?.setRound(status, clock.now() - ago, clock.now() - ago);
}

async function strike(feed: TestFeed, random: Random, probability: number, maxAge: bigint): Promise<void> {
  if (random.uniform() >= probability) return;
  const answer = await feed.answer();
  await random.pick<() => Promise<unknown>>([
    [async () => feed.setMode(FeedMode.revert), 2],
    [async () => feed.setMode(FeedMode.returnShort), 1],
    [async () => feed.setAt(answer, clock.now() - maxAge), 1], // live for this second
    [async () => feed.setAt(answer, clock.now() - maxAge - 1n), 2],
    [async () => feed.setAt(answer, clock.now() + 1n), 1],
    [async () => feed.setAt(answer, 0n), 1],
    [async () => feed.set(-answer), 1],
    [async () => feed.set(0n), 1],
    [async () => feed.set(1n), 1],
    [async () => feed.set(answer * 10n ** 9n), 1],
  ])();
}

export function feedsOf({ loanFeed, listings }: LoanScene): TestFeed[] {
  return [loanFeed, ...listings.flatMap(({ feeds }) => feeds.map(({ contract }) => contract))];
}

/** What the SDK takes of a book's feeds. */
export async function bookFeeds(scene: LoanScene): Promise<BookFeeds> {
  const { book, assetDecimals, peg, loanFeed, sequencer } = scene;
  const ofLoanAsset = await book.loanAssetFeed();
  const { feed: address, maxAge, minAnswer, maxAnswer } = ofLoanAsset;
  const listings: ListingFeeds[] = [];
  for (const [number, { decimals, feeds }] of scene.listings.entries()) {
    const { terms, isRetired, feed, secondFeed } = await book.listings(number);
    const sources: PriceSource[] = [];
    for (const [i, { contract, decimals: ofFeed }] of feeds.entries()) {
      const limits = i === 0 ? feed : secondFeed;
      sources.push({
        ...{ maxAge: limits.maxAge, minAnswer: limits.minAnswer, maxAnswer: limits.maxAnswer },
        exponent: BigInt(36 + LOAN_FEED_DECIMALS + assetDecimals - decimals - ofFeed),
        round: await roundOf(contract),
      });
    }
    const { borrowLtv, callLtv, liquidationLtv, maxBonus, bonusSlope, maxDeviation } = terms;
    listings.push({
      terms: { borrowLtv, callLtv, liquidationLtv, maxBonus, bonusSlope, maxDeviation },
      ...{ isRetired, source: at(sources, 0), secondSource: sources[1] },
    });
  }
  return {
    ...{ loanAsset: { feed: address, maxAge, minAnswer, maxAnswer, round: await roundOf(loanFeed) }, peg, listings },
    sequencer: sequencer === undefined ? undefined : { round: await roundOf(sequencer) },
  };
}

/** What the SDK looks at loans with. */
export async function marketView(scene: LoanScene): Promise<MarketView> {
  const { book, vault } = scene;
  const debtIndex = await vault.debtIndex();
  return { board: board(await bookFeeds(scene), clock.now()), debtIndex, minDebt: await book.MIN_DEBT() };
}

/** A loan as the SDK takes it: from storage, and its call from the event. */
export async function loanOf({ book, listings }: LoanScene, id: bigint): Promise<Loan> {
  const { base, since, maturity, rate, flags } = await book.loan(id);
  const pledges = new Map<number, bigint>();
  for (const number of listings.keys()) {
    const amount = await book.pledgeOf(id, number);
    if (amount !== 0n) pledges.set(number, amount);
  }
  if (flags === 0n) return { id, base, since, maturity, rate, pledges, call: undefined };
  const { caller, calledAt } = await book.marginCallOf(id);
  const events = await book.queryFilter(book.filters.MarginCalled(id));
  const deadline = events.at(-1)?.args.deadline;
  if (deadline === undefined) throw new Error("A call that stands was made.");
  return { id, base, since, maturity, rate, pledges, call: { caller, calledAt, deadline } };
}

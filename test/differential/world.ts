/** Markets with tokens and feeds of all decimals, and who lives in them. */
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { parseUnits, type BaseContract, type Interface } from "ethers";

import { MAX_TOKENS } from "../../sdk/src/math/amounts.ts";
import { deployActor } from "../helpers/actor.ts";
import { clock, DAY, ethers } from "../helpers/chain.ts";
import type { Candidate, FeedConfig } from "../helpers/governance.ts";
import { deployLens } from "../helpers/loan-lens.ts";
import { deployMarket, FEED_AGE, fund, MINOR_TERMS, type Market } from "../helpers/market.ts";
import { deployMock, type BlockingToken, type TestFeed, type TestToken } from "../helpers/mocks.ts";
import type { Viewed } from "./comparison.ts";

export interface WorldOptions {
  assetDecimals: number;
  /** Of the first collateral; the others have 8, 18, 0, 6 and 24. */
  tokenDecimals: number;
  hasPeg: boolean;
  hasSequencer: boolean;
}

/** A token that may be pledged. */
export interface Collateral {
  readonly token: TestToken;
  readonly decimals: number;
  /** What one is worth in ordinary times. */
  readonly dollars: string;
  /** Between which answers count, in dollars. */
  readonly bounds: readonly [string, string];
}

export interface World extends Market {
  readonly known: {
    readonly vault: Viewed;
    readonly book: Viewed;
    readonly lens: Viewed;
    readonly relay: Viewed;
    readonly flashActor: Viewed;
    readonly feed: Interface;
  };
  /** [asset] From whole tokens. */
  readonly asset: (whole: bigint) => bigint;
  readonly minDebt: bigint;
  /** They open loans, call margin and liquidate. */
  readonly actors: readonly HardhatEthersSigner[];
  readonly lenders: readonly HardhatEthersSigner[];
  readonly blocking: BlockingToken;
  readonly blockingAddress: string;
  /** By the token's address. */
  readonly collateral: Map<string, Collateral>;
  /** The decimals of a feed's answers, by its address. */
  readonly feedDecimals: Map<string, number>;
}

/** Feeds that are proposed live until they are accepted, though nobody listens to them yet. [s] */
const AGE = 38n * DAY;

/** [token] Enough for any life. */
const PLENTY = 10n ** 30n;
/** The listings beside ether, bitcoin and LINK: coarse and fine tokens, with one source or two. */
const MORE = [
  { decimals: 0, dollars: "0.2", bounds: ["0.001", "0.5"], feeds: [8, 12] },
  { decimals: 6, dollars: "1.5", bounds: ["0.1", "100"], feeds: [18] },
  { decimals: 24, dollars: "2000", bounds: ["10", "5000"], feeds: [8, 18] },
] as const;

/** A market in which a lender has deposited a million. */
export async function createWorld({ assetDecimals, tokenDecimals, ...has }: WorldOptions): Promise<World> {
  const tokensPerEther = tokenDecimals < 2 ? 10_000n : 1n;
  const sequencer = has.hasSequencer ? await newSequencer() : undefined;
  const world = { collateral: new Map<string, Collateral>(), feedDecimals: new Map<string, number>() };
  const more: Candidate[] = [];
  for (const listed of MORE) {
    const { feed, secondFeed, ...candidate } = await newCandidate(world, listed);
    const aging = { ...candidate, feed: { ...feed, maxAge: FEED_AGE } };
    more.push(secondFeed === undefined ? aging : { ...aging, secondFeed: { ...secondFeed, maxAge: FEED_AGE } });
  }
  const market = await deployMarket({
    ...{ loanAssetDecimals: assetDecimals, wethDecimals: tokenDecimals, tokensPerEther },
    ...{ contracts: { wbtc: "BlockingToken" }, more: () => more },
    ...(has.hasPeg ? {} : { peg: 0n }),
    ...(sequencer === undefined ? {} : { sequencerFeed: sequencer }),
  });
  const { weth, wbtc, link, feeds, borrower, keeper, stranger, lender } = market;
  const coarse = tokensPerEther !== 1n;
  const first = { decimals: tokenDecimals, dollars: coarse ? "0.2" : "2000" };
  const ofEther = coarse ? (["0.001", "0.5"] as const) : (["10", "100000"] as const);
  await addCollateral(world, { token: weth, ...first, bounds: ofEther });
  await addCollateral(world, { token: wbtc, decimals: 8, dollars: "60000", bounds: ["100", "5000000"] });
  await addCollateral(world, { token: link, decimals: 18, dollars: "15", bounds: ["0.1", "10000"] });
  for (const feed of Object.values(feeds)) world.feedDecimals.set(await feed.getAddress(), 8);
  const actors = [borrower, keeper, stranger];
  for (const { token } of world.collateral.values()) await supply(market, token);
  for (const actor of actors) await fund(actor, market.book, [[market.usdc, 10n ** BigInt(assetDecimals + 9)]]);

  const [lens, relay] = [await deployLens(), await deployMock("Probe")];
  const flashActor = await deployActor(market);
  return {
    ...{ ...market, ...world, actors, lenders: [lender, stranger] },
    ...{ minDebt: 100n * 10n ** BigInt(assetDecimals), asset: (whole) => whole * 10n ** BigInt(assetDecimals) },
    blocking: wbtc as BlockingToken,
    blockingAddress: await wbtc.getAddress(),
    known: {
      vault: await viewed(market.vault),
      book: await viewed(market.book),
      lens: await viewed(lens),
      relay: await viewed(relay),
      flashActor: await viewed(flashActor),
      feed: feeds.usdc.interface,
    },
  };
}

/** Makes a token of a description, with feeds of its own, and the listing that it would be. */
export async function newCandidate(
  world: Pick<World, "collateral" | "feedDecimals">,
  {
    decimals,
    dollars,
    bounds,
    feeds,
  }: { decimals: number; dollars: string; bounds: readonly [string, string]; feeds: readonly number[] },
): Promise<Candidate & { token: TestToken }> {
  const token = await deployMock<TestToken>("TestToken", "Token", "T", decimals);
  await addCollateral(world, { token, decimals, dollars, bounds });
  const [feed, secondFeed] = await newFeeds(world, { dollars, bounds }, feeds);
  if (feed === undefined) throw new Error("A listing has a feed.");
  const listed = { token, terms: MINOR_TERMS, feed, cap: MAX_TOKENS };
  return secondFeed === undefined ? listed : { ...listed, secondFeed };
}

/** Makes feeds of a price, each with its decimals. */
export async function newFeeds(
  { feedDecimals }: Pick<World, "feedDecimals">,
  { dollars, bounds }: Pick<Collateral, "dollars" | "bounds">,
  decimals: readonly number[],
): Promise<FeedConfig[]> {
  const configs: FeedConfig[] = [];
  for (const ofFeed of decimals) {
    const feed = await deployMock<TestFeed>("TestFeed", ofFeed, parseUnits(dollars, ofFeed));
    const address = await feed.getAddress();
    feedDecimals.set(address, ofFeed);
    const [minAnswer, maxAnswer] = [parseUnits(bounds[0], ofFeed), parseUnits(bounds[1], ofFeed)];
    configs.push({ feed: address, maxAge: AGE, minAnswer, maxAnswer });
  }
  return configs;
}

/** Another feed of the loan asset, at a dollar. */
export async function newLoanAssetFeed({ feedDecimals }: Pick<World, "feedDecimals">): Promise<FeedConfig> {
  const feed = await (await deployMock<TestFeed>("TestFeed", 8, 10n ** 8n)).getAddress();
  feedDecimals.set(feed, 8);
  return { feed, maxAge: AGE, minAnswer: 5n * 10n ** 7n, maxAnswer: 2n * 10n ** 8n };
}

/** The uptime feed of a sequencer that has been up for a month. */
export async function newSequencer(): Promise<TestFeed> {
  const feed = await deployMock<TestFeed>("TestFeed", 0, 0n);
  await feed.setRound(0n, clock.now() - 30n * DAY, clock.now() - 30n * DAY);
  return feed;
}

/** Gives everybody enough of a token. */
export async function supply({ book, borrower, keeper, stranger }: Market, token: TestToken): Promise<void> {
  for (const actor of [borrower, keeper, stranger]) await fund(actor, book, [[token, PLENTY]]);
}

/** Sends a transaction with raw requests: ethers' objects would take most of a life's time. Rejects if it reverts. */
export async function send(from: string, to: Viewed, method: string, args: readonly unknown[]): Promise<void> {
  const data = to.interface.encodeFunctionData(method, args);
  await ethers.provider.send("eth_sendTransaction", [{ from, to: to.address, data, gas: GAS }]);
}

/** Below what a transaction may have. */
const GAS = "0xb71b00";

async function addCollateral({ collateral }: Pick<World, "collateral">, listed: Collateral): Promise<void> {
  collateral.set(await listed.token.getAddress(), listed);
}

async function viewed(contract: BaseContract): Promise<Viewed> {
  return { address: await contract.getAddress(), interface: contract.interface };
}

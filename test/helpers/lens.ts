import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { getCreateAddress, MaxUint256, parseUnits, ZeroAddress, type BaseContract } from "ethers";

import type { Random } from "../../scripts/play/random.ts";
import type { LoanLens } from "../../typechain-types/index.ts";
import type { ILoanBook } from "../../typechain-types/LoanBook.ts";
import { clock, DAY, ethers, HOUR } from "./chain.ts";
import { deployBook, deployVault, type LenderVault, type LoanBook } from "./contracts.ts";
import { deployLens } from "./loan-lens.ts";
import { FeedMode, deployMock, type TestFeed, type TestToken } from "./mocks.ts";

/** The listings of {@link lensMarket}. */
export const ETHER = 0n;
export const BITCOIN = 1n;
export const LINK = 2n;

const MAJOR = {
  borrowLtv: 7_800n,
  callLtv: 8_000n,
  liquidationLtv: 8_600n,
  maxBonus: 500n,
  bonusSlope: 5_000n,
  maxDeviation: 200n,
};
const MINOR = { ...MAJOR, borrowLtv: 6_500n, callLtv: 6_800n, liquidationLtv: 7_500n };

export const FEED_AGE = 3_900n;
const LOAN_FEED_AGE = 25n * HOUR;
const NO_FEED = { feed: ZeroAddress, maxAge: 0n, minAnswer: 0n, maxAnswer: 0n };

export interface LensOptions {
  assetDecimals?: number;
  etherDecimals?: number;
  /** The feeds of collateral have so many decimals that, with the loan asset at a dollar, an answer is a price to the unit. */
  isFine?: boolean;
  /** Ether has a second source. */
  hasSecond?: boolean;
  hasPeg?: boolean;
  hasSequencer?: boolean;
  /** The most bitcoin that all loans may pledge, in whole ones. */
  bitcoinCap?: bigint;
}

/** A listing with its token and feeds. */
export interface Collateral {
  listing: bigint;
  token: TestToken;
  feed: TestFeed;
  second: TestFeed | undefined;
  terms: typeof MAJOR;
  /** Base units of what is one ether, one bitcoin or one LINK. */
  whole: bigint;
  /** The feed's answer for a price of that in dollars. */
  answer: (dollars: string) => bigint;
}

export interface LensMarket {
  lens: LoanLens;
  vault: LenderVault;
  book: LoanBook;
  asset: TestToken;
  /** One whole loan asset. */
  unit: bigint;
  collateral: [ether: Collateral, bitcoin: Collateral, link: Collateral];
  loanFeed: TestFeed;
  sequencer: TestFeed;
  /** Holds every role. */
  admin: HardhatEthersSigner;
  lender: HardhatEthersSigner;
  borrower: HardhatEthersSigner;
  keeper: HardhatEthersSigner;
}

/**
 * A market whose tokens and feeds have any decimals, and its lens: ether at 2,000 dollars, bitcoin at 60,000, LINK at 15, the
 * loan asset at one, a million of which a lender has deposited. A token that cannot be divided is cheap: ten thousand of
 * them are an ether.
 */
export async function lensMarket(options: LensOptions = {}): Promise<LensMarket> {
  const { assetDecimals = 6, etherDecimals = 18, isFine = false, hasPeg = true, bitcoinCap = 500n } = options;
  const { hasSecond = false, hasSequencer = false } = options;
  const [admin, treasury, lender, borrower, keeper] = await ethers.getSigners();
  if (!admin || !treasury || !lender || !borrower || !keeper) throw new Error("Five accounts are needed.");

  const unit = 10n ** BigInt(assetDecimals);
  const asset = await deployMock<TestToken>("TestToken", "Loan Asset", "USD", assetDecimals);
  const loanFeed = await deployMock<TestFeed>("TestFeed", 8, parseUnits("1", 8));
  const sequencer = await deployMock<TestFeed>("TestFeed", 0, 0n);
  const pieces = etherDecimals < 2 ? 10_000n : 1n;

  const described = [
    { name: "Ether", decimals: etherDecimals, pieces, dollars: "2000", lowest: "10", highest: "5000", terms: MAJOR },
    { name: "Bitcoin", decimals: 8, pieces: 1n, dollars: "60000", lowest: "100", highest: "5000000", terms: MAJOR },
    { name: "LINK", decimals: 18, pieces: 1n, dollars: "15", lowest: "0.1", highest: "10000", terms: MINOR },
  ];
  const collateral: Collateral[] = [];
  const listings: ILoanBook.ListingConfigStruct[] = [];
  for (const { name, decimals, pieces: perWhole, dollars, lowest, highest, terms } of described) {
    const feedDecimals = isFine ? 36 + assetDecimals - decimals : 8;
    const answer = (price: string): bigint => parseUnits(price, feedDecimals) / perWhole;
    const token = await deployMock<TestToken>("TestToken", name, name, decimals);
    const feed = await deployMock<TestFeed>("TestFeed", feedDecimals, answer(dollars));
    const bounds = { maxAge: FEED_AGE, minAnswer: answer(lowest), maxAnswer: answer(highest) };
    const isDouble = hasSecond && name === "Ether";
    const second = isDouble ? await deployMock<TestFeed>("TestFeed", feedDecimals, answer(dollars)) : undefined;
    const whole = perWhole * 10n ** BigInt(decimals);
    listings.push({
      token: await token.getAddress(),
      terms,
      feed: { feed: await feed.getAddress(), ...bounds },
      secondFeed: second === undefined ? NO_FEED : { feed: await second.getAddress(), ...bounds },
      cap: name === "Bitcoin" ? bitcoinCap * whole : 1_000_000n * whole,
    });
    collateral.push({ listing: BigInt(collateral.length), token, feed, second, terms, whole, answer });
  }
  const [ether, bitcoin, link] = collateral;
  if (!ether || !bitcoin || !link) throw new Error("Three listings are described.");

  const manager = await ethers.deployContract("AccessManager", [admin.address], admin);
  const predicted = getCreateAddress({ from: admin.address, nonce: (await admin.getNonce()) + 1 });
  const vault = await deployVault(admin, [asset, predicted, treasury, manager, 10_000_000n * unit, "Shares", "S"]);
  const loanAssetFeed = {
    feed: await loanFeed.getAddress(),
    maxAge: LOAN_FEED_AGE,
    minAnswer: parseUnits("0.5", 8),
    maxAnswer: parseUnits("2", 8),
  };
  const book = await deployBook(admin, [
    {
      vault,
      authority: manager,
      minDebt: 100n * unit,
      loanAssetFeed,
      peg: hasPeg ? parseUnits("1", 8) : 0n,
      sequencerFeed: hasSequencer ? sequencer : ZeroAddress,
    },
    listings,
  ]);
  const lens = await deployLens();

  for (const actor of [borrower, keeper]) {
    await fund(actor, book, asset, 10_000_000n * unit);
    for (const { token, whole } of collateral) await fund(actor, book, token, 1_000_000n * whole);
  }
  await fund(lender, vault, asset, 1_000_000n * unit);
  await vault.connect(lender).deposit(1_000_000n * unit, lender);
  return {
    ...{ lens, vault, book, asset, unit, loanFeed, sequencer, admin, lender, borrower, keeper },
    collateral: [ether, bitcoin, link],
  };
}

async function fund(
  actor: HardhatEthersSigner,
  spender: BaseContract,
  token: TestToken,
  amount: bigint,
): Promise<void> {
  await token.mint(actor, amount);
  await token.connect(actor).approve(spender, MaxUint256);
}

/** An id of the borrower's, or of another owner's. */
export function idOf(owner: HardhatEthersSigner, number: bigint): bigint {
  return (BigInt(owner.address) << 96n) | number;
}

/** Opens a loan of the borrower; pledges are amounts by listing. */
export async function openAt(
  { book, borrower }: LensMarket,
  number: bigint,
  pledges: [listing: bigint, amount: bigint][],
  amount: bigint,
): Promise<bigint> {
  const id = idOf(borrower, number);
  const list = pledges.map(([listing, pledged]) => ({ listing, amount: pledged }));
  await book.connect(borrower).open(id, list, amount, borrower);
  return id;
}

/** Moves time on; every feed answers what it answered before, as if it had just been updated. */
export async function wait(market: LensMarket, seconds: bigint): Promise<void> {
  await clock.advance(seconds);
  for (const feed of feedsOf(market)) await feed.set(await feed.answer());
}

/** Every price feed. */
export function feedsOf({ loanFeed, collateral }: LensMarket): TestFeed[] {
  const second = collateral.flatMap(({ second: feed }) => (feed === undefined ? [] : [feed]));
  return [loanFeed, ...collateral.map(({ feed }) => feed), ...second];
}

/**
 * How a call ends: empty if it goes through, else the name of the error of book, vault or their libraries. What is no error of
 * theirs is thrown: no test passes because of something else.
 */
export async function outcomeOf({ book, vault }: LensMarket, call: () => Promise<unknown>): Promise<string> {
  const data = await refusalOf(call);
  if (data === "0x") return "";
  const name = (book.interface.parseError(data) ?? vault.interface.parseError(data))?.name;
  if (name === undefined) throw new Error(`An unknown error: ${data}`);
  return name;
}

/** The encoded error with which a call is refused; 0x if it goes through. */
export async function refusalOf(call: () => Promise<unknown>): Promise<string> {
  try {
    await call();
    return "0x";
  } catch (error) {
    const data: unknown = typeof error === "object" && error !== null ? Reflect.get(error, "data") : undefined;
    if (typeof data !== "string" || data.length < 10) throw error;
    return data;
  }
}

/** The borrower takes half of a loan's room and less; three loans, of one, two and three pledges. */
export async function someLoans(market: LensMarket, random: Random): Promise<bigint[]> {
  const { unit, collateral } = market;
  const worth = [2_000n, 60_000n, 15n] as const;
  const ids: bigint[] = [];
  for (const count of [1, 2, 3]) {
    const first = Math.floor(random.between(0, 3));
    const pledges: [bigint, bigint][] = [];
    let limit = 0n;
    for (let i = 0; i < count; i++) {
      const { listing, whole, terms } = at(collateral, (first + i) % 3);
      const dollars = amountBetween(random, 2_000n, 60_000n);
      const amount = (whole * dollars) / at(worth, Number(listing)) + amountBetween(random, 0n, 1_000n);
      pledges.push([listing, amount]);
      limit += (dollars * unit * terms.borrowLtv) / 10_000n;
    }
    // To the last unit of the loan asset, so that nothing is round.
    const amount = (limit * BigInt(Math.floor(random.between(200, 990)))) / 1_000n + amountBetween(random, 0n, unit);
    ids.push(await openAt(market, BigInt(count), pledges, amount));
  }
  return ids;
}

/**
 * Time passes, prices move, feeds fail, listings are retired: anything that a market may have to live with.
 * @param prices By which factors the prices of collateral move.
 */
export async function stir(market: LensMarket, random: Random, prices: [number, number] = [0.7, 1.25]): Promise<void> {
  const { book, admin, loanFeed, collateral } = market;
  await wait(market, amountBetween(random, 0n, 90n * DAY));
  await loanFeed.set(BigInt(Math.floor(random.between(0.97e8, 1.03e8))));
  for (const { listing, feed, second } of collateral) {
    const answer = scaled(await feed.answer(), random.between(...prices));
    await feed.set(answer);
    // Within two percent, or not.
    if (second !== undefined) await second.set(scaled(answer, random.between(0.965, 1.035)));
    const fate = random.uniform();
    if (fate < 0.1) await feed.setMode(FeedMode.revert);
    else if (fate < 0.2) await feed.setAt(answer, clock.now() - FEED_AGE - 1n);
    else if (fate < 0.3 && !(await book.listings(listing)).isRetired) await book.connect(admin).retire(listing);
    if (fate < 0.1 && second !== undefined && random.uniform() < 0.5) await second.setMode(FeedMode.revert);
  }
  if (random.uniform() < 0.1) await loanFeed.setMode(FeedMode.revert);
}

/** A whole number in [low, high), spread over all its digits. */
export function amountBetween(random: Random, low: bigint, high: bigint): bigint {
  return low + ((high - low) * BigInt(Math.floor(random.uniform() * 2 ** 53))) / 2n ** 53n;
}

function scaled(amount: bigint, factor: number): bigint {
  return (amount * BigInt(Math.floor(factor * 1e12))) / 10n ** 12n;
}

/** An item that is there. */
export function at<T>(items: readonly T[], position: number): T {
  const item = items[position];
  if (item === undefined) throw new RangeError(`There is no item ${String(position)}.`);
  return item;
}

import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { getCreateAddress, MaxUint256, parseUnits, ZeroAddress, type AddressLike, type BaseContract } from "ethers";

import type { ILenderVault } from "../../typechain-types/LenderVault.ts";
import { clock, DAY, ethers, HOUR } from "./chain.ts";
import { deployBook, deployVault, type LenderVault, type LoanBook } from "./contracts.ts";
import {
  assignRoles,
  deployManager,
  listingConfig,
  type Candidate,
  type FeedConfig,
  type Manager,
} from "./governance.ts";
import { deployMock, type TestFeed, type TestToken } from "./mocks.ts";

/** Numbers of the listings, in the order in which the fixture adds them. */
export const WETH = 0n;
export const WBTC = 1n;
export const LINK = 2n;

/** Amounts of the default tokens, from text: `usdc("0.5")` is 500,000. */
export const usdc = (amount: string): bigint => parseUnits(amount.replaceAll(",", ""), 6);
export const weth = (amount: string): bigint => parseUnits(amount.replaceAll(",", ""), 18);
export const wbtc = (amount: string): bigint => parseUnits(amount.replaceAll(",", ""), 8);
export const link = (amount: string): bigint => parseUnits(amount.replaceAll(",", ""), 18);

/** Shares have the decimals of the loan asset and six more. */
export const shares = (amount: string): bigint => parseUnits(amount.replaceAll(",", ""), 12);

/** A price in dollars, as a feed of eight decimals answers it. */
export const dollars = (price: string): bigint => parseUnits(price.replaceAll(",", ""), 8);

/** Reference terms (design, section 12). [bps] */
export const MAJOR_TERMS = {
  borrowLtv: 7_800n,
  callLtv: 8_000n,
  liquidationLtv: 8_600n,
  maxBonus: 500n,
  bonusSlope: 5_000n,
  maxDeviation: 200n,
};
export const MINOR_TERMS = { ...MAJOR_TERMS, borrowLtv: 6_500n, callLtv: 6_800n, liquidationLtv: 7_500n };

export const FEED_AGE = 3_900n;
export const LOAN_ASSET_FEED_AGE = 25n * HOUR;
export const ONE_DOLLAR = dollars("1");

export interface MarketOptions {
  loanAssetDecimals?: number;
  wethDecimals?: number;
  /** How many tokens of the first collateral make what an ether is elsewhere: coarse tokens must be cheap. */
  tokensPerEther?: bigint;
  /** What one loan asset is meant to be worth; 0 for none. */
  peg?: bigint;
  /** The uptime feed of a chain with a sequencer. */
  sequencerFeed?: AddressLike;
  /** What lenders may deposit; ten million whole tokens by default. [asset] */
  depositCap?: bigint;
  /** Which test contract stands for which token. */
  contracts?: { usdc?: string; weth?: string; wbtc?: string };
  /** Listings after the three, that the book is created with. */
  more?: (known: Pick<Market, "weth" | "wbtc" | "link" | "feeds">) => Candidate[];
}

export interface Market {
  manager: Manager;
  vault: LenderVault;
  book: LoanBook;
  usdc: TestToken;
  weth: TestToken;
  wbtc: TestToken;
  link: TestToken;
  feeds: { usdc: TestFeed; weth: TestFeed; wbtc: TestFeed; link: TestFeed };
  /** Deployed the contracts and is admin of their manager. */
  deployer: HardhatEthersSigner;
  curator: HardhatEthersSigner;
  guardian: HardhatEthersSigner;
  treasurer: HardhatEthersSigner;
  treasury: HardhatEthersSigner;
  lender: HardhatEthersSigner;
  borrower: HardhatEthersSigner;
  keeper: HardhatEthersSigner;
  stranger: HardhatEthersSigner;
}

/**
 * A market with four tokens, three listings and a lender's million. Ether is worth 2,000 dollars, bitcoin 60,000, LINK 15.
 * Borrower, keeper and stranger hold plenty of everything and have approved the book.
 */
export async function deployMarket(options: MarketOptions = {}): Promise<Market> {
  const { loanAssetDecimals = 6, wethDecimals = 18, tokensPerEther = 1n, peg = ONE_DOLLAR, contracts = {} } = options;
  const { more = () => [], sequencerFeed = ZeroAddress } = options;
  const actors = await actorsOf();
  const { lender, borrower, keeper, stranger } = actors;

  const usdcToken = await deployMock<TestToken>(contracts.usdc ?? "TestToken", "USD Coin", "USDC", loanAssetDecimals);
  const wethToken = await deployMock<TestToken>(contracts.weth ?? "TestToken", "Wrapped Ether", "WETH", wethDecimals);
  const wbtcToken = await deployMock<TestToken>(contracts.wbtc ?? "TestToken", "Wrapped Bitcoin", "WBTC", 8);
  const linkToken = await deployMock<TestToken>("TestToken", "Chainlink", "LINK", 18);
  const feeds = {
    usdc: await deployMock<TestFeed>("TestFeed", 8, ONE_DOLLAR),
    weth: await deployMock<TestFeed>("TestFeed", 8, dollars("2,000") / tokensPerEther),
    wbtc: await deployMock<TestFeed>("TestFeed", 8, dollars("60,000")),
    link: await deployMock<TestFeed>("TestFeed", 8, dollars("15")),
  };
  const whole = 10n ** BigInt(loanAssetDecimals);
  const { depositCap = 10_000_000n * whole } = options;

  const ether = tokensPerEther * 10n ** BigInt(wethDecimals);
  // A base unit may be worth a hundredth of the smallest loan at most.
  const highestEther = tokensPerEther === 1n ? dollars("100,000") : dollars("5,000") / tokensPerEther;
  const collateral: [
    token: TestToken,
    feed: TestFeed,
    terms: typeof MAJOR_TERMS,
    bounds: [bigint, bigint],
    cap: bigint,
  ][] = [
    [wethToken, feeds.weth, MAJOR_TERMS, [dollars("10") / tokensPerEther, highestEther], 5_000n * ether],
    [wbtcToken, feeds.wbtc, MAJOR_TERMS, [dollars("100"), dollars("5,000,000")], wbtc("500")],
    [linkToken, feeds.link, MINOR_TERMS, [dollars("0.1"), dollars("10,000")], link("1,000,000")],
  ];
  const listings = collateral.map(([token, feed, terms, [minAnswer, maxAnswer], cap]): Candidate => {
    return { token, terms, feed: { feed, maxAge: FEED_AGE, minAnswer, maxAnswer }, cap };
  });
  const { manager, vault, book } = await deployCore({
    ...actors,
    asset: usdcToken,
    depositCap,
    minDebt: 100n * whole,
    feed: loanAssetFeedConfig(feeds.usdc),
    peg,
    sequencerFeed,
    listings: [...listings, ...more({ weth: wethToken, wbtc: wbtcToken, link: linkToken, feeds })],
  });
  await assignRoles(manager, { ...actors, vault, book });

  for (const actor of [borrower, keeper, stranger]) {
    await fund(actor, book, [
      [usdcToken, 1_000_000n * whole],
      [wethToken, 10_000n * ether],
      [wbtcToken, wbtc("1,000")],
      [linkToken, link("2,000,000")],
    ]);
  }
  for (const actor of [lender, stranger]) await fund(actor, vault, [[usdcToken, 20_000_000n * whole]]);
  await vault.connect(lender).deposit(1_000_000n * whole, lender);

  return {
    ...{ ...actors, manager, vault, book, feeds },
    ...{ usdc: usdcToken, weth: wethToken, wbtc: wbtcToken, link: linkToken },
  };
}

/** The market of most tests. */
export async function standardMarket(): Promise<Market> {
  return deployMarket();
}

/** The same, but the loan asset has no peg to fall back on. */
export async function marketWithoutPeg(): Promise<Market> {
  return deployMarket({ peg: 0n });
}

/** Who takes part in a market. */
async function actorsOf() {
  const signers = await ethers.getSigners();
  const [deployer, treasury, lender, borrower, keeper, stranger, curator, guardian, treasurer] = signers;
  if (!deployer || !treasury || !lender || !borrower || !keeper || !stranger || !curator || !guardian || !treasurer) {
    throw new Error("Nine accounts are needed.");
  }
  return { deployer, treasury, lender, borrower, keeper, stranger, curator, guardian, treasurer };
}

/** The loan asset's feed with the limits that the fixture gives it. */
export function loanAssetFeedConfig(feed: TestFeed): FeedConfig {
  return { feed, maxAge: LOAN_ASSET_FEED_AGE, minAnswer: dollars("0.5"), maxAnswer: dollars("2") };
}

/** A vault and its book before they exist. */
export interface Core {
  deployer: HardhatEthersSigner;
  treasury: AddressLike;
  asset: BaseContract;
  depositCap: bigint;
  minDebt: bigint;
  feed: FeedConfig;
  peg: bigint;
  /** By default a new manager of the deployer. */
  authority?: AddressLike;
  listings?: Candidate[];
  sequencerFeed?: AddressLike;
}

/** Deploys the vault with the book's predicted address, then the book. */
export async function deployCore(core: Core): Promise<{ manager: Manager; vault: LenderVault; book: LoanBook }> {
  const { deployer, treasury, asset, depositCap, minDebt, feed: loanAssetFeed, peg, listings = [] } = core;
  const manager = await deployManager(deployer);
  const { authority = manager, sequencerFeed = ZeroAddress } = core;
  const predicted = getCreateAddress({ from: deployer.address, nonce: (await deployer.getNonce()) + 1 });
  const names = ["Ballast USDC", "bUSDC"] as const;
  const vault = await deployVault(deployer, [asset, predicted, treasury, authority, depositCap, ...names]);
  const config = { vault, authority, minDebt, loanAssetFeed, peg, sequencerFeed };
  const book = await deployBook(deployer, [config, await Promise.all(listings.map(listingConfig))]);
  return { manager, vault, book };
}

/** Gives tokens and approves `spender` for all of them. */
export async function fund(
  actor: HardhatEthersSigner,
  spender: BaseContract,
  holdings: [token: TestToken, amount: bigint][],
): Promise<void> {
  for (const [token, amount] of holdings) {
    await token.mint(actor, amount);
    await token.connect(actor).approve(spender, MaxUint256);
  }
}

/** A loan's id: the owner's address and a number. */
export function loanId(owner: HardhatEthersSigner | string, number = 1n): bigint {
  return (BigInt(typeof owner === "string" ? owner : owner.address) << 96n) | number;
}

/** Opens a loan of the borrower, or of another owner, and returns its id. */
export async function openLoan(
  { book, borrower }: Market,
  terms: { pledges: [listing: bigint, amount: bigint][]; amount: bigint; owner?: HardhatEthersSigner; number?: bigint },
): Promise<bigint> {
  const { pledges, amount, owner = borrower, number = 1n } = terms;
  const id = loanId(owner, number);
  const list = pledges.map(([listing, pledged]) => ({ listing, amount: pledged }));
  await book.connect(owner).open(id, list, amount, owner);
  return id;
}

/** What loans contribute to the vault's sums of debt. */
export function debts(of: Partial<ILenderVault.DebtsStruct>): ILenderVault.DebtsStruct {
  return { scaled: 0n, principal: 0n, weighted: 0n, dated: 0n, ...of };
}

/** Moves time on; the feeds answer what they answered before, as if they had just been updated. */
export async function waitWithLiveFeeds({ feeds }: Market, seconds: bigint): Promise<void> {
  await clock.advance(seconds);
  for (const feed of Object.values(feeds)) await feed.set(await feed.answer());
}

export { clock, DAY, HOUR };

import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { getCreateAddress, ZeroAddress } from "ethers";

import { forEachLibrary } from "../../deploy/linked-libraries.ts";
import {
  LenderVault__factory,
  LoanBook__factory,
  type LenderVault,
  type LoanBook,
} from "../../typechain-types/index.ts";
import type { ILoanBook } from "../../typechain-types/LoanBook.ts";
import type { BenchChain } from "./bench-chain.ts";
import {
  dollars,
  fund,
  layBenchGround,
  PRICES,
  usdc,
  wbtc,
  weth,
  type Actors,
  type BenchGround,
  type Feed,
  type FeedKind,
  type Token,
} from "./bench-ground.ts";

/** Numbers of the listings. */
export const WETH = 0n;
export const WBTC = 1n;
/** Its token has ERC-2612 permits, and nobody has approved it. */
export const PERMIT_WETH = 2n;
/** Its price comes from two feeds. */
export const TWO_FEED_WETH = 3n;

/** A market that others use already: the state from which every operation is measured. */
export interface BenchMarket extends Actors {
  readonly chain: BenchChain;
  readonly vault: LenderVault;
  readonly book: LoanBook;
  readonly permitToken: Token;
  /** Takes flash loans, and has a balance of its own. */
  readonly flashBorrower: string;
  readonly wait: BenchGround["wait"];
}

/** Reference terms. [bps] */
export const TERMS: ILoanBook.TermsStruct = {
  borrowLtv: 7_800n,
  callLtv: 8_000n,
  liquidationLtv: 8_600n,
  maxBonus: 500n,
  bonusSlope: 5_000n,
  maxDeviation: 200n,
};

/** The borrower's loans. */
export const OWN_LOAN = 1n;
export const TWO_ASSET_LOAN = 2n;
export const TWO_FEED_LOAN = 3n;

/** The neighbour's loans that a fall in the price of ether brings above their lines. */
export const RISKY_LOANS = [10n, 11n, 12n, 13n, 14n, 15n, 16n, 17n, 18n, 19n] as const;

/** Brings them above their call lines. [1e-8 USD] */
export const CALLED_WETH = dollars("1800");

/** Brings them above their liquidation lines. [1e-8 USD] */
export const FALLEN_WETH = dollars("1700");

/** A loan's id: the owner's address and a number. */
export function loanId({ address }: Pick<HardhatEthersSigner, "address">, number: bigint): bigint {
  return (BigInt(address) << 96n) | number;
}

/** Deploys a market with feeds of one kind, and lets it be used. */
export async function deployBenchMarket(chain: BenchChain, feedKind: FeedKind): Promise<BenchMarket> {
  const ground = await layBenchGround(chain, feedKind);
  const { deployer, maker, librarian, treasury, actors, tokens, permitToken, feeds, wait } = ground;

  const ether = { minAnswer: dollars("10"), maxAnswer: dollars("100000") };
  const bitcoin = { minAnswer: dollars("100"), maxAnswer: dollars("5000000") };
  const collateral = [
    { token: tokens.weth, feed: feeds.weth, bounds: ether, cap: weth("100000") },
    { token: tokens.wbtc, feed: feeds.wbtc, bounds: bitcoin, cap: wbtc("10000") },
    { token: permitToken, feed: feeds.weth, bounds: ether, cap: weth("100000") },
    { token: tokens.twoFeedWeth, feed: feeds.weth, bounds: ether, cap: weth("100000"), second: feeds.secondWeth },
  ];
  const listings = await Promise.all(
    collateral.map(async ({ token, feed, bounds, cap, second }) => ({
      token: await token.getAddress(),
      terms: TERMS,
      feed: await feedConfig(feed, 3_900n, bounds),
      secondFeed: second === undefined ? NO_FEED : await feedConfig(second, 3_900n, bounds),
      cap,
    })),
  );
  const loanAssetFeed = await feedConfig(feeds.usdc, 90_000n, { minAnswer: dollars("0.5"), maxAnswer: dollars("2") });

  const authority = await (await chain.deploy("AccessManager", [deployer.address], deployer)).getAddress();
  const libraries = await forEachLibrary(async (name) => (await chain.deploy(name, [], librarian)).getAddress());
  const predicted = getCreateAddress({ from: deployer.address, nonce: (await deployer.getNonce()) + 1 });
  const asset = await tokens.usdc.getAddress();
  const vaultArgs: Parameters<LenderVault__factory["deploy"]> = [
    ...([asset, predicted, treasury.address, authority] as const),
    ...([usdc("100000000"), "Ballast USDC", "bUSDC"] as const),
  ];
  const vault = LenderVault__factory.connect(
    await (await chain.deploy("LenderVault", vaultArgs, deployer)).getAddress(),
    deployer,
  );
  const bookArgs: Parameters<LoanBook__factory["deploy"]> = [
    {
      ...{ vault: await vault.getAddress(), authority, minDebt: usdc("100") },
      ...{ loanAssetFeed, peg: PRICES.usdc, sequencerFeed: ZeroAddress },
    },
    listings,
  ];
  const book = LoanBook__factory.connect(
    await (await chain.deploy("LoanBook", bookArgs, deployer, libraries)).getAddress(),
    deployer,
  );

  await fund(ground, Object.values<HardhatEthersSigner>({ ...actors }), [vault, book]);

  const flash = await chain.deploy("PlainFlashBorrower", [asset, await vault.getAddress()], librarian);
  const flashBorrower = await flash.getAddress();
  await chain.send(async () => tokens.usdc.connect(maker).mint(flashBorrower, usdc("1")));

  const market = { ...actors, chain, vault, book, permitToken, flashBorrower, wait };
  await use(market);
  return market;
}

/** Lends and borrows, so that nothing that an operation meets is there for the first time unless its name says so. */
async function use({ chain, vault, book, wait, ...actors }: BenchMarket): Promise<void> {
  const { whale, lender, neighbour, borrower, operator, keeper } = actors;
  const open = async (owner: HardhatEthersSigner, number: bigint, pledges: [bigint, bigint][], amount: bigint) =>
    chain.send(async () => {
      const list = pledges.map(([listing, pledged]) => ({ listing, amount: pledged }));
      return book.connect(owner).open(loanId(owner, number), list, amount, owner);
    });

  await chain.send(async () => vault.connect(whale).deposit(usdc("10000000"), whale));
  await chain.send(async () => vault.connect(lender).deposit(usdc("1000"), lender));
  await chain.send(async () => book.connect(borrower).setAuthorization(operator, true));
  await wait();
  await open(neighbour, 1n, [[WETH, weth("1000")]], usdc("1000000"));
  await open(neighbour, 2n, [[WBTC, wbtc("100")]], usdc("1000000"));
  await open(neighbour, 3n, [[TWO_FEED_WETH, weth("1000")]], usdc("1000000"));
  for (const number of RISKY_LOANS) await open(neighbour, number, [[WETH, weth("10")]], usdc("15000"));
  await open(keeper, 1n, [[WETH, weth("10")]], usdc("1000"));
  await wait();
  await open(borrower, OWN_LOAN, [[WETH, weth("10")]], usdc("10000"));
  await open(
    borrower,
    TWO_ASSET_LOAN,
    [
      [WETH, weth("10")],
      [WBTC, wbtc("1")],
    ],
    usdc("10000"),
  );
  await open(borrower, TWO_FEED_LOAN, [[TWO_FEED_WETH, weth("10")]], usdc("10000"));
}

/** In place of a second source, where there is none. */
export const NO_FEED: ILoanBook.FeedConfigStruct = { feed: ZeroAddress, maxAge: 0n, minAnswer: 0n, maxAnswer: 0n };

async function feedConfig(
  feed: Feed,
  maxAge: bigint,
  bounds: { minAnswer: bigint; maxAnswer: bigint },
): Promise<ILoanBook.FeedConfigStruct> {
  return { feed: await feed.getAddress(), maxAge, ...bounds };
}

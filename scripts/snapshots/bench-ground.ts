import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import {
  MaxUint256,
  parseUnits,
  type AddressLike,
  type BaseContract,
  type BaseContractMethod,
  type BigNumberish,
  type ContractRunner,
  type ContractTransactionResponse,
} from "ethers";

import type { BenchChain } from "./bench-chain.ts";

export const usdc = (amount: string): bigint => parseUnits(amount, 6);
export const weth = (amount: string): bigint => parseUnits(amount, 18);
export const wbtc = (amount: string): bigint => parseUnits(amount, 8);

/** Contracts in contracts/mocks/: one slot, or the slots of Chainlink's proxy and aggregator. */
export const FEEDS = { simple: "SimpleFeed", eac: "EacFeed" } as const;
export type FeedKind = keyof typeof FEEDS;

type Write<Arguments extends unknown[]> = BaseContractMethod<Arguments, void, ContractTransactionResponse>;
type Mock<Methods> = { connect: (runner: ContractRunner) => Mock<Methods> } & Methods & BaseContract;

export type Token = Mock<{
  mint: Write<[to: AddressLike, amount: BigNumberish]>;
  approve: Write<[spender: AddressLike, amount: BigNumberish]>;
}>;

export type Feed = Mock<{ set: Write<[answer: BigNumberish]> }>;

/** Who takes part; each owns plenty of the listed tokens. */
export interface Actors {
  /** Lent most of what there is. */
  readonly whale: HardhatEthersSigner;
  /** Has lent before. */
  readonly lender: HardhatEthersSigner;
  /** Has never lent or borrowed. */
  readonly newcomer: HardhatEthersSigner;
  /** Has many loans. */
  readonly neighbour: HardhatEthersSigner;
  /** Has a few. */
  readonly borrower: HardhatEthersSigner;
  /** May act on the borrower's loans. */
  readonly operator: HardhatEthersSigner;
  readonly keeper: HardhatEthersSigner;
}

export interface Tokens {
  readonly usdc: Token;
  readonly weth: Token;
  readonly wbtc: Token;
  readonly twoFeedWeth: Token;
}

/** What a market stands on: who uses it, the tokens and their feeds. */
export interface BenchGround {
  readonly chain: BenchChain;
  readonly deployer: HardhatEthersSigner;
  /** Made the tokens and the feeds. */
  readonly maker: HardhatEthersSigner;
  readonly librarian: HardhatEthersSigner;
  readonly treasury: HardhatEthersSigner;
  readonly actors: Actors;
  /** Accounts without a part. */
  readonly others: readonly HardhatEthersSigner[];
  readonly tokens: Tokens;
  /** ERC-20 with permits, which no actor has approved. */
  readonly permitToken: Token;
  readonly feeds: Readonly<Record<"usdc" | "weth" | "wbtc" | "secondWeth", Feed>>;
  /** Waits two hours, over which interest grows, then lets every feed answer anew. */
  readonly wait: (prices?: Partial<Prices>) => Promise<void>;
}

export interface Prices {
  readonly usdc: bigint;
  readonly weth: bigint;
  readonly wbtc: bigint;
}

/** [1e-8 USD] */
export const PRICES: Prices = { usdc: dollars("1"), weth: dollars("2000"), wbtc: dollars("60000") };

const WAIT = 2 * 3_600;

/** Deploys tokens and feeds of one kind. */
export async function layBenchGround(chain: BenchChain, feedKind: FeedKind): Promise<BenchGround> {
  const [deployer, maker, librarian, treasury, ...rest] = await chain.signers();
  const [whale, lender, newcomer, neighbour, borrower, operator, keeper, ...others] = rest;
  if (!deployer || !maker || !librarian || !treasury || !whale || !lender)
    throw new Error("There are too few accounts.");
  if (!newcomer || !neighbour || !borrower || !operator || !keeper) throw new Error("There are too few accounts.");
  const actors: Actors = { whale, lender, newcomer, neighbour, borrower, operator, keeper };

  const token = async (contract: string, symbol: string, decimals: number): Promise<Token> =>
    (await chain.deploy(contract, [symbol, symbol, decimals], maker)) as Token;
  const feed = async (answer: bigint): Promise<Feed> => (await chain.deploy(FEEDS[feedKind], [answer], maker)) as Feed;
  const tokens = {
    usdc: await token("PlainToken", "USDC", 6),
    weth: await token("PlainToken", "WETH", 18),
    wbtc: await token("PlainToken", "WBTC", 8),
    twoFeedWeth: await token("PlainToken", "WETH", 18),
  };
  const permitToken = await token("TestToken", "WETH", 18);
  const feeds = {
    usdc: await feed(PRICES.usdc),
    weth: await feed(PRICES.weth),
    wbtc: await feed(PRICES.wbtc),
    secondWeth: await feed(PRICES.weth),
  };

  const wait = async (prices: Partial<Prices> = {}): Promise<void> => {
    chain.advance(WAIT);
    const now = { ...PRICES, ...prices };
    for (const [one, answer] of [
      ...([[feeds.usdc, now.usdc] as const, [feeds.weth, now.weth] as const] as const),
      ...([[feeds.wbtc, now.wbtc] as const, [feeds.secondWeth, now.weth] as const] as const),
    ]) {
      await chain.send(async () => one.connect(maker).set(answer));
    }
  };
  return { chain, deployer, maker, librarian, treasury, actors, others, tokens, permitToken, feeds, wait };
}

/** Gives everybody plenty of every token, and lets the spenders take it for ever. */
export async function fund(
  { chain, maker, tokens, permitToken }: BenchGround,
  owners: readonly HardhatEthersSigner[],
  spenders: readonly AddressLike[],
): Promise<void> {
  for (const owner of owners) {
    for (const held of Object.values<Token>({ ...tokens })) {
      await chain.send(async () => held.connect(maker).mint(owner, weth("1000000")));
      for (const spender of spenders) {
        await chain.send(async () => held.connect(owner).approve(spender, MaxUint256));
      }
    }
    await chain.send(async () => permitToken.connect(maker).mint(owner, weth("1000000")));
  }
}

/** As a feed of eight decimals answers it. */
export function dollars(price: string): bigint {
  return parseUnits(price, 8);
}

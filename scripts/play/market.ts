import { Interface, MaxUint256 } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import type { Connection } from "../../deploy/session.ts";
import { deployLocalMarket, type LocalMarket } from "../../deploy/local-market.ts";
import { LOCAL_CHAIN_ID, readParameters } from "../../deploy/parameters.ts";
import { plainFeedsOf } from "../../deploy/product-feeds.ts";
import { LoanLens__factory, type LoanLens } from "../../typechain-types/index.ts";
import { accountCount, assignRoles, MNEMONIC, type Roles } from "./accounts.ts";
import { ALWAYS_LISTED, type Asset } from "./assets.ts";
import { Chain, holdClock } from "./chain.ts";
import { formatDecimal } from "./decimal.ts";
import { InputError } from "./input-error.ts";
import { PRICE_DECIMALS } from "./price-series.ts";

/** How old the market is when the window starts: old enough to offer fixed terms. [s] */
export const AGE = 30 * 86_400;

const tokenInterface = new Interface([
  "function mint(address to, uint256 amount)",
  "function approve(address spender, uint256 amount)",
]);

/** A local chain with a market on it, and who is who. */
export interface Stage {
  readonly connection: Connection;
  readonly chain: Chain;
  readonly market: LocalMarket;
  /** The views that nothing in the market needs. */
  readonly lens: LoanLens;
  readonly lensAddress: string;
  readonly roles: Roles;
}

/** What makes a connection to a new chain: Hardhat's `network.create`, or a server's. */
export type Connect = (override: ChainOverride) => Promise<Connection>;

export interface ChainOverride {
  readonly type: "edr-simulated";
  readonly initialDate: Date;
  readonly allowBlocksWithSameTimestamp: true;
  readonly accounts: { readonly mnemonic: string; readonly count: number };
}

/**
 * Starts a chain {@link AGE} before `start` and deploys the market and a lens on it, with the listings that are always there and
 * those of the prices.
 *
 * @param prices What each asset's feed starts with. [1e-8 USD]
 */
export async function setUpMarket(
  connect: Connect,
  start: number,
  loans: number,
  prices: ReadonlyMap<Asset, bigint>,
): Promise<Stage> {
  const parameters = await readParameters(LOCAL_CHAIN_ID);
  const assets = [parameters.loanAsset, ...parameters.listings];
  for (const [asset, price] of prices) {
    const feed = assets.find(({ token }) => token.symbol === asset)?.feed;
    if (feed === undefined || price < feed.minAnswer || price > feed.maxAnswer) {
      const bounds = feed === undefined ? "" : `${usd(feed.minAnswer)} to ${usd(feed.maxAnswer)} USD`;
      throw new InputError(`${asset} starts at ${usd(price)} USD, but the market takes ${bounds} as its price.`);
    }
  }
  const feeds = assets.flatMap(({ token, feed }) => plainFeedsOf(token.symbol, feed));
  const oracles = Math.max(...feeds.map(([, { source }]) => (typeof source === "string" ? 0 : source.oracles)));
  const connection = await connect({
    type: "edr-simulated",
    initialDate: new Date((start - AGE) * 1000),
    // A keeper acts in the second of the round that it answers.
    allowBlocksWithSameTimestamp: true,
    accounts: { mnemonic: MNEMONIC, count: accountCount(loans, oracles) },
  });
  const listed = new Set([...ALWAYS_LISTED, ...prices.keys()]);
  const release = holdClock(connection.provider, start - AGE);
  const market = await deployLocalMarket(connection, Object.fromEntries(prices), { listed });
  release();
  const { lensAddress } = market;
  const lens = LoanLens__factory.connect(lensAddress, connection.ethers.provider);
  const signers = await connection.ethers.getSigners();
  const roles = assignRoles(
    signers.map((signer) => signer.address),
    loans,
  );
  return { connection, chain: new Chain(connection.provider), market, lens, lensAddress, roles };
}

function usd(price: bigint): string {
  return formatDecimal(price, PRICE_DECIMALS).replace(/\.?0+$/, "");
}

/** Connects to a chain inside this process. */
export function inProcess(hre: HardhatRuntimeEnvironment): Connect {
  return async (override) => hre.network.create({ override });
}

/** Lets a feed publish an answer at a time. */
export async function publish(stage: Stage, feed: string, answer: bigint, time: number): Promise<void> {
  await stage.chain.setTime(time);
  await stage.market.feedOf(feed).submit(answer);
}

/** Gives an account test tokens. */
export async function mint({ chain, market, roles }: Stage, symbol: string, to: string, amount: bigint): Promise<void> {
  const token = await market.tokenOf(symbol).getAddress();
  await chain.send({ from: roles.deployer, to: token, data: tokenInterface.encodeFunctionData("mint", [to, amount]) });
}

/** Gives an account test tokens, and a spender its approval for them. */
export async function fund(stage: Stage, symbol: string, to: string, amount: bigint, spender: string): Promise<void> {
  await mint(stage, symbol, to, amount);
  const token = await stage.market.tokenOf(symbol).getAddress();
  const data = tokenInterface.encodeFunctionData("approve", [spender, MaxUint256]);
  await stage.chain.send({ from: to, to: token, data });
}

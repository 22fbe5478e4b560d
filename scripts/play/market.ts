import { Interface } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import type { Connection } from "../../deploy/session.ts";
import { deployLocalMarket, type LocalMarket } from "../../deploy/local-market.ts";
import { LOCAL_CHAIN_ID, readParameters } from "../../deploy/parameters.ts";
import { plainFeedsOf } from "../../deploy/product-feeds.ts";
import { accountCount, assignRoles, MNEMONIC, type Roles } from "./accounts.ts";
import { ALWAYS_LISTED, LOAN_ASSET, type Asset } from "./assets.ts";
import { Chain, holdClock } from "./chain.ts";
import { formatDecimal } from "./decimal.ts";
import { InputError } from "./input-error.ts";
import type { PlannedLoan } from "./loan-plan.ts";
import { PRICE_DECIMALS } from "./price-series.ts";

/** Time for the deployment before the window starts, so that the first prices are still live. [s] */
const LEAD = 600;

const USDC = 1_000_000n;

/** What the keeper and each visitor have of the loan asset. [1e-6 USDC] */
const KEEPER_CASH = 1_000_000_000_000n * USDC;

/** How the lenders share what the book needs. [%] */
const LENDER_SHARES = [40n, 25n, 20n, 10n, 5n];

/** Share of the supply that is lent out at the start. [%] */
const UTILISATION = 80n;

const tokenInterface = new Interface([
  "function mint(address to, uint256 amount)",
  "function approve(address spender, uint256 amount)",
]);
const MAX_UINT256 = 2n ** 256n - 1n;

/** A local chain with a market on it, and who is who. */
export interface Stage {
  readonly connection: Connection;
  readonly chain: Chain;
  readonly market: LocalMarket;
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
 * Starts a chain just before `start` and deploys the market on it, with the listings that are always there and those of the
 * prices.
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
    initialDate: new Date((start - LEAD) * 1000),
    // A keeper acts in the second of the round that it answers.
    allowBlocksWithSameTimestamp: true,
    accounts: { mnemonic: MNEMONIC, count: accountCount(loans, oracles) },
  });
  const listed = new Set([...ALWAYS_LISTED, ...prices.keys()]);
  const release = holdClock(connection.provider, start - LEAD);
  const market = await deployLocalMarket(connection, Object.fromEntries(prices), { listed });
  release();
  const signers = await connection.ethers.getSigners();
  const roles = assignRoles(
    signers.map((signer) => signer.address),
    loans,
  );
  return { connection, chain: new Chain(connection.provider), market, roles };
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

/**
 * Gives the lenders what the book needs at the starting utilisation, opens every loan, and funds the keeper.
 * @returns The loans' ids, in the order of the plan.
 */
export async function fillMarket(stage: Stage, loans: readonly PlannedLoan[]): Promise<bigint[]> {
  const { market, roles } = stage;
  const needed = (loans.reduce((sum, loan) => sum + loan.debt, 0n) * 100n) / UTILISATION;
  for (const [i, lender] of roles.lenders.entries()) {
    const amount = (needed * (LENDER_SHARES[i] ?? 0n)) / 100n;
    await fund(stage, LOAN_ASSET, lender, amount, market.vaultAddress);
    const data = market.vault.interface.encodeFunctionData("deposit", [amount, lender]);
    await stage.chain.send({ from: lender, to: market.vaultAddress, data });
  }
  const ids: bigint[] = [];
  for (const [i, loan] of loans.entries()) {
    const borrower = roles.borrowers[i];
    if (borrower === undefined) throw new RangeError("There are fewer borrowers than loans.");
    ids.push(await openLoan(stage, borrower, loan));
  }
  await fund(stage, LOAN_ASSET, roles.keeper, KEEPER_CASH, market.bookAddress);
  return ids;
}

/** Gives an account test tokens. */
export async function mint(stage: Stage, symbol: string, to: string, amount: bigint): Promise<void> {
  const token = await stage.market.tokenOf(symbol).getAddress();
  const data = tokenInterface.encodeFunctionData("mint", [to, amount]);
  await stage.chain.send({ from: stage.roles.deployer, to: token, data });
}

/** Gives an account test tokens, and a spender its approval for them. */
async function fund(stage: Stage, symbol: string, to: string, amount: bigint, spender: string): Promise<void> {
  await mint(stage, symbol, to, amount);
  const token = await stage.market.tokenOf(symbol).getAddress();
  const data = tokenInterface.encodeFunctionData("approve", [spender, MAX_UINT256]);
  await stage.chain.send({ from: to, to: token, data });
}

async function openLoan(stage: Stage, borrower: string, loan: PlannedLoan): Promise<bigint> {
  const { market, chain } = stage;
  for (const { listing, amount } of loan.pledges) {
    const symbol = market.listings[listing]?.symbol ?? "";
    await fund(stage, symbol, borrower, amount, market.bookAddress);
  }
  const id = BigInt(borrower) << 96n;
  const data = market.book.interface.encodeFunctionData("open", [id, [...loan.pledges], loan.debt, borrower]);
  await chain.send({ from: borrower, to: market.bookAddress, data });
  return id;
}

/** An attacker for fixed terms: a contract that does many things in one transaction, with money that it may borrow for a moment. */
import {
  AbiCoder,
  MaxUint256,
  type BaseContract,
  type BaseContractMethod,
  type ContractTransactionResponse,
} from "ethers";

import { encode } from "../helpers/actor.ts";
import { DAY } from "../helpers/chain.ts";
import { usdc, waitWithLiveFeeds, WETH, weth, type Market } from "../helpers/market.ts";
import { deployMock } from "../helpers/mocks.ts";
import { ANY_RATE, termMarket, useMarket, type TermMarket } from "../helpers/terms.ts";

export const MONTH = 30n * DAY;

export interface Step {
  target: string;
  data: string;
}

/** contracts/mocks/LeverageActor.sol */
type LeverageActor = BaseContract & {
  run: BaseContractMethod<[plan: Step[]], void, ContractTransactionResponse>;
};

export interface Attacker {
  actor: LeverageActor;
  address: string;
  /** The id of its loan of that number. */
  loan: (number: bigint) => bigint;
}

/** Holds 2,000 ether and that many dollars, and has approved book and vault. */
export async function deployAttacker(market: Market, dollars = 0n): Promise<Attacker> {
  const actor = await deployMock<LeverageActor>("LeverageActor");
  const address = await actor.getAddress();
  const approvals: Step[] = [];
  for (const token of [market.usdc, market.weth]) {
    for (const spender of [market.book, market.vault]) {
      approvals.push(await step(token, "approve", [await spender.getAddress(), MaxUint256]));
    }
  }
  await actor.run(approvals);
  await market.weth.mint(actor, weth("2,000"));
  await market.usdc.mint(actor, dollars);
  return { actor, address, loan: (number) => (BigInt(address) << 96n) | number };
}

export async function step(contract: BaseContract, method: string, args: readonly unknown[]): Promise<Step> {
  return { target: await contract.getAddress(), data: encode(contract, method, args) };
}

/** A flash loan of the vault in which a plan runs. */
export async function flashLoan(
  { vault, usdc: token }: Market,
  { address }: Attacker,
  amount: bigint,
  plan: Step[],
): Promise<Step> {
  const data = AbiCoder.defaultAbiCoder().encode(["tuple(address target, bytes data)[]"], [plan]);
  return step(vault, "flashLoan", [address, await token.getAddress(), amount, data]);
}

/** Opens a term of the attacker's against 300 ether. */
export async function termStep(
  { book }: Market,
  { address, loan }: Attacker,
  amount: bigint,
  { number = 1n, duration = MONTH, maxRate = ANY_RATE } = {},
): Promise<Step> {
  const pledges = [{ listing: WETH, amount: weth("300") }];
  return step(book, "openTerm", [loan(number), pledges, amount, { duration, maxRate }, address]);
}

/** 92 of 100 lent out, in a market whose averaged supply has caught up. */
export async function usedMarket(): Promise<TermMarket> {
  const market = await termMarket();
  await useMarket(market, 9_200n);
  return market;
}

/** Lenders left with 450,000 of a million six hours ago, and 93 of 100 are lent out: what is there is far below its average. */
export async function shrunkMarket(): Promise<TermMarket> {
  const market = await termMarket();
  const { vault, lender } = market;
  await vault.connect(lender).withdraw(usdc("450,000"), lender, lender);
  await waitWithLiveFeeds(market, DAY / 4n);
  await useMarket(market, 9_300n);
  return market;
}

/** An attacker for fixed terms: a contract that does many things in one transaction, with money that it may borrow for a moment. */
import { DAY } from "../helpers/chain.ts";
import { deployFlashActor, planned, planOf, type FlashActor, type PlannedCall } from "../helpers/flash-loans.ts";
import { usdc, waitWithLiveFeeds, WETH, weth, type Market } from "../helpers/market.ts";
import { ANY_RATE, MONTH, termMarket, useMarket, type TermMarket } from "../helpers/terms.ts";

export interface Attacker {
  actor: FlashActor;
  address: string;
  /** The id of its loan of that number. */
  loan: (number: bigint) => bigint;
}

/** Holds 2,000 ether and that many dollars, and has approved book and vault. */
export async function deployAttacker(market: Market, dollars = 0n): Promise<Attacker> {
  const actor = await deployFlashActor(market);
  const address = await actor.getAddress();
  await market.weth.mint(actor, weth("2,000"));
  await market.usdc.mint(actor, dollars);
  return { actor, address, loan: (number) => (BigInt(address) << 96n) | number };
}

/** A flash loan of the vault in which a plan runs. */
export async function flashLoan(
  { vault, usdc: token }: Market,
  { address }: Attacker,
  amount: bigint,
  plan: PlannedCall[],
): Promise<PlannedCall> {
  return planned(vault, "flashLoan", [address, await token.getAddress(), amount, planOf(...plan)]);
}

/** Opens a term of the attacker's against 300 ether. */
export async function termStep(
  { book }: Market,
  { address, loan }: Attacker,
  amount: bigint,
  { number = 1n, duration = MONTH, maxRate = ANY_RATE } = {},
): Promise<PlannedCall> {
  const pledges = [{ listing: WETH, amount: weth("300") }];
  return planned(book, "openTerm", [loan(number), pledges, amount, { duration, maxRate }, address]);
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

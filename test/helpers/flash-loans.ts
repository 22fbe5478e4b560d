/** Whoever borrows from the vault for the length of a call. */
import { AbiCoder, MaxUint256, type AddressLike, type BaseContract, type BigNumberish, type BytesLike } from "ethers";
import type { BaseContractMethod, ContractTransactionResponse } from "ethers";

import { encode } from "./actor.ts";
import { DAY } from "./chain.ts";
import { loanId, openLoan, standardMarket, usdc, waitWithLiveFeeds, WETH, weth, type Market } from "./market.ts";
import { deployMock } from "./mocks.ts";

/** A call in a plan. A call that fails stops the plan. */
export interface PlannedCall {
  target: AddressLike;
  data: BytesLike;
}

type Write<Arguments extends unknown[]> = BaseContractMethod<Arguments, void, ContractTransactionResponse>;

export type FlashActor = BaseContract & {
  setAnswer: Write<[answer: BytesLike]>;
  run: Write<[plan: PlannedCall[]]>;
};

/** A call of a contract, for a plan. */
export async function planned(target: BaseContract, method: string, args: readonly unknown[]): Promise<PlannedCall> {
  return { target: await target.getAddress(), data: encode(target, method, args) };
}

/** A plan as the data of a flash loan: what the actor does with the money, in this order. */
export function planOf(...calls: PlannedCall[]): string {
  return AbiCoder.defaultAbiCoder().encode(["tuple(address target, bytes data)[]"], [calls]);
}

/** A receiver without a cent, that has approved vault and book for the loan asset and ether. */
export async function deployFlashActor({ book, vault, usdc, weth }: Market): Promise<FlashActor> {
  const actor = await deployMock<FlashActor>("FlashActor");
  for (const token of [usdc, weth]) {
    for (const spender of [vault, book]) {
      await actor.run([await planned(token, "approve", [await spender.getAddress(), MaxUint256])]);
    }
  }
  return actor;
}

/** The stranger has the vault lend to the actor, which does this with it. */
export async function flash(
  { vault, stranger, usdc }: Market,
  actor: AddressLike,
  amount: BigNumberish,
  data = "0x",
): Promise<ContractTransactionResponse> {
  return vault.connect(stranger).flashLoan(actor, usdc, amount, data);
}

export interface OldScene extends Market {
  actor: FlashActor;
  /** Its address. */
  self: string;
  /** The borrower's loan. */
  id: bigint;
  /** The actor's loan: a pledge of 100 ether, and a debt of 1,000. */
  own: bigint;
  cash: bigint;
}

/** A market two months old, with a share price that is no round number. The actor has no money: what it drew is gone. */
export async function oldMarket(): Promise<OldScene> {
  const market = await standardMarket();
  const { book, vault, stranger } = market;
  const id = await openLoan(market, { pledges: [[WETH, weth("400")]], amount: usdc("500,000") });
  const actor = await deployFlashActor(market);
  const self = await actor.getAddress();
  const own = loanId(self);
  await market.weth.mint(actor, weth("100"));
  const pledges = [{ listing: WETH, amount: weth("100") }];
  await actor.run([await planned(book, "open", [own, pledges, usdc("1,000"), stranger.address])]);
  await waitWithLiveFeeds(market, 60n * DAY);
  await vault.accrue();
  return { ...market, actor, self, id, own, cash: usdc("499,000") };
}

import type { BaseContract } from "ethers";
import { MaxUint256 } from "ethers";

import type { Market } from "./market.ts";
import { deployMock, type CallbackActor } from "./mocks.ts";

/** Gas for a call in which others may fail: an estimate would stop at what lets the outer call through. */
export const AMPLE_GAS = { gasLimit: 12_000_000n };

/** A contract that has approved book and vault for all tokens, and runs a plan when it is called back. */
export async function deployActor({ book, vault, usdc, weth, wbtc, link }: Market): Promise<CallbackActor> {
  const actor = await deployMock<CallbackActor>("CallbackActor");
  for (const token of [usdc, weth, wbtc, link]) {
    for (const spender of [book, vault]) {
      await actor.run(token, encode(token, "approve", [await spender.getAddress(), MaxUint256]));
    }
  }
  return actor;
}

/** The bytes of a call. */
export function encode(contract: BaseContract, method: string, args: readonly unknown[]): string {
  return contract.interface.encodeFunctionData(method, args);
}

/** Owners that are contracts, and accounts that delegate to one. */
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import {
  concat,
  type AddressLike,
  type BaseContract,
  type BaseContractMethod,
  type BytesLike,
  type ContractTransactionResponse,
} from "ethers";

import { networkHelpers } from "./chain.ts";
import { deployMock } from "./mocks.ts";

/** How a wallet answers who asks about a signature. */
export const Mood = { ofKey: 0n, refuses: 1n, reverts: 2n, agrees: 3n, burnsGas: 5n } as const;

type Write<Arguments extends unknown[]> = BaseContractMethod<Arguments, void, ContractTransactionResponse>;

export type SmartWallet = {
  connect: (runner: HardhatEthersSigner) => SmartWallet;
  setMood: Write<[mood: bigint]>;
  setRaw: Write<[raw: BytesLike]>;
  run: Write<[target: AddressLike, data: BytesLike]>;
} & BaseContract;

/** A wallet for which one key acts and signs. */
export async function deployWallet(key: HardhatEthersSigner): Promise<SmartWallet> {
  return (await deployMock<SmartWallet>("SmartWallet", key.address)).connect(key);
}

/** While something happens the account's code is the delegate's (EIP-7702); afterwards the account is on its own again. */
export async function whileDelegated(
  account: HardhatEthersSigner,
  delegate: BaseContract,
  action: () => Promise<unknown>,
): Promise<void> {
  await networkHelpers.setCode(account.address, concat(["0xef0100", await delegate.getAddress()]));
  try {
    await action();
  } finally {
    await networkHelpers.setCode(account.address, "0x");
  }
}

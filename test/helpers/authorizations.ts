import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { MaxUint256, type AddressLike, resolveAddress } from "ethers";

import type { LoanBook } from "./contracts.ts";

/** What {ILoanBook-setAuthorizationWithSig} takes. */
export type SignedAuthorization = [
  [owner: string, operator: string, isAuthorized: boolean, nonce: bigint, deadline: bigint],
  signature: string,
];

const TYPES = {
  Authorization: [
    { name: "owner", type: "address" },
    { name: "operator", type: "address" },
    { name: "isAuthorized", type: "bool" },
    { name: "nonce", type: "uint256" },
    { name: "deadline", type: "uint256" },
  ],
};

/** An owner's authorization of an operator, good for ever, signed by its owner unless another is named. */
export async function signAuthorization(
  book: LoanBook,
  owner: HardhatEthersSigner,
  operator: AddressLike,
  signer: HardhatEthersSigner = owner,
): Promise<SignedAuthorization> {
  const { name, version, chainId, verifyingContract } = await book.eip712Domain();
  const nonce = await book.nonces(owner);
  const message = {
    ...{ owner: owner.address, operator: await resolveAddress(operator) },
    ...{ isAuthorized: true, nonce, deadline: MaxUint256 },
  };
  const signature = await signer.signTypedData({ name, version, chainId, verifyingContract }, TYPES, message);
  return [[message.owner, message.operator, true, nonce, MaxUint256], signature];
}

import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { MaxUint256, Signature, type BaseContract } from "ethers";

import { PERMIT_TYPES } from "../../sdk/src/signatures.ts";
import { ethers } from "./chain.ts";
import { LenderVault__factory, type LoanBook } from "./contracts.ts";

export interface Permit {
  token: string;
  owner: string;
  spender: string;
  value: bigint;
  deadline: bigint;
  signature: Signature;
}

/** As ethers takes them. */
const FIELDS = { Permit: [...PERMIT_TYPES.Permit] };

/** An ERC-2612 approval, signed by its owner unless another is named. */
export async function signPermit(
  token: BaseContract,
  owner: HardhatEthersSigner,
  spender: BaseContract | HardhatEthersSigner,
  value: bigint,
  { deadline = MaxUint256, signer = owner }: { deadline?: bigint; signer?: HardhatEthersSigner } = {},
): Promise<Permit> {
  const address = await token.getAddress();
  // The vault's shares have everything that a token with permits has.
  const permitToken = LenderVault__factory.connect(address, ethers.provider);
  const { name, version, chainId, verifyingContract } = await permitToken.eip712Domain();
  const nonce = await permitToken.nonces(owner);
  const message = { owner: owner.address, spender: await spender.getAddress(), value, nonce, deadline };
  const signed = await signer.signTypedData({ name, version, chainId, verifyingContract }, FIELDS, message);
  return { token: address, ...message, signature: Signature.from(signed) };
}

/** The book's call that uses it, for a multicall. */
export function permitCall({ interface: book }: Pick<LoanBook, "interface">, permit: Permit): string {
  const { token, value, deadline, signature } = permit;
  return book.encodeFunctionData("permit", [token, value, deadline, signature.v, signature.r, signature.s]);
}

/** Uses it at the token, as anyone who has seen it may. */
export async function submitPermit(caller: HardhatEthersSigner, permit: Permit): Promise<void> {
  const { token, owner, spender, value, deadline, signature } = permit;
  const { v, r, s } = signature;
  await LenderVault__factory.connect(token, caller).permit(owner, spender, value, deadline, v, r, s);
}

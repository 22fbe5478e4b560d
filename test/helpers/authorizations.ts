/** Authorizations that owners sign. */
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { MaxUint256, resolveAddress, type AddressLike, type TypedDataDomain } from "ethers";

import {
  AUTHORIZATION_TYPES,
  authorizationDomain,
  type Authorization,
  type SignedAuthorization,
} from "../../sdk/src/signatures.ts";
import { ethers } from "./chain.ts";
import type { LoanBook } from "./contracts.ts";

export type { Authorization, SignedAuthorization };

/** As ethers takes them. */
export const AUTHORIZATION_FIELDS = { Authorization: [...AUTHORIZATION_TYPES.Authorization] };

/** What wallets show their owners of a book (EIP-712). */
export async function domainOf(book: LoanBook): Promise<TypedDataDomain> {
  const { chainId } = await ethers.provider.getNetwork();
  return authorizationDomain(chainId, await book.getAddress());
}

/** What an authorization says unless it is told otherwise: the next one of an owner, for ever. */
export async function authorizationOf(
  book: LoanBook,
  owner: AddressLike,
  operator: AddressLike,
  terms: Partial<Omit<Authorization, "owner" | "operator">> = {},
): Promise<Authorization> {
  const parties = { owner: await resolveAddress(owner), operator: await resolveAddress(operator) };
  return { ...parties, isAuthorized: true, nonce: await book.nonces(owner), deadline: MaxUint256, ...terms };
}

/** Signs an authorization for a book, or with parts of another domain. */
export async function sign(
  book: LoanBook,
  signer: HardhatEthersSigner,
  authorization: Authorization,
  domain: TypedDataDomain = {},
): Promise<SignedAuthorization> {
  const whole = { ...(await domainOf(book)), ...domain };
  return { authorization, signature: await signer.signTypedData(whole, AUTHORIZATION_FIELDS, authorization) };
}

/** The owner's key signs for the owner. */
export async function signAuthorization(
  book: LoanBook,
  owner: HardhatEthersSigner,
  operator: AddressLike,
  terms: Partial<Omit<Authorization, "owner" | "operator">> = {},
): Promise<SignedAuthorization> {
  return sign(book, owner, await authorizationOf(book, owner, operator, terms));
}

/** The book's call that uses it, for a multicall or a plan. */
export function authorizationCall(
  { interface: book }: Pick<LoanBook, "interface">,
  { authorization, signature }: SignedAuthorization,
): string {
  return book.encodeFunctionData("setAuthorizationWithSig", [authorization, signature]);
}

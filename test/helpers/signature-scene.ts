/** Whoever signs authorizations, who is named by them, and who brings them. */
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { expect } from "chai";
import type { AddressLike, ContractTransactionResponse } from "ethers";

import { authorizationOf, sign, type Authorization, type SignedAuthorization } from "./authorizations.ts";
import { DAY } from "./chain.ts";
import { openLoan, standardMarket, usdc, waitWithLiveFeeds, WETH, weth, type Market } from "./market.ts";
import { deployWallet, type SmartWallet } from "./wallets.ts";

/** The keeper is to be the operator of the borrower, who has a loan of 10,000, or of the borrower's wallet. */
export interface SignatureScene extends Market {
  operator: HardhatEthersSigner;
  id: bigint;
  wallet: SmartWallet;
  /** What the borrower signs first. */
  authorization: Authorization;
}

/** Nobody has signed anything. */
export async function unsigned(): Promise<SignatureScene> {
  return enter(await standardMarket());
}

/** The operator's powers come from a signature that a stranger brought. */
export async function signed(): Promise<SignatureScene> {
  return bringFirst(await unsigned());
}

/** The same where the supply is old enough for terms. */
export async function signedWithTerms(): Promise<SignatureScene> {
  const market = await standardMarket();
  await waitWithLiveFeeds(market, 60n * DAY);
  return bringFirst(await enter(market));
}

/** The stranger brings what somebody signed. */
export async function bring(
  { book, stranger }: Market,
  { authorization, signature }: SignedAuthorization,
): Promise<ContractTransactionResponse> {
  return book.connect(stranger).setAuthorizationWithSig(authorization, signature);
}

/** Who may act, and how many signatures of the owner are spent. */
export async function expectPowers(
  { book }: Market,
  owner: AddressLike,
  operator: AddressLike,
  nonce: bigint,
  may = true,
): Promise<void> {
  expect(await book.isAuthorized(owner, operator)).to.equal(may);
  expect(await book.nonces(owner)).to.equal(nonce);
}

/** The operator is refused on the borrower's loan. */
export async function expectOperatorRefused({ book, operator, id }: SignatureScene): Promise<void> {
  await expect(book.connect(operator).borrow(id, usdc("50"), operator))
    .to.be.revertedWithCustomError(book, "NotOwnerOrOperator")
    .withArgs(id, operator.address);
}

/** Nobody was named, and no number spent. */
export async function expectNothingChanged(scene: SignatureScene, owner: string, nonce = 0n): Promise<void> {
  expect(await scene.book.isAuthorized(owner, scene.operator)).to.equal(false);
  expect(await scene.book.nonces(owner)).to.equal(nonce);
  await expectOperatorRefused(scene);
}

/** The book calls a signature invalid, and nothing changed. */
export async function expectInvalid(scene: SignatureScene, signed: SignedAuthorization): Promise<void> {
  const { owner } = signed.authorization;
  await expect(bring(scene, signed)).to.be.revertedWithCustomError(scene.book, "InvalidSignature").withArgs(owner);
  await expectNothingChanged(scene, owner);
}

async function enter(market: Market): Promise<SignatureScene> {
  const { book, borrower, keeper: operator } = market;
  const id = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("10,000") });
  const authorization = await authorizationOf(book, borrower, operator);
  return { ...market, operator, id, wallet: await deployWallet(borrower), authorization };
}

async function bringFirst(scene: SignatureScene): Promise<SignatureScene> {
  await bring(scene, await sign(scene.book, scene.borrower, scene.authorization));
  return scene;
}

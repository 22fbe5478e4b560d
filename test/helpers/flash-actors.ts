/** The examples of flash loans in contracts/mocks, and the venue where they swap. */
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { expect } from "chai";
import type { AddressLike, BaseContract, BaseContractMethod, BigNumberish, ContractTransactionResponse } from "ethers";

import type { SignedAuthorization } from "./authorizations.ts";
import type { LoanBook } from "./contracts.ts";
import { usdc, wbtc, weth, type Market } from "./market.ts";
import { bps, Fraction } from "./mathematics.ts";
import { deployMock, type TestFeed, type TestToken } from "./mocks.ts";

type Write<Arguments extends unknown[]> = BaseContractMethod<Arguments, void, ContractTransactionResponse>;
type Mock<Methods> = { connect: (runner: HardhatEthersSigner) => Mock<Methods> } & Methods & BaseContract;

export type SwapVenue = Mock<{ list: Write<[token: AddressLike, feed: AddressLike]> }>;

export type LoanCloser = Mock<{
  close: Write<[order: { id: bigint; maxDebt: BigNumberish; listing: bigint; maxSold: BigNumberish }]>;
  onFlashLoan: Write<
    [initiator: AddressLike, token: AddressLike, amount: BigNumberish, fee: BigNumberish, order: string]
  >;
}>;

export interface LeverageOrder {
  id: bigint;
  listing: bigint;
  brought: bigint;
  bought: bigint;
  maxPaid: bigint;
}

export type LeverageOpener = Mock<{
  open: Write<[order: LeverageOrder, appointment: SignedAuthorization, dismissal: SignedAuthorization]>;
}>;

export interface MoveOrder {
  id: bigint;
  newId: bigint;
  maxDebt: bigint;
  assets: { oldListing: bigint; newListing: bigint }[];
}

export type LoanMover = Mock<{ move: Write<[order: MoveOrder]> }>;

/** What the venue keeps of what comes in. [bps] */
const FEE = 30n;

/** What the venue has of each token at first. */
export const VENUE_HAS = { usdc: usdc("1,000,000"), weth: weth("1,000") };

/** A venue for ether and the loan asset at the prices of their feeds. */
export async function deployVenue({ usdc: asset, weth: ether, feeds }: Market): Promise<SwapVenue> {
  const venue = await deployMock<SwapVenue>("SwapVenue", FEE);
  const traded: [TestToken, TestFeed, bigint][] = [
    [asset, feeds.usdc, VENUE_HAS.usdc],
    [ether, feeds.weth, VENUE_HAS.weth],
  ];
  for (const [token, feed, amount] of traded) {
    await venue.list(token, feed);
    await token.mint(venue, amount);
  }
  return venue;
}

/** What the venue takes for `out` of something worth `priceOut`, in something worth `priceIn` a base unit each; rounded up. */
export function costAtVenue(out: bigint, priceOut: Fraction, priceIn: Fraction): bigint {
  const kept = bps(10_000n - FEE);
  return new Fraction(out).times(priceOut).over(priceIn.times(kept)).ceil();
}

/** A base unit of the loan asset, in dollars. */
export const USDC_UNIT = new Fraction(1n, usdc("1"));

/** A base unit of ether, in dollars, when it is worth so much. */
export const etherUnit = (price: bigint): Fraction => new Fraction(price, weth("1"));

export async function deployCloser(book: LoanBook, venue: SwapVenue): Promise<LoanCloser> {
  return deployMock<LoanCloser>("LoanCloser", await book.getAddress(), await venue.getAddress());
}

export async function deployOpener(book: LoanBook, venue: SwapVenue): Promise<LeverageOpener> {
  return deployMock<LeverageOpener>("LeverageOpener", await book.getAddress(), await venue.getAddress());
}

export async function deployMover(oldBook: LoanBook, newBook: LoanBook): Promise<LoanMover> {
  return deployMock<LoanMover>("LoanMover", await oldBook.getAddress(), await newBook.getAddress());
}

type Purse = [usdc: bigint, weth: bigint, wbtc: bigint];

/** What somebody has of the loan asset, ether and bitcoin. */
export async function purseOf(market: Market, account: AddressLike): Promise<Purse> {
  const { usdc: asset, weth: ether, wbtc: bitcoin } = market;
  return [await asset.balanceOf(account), await ether.balanceOf(account), await bitcoin.balanceOf(account)];
}

export async function purses(market: Market, ...accounts: AddressLike[]): Promise<Purse[]> {
  return Promise.all(accounts.map(async (account) => purseOf(market, account)));
}

/** Nothing is left in the actor, and nobody may take from it what comes later, but for those whom it serves. */
export async function expectNothingLeft(market: Market, actor: BaseContract, venue?: SwapVenue): Promise<void> {
  expect(await purseOf(market, actor)).to.deep.equal([0n, 0n, 0n]);
  expect(await market.vault.balanceOf(actor)).to.equal(0n);
  if (venue === undefined) return;
  for (const token of [market.usdc, market.weth]) {
    const allowance: unknown = await token.getFunction("allowance").staticCall(actor, venue);
    expect(allowance).to.equal(0n);
  }
}

/** Half a bitcoin, which some loans pledge beside their ether. */
export const HALF_BITCOIN = wbtc("0.5");

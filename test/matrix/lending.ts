/** What lenders do, at any decimals. Each scenario returns the loans that it made. */
import { expect } from "chai";

import { DAY } from "../helpers/chain.ts";
import { openLoan, waitWithLiveFeeds, WETH } from "../helpers/market.ts";
import { debtOf, sharesPerAsset, totalAssets, whole } from "../helpers/mathematics.ts";
import type { Sized } from "./market.ts";

/** Before there is interest a unit is a million shares, exactly, whichever of the four ways is taken. */
export async function lendAndTakeBack({ vault, stranger, usdc: token, asset, treasury }: Sized): Promise<bigint[]> {
  const before = await token.balanceOf(stranger);
  const amount = asset(1_234n) + 1n;

  await vault.connect(stranger).deposit(amount, stranger);
  expect(await vault.balanceOf(stranger)).to.equal(amount * 10n ** 6n);
  expect(await token.balanceOf(stranger)).to.equal(before - amount);
  await vault.connect(stranger).mint(7n * 10n ** 6n, stranger);
  expect(await token.balanceOf(stranger)).to.equal(before - amount - 7n);

  await vault.connect(stranger).withdraw(8n, treasury, stranger);
  expect(await token.balanceOf(treasury)).to.equal(8n);
  await vault.connect(stranger).redeem((amount - 1n) * 10n ** 6n, stranger, stranger);
  expect(await vault.balanceOf(stranger)).to.equal(0n);
  expect(await token.balanceOf(stranger)).to.equal(before - 8n);
  expect(await vault.totalAssets()).to.equal(asset(1_000_000n));
  return [];
}

/** A share that is less than a unit costs a unit, and a share of a unit gives nothing: the vault keeps the dust. */
export async function lendDust({ vault, stranger, usdc: token }: Sized): Promise<bigint[]> {
  const before = await token.balanceOf(stranger);
  await vault.connect(stranger).mint(1n, stranger);
  expect(await token.balanceOf(stranger)).to.equal(before - 1n);
  await vault.connect(stranger).redeem(1n, stranger, stranger);
  expect(await token.balanceOf(stranger)).to.equal(before - 1n);
  expect(await vault.balanceOf(stranger)).to.equal(0n);
  return [];
}

/** After a quarter with interest, shares cost what the calculation says, to the share and to the unit. */
export async function shareInterest(market: Sized): Promise<bigint[]> {
  const { vault, book, lender, stranger, usdc: token, asset, ether } = market;
  const id = await openLoan(market, { pledges: [[WETH, ether(1_000n)]], amount: asset(900_000n) });
  const firstPrice = await vault.convertToAssets(10n ** 24n);
  await waitWithLiveFeeds(market, 90n * DAY);
  await vault.accrue();
  let price = await vault.convertToAssets(10n ** 24n);
  expect(price).to.be.above(firstPrice);

  const assets = async (): Promise<bigint> => totalAssets(await vault.state());
  const rate = async () => sharesPerAsset(await assets(), await vault.totalSupply());
  const expectSteadyPrice = async (): Promise<void> => {
    const now = await vault.convertToAssets(10n ** 24n);
    // INV-03: it never falls, and rises by the dust of one operation at most (a unit on a million tokens).
    expect(now).to.be.within(price, price + price / asset(1_000_000n) + 1n);
    price = now;
  };

  const deposited = asset(54_321n) + 3n;
  const minted = whole(deposited)
    .times(await rate())
    .floor();
  await vault.connect(stranger).deposit(deposited, stranger);
  expect(await vault.balanceOf(stranger)).to.equal(minted);
  await expectSteadyPrice();

  const wanted = 10n ** 9n * asset(1n) + 1n; // shares: about a thousand tokens
  const cost = whole(wanted)
    .over(await rate())
    .ceil();
  const purse = await token.balanceOf(stranger);
  await vault.connect(stranger).mint(wanted, stranger);
  expect(await token.balanceOf(stranger)).to.equal(purse - cost);
  await expectSteadyPrice();

  const burned = whole(asset(20_000n) + 1n)
    .times(await rate())
    .ceil();
  await vault.connect(stranger).withdraw(asset(20_000n) + 1n, stranger, stranger);
  expect(await vault.balanceOf(stranger)).to.equal(minted + wanted - burned);
  await expectSteadyPrice();

  const rest = minted + wanted - burned;
  const paid = whole(rest)
    .over(await rate())
    .floor();
  await vault.connect(stranger).redeem(rest, stranger, stranger);
  expect(await token.balanceOf(stranger)).to.equal(purse - cost + asset(20_000n) + 1n + paid);
  await expectSteadyPrice();

  // The first lender's shares are worth everything but the virtual million's part.
  const all = await vault.balanceOf(lender);
  const worth = whole(all)
    .over(await rate())
    .floor();
  expect(await vault.convertToAssets(all)).to.equal(worth);
  expect(await vault.maxWithdraw(lender)).to.equal((await vault.state()).cash);
  expect(await book.debtOf(id)).to.equal(debtOf(asset(900_000n), (await vault.state()).index));
  return [id];
}

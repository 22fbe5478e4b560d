/** What attacks have in common: the balance that no attack may upset. */
import { expect } from "chai";
import { MaxUint256, type AddressLike } from "ethers";

import { LINK, WBTC, WETH, type Market } from "../helpers/market.ts";
import type { TestToken } from "../helpers/mocks.ts";

/** INV-01, to the unit: what the contracts hold is what their books say. */
export async function expectBalancedBooks({ vault, book, usdc, weth, wbtc, link }: Market): Promise<void> {
  expect(await usdc.balanceOf(vault)).to.equal((await vault.state()).cash);
  const listed: [bigint, TestToken][] = [
    [WETH, weth],
    [WBTC, wbtc],
    [LINK, link],
  ];
  for (const [listing, token] of listed) {
    expect(await token.balanceOf(book)).to.equal((await book.listings(listing)).held);
  }
}

/** What an account holds, at the feeds' prices. [asset] */
export async function wealthOf({ book, vault, usdc, weth, wbtc, link }: Market, account: AddressLike): Promise<bigint> {
  const tokens: [bigint, TestToken][] = [
    [WETH, weth],
    [WBTC, wbtc],
    [LINK, link],
  ];
  let wealth = (await usdc.balanceOf(account)) + (await vault.convertToAssets(await vault.balanceOf(account)));
  for (const [listing, token] of tokens) {
    const { forBorrowing } = await book.pricesOf(listing);
    wealth += ((await token.balanceOf(account)) * forBorrowing) / 10n ** 36n;
  }
  return wealth;
}

interface Order {
  id: bigint;
  listing: bigint;
  maxRepay: bigint;
  minSeized: bigint;
}

/** An order for as much as the rules allow, at any price. */
export function greedyOrder(id: bigint, listing = WETH, maxRepay: bigint = MaxUint256): Order {
  return { id, listing, maxRepay, minSeized: 0n };
}

import { expect } from "chai";
import type { AddressLike } from "ethers";

import { clock, YEAR } from "./chain.ts";
import type { Market } from "./market.ts";
import type { TestToken } from "./mocks.ts";

/** A rate of 1e-9 a year, over a second. */
const TERM_UNIT = YEAR * 10n ** 9n;

/**
 * INV-01 and INV-02 to the unit, for a market in which nobody donated anything, `loans` are all the loans there are, and
 * `callers` all those who may have credits: what the contracts hold is what their books say, what the books say is the sum of
 * the loans and the credits, and what lenders and reserves claim is there or owed.
 */
export async function expectInvariants(market: Market, loans: bigint[], callers: AddressLike[] = []): Promise<void> {
  const { vault, book } = market;
  const { cash, reserves, scaledDebt } = await vault.accruedState();
  expect(await market.usdc.balanceOf(vault)).to.equal(cash);

  const holdings = new Map<string, { token: TestToken; held: bigint }>();
  for (const token of [market.weth, market.wbtc, market.link]) {
    holdings.set(await token.getAddress(), { token, held: 0n });
  }
  const count = await book.listingCount();
  for (let listing = 0n; listing < count; listing++) {
    const { token, held } = await book.listings(listing);
    const entry = holdings.get(token);
    if (entry === undefined) throw new Error(`Listing ${String(listing)} is of a token that the market does not know.`);
    entry.held += held;
    const pledges = await Promise.all(loans.map(async (id) => book.pledgeOf(id, listing)));
    const credits = await Promise.all(callers.map(async (caller) => book.creditOf(caller, listing)));
    expect(held).to.equal(sum(pledges) + sum(credits));
  }
  for (const { token, held } of holdings.values()) expect(await token.balanceOf(book)).to.equal(held);

  const stored = await Promise.all(loans.map(async (id) => book.loan(id)));
  const terms = stored.filter(({ maturity }) => maturity !== 0n);
  expect(scaledDebt).to.equal(sum(stored.map(({ base, maturity }) => (maturity === 0n ? base : 0n))));
  const interest = sum(terms.map(({ base, rate, since }) => base * rate * (clock.now() - since)));
  expect(await vault.termDebt()).to.equal(sum(terms.map(({ base }) => base)) + interest / TERM_UNIT);

  const owed = sum(await Promise.all(loans.map(async (id) => book.debtOf(id))));
  const gap = cash + owed - ((await vault.totalAssets()) + reserves);
  // Each debt is rounded up, the sum of either kind down.
  expect(gap).to.be.within(0n, BigInt(loans.length) + (terms.length === 0 ? 0n : 1n));
}

function sum(values: bigint[]): bigint {
  return values.reduce((total, value) => total + value, 0n);
}

import { id, Wallet, type Provider } from "ethers";

import { wbtc, weth } from "../../scripts/snapshots/bench-ground.ts";
import { loanId, WBTC } from "../../scripts/snapshots/bench-market.ts";
import type { ILoanBook } from "../../typechain-types/LoanBook.ts";

/** A loan of the crowd, before it is opened. */
export interface CrowdLoan {
  readonly id: bigint;
  readonly pledges: readonly ILoanBook.PledgeStruct[];
  readonly isFixedTerm: boolean;
  /** Whether its margin is to be called. */
  readonly isCalled: boolean;
}

/** Loans of each owner. */
const PER_OWNER = 20;

/** Wallets that are the same in every run. */
export function ownersOf(loans: number, provider: Provider | null): Wallet[] {
  return Array.from({ length: Math.ceil(loans / PER_OWNER) }, (_, i) => new Wallet(id(`owner ${i}`), provider));
}

/**
 * Loans that pledge every listing in turn: of ten one for a fixed term, one with two pledges, one with three; of twenty one to be
 * called, which pledges the last listing alone.
 */
export function crowdLoans(count: number, listings: number, owners: readonly Wallet[]): CrowdLoan[] {
  return Array.from({ length: count }, (_, n) => {
    const owner = owners[Math.floor(n / PER_OWNER)];
    if (owner === undefined) throw new Error("There are too few owners.");
    const isCalled = n % 20 === 7;
    const first = isCalled ? listings - 1 : n;
    const pledged = n % 10 === 5 ? 2 : n % 10 === 6 ? 3 : 1;
    const pledges = Array.from({ length: pledged }, (__, i) => pledgeOf(BigInt((first + i) % listings)));
    return { id: loanId(owner, BigInt(n % PER_OWNER) + 1n), pledges, isFixedTerm: n % 10 === 3, isCalled };
  });
}

/** Worth 400 USD. */
function pledgeOf(listing: bigint): ILoanBook.PledgeStruct {
  return { listing, amount: listing === WBTC ? wbtc("0.007") : weth("0.2") };
}

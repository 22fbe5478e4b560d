/** A loan that nobody has taken yet, in a market of its own: what is asked of a loan of the book can be asked of it. */
import { InvalidInputError, requireUint } from "../errors/invalid-input.ts";
import { BPS, requireAmount, WAD } from "../math/amounts.ts";
import type { BoardListing } from "../math/book-prices.ts";
import type { MarketView } from "../math/loan-lens.ts";
import { MAX_PLEDGES, NO_ADDRESS } from "../constants.ts";
import type { ListingTerms, Loan } from "../types.ts";
import { isOpen, requireDebt, type PlannedDebt } from "./growth.ts";

/** One asset that would be pledged. */
export interface Collateral {
  /** [token] */
  readonly amount: bigint;
  /** [price] */
  readonly price: bigint;
  /** The listing's. */
  readonly terms: ListingTerms;
}

/**
 * A loan against assets at given prices, as the market sees it when the debt begins.
 * @param collateral One to four assets; their listings are numbered in this order, from 0 on.
 * @param minDebt The smallest debt that a loan may have, 0 if it is left out. [asset]
 */
export function supposedLoan(
  debt: PlannedDebt,
  collateral: readonly Collateral[],
  minDebt = 0n,
): { readonly market: MarketView; readonly loan: Loan } {
  requireDebt(debt, debt.since);
  if (collateral.length === 0 || collateral.length > MAX_PLEDGES) {
    throw new InvalidInputError("collateral", collateral.length, `1 to ${MAX_PLEDGES} assets`);
  }
  const term = isOpen(debt) ? { base: debt.owed, since: 0n, maturity: 0n, rate: 0n } : debt;
  const pledges = new Map(collateral.map(({ amount }, listing) => [listing, requireAmount("amount", amount)]));
  const board = {
    ...{ now: debt.since, loanAsset: 1n, isLoanAssetLive: true, loanAssetFeed: NO_ADDRESS },
    sequencer: { isReady: true, upSince: 0n },
    listings: collateral.map(listed),
  };
  return {
    market: { board, debtIndex: WAD, minDebt: requireAmount("minDebt", minDebt) },
    loan: { id: 0n, ...term, pledges, call: undefined },
  };
}

function listed({ amount, price, terms }: Collateral): BoardListing {
  if (amount === 0n) throw new InvalidInputError("amount", amount, "more than 0");
  // A price of 0 is none; more bits no book lists.
  if (requireUint("price", price, 218) === 0n) throw new InvalidInputError("price", price, "more than 0");
  for (const ltv of ["borrowLtv", "callLtv", "liquidationLtv"] as const) {
    const share = requireUint(ltv, terms[ltv], 16);
    if (share === 0n || share > BPS) throw new InvalidInputError(ltv, share, "from 1 to 10,000 [bps]");
  }
  return { terms, isRetired: false, prices: { forBorrowing: price, forLiquidation: price, forSeizure: price } };
}

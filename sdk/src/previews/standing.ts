/** What a wallet shows of a loan. */
import { viewOf, type MarketSnapshot } from "../market/market-snapshot.ts";
import { standingIn, type Standing } from "../market/standing.ts";
import { WAD } from "../math/amounts.ts";
import { RATE_UNIT } from "../math/term-quote.ts";
import { borrowRate } from "../math/vault.ts";
import type { Loan } from "../types.ts";

/** A loan at a moment, with what it costs. */
export interface LoanStanding extends Standing {
  /** As it is stored. */
  readonly loan: Loan;
  /** What it costs: an open-term loan the vault's rate of the moment, a fixed-term one its own. [WAD/year] */
  readonly rate: bigint;
  /** 0 for an open term. [s] */
  readonly maturity: bigint;
}

/** Where a loan stands at the snapshot's time. */
export function standingOf(market: MarketSnapshot, loan: Loan): LoanStanding {
  const { maturity } = loan;
  const rate = maturity === 0n ? borrowRate(market.vault, market.now) : loan.rate * (WAD / RATE_UNIT);
  return { ...standingIn(viewOf(market), loan), loan, rate, maturity };
}

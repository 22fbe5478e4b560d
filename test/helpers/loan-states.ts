/** Loans and what they are judged by, in whole dollars and tokens, for the figures that were reckoned by hand. */
import { ZeroAddress } from "ethers";

import type { Board } from "../../sdk/src/math/book-prices.ts";
import type { MarketView } from "../../sdk/src/math/loan-lens.ts";
import type { Loan } from "../../sdk/src/types.ts";

export const WAD = 10n ** 18n;
export const USDC = 1_000_000n;
export const MIN_DEBT = 100n * USDC;
export const NOW = 1_700_000_000n;
export const TERMS = {
  ...{ borrowLtv: 7_800n, callLtv: 8_000n, liquidationLtv: 8_600n },
  ...{ maxBonus: 500n, bonusSlope: 5_000n, maxDeviation: 200n },
};

const DAY = 86_400n;

/** A board of one listing with 18 decimals at a price in whole dollars. */
export function board(dollars: number, isSeizable = true): Board {
  const price = BigInt(dollars) * USDC * 10n ** 18n;
  const prices = { forBorrowing: price, forLiquidation: price, forSeizure: isSeizable ? price : 0n };
  return {
    ...{ now: NOW, loanAsset: 10n ** 8n, isLoanAssetLive: true, loanAssetFeed: ZeroAddress },
    sequencer: { isReady: true, upSince: 0n },
    listings: [{ terms: TERMS, isRetired: false, prices }],
  };
}

/** The price of that listing, in dollars, at an index of 1. */
export function view(dollars: number, isSeizable = true): MarketView {
  return { board: board(dollars, isSeizable), debtIndex: WAD, minDebt: MIN_DEBT };
}

/** An open-term loan of a debt in dollars against one listing's whole tokens. */
export function loan(debt: number, tokens: number): Loan {
  return {
    ...{ id: 1n, base: BigInt(debt) * USDC, since: 0n, maturity: 0n, rate: 0n, call: undefined },
    pledges: new Map([[0, BigInt(tokens) * WAD]]),
  };
}

/** A fixed-term loan of 90 days since some time. [s], [1e-9/year] */
export function termLoan(principal: number, tokens: number, since: bigint, rate: bigint): Loan {
  return { ...loan(principal, tokens), since, maturity: since + 90n * DAY, rate };
}

/** The same loan, with a margin call that was made at some time. */
export function called(state: Loan, calledAt: bigint): Loan {
  return { ...state, call: { caller: `0x${"ca".repeat(20)}`, calledAt, deadline: calledAt + DAY } };
}

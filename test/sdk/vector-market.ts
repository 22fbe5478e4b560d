/** A loan in its market as a book would tell it to the lens: what it answers to which call. */
import { Interface, ZeroAddress } from "ethers";

import { listingOn } from "../../sdk/src/math/book-prices.ts";
import { marginCallOf, type MarketView } from "../../sdk/src/math/loan-lens.ts";
import type { Loan } from "../../sdk/src/types.ts";
import { ILoanBook__factory, LenderVault__factory } from "../../typechain-types/index.ts";

export const bookInterface = ILoanBook__factory.createInterface();
const vault = LenderVault__factory.createInterface();
const feed = new Interface(["function latestRoundData() view returns (uint80, int256, uint256, uint256, uint80)"]);

const AGE = 60n;
const NO_CALL = { caller: ZeroAddress, calledAt: 0n, deadline: 0n, lapse: 0n };

export interface Told {
  calls: string[];
  results: string[];
  /** The uptime feed's round, if there is one. */
  sequencer: { answers: boolean; answer: bigint; startedAt: bigint; updatedAt: bigint }[];
}

/** @param self Who pretends to be book, vault and feed. */
export function told(
  self: string,
  { board, debtIndex, minDebt }: MarketView,
  loan: Loan,
  { cash, scaledDebt }: { cash: bigint; scaledDebt: bigint } = { cash: 0n, scaledDebt: 0n },
  isPaused = false,
): Told {
  const [calls, results]: [string[], string[]] = [[], []];
  const tell = (from: Interface, name: string, args: unknown[], result: unknown[]): void => {
    calls.push(from.encodeFunctionData(name, args));
    results.push(from.encodeFunctionResult(name, result));
  };
  const { now, loanAsset, isLoanAssetLive, sequencer, listings } = board;
  const limits = { maxAge: AGE, minAnswer: 1n, maxAnswer: 10n ** 12n };
  const noFeed = { feed: ZeroAddress, maxAge: 0n, minAnswer: 0n, maxAnswer: 0n };
  tell(bookInterface, "VAULT", [], [self]);
  tell(bookInterface, "loanAssetFeed", [], [{ feed: self, ...limits }]);
  // Without a live feed the loan asset counts its peg, or has no price.
  tell(bookInterface, "PEG", [], [isLoanAssetLive ? 0n : loanAsset]);
  tell(feed, "latestRoundData", [], [1n, loanAsset, 0n, isLoanAssetLive ? now : now - AGE - 1n, 1n]);
  tell(bookInterface, "MIN_DEBT", [], [minDebt]);
  tell(bookInterface, "listingCount", [], [BigInt(listings.length)]);
  for (const number of listings.keys()) {
    const { terms, isRetired, prices } = listingOn(board, number);
    const feeds = { feed: noFeed, exponent: 0n, secondFeed: noFeed, secondExponent: 0n };
    const stored = { token: ZeroAddress, terms, ...feeds, cap: 0n, held: 0n, isRetired };
    tell(bookInterface, "listings", [number], [stored]);
    tell(bookInterface, "pricesOf", [number], [prices]);
    tell(bookInterface, "pledgeOf", [loan.id, number], [loan.pledges.get(number) ?? 0n]);
  }
  const pledged = [...loan.pledges.keys()].reduce((bits, number) => bits | (1n << BigInt(number)), 0n);
  const { base, since, maturity, rate } = loan;
  tell(bookInterface, "loan", [loan.id], [{ base, pledged, since, maturity, rate, flags: loan.call ? 1n : 0n }]);
  tell(bookInterface, "marginCallOf", [loan.id], [marginCallOf(board, loan) ?? NO_CALL]);
  tell(vault, "debtIndex", [], [debtIndex]);
  tell(vault, "pausedUntil", [1n], [isPaused ? now + 1n : 0n]);
  const state = { scaledDebt, index: debtIndex, lastAccrual: now, averagedSupply: 0n };
  tell(vault, "accruedState", [], [{ ...state, cash, reserves: 0n, rateAtTarget: 0n, flags: 0n }]);
  const hasNone = sequencer.isReady && sequencer.upSince === 0n;
  const round = { answers: true, answer: sequencer.upSince === 0n ? 1n : 0n, updatedAt: now };
  return { calls, results, sequencer: hasNone ? [] : [{ ...round, startedAt: sequencer.upSince || now }] };
}

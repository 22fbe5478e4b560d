import { BPS } from "../../sdk/src/math/amounts.ts";
import { listingOn } from "../../sdk/src/math/book-prices.ts";
import { isFixedTerm } from "../../sdk/src/math/loan-debt.ts";
import { debtOf } from "../../sdk/src/math/loan-lens.ts";
import { holdingsOf, lines } from "../../sdk/src/math/loan-lines.ts";
import { RATE_UNIT } from "../../sdk/src/math/term-quote.ts";
import { LOAN_ASSET, type Asset } from "./assets.ts";
import { BookState } from "./book-state.ts";
import { planBorrowers, type BorrowerShares, type PlannedBorrower } from "./borrower-plan.ts";
import { Borrowers } from "./borrowers.ts";
import { CallLog } from "./call-log.ts";
import { ageMarket, openLoans } from "./fill-market.ts";
import type { BookRecord, Ledger, ListingLines, OpenedLoan } from "./ledger.ts";
import { Liquidator } from "./liquidator.ts";
import { planLoans, type PlannedLoan } from "./loan-plan.ts";
import { publish, type Stage } from "./market.ts";
import { Monitor } from "./monitor.ts";
import { PRICE_DECIMALS, priceAt, type PriceSeries, type Window } from "./price-series.ts";
import { MarketPrices } from "./prices.ts";
import { allRounds, type Round } from "./publisher.ts";
import { Recorder } from "./recorder.ts";
import { verifyBooks } from "./verify.ts";

/** What to play. */
export interface Script extends BorrowerShares {
  readonly series: readonly PriceSeries[];
  readonly window: Window;
  readonly loans: number;
  readonly seed: number;
  readonly gasGwei: number;
}

/** Where a play stands, after a round. */
export interface Position {
  readonly time: number;
  readonly round: number;
  readonly rounds: number;
  readonly answers: ReadonlyMap<Asset, bigint>;
  readonly liquidatedLoans: number;
}

/** First prices of all assets that have one. [1e-8 USD] */
export function firstPrices(series: readonly PriceSeries[], window: Window): Map<Asset, bigint> {
  return new Map(series.map((one) => [one.asset, priceAt(one, window.start)]));
}

/**
 * Plays a script on a stage: publishes every round at its time, lets the monitor and then the keeper act after it, and the owners in
 * between, and records.
 */
export async function play(stage: Stage, script: Script, report: (position: Position) => void): Promise<Ledger> {
  const { chain } = stage;
  const { window } = script;
  const series = withLoanAsset(script);
  const rounds = allRounds(series, window);
  const book = await BookState.read(stage);
  const prices = new MarketPrices(series, stage.market.loanAsset.decimals, script.gasGwei);
  const answers = new Map<Asset, bigint>();
  const publishRound = async ({ asset, answer, time }: Round) => {
    await publish(stage, asset, answer, time);
    book.setAnswer(asset, answer, time);
    for (const { asset } of series) {
      const latest = book.answerOf(asset);
      if (latest !== undefined) answers.set(asset, latest);
    }
  };

  // The first round of each feed is at the window's start, and so is the book. A product's rate stands for its series.
  const plan = planBook(script, book);
  const owners = planBorrowers(script.loans, script.seed, script);
  const endAgeing = await ageMarket(stage, window.start, plan);
  for (const round of rounds.slice(0, series.length)) await publishRound(round);
  await endAgeing();
  const loans = await openBook(stage, book, plan, owners);
  const recorder = new Recorder(stage, book, window);
  const start = await recorder.readVault();
  await recorder.sampleIfDue();

  const ids = loans.map((loan) => loan.id);
  const calls = new CallLog(book, ids);
  const borrowers = new Borrowers(stage, book, calls, loans, owners);
  const monitor = new Monitor(stage, book, prices, calls);
  const liquidator = new Liquidator(stage, book, prices, calls, ids);
  for (const [i, round] of rounds.entries()) {
    if (i >= series.length) await publishRound(round);
    const next = rounds[i + 1]?.time ?? window.end;
    // Feeds that publish in the same second are seen together.
    if (next !== round.time) {
      await book.refresh();
      const hasCalled = await monitor.act();
      const hasSold = await liquidator.act();
      await (hasCalled || hasSold ? recorder.sample() : recorder.sampleIfDue());
      if (await borrowers.actBefore(next)) await recorder.sample();
    }
    const liquidatedLoans = new Set(liquidator.liquidations.map(({ loan }) => loan)).size;
    report({ ...{ time: chain.time, round: i + 1, rounds: rounds.length }, answers, liquidatedLoans });
  }

  await chain.setTime(window.end);
  await chain.mine();
  await book.refresh();
  const end = await recorder.readVault();
  await recorder.sample();
  calls.watch();
  const { liquidations, writeOffs } = liquidator;
  const ledger = {
    ...{ lines: linesOfListings(book), loans, rounds, liquidations, writeOffs, samples: recorder.samples, start, end },
    ...{ calls: calls.calls, cures: borrowers.cures, upkeep: monitor.upkeep },
    bookAtEnd: totalsOf(book, prices, window.end),
  };
  await verifyBooks(stage, book, ledger);
  return ledger;
}

/** Without a file the loan asset is worth its dollar all the time: one bar, one heartbeat a day. */
function withLoanAsset({ series, window }: Script): readonly PriceSeries[] {
  if (series.some(({ asset }) => asset === LOAN_ASSET)) return series;
  const dollar = 10n ** BigInt(PRICE_DECIMALS);
  const bars = [{ open: dollar, high: dollar, low: dollar, close: dollar }];
  const step = window.end - window.start;
  return [...series, { asset: LOAN_ASSET, source: "1 USD", synthetic: false, start: window.start, step, bars }];
}

function planBook(script: Script, book: BookState): PlannedLoan[] {
  const first = firstPrices(script.series, script.window);
  const dollar = 10n ** BigInt(PRICE_DECIMALS);
  // For borrowing the loan asset counts at least its peg.
  const loanAsset = first.get(LOAN_ASSET) ?? dollar;
  const listings = book.listings.flatMap((listing) => {
    const usd = first.get(listing.asset);
    if (usd === undefined) return [];
    const price = loanAsset > dollar ? (usd * dollar) / loanAsset : usd;
    const { asset, number, decimals } = listing;
    const { borrowLtv } = listingOn(book.board, number).terms;
    return [{ asset, listing: number, decimals, borrowLtvBps: Number(borrowLtv), price }];
  });
  return planLoans(script.loans, script.seed, listings);
}

async function openBook(
  stage: Stage,
  book: BookState,
  plan: readonly PlannedLoan[],
  owners: readonly PlannedBorrower[],
): Promise<OpenedLoan[]> {
  const ids = await openLoans(stage, plan, owners);
  await book.refresh();
  const loans: OpenedLoan[] = [];
  for (const [i, id] of ids.entries()) {
    const loan = book.loan(id);
    const assets = holdingsOf(loan.pledges, book.board).map(({ listing }) => book.listing(listing).asset);
    const { value } = lines(loan.pledges, book.board);
    const owner = owners[i];
    loans.push({
      ...{ number: i + 1, id, assets, debt: debtOf(book, loan), value },
      isWatched: owner?.isWatching ?? false,
      wantsTerm: owner?.term !== undefined,
      term: isFixedTerm(loan)
        ? { duration: Number(loan.maturity - loan.since), rate: Number(loan.rate) / Number(RATE_UNIT) }
        : undefined,
    });
  }
  return loans;
}

function linesOfListings({ listings, board }: BookState): ListingLines[] {
  return listings.map(({ asset, number }) => {
    const { callLtv, liquidationLtv } = listingOn(board, number).terms;
    const shareOf = (ltv: bigint) => Number(ltv) / Number(BPS);
    return { asset, callShare: shareOf(callLtv), liquidationShare: shareOf(liquidationLtv) };
  });
}

function totalsOf(book: BookState, prices: MarketPrices, time: number): BookRecord {
  let [debt, value, aboveLine, underWater, shortfall] = [0n, 0n, 0, 0, 0n];
  for (const loan of book.loans) {
    const owed = debtOf(book, loan);
    const { value: pledged, liquidationLine } = lines(loan.pledges, book.board);
    debt += owed;
    value += pledged;
    if (owed > liquidationLine) aboveLine++;
    // A feed may be dead or late: what the market pays tells what the lenders can hope for.
    const worth = [...loan.pledges].reduce((sum, [listing, amount]) => {
      const { asset, decimals } = book.listing(listing);
      return sum + prices.value(asset, amount, decimals, time);
    }, 0n);
    if (owed <= worth) continue;
    underWater++;
    shortfall += owed - worth;
  }
  return { debt, value, aboveLine, underWater, shortfall };
}

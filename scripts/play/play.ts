import { LOAN_ASSET, type Asset } from "./assets.ts";
import { BookState } from "./book-state.ts";
import { debtUp, linesOf } from "./health.ts";
import type { BookRecord, Ledger, ListingLines, OpenedLoan } from "./ledger.ts";
import { Liquidator } from "./liquidator.ts";
import { planLoans, type PlannedLoan } from "./loan-plan.ts";
import { fillMarket, publish, type Stage } from "./market.ts";
import { PRICE_DECIMALS, priceAt, type PriceSeries, type Window } from "./price-series.ts";
import { MarketPrices } from "./prices.ts";
import { allRounds, type Round } from "./publisher.ts";
import { Recorder } from "./recorder.ts";
import { verifyBooks } from "./verify.ts";

/** What to play. */
export interface Script {
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

/** Plays a script on a stage: publishes every round at its time, lets the keeper act after it, and records. */
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
  for (const round of rounds.slice(0, series.length)) await publishRound(round);
  const loans = await openBook(stage, script, book);
  const recorder = new Recorder(stage, book, window);
  const start = await recorder.readVault();
  await recorder.sampleIfDue();

  const ids = loans.map((loan) => loan.id);
  const liquidator = new Liquidator(stage, book, prices, ids);
  for (const [i, round] of rounds.entries()) {
    if (i >= series.length) await publishRound(round);
    // Feeds that publish in the same second are seen together.
    if (rounds[i + 1]?.time !== round.time) {
      await book.refresh();
      const hasActed = await liquidator.act();
      await (hasActed ? recorder.sample() : recorder.sampleIfDue());
    }
    const liquidatedLoans = new Set(liquidator.liquidations.map(({ loan }) => loan)).size;
    report({ ...{ time: chain.time, round: i + 1, rounds: rounds.length }, answers, liquidatedLoans });
  }

  await chain.setTime(window.end);
  await chain.mine();
  await book.refresh();
  const end = await recorder.readVault();
  await recorder.sample();
  const { liquidations, writeOffs } = liquidator;
  const ledger = {
    ...{ lines: linesOfListings(book), loans, rounds, liquidations, writeOffs, samples: recorder.samples, start, end },
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

async function openBook(stage: Stage, script: Script, book: BookState): Promise<OpenedLoan[]> {
  const first = firstPrices(script.series, script.window);
  const dollar = 10n ** BigInt(PRICE_DECIMALS);
  // For borrowing the loan asset counts at least its peg.
  const loanAsset = first.get(LOAN_ASSET) ?? dollar;
  const listings = book.listings.flatMap((listing) => {
    const usd = first.get(listing.asset);
    if (usd === undefined) return [];
    const price = loanAsset > dollar ? (usd * dollar) / loanAsset : usd;
    const { asset, number, decimals, terms } = listing;
    return [{ asset, listing: number, decimals, borrowLtvBps: Number(terms.borrowLtv), price }];
  });
  const plan: PlannedLoan[] = planLoans(script.loans, script.seed, listings);
  const ids = await fillMarket(stage, plan);
  await book.refresh();
  const loans: OpenedLoan[] = [];
  for (const [i, id] of ids.entries()) {
    const loan = await book.readLoan(id);
    const assets = [...loan.pledges.keys()].map((listing) => book.listing(listing).asset);
    const { value } = linesOf(loan, book.board);
    loans.push({
      number: i + 1,
      id,
      assets,
      debt: debtUp(loan.scaledDebt, book.index),
      value,
    });
  }
  return loans;
}

function linesOfListings({ listings }: BookState): ListingLines[] {
  return listings.map(({ asset, terms }) => {
    return {
      asset,
      callShare: Number(terms.callLtv) / 10_000,
      liquidationShare: Number(terms.liquidationLtv) / 10_000,
    };
  });
}

function totalsOf(book: BookState, prices: MarketPrices, time: number): BookRecord {
  let [debt, value, aboveLine, underWater, shortfall] = [0n, 0n, 0, 0, 0n];
  for (const loan of book.loans) {
    const owed = debtUp(loan.scaledDebt, book.index);
    const lines = linesOf(loan, book.board);
    debt += owed;
    value += lines.value;
    if (owed > lines.liquidationLine) aboveLine++;
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

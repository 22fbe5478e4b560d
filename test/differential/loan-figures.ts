/** All that the book and its lens say of loans and prices, beside the SDK's mathematics of the book. */
import { MaxUint256, type Interface } from "ethers";

import { saturatingSub } from "../../sdk/src/math/amounts.ts";
import type { BookFeeds } from "../../sdk/src/math/book-prices.ts";
import { valueDown } from "../../sdk/src/math/health-math.ts";
import { previewLiquidation, type LiquidationPreview } from "../../sdk/src/math/liquidation-preview.ts";
import {
  amountToCure,
  answersAt,
  debtOf,
  isCallable,
  isLiquidatable,
  liquidationDrop,
  liquidationPrice,
  marginCallState,
  maxBorrow,
  maxRelease,
  quoteRefinancing,
  type MarketView,
} from "../../sdk/src/math/loan-lens.ts";
import { healthOf } from "../../sdk/src/math/loan-lines.ts";
import { quoteTerm } from "../../sdk/src/math/vault.ts";
import type { Loan, VaultState } from "../../sdk/src/types.ts";
import type { BigRandom } from "../../scripts/vectors/big-random.ts";
import { DAY, YEAR } from "../helpers/chain.ts";
import { encoded, type Comparison, type Viewed, type Word } from "./comparison.ts";

/** The lens, and the book that it looks at. */
export interface ViewedBook {
  readonly book: Viewed;
  readonly lens: Viewed;
}

/** What the SDK is given. */
export interface GivenBook {
  readonly feeds: BookFeeds;
  readonly market: MarketView;
  /** With interest up to now. */
  readonly vault: VaultState;
  readonly isBorrowingPaused: boolean;
}

/** Notes what came up, so that a run can tell what it has proved. */
export type Note = (outcome: string) => void;

const CALL_STATES = ["none", "curing", "due", "lapsed"] as const;

/** How many orders are previewed for each pledge of a loan that can be liquidated. */
const ORDERS = 2;

/** How much more often a loan that stirs is asked about. */
const STIRRING = 5;

/** A listing that no book has here. */
const NO_LISTING = 39;

export function askPrices(comparison: Comparison, { book }: ViewedBook, { market }: GivenBook): void {
  for (const [number, { prices }] of market.board.listings.entries()) {
    const { forBorrowing, forLiquidation, forSeizure } = prices;
    comparison.ask(book, "pricesOf", [number], () => [forBorrowing, forLiquidation, forSeizure]);
  }
}

/** Which of some loans can be called, and which liquidated. */
export function askLists(
  comparison: Comparison,
  { book, lens }: ViewedBook,
  { market }: GivenBook,
  loans: readonly Loan[],
): void {
  const args = [book.address, 0x40, loans.length, ...loans.map(({ id }) => id)];
  for (const [view, isChosen] of [
    ["callable", isCallable],
    ["liquidatable", isLiquidatable],
  ] as const) {
    comparison.ask(lens, view, args, () => {
      const chosen = loans.filter((loan) => isChosen(market, loan));
      return [0x20, chosen.length, ...chosen.map(({ id }) => id)];
    });
  }
}

/** Where a loan stands, which the book itself says. */
export function askHealth(comparison: Comparison, { book }: ViewedBook, { market }: GivenBook, loan: Loan): void {
  comparison.ask(book, "debtOf", [loan.id], () => [debtOf(market, loan)]);
  comparison.ask(book, "healthOf", [loan.id], () => {
    const { debt, borrowLimit, callLine, liquidationLine } = healthOf(loan, market.board, market.debtIndex);
    return [debt, borrowLimit, callLine, liquidationLine];
  });
}

/** Whether a loan has more to tell than most. */
export function isStirring(market: MarketView, loan: Loan): boolean {
  return loan.call !== undefined || debtOf(market, loan) > healthOf(loan, market.board, market.debtIndex).callLine;
}

/** A share of all that the lens says of a loan, drawn at random. */
export function askLens(
  comparison: Comparison,
  viewed: ViewedBook,
  given: GivenBook,
  loan: Loan,
  random: BigRandom,
  share: number,
  note: Note,
): void {
  const { market, feeds, vault, isBorrowingPaused } = given;
  const { board } = market;
  const canBeSold = isLiquidatable(market, loan);
  const chance = isStirring(market, loan) ? STIRRING * share : share;
  const ask = (view: string, args: readonly Word[], sdk: () => readonly Word[]): void => {
    if (random.chance(chance)) comparison.ask(viewed.lens, view, [viewed.book.address, ...args], sdk);
  };
  const { id } = loan;
  ask("marginCallState", [id], () => {
    const state = marginCallState(board, loan);
    note(state);
    return [BigInt(CALL_STATES.indexOf(state))];
  });
  ask("liquidationDrop", [id], () => [liquidationDrop(market, loan)]);
  ask("amountToCure", [id], () => {
    const { repayment, additions } = amountToCure(market, loan);
    return [0x20, repayment, 0x40, additions.size, ...[...additions].flat()];
  });
  ask("maxBorrow", [id], () => {
    const most = maxBorrow(market, loan, vault, isBorrowingPaused);
    if (most !== 0n) note("may borrow");
    return [most];
  });
  const amount = random.upTo(vault.cash / 20n);
  const duration = random.pick([0n, random.within(7n * DAY, YEAR)]);
  for (const addFee of [false, true]) {
    ask("quoteRefinancing", [id, duration, amount, addFee], () => {
      const { fee, debt, debtAdded, termDebtAdded } = quoteRefinancing(market, loan, amount, addFee);
      const request = { debtAdded, termDebtAdded, duration };
      return [duration === 0n ? 0n : quoteTerm(vault, request, board.now), fee, debt];
    });
  }
  for (const listing of new Set([0, ...loan.pledges.keys()])) {
    const price = liquidationPrice(market, loan, listing);
    ask("liquidationPrice", [id, listing], () => [price]);
    ask("maxRelease", [id, listing], () => {
      const most = maxRelease(market, loan, listing);
      if (most !== 0n && loan.base !== 0n) note("may release");
      return [most];
    });
    const source = feeds.listings[listing];
    if (source === undefined) continue;
    for (const asked of [price, random.within(1n, 10n ** 36n)]) {
      ask("answersAt", [listing, asked], () => {
        const { answer, secondAnswer } = answersAt(source, board.loanAsset, asked);
        return [answer, secondAnswer];
      });
    }
  }
  for (const listing of [...loan.pledges.keys(), NO_LISTING]) {
    // Else one refusal is like another.
    const orders = canBeSold && listing !== NO_LISTING ? ORDERS : 1;
    for (let i = 0; i < orders; i++) {
      const [maxRepay, minSeized] = orderOn(market, loan, listing, random);
      ask("previewLiquidation", [id, listing, maxRepay, minSeized], () => {
        const preview = previewLiquidation(market, loan, { listing, maxRepay, minSeized });
        noteOutcome(note, market, preview, listing);
        return wordsOfPreview(viewed.book.interface, preview);
      });
    }
  }
}

/** An order for all, for all but a unit, for up to a pledge's worth or almost that, or for next to nothing. */
function orderOn(
  market: MarketView,
  loan: Loan,
  listing: number,
  random: BigRandom,
): [maxRepay: bigint, minSeized: bigint] {
  const debt = debtOf(market, loan);
  const { forLiquidation = 0n } = market.board.listings[listing]?.prices ?? {};
  const worth = valueDown(loan.pledges.get(listing) ?? 0n, forLiquidation);
  const almost = saturatingSub((worth * 100n) / 101n, random.upTo(market.minDebt / 20n + 2n));
  const drawn = [debt + 2n, worth, 3n].map((most) => random.upTo(most));
  const maxRepay = random.pick([MaxUint256, MaxUint256, saturatingSub(debt, 1n), almost, ...drawn]);
  return [maxRepay, random.chance(0.2) ? random.upTo(10n ** 18n) : 0n];
}

function noteOutcome(
  note: Note,
  { board }: MarketView,
  { refusal, isSoft, credit }: LiquidationPreview,
  listing: number,
): void {
  note(refusal?.name ?? (isSoft ? "soft" : "hard"));
  if (refusal !== undefined) return;
  if (credit !== 0n) note("credited");
  const prices = board.listings[listing]?.prices;
  if (prices?.forSeizure !== prices?.forLiquidation) note("seized at less");
}

/** As `ILoanLens.LiquidationPreview` is encoded. */
function wordsOfPreview(book: Interface, preview: LiquidationPreview): Word[] {
  const { isLiquidatable: can, isSoft, repaid, seized, credit, bonus, refusal } = preview;
  const head = [0x20, can, isSoft, repaid, seized, credit, bonus, 0xe0];
  if (refusal === undefined) return [...head, 0];
  const selector = book.getError(refusal.name)?.selector;
  if (selector === undefined) throw new Error(`The book has no error ${refusal.name}.`);
  const figures: Word[] = Object.values(refusal.args);
  // The bytes of the error, in whole words.
  const data = selector.slice(2) + encoded(figures);
  const words = data.padEnd(Math.ceil(data.length / 64) * 64, "0").match(/.{64}/gu) ?? [];
  return [...head, data.length / 2, ...words.map((word) => `0x${word}`)];
}

/** What several calls of a market are refused for. Each is undefined if it is not, so that `??` keeps the contracts' order. */
import { MAX_PLEDGES } from "../constants.ts";
import { ContractErrorOf, type ContractError } from "../errors/contract-error.ts";
import type { ContractErrorArgs, ContractErrorName } from "../errors/contract-error-types.ts";
import { InvalidInputError, requireUint } from "../errors/invalid-input.ts";
import type { MarketLabels } from "../errors/wording.ts";
import type { ListingSnapshot, MarketSnapshot } from "../market/market-snapshot.ts";
import { MAX_AMOUNT, MAX_TOKENS, min, saturatingSub } from "../math/amounts.ts";
import { priceForBorrowing } from "../math/book-prices.ts";
import type { LoanInVault } from "../math/loan-changes.ts";
import { debtOf, type MarketView } from "../math/loan-lens.ts";
import { borrowLimit, holdingsOf, UNLIMITED } from "../math/loan-lines.ts";
import { SEQUENCER_GRACE } from "../math/margin-call-record.ts";
import { required, type Refusal } from "../math/refusal.ts";
import type { Loan, VaultState } from "../types.ts";
import type { Scene } from "./scene.ts";

/** As an error that says what to do. */
export function errorOf(refusal: Refusal | undefined, labels: MarketLabels | undefined): ContractError | undefined {
  if (refusal === undefined) return undefined;
  // Name and args come from the same refusal, which the compiler does not keep in mind.
  const error = new ContractErrorOf<ContractErrorName>(refusal.name, refusal.args as ContractErrorArgs, labels);
  return error as ContractError;
}

/** The number of a listing, whether the book has it or not. */
export function requireListing(listing: number): number {
  if (!Number.isSafeInteger(listing) || listing < 0) {
    throw new InvalidInputError("listing", listing, "a listing's number, from 0");
  }
  return listing;
}

/** A figure that a contract stores, in 104 bits unless it is of tokens. `Amounts.toUint104`, `Amounts.toUint96`. */
export function refuseTooLarge(value: bigint, max = MAX_AMOUNT): Refusal | undefined {
  return required(value <= max, "AmountTooLarge", { value, max });
}

/** An amount that is drawn. */
export function refuseAmount(amount: bigint): Refusal | undefined {
  return required(amount !== 0n, "ZeroAmount", {}) ?? refuseTooLarge(amount);
}

const ACTIVITIES = { deposit: 0n, borrow: 1n } as const;

/** `LenderVault._requireNotPaused`. */
export function refusePaused({ pauses, now }: MarketSnapshot, activity: keyof typeof ACTIVITIES): Refusal | undefined {
  const until = requireUint("pauses", pauses[activity]);
  return required(until <= now, "Paused", { activity: ACTIVITIES[activity], until });
}

/** `Listings._existing`. */
export function refuseUnknown({ book }: MarketSnapshot, listing: number): Refusal | undefined {
  const count = book.listings.length;
  return required(listing < count, "ListingNotFound", { listing: BigInt(listing), count: BigInt(count) });
}

/** What a listing's cap leaves. [token] `Loans._room`. */
export function roomOf({ cap, held }: ListingSnapshot): bigint {
  return saturatingSub(requireUint("cap", cap, 96), requireUint("held", held, 96));
}

/** `Loans._revertCapExceeded`. */
export function capExceeded({ cap, held }: ListingSnapshot, listing: number, amount: bigint): Refusal {
  const pledged = min(held + amount, UNLIMITED);
  return { name: "CapExceeded", args: { listing: BigInt(listing), pledged, cap } };
}

/** What a pledge that has room is refused for. `PledgeLedger.add`. */
export function refusePledge(
  { id, pledges }: Loan,
  listing: number,
  held: bigint,
  amount: bigint,
): Refusal | undefined {
  const hasPlace = pledges.has(listing) || pledges.size < MAX_PLEDGES;
  return (
    required(amount !== 0n, "ZeroAmount", {}) ??
    required(hasPlace, "TooManyPledges", { id, max: BigInt(MAX_PLEDGES) }) ??
    refuseTooLarge(held + amount, MAX_TOKENS)
  );
}

/**
 * What a loan is refused for that starts to pledge a listing without borrowing. The contract prices the loan asset as high as it ever
 * counts, since whether sources are live and agree is the same at any price of it. `Listings._requirePledgeable`.
 */
export function refuseFirstPledge({ book, now }: MarketSnapshot, listing: number): Refusal | undefined {
  const found = book.listings[listing];
  if (found === undefined) return undefined; // refused before
  return refuseUnpledgeable(listing, found.isRetired, priceForBorrowing(found, book.loanAsset.maxAnswer, now));
}

/**
 * What a loan is refused for that ends above its borrow limit. `LoanLines.requireWithinLimit`.
 * @param loan As it ends.
 * @param firstPledges The listings that it starts to pledge in this call.
 * @param released The listing that is taken out in this call.
 */
export function refuseAboveLimit(
  view: MarketView,
  loan: Loan,
  { firstPledges, released }: { firstPledges?: ReadonlySet<number>; released?: number } = {},
): Refusal | undefined {
  const { board } = view;
  const { isReady, upSince } = board.sequencer;
  const [debt, limit] = [debtOf(view, loan), borrowLimit(loan.pledges, board, released)];
  const first = holdingsOf(loan.pledges, board).filter(({ listing }) => firstPledges?.has(listing));
  return (
    required(isReady, "SequencerNotReady", { upSince, grace: SEQUENCER_GRACE }) ??
    required(board.isLoanAssetLive, "LoanAssetFeedNotLive", { feed: board.loanAssetFeed }) ??
    firstOf(first, ({ listing, isRetired, prices }) => refuseUnpledgeable(listing, isRetired, prices.forBorrowing)) ??
    required(debt <= limit, "AboveBorrowLimit", { debt, borrowLimit: limit })
  );
}

/**
 * What a draw is refused for, once the loan has grown by it. `Loans._lend`, `LenderVault.draw`.
 * @param firstPledges The listings that the loan starts to pledge in this call.
 */
export function refuseDraw(
  { market, view, at }: Scene,
  { loan, vault }: LoanInVault,
  amount: bigint,
  firstPledges: ReadonlySet<number> = new Set(),
): Refusal | undefined {
  return (
    refuseSmallDebt(view, loan) ??
    refuseAboveLimit(view, loan, { firstPledges }) ??
    refusePaused(market, "borrow") ??
    refuseFullVault(vault) ??
    refuseShortCash(at.vault, amount)
  );
}

/** What a loan is refused for that would owe too little. */
export function refuseSmallDebt(view: MarketView, loan: Loan): Refusal | undefined {
  const [debt, { minDebt }] = [debtOf(view, loan), view];
  return required(debt >= minDebt, "DebtBelowMin", { debt, min: minDebt });
}

/** Sums of debt that the vault cannot store. `LenderVault._add`. */
export function refuseFullVault({ scaledDebt, terms }: VaultState): Refusal | undefined {
  return refuseTooLarge(scaledDebt) ?? refuseTooLarge(terms.principal);
}

/** `LenderVault._lend`. */
export function refuseShortCash({ cash: available }: VaultState, requested: bigint): Refusal | undefined {
  return required(requested <= available, "InsufficientCash", { requested, available });
}

/** `BookPrices.requirePledgeable`. */
function refuseUnpledgeable(number: number, isRetired: boolean, price: bigint): Refusal | undefined {
  const listing = BigInt(number);
  return required(!isRetired, "ListingRetired", { listing }) ?? required(price !== 0n, "FeedNotLive", { listing });
}

function firstOf<Item>(items: readonly Item[], refuse: (item: Item) => Refusal | undefined): Refusal | undefined {
  for (const item of items) {
    const refusal = refuse(item);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

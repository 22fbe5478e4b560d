import type { SentenceTable } from "./table.ts";

/** What borrowers and their operators meet. */
export const LOAN_SENTENCES = {
  AboveBorrowLimit: ({ debt, borrowLimit }, say) =>
    `The loan would owe ${say.asset(debt)} and may owe ${say.asset(borrowLimit)}: borrow less, release less, or pledge more first.`,
  AmountTooLarge: ({ value, max }) =>
    `The amount ${value} is larger than the market can store (${max} base units): use a smaller one.`,
  BreakFeeAboveMax: ({ fee, max }, say) =>
    `Ending the term now costs ${say.asset(fee)}, more than the ${say.asset(max)} that was allowed: raise maxFee, or wait until the term is nearer its end.`,
  CapExceeded: ({ listing, pledged, cap }, say) =>
    `All loans together would pledge ${say.token(listing, pledged)}, and the cap of ${say.listing(listing)} is ${say.token(listing, cap)}: pledge less of it, or another asset.`,
  DebtAboveMax: ({ debt, max }, say) =>
    `Closing the loan costs ${say.asset(debt)}, more than the ${say.asset(max)} that was allowed: raise maxAmount, as interest goes on until the transaction is in a block.`,
  DebtBelowMin: ({ debt, min }, say) =>
    `The loan would owe ${say.asset(debt)}, and the least a loan may owe is ${say.asset(min)}: borrow more, repay less, or close the loan.`,
  FeedNotLive: ({ listing }, say) =>
    `The price of ${say.listing(listing)} cannot be relied on now: wait until its feeds answer again, or use another listing.`,
  ListingNotFound: ({ listing, count }) =>
    `There is no listing ${listing}: the book has ${count}, numbered from 0. Use a number below ${count}.`,
  ListingRetired: ({ listing }, say) =>
    `${capital(say.listing(listing))} is retired, so no loan may start to pledge it: pledge another asset.`,
  LoanAssetFeedNotLive: ({ feed }) =>
    `The loan asset has no price now, as its feed ${feed} gives no usable answer: wait until it does. Repaying and adding pledges need no price.`,
  LoanExists: ({ id }, say) => `${capital(say.loan(id))} exists already: open with a number that is not in use.`,
  NoDebt: ({ id }, say) =>
    `${capital(say.loan(id))} owes nothing, so there is nothing to repay, refinance or write off: leave it out.`,
  NoLoan: ({ id }, say) => `There is no ${say.loan(id)}: check owner and number, or open it first.`,
  NotFixedTerm: ({ id }, say) =>
    `${capital(say.loan(id))} has no fixed term to end or to roll: refinance it with a duration to give it one.`,
  NotMatured: ({ id, maturity }, say) =>
    `The term of ${say.loan(id)} ends at ${say.time(maturity)}: roll it then; until then only its owner can end it, by refinancing.`,
  NotOpenTerm: ({ id }, say) =>
    `${capital(say.loan(id))} has a fixed term, and no more can be borrowed on it: refinance it, which quotes a new rate.`,
  NotOwnerOrOperator: ({ id, caller }, say) =>
    `${caller} may not act on ${say.loan(id)}: call as its owner, or have the owner authorize this account.`,
  NotPledged: ({ id, listing }, say) =>
    `${capital(say.loan(id))} does not pledge ${say.listing(listing)}: name a listing that it pledges.`,
  PledgeTooSmall: ({ requested, pledged }) =>
    `The loan pledges ${pledged} base units of this token, fewer than the ${requested} that were asked for: ask for no more than it pledges.`,
  RateAboveMax: ({ rate, max }, say) =>
    `The market's rate for the term is ${say.rate(rate)}, above the ${say.rate(max)} that was accepted: accept more, or wait for a lower rate.`,
  SequencerNotReady: ({ upSince, grace }, say) =>
    `Prices may be old: the chain's sequencer must have been up for ${say.duration(grace)}, and ${upSince === 0n ? "is not known to be up" : `came up at ${say.time(upSince)}`}. ${
      upSince === 0n ? "Wait until it is." : `Try again after ${say.time(upSince + grace)}.`
    }`,
  TermDurationOutOfRange: ({ duration, min, max }, say) =>
    `A term of ${say.duration(duration)} is not offered: choose from ${say.duration(min)} to ${say.duration(max)}.`,
  TermShareExceeded: ({ termDebt, max }, say) =>
    `Fixed terms would come to ${say.asset(termDebt)}, and this market has room for ${say.asset(max)}: take a smaller term loan, or an open one.`,
  TokenShort: ({ listing, balance, pledged }, say) =>
    `The book would hold ${say.token(listing, balance)} where loans pledge ${say.token(listing, pledged)}, so the token did not move what it was told to: use another asset than ${say.listing(listing)}.`,
  TooManyPledges: ({ id, max }, say) =>
    `${capital(say.loan(id))} can pledge ${max} different assets and does already: add to one of them, or open another loan.`,
  ZeroAmount: () => "The amount is zero: use one above zero.",

  InvalidSignature: ({ owner }) =>
    `The signature is not ${owner}'s: sign with that account's key, and with this chain's id and this book's address in the domain.`,
  SignatureExpired: ({ deadline }, say) =>
    `The signature was good until ${say.time(deadline)}: sign a new one with a later deadline.`,
} satisfies Partial<SentenceTable>;

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

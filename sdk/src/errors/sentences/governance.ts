import type { SentenceTable } from "./table.ts";

/** What the holders of roles and deployers meet. */
export const GOVERNANCE_SENTENCES = {
  BoundNotRepresentable: ({ bound }) =>
    `The bound ${bound} has too many digits: round it to five significant ones, below 65,536.`,
  CapNotHigher: ({ listing, cap, current }, say) =>
    `The cap of ${say.listing(listing)} is ${say.token(listing, current)}, and ${say.token(listing, cap)} does not raise it: propose more, or let the guardian lower it.`,
  CapNotLower: ({ listing, cap, current }, say) =>
    `The cap of ${say.listing(listing)} is ${say.token(listing, current)}, and ${say.token(listing, cap)} does not lower it: name less, or propose a raise.`,
  DepositCapNotHigher: ({ cap, current }, say) =>
    `The deposit cap is ${say.asset(current)}, and ${say.asset(cap)} does not raise it: propose more, or let the guardian lower it.`,
  DepositCapNotLower: ({ cap, current }, say) =>
    `The deposit cap is ${say.asset(current)}, and ${say.asset(cap)} does not lower it: name less, or propose a raise.`,
  InvalidAction: ({ selector }) =>
    `There is no action with the selector ${selector}: encode one of IBookActions for the book, of IVaultActions for the vault.`,
  InvalidBook: () => "The vault was given no book: predict the book's address and pass it.",
  InvalidBounds: ({ minAnswer, maxAnswer }) =>
    `The bounds ${minAnswer} to ${maxAnswer} cannot be used: the lower must be below the upper, the peg between them, and those of the loan asset's feed within the first ones.`,
  InvalidDeviation: ({ maxDeviation }, say) =>
    `Two sources cannot be allowed to differ by ${say.share(maxDeviation)}: choose more than 0 % and less than 100 %.`,
  InvalidFeed: ({ feed }) =>
    `The feed ${feed} cannot be used: it must be a contract with a live answer within age and bounds, and not the listing's other source.`,
  InvalidTerms: ({ borrowLtv, callLtv, liquidationLtv }, say) =>
    `The ratios ${say.share(borrowLtv)} (borrow), ${say.share(callLtv)} (call) and ${say.share(liquidationLtv)} (liquidation) do not rise: choose 0 < borrow < call < liquidation.`,
  InvalidToken: ({ token }) =>
    `The token ${token} cannot be listed: name a contract that is not the market's loan asset.`,
  InvalidTreasury: () => "The vault was given no treasury: pass the account that reserves are swept to.",
  InvalidVault: ({ vault, book }) =>
    `The vault ${vault} belongs to another book than ${book}: deploy a vault with this book's predicted address.`,
  LiquidationTooTight: ({ seizedShare, max }, say) =>
    `Liquidations at the line would take ${say.share(seizedShare)} of the pledge, and the most is ${say.share(max)}: lower liquidationLtv, maxBonus or maxDeviation.`,
  LoanAssetDecimalsTooLarge: ({ decimals, max }) =>
    `The loan asset has ${decimals} decimals, and the most is ${max}: choose another.`,
  LoweredSince: ({ loweredAt, proposedAt }, say) =>
    `The guardian lowered the cap at ${say.time(loweredAt)}, and the raise was proposed at ${say.time(proposedAt)}: propose it anew.`,
  NoSequencer: () => "The book was deployed without a sequencer's feed, so none can be replaced: leave it as it is.",
  NotProposed: ({ id }) =>
    `Nothing is proposed under ${id}, or it was cancelled or executed before: propose the action first.`,
  PriceScaleOutOfRange: ({ exponent }) =>
    `Prices of this token would need the scale 10^${exponent}, and 0 to 77 are possible, with at least 7 digits at the lower bound: choose other bounds, or a token or feed with other decimals.`,
  ProposalLapsed: ({ age, lifetime }, say) =>
    `The proposal is ${say.duration(age)} old and could be executed until ${say.duration(lifetime)}: propose it anew.`,
  ProposalNotReady: ({ age, delay }, say) =>
    `The proposal is ${say.duration(age)} old and must be ${say.duration(delay)}: execute it in ${say.duration(delay - age)}.`,
  TooManyListings: ({ max }) => `The book has all ${max} listings that it can have: use another market.`,
  UnitTooValuable: ({ value, max }, say) =>
    `A base unit of the token may be worth ${say.asset(value)} at its upper bound, and the most is ${say.asset(max)}: lower the bound, or list a token with more decimals.`,

  AnswerTooLarge: ({ rate, price, max }) =>
    `The sources answer ${rate} and ${price}, and neither may be above ${max}: wait until they answer within it.`,
  RoundsNotKept: ({ roundId }) =>
    `A product of feeds keeps no rounds, so there is no round ${roundId}: read latestRoundData.`,
  TooManyDecimals: ({ feed, decimals, max }) =>
    `The feed ${feed} has ${decimals} decimals, and the most is ${max}: choose another.`,
} satisfies Partial<SentenceTable>;

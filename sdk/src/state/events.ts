/**
 * The events of a market, decoded: those of the vault (`ILenderVault`, ERC-4626, ERC-20) and of the book (`ILoanBook`). One table says
 * which fields each has and of which kind; types, checks and decoding follow from it.
 */
import type { ListingTerms } from "../types.ts";

/** A feed and the limits within which its answer counts. `ILoanBook.FeedConfig` */
export interface FeedConfig {
  /** The zero address where there is no feed. */
  readonly feed: string;
  /** An older answer is not live. [s] */
  readonly maxAge: bigint;
  /** The lowest answer that counts. [feed decimals] */
  readonly minAnswer: bigint;
  /** The highest answer that counts. [feed decimals] */
  readonly maxAnswer: bigint;
}

/** The kinds of fields and what they are in TypeScript. */
export interface FieldTypes {
  /** Whatever a whole number counts. [any] */
  uint: bigint;
  /** The number of a listing: 0…39. */
  listing: number;
  /** 0 deposit, 1 borrow, 2 flash loan. `ILenderVault.Activity` */
  activity: number;
  /** With its checksum, as ethers and viem write it. */
  address: string;
  /** Bytes of any number. */
  hex: string;
  /** A truth value. */
  bool: boolean;
  /** A feed. */
  feed: FeedConfig;
  /** The terms of a listing. */
  terms: ListingTerms;
}

/** Fields by their names. */
export type Fields = Readonly<Record<string, keyof FieldTypes>>;

/** What proposals of either contract emit, and their authority. */
const GOVERNANCE = {
  AllProposalsCancelled: {},
  AuthorityUpdated: { authority: "address" },
  EIP712DomainChanged: {},
  Executed: { id: "hex" },
  ProposalCancelled: { id: "hex" },
  Proposed: { id: "hex", selector: "hex", action: "hex" },
} as const satisfies Record<string, Fields>;

/** The fields of each event of the vault, by its name. */
export const VAULT_EVENTS = {
  ...GOVERNANCE,
  Accrued: { index: "uint" },
  Approval: { owner: "address", spender: "address", value: "uint" },
  Deposit: { sender: "address", owner: "address", assets: "uint", shares: "uint" },
  DepositCapChanged: { cap: "uint" },
  FlashLoan: { caller: "address", receiver: "address", amount: "uint" },
  LossBooked: { loss: "uint", fromReserves: "uint" },
  PauseSet: { activity: "activity", until: "uint" },
  ReservesSwept: { treasury: "address", amount: "uint" },
  Transfer: { from: "address", to: "address", value: "uint" },
  Withdraw: { sender: "address", receiver: "address", owner: "address", assets: "uint", shares: "uint" },
} as const satisfies Record<string, Fields>;

/** The fields of each event of the book, by its name. */
export const BOOK_EVENTS = {
  ...GOVERNANCE,
  AuthorizationSet: { owner: "address", operator: "address", isAuthorized: "bool" },
  Borrowed: { id: "uint", caller: "address", receiver: "address", amount: "uint" },
  CapChanged: { listing: "listing", cap: "uint" },
  CreditClaimed: { caller: "address", listing: "listing", receiver: "address", amount: "uint" },
  Credited: { id: "uint", listing: "listing", caller: "address", amount: "uint" },
  FeedsSet: { listing: "listing", feed: "feed", exponent: "uint", secondFeed: "feed", secondExponent: "uint" },
  Liquidated: {
    id: "uint",
    listing: "listing",
    liquidator: "address",
    repaid: "uint",
    seized: "uint",
    writtenOff: "uint",
    isSoft: "bool",
  },
  ListingAdded: { listing: "listing", token: "address", terms: "terms" },
  LoanAssetFeedSet: { feed: "feed", peg: "uint" },
  MarginCallCleared: { id: "uint" },
  MarginCalled: { id: "uint", caller: "address", deadline: "uint" },
  NonceUsed: { owner: "address", nonce: "uint" },
  Pledged: { id: "uint", listing: "listing", payer: "address", amount: "uint" },
  Refinanced: {
    id: "uint",
    caller: "address",
    receiver: "address",
    amount: "uint",
    fee: "uint",
    addFee: "bool",
    rate: "uint",
    maturity: "uint",
  },
  Released: { id: "uint", listing: "listing", receiver: "address", amount: "uint" },
  ReleaseFailed: { id: "uint", listing: "listing", amount: "uint" },
  Repaid: { id: "uint", payer: "address", amount: "uint" },
  Retired: { listing: "listing" },
  Rolled: { id: "uint", caller: "address" },
  SequencerFeedSet: { feed: "address" },
  TermStarted: { id: "uint", rate: "uint", maturity: "uint" },
  WrittenOff: { id: "uint", taker: "address", debt: "uint" },
} as const satisfies Record<string, Fields>;

type Args<F extends Fields> = { readonly [Name in keyof F]: FieldTypes[F[Name]] };

/** The arguments of each event of the vault, by its name. */
export type VaultEvents = { readonly [Name in keyof typeof VAULT_EVENTS]: Args<(typeof VAULT_EVENTS)[Name]> };

/** The arguments of each event of the book, by its name. */
export type BookEvents = { readonly [Name in keyof typeof BOOK_EVENTS]: Args<(typeof BOOK_EVENTS)[Name]> };

type EventsOf<Contract extends string, Events> = {
  [Name in keyof Events]: { readonly contract: Contract; readonly name: Name; readonly args: Events[Name] };
}[keyof Events];

/** A log of the vault, decoded. */
export type VaultEvent = EventsOf<"vault", VaultEvents>;
/** A log of the book, decoded. */
export type BookEvent = EventsOf<"book", BookEvents>;

/** One log of a market, decoded. */
export type MarketEvent = VaultEvent | BookEvent;

/** A market as its events tell it. */
import { InconsistentEventError, UnknownListingError, UnknownLoanError } from "../errors/state-errors.ts";
import { WAD } from "../math/amounts.ts";
import { START_RATE } from "../math/rate-curve.ts";
import { NO_ADDRESS } from "../constants.ts";
import type { ListingTerms, Loan, VaultState } from "../types.ts";
import type { FeedConfig } from "./events.ts";
import { JournaledMap, JournaledValue, type Journal } from "./journal.ts";
import { LoanTable, type Loans } from "./loan-table.ts";

/** A listing. `ILoanBook.Listing` */
export interface ListingState {
  /** What is pledged. */
  readonly token: string;
  /** Its shares and its bonus. */
  readonly terms: ListingTerms;
  /** The feed of its price. */
  readonly feed: FeedConfig;
  /** The power of ten from the ratio of the feeds' answers to a price. [1] */
  readonly exponent: bigint;
  /** Its feed is the zero address if there is none. */
  readonly secondFeed: FeedConfig;
  /** Likewise; 0 if there is no second feed. [1] */
  readonly secondExponent: bigint;
  /** The most that loans may pledge. [token] */
  readonly cap: bigint;
  /** What loans pledge, and credits that nobody has claimed yet. [token] */
  readonly held: bigint;
  /** Counts nothing for borrowing any more. */
  readonly isRetired: boolean;
}

/** What has been proposed to a contract and is neither executed nor cancelled; it may have lapsed. */
export type Proposals = ReadonlyMap<string, ProposalState>;

/** A proposal. */
export interface ProposalState {
  /** When. [s] */
  readonly proposedAt: bigint;
  /** Encoded like a call of `IBookActions` or `IVaultActions`. */
  readonly action: string;
}

/** All that a market stores and its events tell. Read only: it changes with the blocks that are applied and undone. */
export interface MarketState {
  /** Interest is booked up to its `lastAccrual`, as on chain. */
  readonly vault: VaultState;
  /** The most that lenders may have in the vault. [asset] */
  readonly depositCap: bigint;
  /** All of the vault's shares. [share] */
  readonly totalSupply: bigint;
  /** Shares by owner, none of them 0. [share] */
  readonly balances: ReadonlyMap<string, bigint>;
  /** By activity: until when it is paused, though that may have passed. [s] */
  readonly pauses: ReadonlyMap<number, bigint>;
  /** The feed of the loan asset's price; `undefined` before the book told it. */
  readonly loanAssetFeed: FeedConfig | undefined;
  /** What one loan asset is meant to be worth; 0 for none. [feed decimals] */
  readonly peg: bigint;
  /** The zero address where there is no sequencer. */
  readonly sequencerFeed: string;
  /** By number. */
  readonly listings: ReadonlyMap<number, ListingState>;
  /** By id: those that owe or pledge something. */
  readonly loans: Loans;
  /** By caller and listing, none of them 0. [token] */
  readonly credits: ReadonlyMap<string, ReadonlyMap<number, bigint>>;
  /** By owner: who may act on its loans. */
  readonly operators: ReadonlyMap<string, ReadonlySet<string>>;
  /** By owner: the next nonce of an authorization. [1] */
  readonly nonces: ReadonlyMap<string, bigint>;
  /** By contract: proposals made before this are void. [s] */
  readonly proposalsVoidBefore: Readonly<Record<"vault" | "book", bigint>>;
  /** By contract and id. */
  readonly proposals: Readonly<Record<"vault" | "book", Proposals>>;
}

export const NO_FEED: FeedConfig = { feed: NO_ADDRESS, maxAge: 0n, minAnswer: 0n, maxAnswer: 0n };

/** What is a single value of the state. */
type Values = Pick<
  MarketState,
  "vault" | "depositCap" | "totalSupply" | "loanAssetFeed" | "peg" | "sequencerFeed" | "proposalsVoidBefore"
>;

/** A vault before its deployment, which sets `lastAccrual`. */
const NEW_VAULT: VaultState = {
  ...{ scaledDebt: 0n, index: WAD, lastAccrual: 0n, averagedSupply: 0n },
  ...{ cash: 0n, reserves: 0n, rateAtTarget: START_RATE },
  terms: { principal: 0n, weighted: 0n, dated: 0n },
};

/** The state as the handlers of events write it. */
export class Tables implements MarketState {
  private readonly values: JournaledValue<Values>;

  public readonly balances: JournaledMap<string, bigint>;
  public readonly pauses: JournaledMap<number, bigint>;
  public readonly listings: JournaledMap<number, ListingState>;
  public readonly loans: LoanTable;
  public readonly credits: JournaledMap<string, ReadonlyMap<number, bigint>>;
  public readonly operators: JournaledMap<string, ReadonlySet<string>>;
  public readonly nonces: JournaledMap<string, bigint>;
  public readonly proposals: Record<"vault" | "book", JournaledMap<string, ProposalState>>;

  public constructor(journal: Journal) {
    this.values = new JournaledValue<Values>(journal, {
      ...{ vault: NEW_VAULT, depositCap: 0n, totalSupply: 0n },
      ...{ loanAssetFeed: undefined, peg: 0n, sequencerFeed: NO_ADDRESS },
      proposalsVoidBefore: { vault: 0n, book: 0n },
    });
    this.balances = new JournaledMap(journal);
    this.pauses = new JournaledMap(journal);
    this.listings = new JournaledMap(journal);
    this.loans = new LoanTable(journal);
    this.credits = new JournaledMap(journal);
    this.operators = new JournaledMap(journal);
    this.nonces = new JournaledMap(journal);
    this.proposals = { vault: new JournaledMap(journal), book: new JournaledMap(journal) };
  }

  public get vault(): VaultState {
    return this.values.get().vault;
  }

  public get depositCap(): bigint {
    return this.values.get().depositCap;
  }

  public get totalSupply(): bigint {
    return this.values.get().totalSupply;
  }

  public get loanAssetFeed(): FeedConfig | undefined {
    return this.values.get().loanAssetFeed;
  }

  public get peg(): bigint {
    return this.values.get().peg;
  }

  public get sequencerFeed(): string {
    return this.values.get().sequencerFeed;
  }

  public get proposalsVoidBefore(): MarketState["proposalsVoidBefore"] {
    return this.values.get().proposalsVoidBefore;
  }

  public write(changes: Partial<Values>): void {
    this.values.set({ ...this.values.get(), ...changes });
  }

  public writeVault(changes: Partial<VaultState>): void {
    this.write({ vault: { ...this.vault, ...changes } });
  }

  public loan(id: bigint): Loan {
    const loan = this.loans.get(id);
    if (loan === undefined) throw new UnknownLoanError(id);
    return loan;
  }

  public listing(number: number): ListingState {
    const listing = this.listings.get(number);
    if (listing === undefined) throw new UnknownListingError(number);
    return listing;
  }
}

/**
 * `amount` less `taken`.
 * @throws {@link InconsistentEventError} if there is less.
 */
export function less(figure: string, amount: bigint, taken: bigint): bigint {
  if (taken > amount) throw new InconsistentEventError(figure, taken, amount);
  return amount - taken;
}

/** @throws {@link InconsistentEventError} unless a log tells what follows from those before it. */
export function requireTold(figure: string, told: bigint, expected: bigint): void {
  if (told !== expected) throw new InconsistentEventError(figure, told, expected);
}

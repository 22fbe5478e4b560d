import { productOf } from "../../deploy/product-feeds.ts";
import { viewOf } from "../../sdk/src/market/market-snapshot.ts";
import { snapshotOf, type Rounds } from "../../sdk/src/market/snapshot-of.ts";
import type { Board } from "../../sdk/src/math/book-prices.ts";
import { noLoan } from "../../sdk/src/math/loan-changes.ts";
import type { MarketView } from "../../sdk/src/math/loan-lens.ts";
import type { Round } from "../../sdk/src/math/price-feeds.ts";
import { screen, type Screening } from "../../sdk/src/monitor/screen.ts";
import type { MarketState } from "../../sdk/src/state/market-state.ts";
import type { Loan } from "../../sdk/src/types.ts";
import { LOAN_ASSET, type Asset } from "./assets.ts";
import { MarketFollower } from "./market-follower.ts";
import type { Stage } from "./market.ts";

/** A listing as the play needs it. */
export interface Listing {
  readonly number: number;
  readonly asset: Asset;
  /** Decimals of the token. */
  readonly decimals: number;
  /** The names of the feeds that make its feed, if that is a product. */
  readonly product: { readonly rate: string; readonly rateDecimals: number; readonly price: string } | undefined;
}

/**
 * The book as the keeper knows it: what the market's logs tell, and the last answers of its feeds, so that all loans can be looked at
 * after each round without asking the chain for each.
 */
export class BookState implements MarketView {
  public readonly listings: readonly Listing[];
  public readonly minDebt: bigint;
  readonly #follower: MarketFollower;
  readonly #rounds = new Map<string, Round>();
  #view: MarketView | undefined;

  private constructor(stage: Stage, minDebt: bigint) {
    this.minDebt = minDebt;
    this.#follower = new MarketFollower(stage);
    this.listings = stage.market.listings.map(({ number, symbol, decimals, feed: { product } }) => ({
      ...{ number, asset: symbol, decimals },
      product: product && {
        rate: feedNamed(stage, product.rate.address),
        rateDecimals: product.rate.decimals,
        price: feedNamed(stage, product.price.address),
      },
    }));
  }

  public static async read(stage: Stage): Promise<BookState> {
    const state = new BookState(stage, await stage.market.book.MIN_DEBT());
    await state.refresh();
    return state;
  }

  /** Terms and prices of the listings. */
  public get board(): Board {
    return this.#read().board;
  }

  /** [WAD] */
  public get debtIndex(): bigint {
    return this.#read().debtIndex;
  }

  /** Of the block as of which all this is. Unix time. [s] */
  public get time(): number {
    return Number(this.board.now);
  }

  /** Those that owe or pledge something. */
  public get loans(): Iterable<Loan> {
    return this.#follower.state.loans.values();
  }

  public listing(number: number): Listing {
    const listing = this.listings[number];
    if (listing === undefined) throw new RangeError(`There is no listing ${String(number)}.`);
    return listing;
  }

  public loan(id: bigint): Loan {
    return this.#follower.state.loans.get(id) ?? noLoan(id);
  }

  /**
   * The loans whose margin may be called.
   * @param share Of their call lines: at less than all of it, loans that come near them are among these. [%]
   */
  public callable(share = 100n): Loan[] {
    return this.#loansOf(this.#screen(share).callable);
  }

  /** The loans of which a part may be sold. */
  public liquidatable(): Loan[] {
    return this.#loansOf(this.#screen(100n).liquidatable);
  }

  /** Notes that a feed has published. */
  public setAnswer(feed: string, answer: bigint, updatedAt: number): void {
    const time = BigInt(updatedAt);
    this.#rounds.set(feed, { answer, startedAt: time, updatedAt: time });
  }

  /** What an asset's feed said last; undefined if it has not published yet. [feed decimals] */
  public answerOf(asset: Asset): bigint | undefined {
    return this.#lastRound(asset)?.answer;
  }

  /** Brings loans, index and prices to the chain's last block. */
  public async refresh(): Promise<void> {
    const time = await this.#follower.advance();
    const { state } = this.#follower;
    this.#view = viewOf(snapshotOf(state, this.#roundsOf(state), this.minDebt, time));
  }

  #screen(callShare: bigint): Screening {
    const { board, debtIndex, minDebt } = this;
    const listings = board.listings.map((listing) => {
      const callLtv = (listing.terms.callLtv * callShare) / 100n;
      return { ...listing, terms: { ...listing.terms, callLtv } };
    });
    return screen(this.#follower.state.loans, { debtIndex, minDebt, board: { ...board, listings } });
  }

  #loansOf(ids: Iterable<bigint>): Loan[] {
    return [...ids].map((id) => this.loan(id));
  }

  #read(): MarketView {
    if (this.#view === undefined) throw new Error("The market has not been read yet.");
    return this.#view;
  }

  /**
   * The local market has neither second feeds nor a sequencer. A feed that never published in this play was last heard when the market
   * was set up, and no loan depends on it.
   */
  #roundsOf({ loanAssetFeed, listings }: MarketState): Rounds {
    const feeds = [...listings].map(([number, { feed }]) => [feed.feed, this.listing(number).asset] as const);
    if (loanAssetFeed !== undefined) feeds.push([loanAssetFeed.feed, LOAN_ASSET]);
    return new Map(feeds.map(([feed, asset]) => [feed, this.#lastRound(asset)]));
  }

  /** Mirrors `ProductFeed` for an asset whose feed is one: the product of two answers, as old as the older. */
  #lastRound(asset: Asset): Round | undefined {
    const product = this.listings.find((listing) => listing.asset === asset)?.product;
    if (product === undefined) return this.#rounds.get(asset);
    const [rate, price] = [this.#rounds.get(product.rate), this.#rounds.get(product.price)];
    if (rate === undefined || price === undefined) return undefined;
    const older = rate.updatedAt < price.updatedAt ? rate : price;
    return { ...older, answer: productOf(rate.answer, product.rateDecimals, price.answer) };
  }
}

/** The name of the local feed behind an address. */
function feedNamed({ market }: Stage, address: string): string {
  const feed = market.localFeeds.find(({ proxy }) => proxy === address);
  if (feed === undefined) throw new Error(`No feed of the local market is at ${address}.`);
  return feed.symbol;
}

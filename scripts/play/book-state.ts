import { productOf } from "../../deploy/product-feeds.ts";
import { LOAN_ASSET, type Asset } from "./assets.ts";
import { word, words } from "./chain.ts";
import {
  loanAssetForLiquidation,
  observe,
  priceForLiquidation,
  type BoardEntry,
  type Conditions,
  type FeedState,
  type Terms,
} from "./health.ts";
import type { LoanState } from "./loan-debt.ts";
import type { MarginCallTimes } from "./margin-call.ts";
import type { Stage } from "./market.ts";

/** A listing as the play needs it. */
export interface Listing {
  readonly number: number;
  readonly asset: Asset;
  /** Decimals of the token. */
  readonly decimals: number;
  readonly terms: Terms;
  readonly feed: Omit<FeedState, "answer" | "updatedAt">;
  readonly feedDecimals: number;
  /** The names of the feeds that make its feed, if that is a product. */
  readonly product: { readonly rate: string; readonly rateDecimals: number; readonly price: string } | undefined;
}

/** Flag of a stored loan: a margin call stands. */
const MARGIN_CALL = 1n;

/** The last round of a feed. */
interface Answer {
  readonly answer: bigint;
  readonly updatedAt: number;
}

/**
 * The book as the keeper knows it: its loans and their margin calls, the last answers of its feeds, and the index, so that all
 * loans can be looked at after each round without asking the chain for each.
 */
export class BookState implements Conditions {
  public readonly listings: readonly Listing[];
  public readonly minDebt: bigint;
  readonly #stage: Stage;
  readonly #peg: bigint;
  readonly #answers = new Map<string, Answer>();
  readonly #loans = new Map<bigint, LoanState>();
  #board: readonly BoardEntry[] = [];
  #index = 0n;
  #time = 0;

  private constructor(stage: Stage, minDebt: bigint, peg: bigint) {
    this.#stage = stage;
    this.minDebt = minDebt;
    this.#peg = peg;
    this.listings = stage.market.listings.map((listing) => {
      const { number, decimals, terms, feed } = listing;
      const { borrowLtv, callLtv, liquidationLtv, maxBonus, bonusSlope } = terms;
      return {
        number,
        asset: listing.symbol,
        decimals,
        terms: {
          borrowLtv: BigInt(borrowLtv),
          callLtv: BigInt(callLtv),
          liquidationLtv: BigInt(liquidationLtv),
          maxBonus: BigInt(maxBonus),
          bonusSlope: BigInt(bonusSlope),
        },
        feed: { maxAge: feed.maxAge, minAnswer: feed.minAnswer, maxAnswer: feed.maxAnswer },
        feedDecimals: feed.decimals,
        product: feed.product && {
          rate: feedNamed(stage, feed.product.rate.address),
          rateDecimals: feed.product.rate.decimals,
          price: feedNamed(stage, feed.product.price.address),
        },
      };
    });
  }

  public static async read(stage: Stage): Promise<BookState> {
    const { book } = stage.market;
    return new BookState(stage, await book.MIN_DEBT(), await book.PEG());
  }

  /** Prices for liquidation, by number of the listing. */
  public get board(): readonly BoardEntry[] {
    return this.#board;
  }

  /** [WAD] */
  public get index(): bigint {
    return this.#index;
  }

  /** When the board and the index were read. Unix time. [s] */
  public get time(): number {
    return this.#time;
  }

  public get loans(): Iterable<LoanState> {
    return this.#loans.values();
  }

  public listing(number: number): Listing {
    const listing = this.listings[number];
    if (listing === undefined) throw new RangeError(`There is no listing ${String(number)}.`);
    return listing;
  }

  public loan(id: bigint): LoanState {
    const loan = this.#loans.get(id);
    if (loan === undefined) throw new RangeError(`There is no loan ${String(id)}.`);
    return loan;
  }

  /** Notes that a feed has published. */
  public setAnswer(feed: string, answer: bigint, updatedAt: number): void {
    this.#answers.set(feed, { answer, updatedAt });
  }

  /** What an asset's feed said last; undefined if it has not published yet. [feed decimals] */
  public answerOf(asset: Asset): bigint | undefined {
    return this.#lastRound(asset)?.answer;
  }

  /** Brings index and prices to the chain's last block. */
  public async refresh(): Promise<void> {
    const { chain, market } = this.#stage;
    const data = market.vault.interface.encodeFunctionData("debtIndex");
    this.#index = word(await chain.call({ to: market.vaultAddress, data }), 0);
    this.#time = chain.time;
    this.#board = this.#priceBoard(chain.time);
  }

  /** Reads a loan from the chain. */
  public async readLoan(id: bigint): Promise<LoanState> {
    const { chain, market } = this.#stage;
    const to = market.bookAddress;
    const { interface: book } = market.book;
    const stored = words(await chain.call({ to, data: book.encodeFunctionData("loan", [id]) }));
    const [base = 0n, pledged = 0n, since = 0n, maturity = 0n, rate = 0n, flags = 0n] = stored;
    const pledges = new Map<number, bigint>();
    for (const { number } of this.listings) {
      if (((pledged >> BigInt(number)) & 1n) === 0n) continue;
      const data = book.encodeFunctionData("pledgeOf", [id, number]);
      pledges.set(number, word(await chain.call({ to, data }), 0));
    }
    const call = (flags & MARGIN_CALL) === 0n ? undefined : await this.#readCall(id);
    const loan = { id, base, since: Number(since), maturity: Number(maturity), rate, call, pledges };
    this.#loans.set(id, loan);
    return loan;
  }

  async #readCall(id: bigint): Promise<MarginCallTimes> {
    const { chain, market } = this.#stage;
    const data = market.book.interface.encodeFunctionData("marginCallOf", [id]);
    const [, calledAt, deadline, lapse] = words(await chain.call({ to: market.bookAddress, data }));
    return { calledAt: Number(calledAt), deadline: Number(deadline), lapse: Number(lapse) };
  }

  #priceBoard(now: number): BoardEntry[] {
    const { loanAsset } = this.#stage.market;
    const denominator = loanAssetForLiquidation(this.#feedState(LOAN_ASSET, loanAsset.feed), this.#peg, now);
    const exponent = 36 + loanAsset.feed.decimals + loanAsset.decimals;
    return this.listings.map(({ asset, decimals, terms, feed, feedDecimals }) => {
      const { answer, isLive } = observe(this.#feedState(asset, feed), now);
      const price = priceForLiquidation(answer, exponent - feedDecimals - decimals, denominator);
      return { terms, price, isSeizable: isLive };
    });
  }

  #feedState(asset: Asset, { maxAge, minAnswer, maxAnswer }: Listing["feed"]): FeedState {
    // A feed that never published in this play was last heard when the market was set up, and no loan depends on it.
    return { maxAge, minAnswer, maxAnswer, ...(this.#lastRound(asset) ?? { answer: minAnswer, updatedAt: 0 }) };
  }

  /** Mirrors `ProductFeed` for an asset whose feed is one: the product of two answers, as old as the older. */
  #lastRound(asset: Asset): Answer | undefined {
    const product = this.listings.find((listing) => listing.asset === asset)?.product;
    if (product === undefined) return this.#answers.get(asset);
    const [rate, price] = [this.#answers.get(product.rate), this.#answers.get(product.price)];
    if (rate === undefined || price === undefined) return undefined;
    return {
      answer: productOf(rate.answer, product.rateDecimals, price.answer),
      updatedAt: Math.min(rate.updatedAt, price.updatedAt),
    };
  }
}

/** The name of the local feed behind an address. */
function feedNamed({ market }: Stage, address: string): string {
  const feed = market.localFeeds.find(({ proxy }) => proxy === address);
  if (feed === undefined) throw new Error(`No feed of the local market is at ${address}.`);
  return feed.symbol;
}

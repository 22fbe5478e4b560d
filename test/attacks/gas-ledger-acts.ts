/** A random life of a book beside a plain model of it: what can happen in it. */
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { expect } from "chai";
import { MaxUint256, type ContractTransactionResponse } from "ethers";

import { BigRandom } from "../../scripts/vectors/big-random.ts";
import { clock, DAY, HOUR } from "../helpers/chain.ts";
import { dollars, loanId, usdc, waitWithLiveFeeds, WETH, type Market } from "../helpers/market.ts";
import type { BlockingToken } from "../helpers/mocks.ts";
import { isRevert } from "../helpers/reverts.ts";
import { MONTH, refinancing } from "../helpers/terms.ts";
import { DISASTER, ETHER_AGAIN, LISTINGS, PORTION, USUAL } from "./gas-ledger-market.ts";
import { LedgerModel } from "./gas-ledger-model.ts";

/** All that can happen to a loan, and around it. */
export const LOAN_ACTS = [
  ...([
    "open",
    "openTerm",
    "pledge",
    "release",
    "borrow",
    "repay",
    "close",
    "closeRefused",
    "refinance",
    "roll",
  ] as const),
  ...(["callMargin", "liquidate", "liquidateBatch", "writeOff", "claimCredit"] as const),
];
export type Act = (typeof LOAN_ACTS)[number] | "prices" | "disaster" | "recovery" | "wait";

const DURATIONS = [7n * DAY, MONTH];

/** Returns the loans that it touched, where that is not the one that it is told. */
type Doing = (id: bigint, owner: HardhatEthersSigner, index: bigint) => Promise<readonly bigint[] | undefined>;

export class Life {
  /** How often an act was carried out, in this life and those before it. */
  public readonly done: Map<Act, number>;
  public acted = 0;
  readonly #market: Market;
  readonly #random: BigRandom;
  readonly #model: LedgerModel;
  readonly #owners: HardhatEthersSigner[];

  public constructor(market: Market, seed: number, done: Map<Act, number>) {
    this.done = done;
    this.#market = market;
    this.#random = new BigRandom(seed);
    this.#model = new LedgerModel(market, [market.weth, market.wbtc, market.link, market.weth, market.wbtc]);
    this.#owners = [market.borrower, market.stranger];
  }

  /** One act, after which the loans that it names are compared; a refused one must have changed nothing. */
  public async act(name: Act): Promise<void> {
    this.acted++;
    const { owner, id } = this.#random.pick(this.#suited(name));
    const index = await this.#market.vault.debtIndex();
    let touched: readonly bigint[] = [id];
    try {
      touched = (await this.acts[name](id, owner, index)) ?? touched;
      this.done.set(name, (this.done.get(name) ?? 0) + 1);
    } catch (error) {
      if (!isRevert(error)) throw error;
      expect(String(error)).not.to.match(/panic|InsufficientBalance|without a reason/i);
    }
    await this.#model.expectSame(touched);
  }

  public async compareAll(): Promise<void> {
    await this.#model.expectSame(this.#model.loans.keys());
    await this.#model.expectSums();
  }

  public readonly acts: Record<Act, Doing> = {
    open: async (id, owner, index) => {
      const { pledges, amount } = this.#plan();
      await this.#send(this.#market.book.connect(owner).open(id, pledges, amount, owner), index);
      for (const { listing, amount: pledged } of pledges) this.#model.put(id, listing, pledged);
      this.#model.draw(id, amount, index);
      return undefined;
    },
    openTerm: async (id, owner, index) => {
      const { pledges, amount } = this.#plan();
      const term = { duration: this.#random.pick(DURATIONS), maxRate: MaxUint256 };
      const book = this.#market.book.connect(owner);
      const rate = await book.openTerm.staticCall(id, pledges, amount, term, owner);
      await this.#send(book.openTerm(id, pledges, amount, term, owner), index);
      for (const { listing, amount: pledged } of pledges) this.#model.put(id, listing, pledged);
      const loan = this.#model.of(id);
      loan.base = amount;
      loan.term = { since: clock.now(), maturity: clock.now() + term.duration, rate };
      return undefined;
    },
    pledge: async (id, owner, index) => {
      const listing = this.#random.pick(LISTINGS);
      const amount = this.#amountOf(listing);
      await this.#send(this.#market.book.connect(owner).pledge(id, listing, amount), index, () => {
        this.#model.put(id, listing, amount);
      });
      return undefined;
    },
    release: async (id, owner, index) => {
      const { pledges } = this.#model.of(id);
      const listing = this.#random.pick(pledges.size === 0 ? LISTINGS : [...pledges.keys()]);
      const all = pledges.get(listing) ?? 0n;
      const amount = this.#random.chance(0.4) ? MaxUint256 : this.#random.within(1n, all / 4n + 1n);
      await this.#send(this.#market.book.connect(owner).release(id, listing, amount, owner), index, () => {
        this.#model.take(id, listing, amount === MaxUint256 ? all : amount);
      });
      return undefined;
    },
    borrow: async (id, owner, index) => {
      const { debt, borrowLimit } = await this.#market.book.healthOf(id);
      const amount = this.#random.upTo(borrowLimit > debt ? borrowLimit - debt : usdc("1"));
      await this.#send(this.#market.book.connect(owner).borrow(id, amount, owner), index);
      this.#model.draw(id, amount, index);
      return undefined;
    },
    repay: async (id, owner, index) => {
      const debt = await this.#market.book.debtOf(id);
      const amount = this.#random.chance(0.4) ? MaxUint256 : this.#random.upTo(debt + 1n);
      await this.#send(this.#market.book.connect(owner).repay(id, amount), index, () => {
        this.#model.repay(id, amount, index);
      });
      return undefined;
    },
    close: async (id, owner, index) => {
      await this.#send(this.#market.book.connect(owner).close(id, MaxUint256, owner), index);
      this.#model.close(id, () => false);
      return undefined;
    },
    closeRefused: async (id, owner, index) => {
      const token = this.#market.weth as BlockingToken;
      await token.setBlocked(owner, true);
      try {
        await this.#send(this.#market.book.connect(owner).close(id, MaxUint256, owner), index);
        this.#model.close(id, (listing) => listing === WETH || listing === ETHER_AGAIN);
      } finally {
        await token.setBlocked(owner, false);
      }
      return undefined;
    },
    refinance: async (id, owner, index) => {
      const { debt, borrowLimit } = await this.#market.book.healthOf(id);
      const more = this.#random.chance(0.4) && borrowLimit > debt ? this.#random.upTo(borrowLimit - debt) : 0n;
      const [duration, addFee] = [
        this.#random.chance(0.4) ? 0n : this.#random.pick(DURATIONS),
        this.#random.chance(0.5),
      ];
      const order = refinancing(owner, { duration, amount: more, addFee });
      const book = this.#market.book.connect(owner);
      const { rate, fee } = await book.refinance.staticCall(id, order);
      await this.#send(book.refinance(id, order), index);
      const term = duration === 0n ? undefined : { since: clock.now(), maturity: clock.now() + duration, rate };
      this.#model.refinance(id, more + (addFee ? fee : 0n), index, term);
      return undefined;
    },
    roll: async (id, owner, index) => {
      await this.#send(this.#market.book.connect(owner).roll(id), index);
      this.#model.refinance(id, 0n, index, undefined);
      return undefined;
    },
    callMargin: async (id, _, index) =>
      this.#send(this.#market.book.connect(this.#market.keeper).callMargin(id), index),
    liquidate: async (id, _, index) =>
      this.#send(this.#market.book.connect(this.#market.keeper).liquidate(this.#order(id), "0x"), index),
    liquidateBatch: async (_, __, index) => {
      const ids = this.#owners.flatMap((owner) => [1n, 2n, 3n].map((number) => loanId(owner, number)));
      const orders = Array.from({ length: 8 }, () => this.#order(this.#random.pick(ids)));
      await this.#send(this.#market.book.connect(this.#market.keeper).liquidateBatch(orders, "0x"), index);
      return ids;
    },
    writeOff: async (id, _, index) => this.#send(this.#market.book.connect(this.#market.keeper).writeOff(id), index),
    claimCredit: async (id, _, index) => {
      const { book, keeper } = this.#market;
      const due = LISTINGS.filter((listing) => this.#model.credit(keeper.address, listing) !== 0n);
      await this.#send(
        book.connect(keeper).claimCredit(this.#random.pick(due.length === 0 ? LISTINGS : due), keeper),
        index,
      );
      return [id];
    },
    prices: async () => this.#setAll(USUAL, () => this.#random.within(60n, 115n)),
    disaster: async () => this.#setAll(DISASTER),
    recovery: async () => this.#setAll(USUAL),
    wait: async () => {
      await waitWithLiveFeeds(this.#market, this.#random.pick([60n, HOUR, 25n * HOUR, 10n * DAY]));
      return [];
    },
  };

  /** The loans that an act is for; one time in eight any, which will mostly be refused. */
  #suited(name: Act): { owner: HardhatEthersSigner; id: bigint }[] {
    const all = this.#owners.flatMap((owner) => [1n, 2n, 3n].map((number) => ({ owner, id: loanId(owner, number) })));
    const suited = all.filter(({ id }) => {
      const { base, pledges, term } = this.#model.of(id);
      if (name === "open" || name === "openTerm") return base === 0n && pledges.size === 0;
      if (name === "pledge") return pledges.size < 4;
      if (name === "borrow") return pledges.size !== 0 && term === undefined;
      if (name === "roll") return term !== undefined && term.maturity <= clock.now();
      if (name === "release" || name.startsWith("close")) return pledges.size !== 0;
      return base !== 0n;
    });
    return suited.length === 0 || this.#random.chance(0.125) ? all : suited;
  }

  /** All prices at a share of these. [percent] */
  async #setAll(prices: typeof USUAL, share = (): bigint => 100n): Promise<bigint[]> {
    const { weth: ether, wbtc: bitcoin, link } = this.#market.feeds;
    await ether.set((dollars(prices.weth) * share()) / 100n);
    await bitcoin.set((dollars(prices.wbtc) * share()) / 100n);
    await link.set((dollars(prices.link) * share()) / 100n);
    return [];
  }

  /** Sends a call and reads its events; `after` is what it did. */
  async #send(call: Promise<ContractTransactionResponse>, index: bigint, after?: () => void): Promise<undefined> {
    const receipt = await (await call).wait();
    after?.();
    this.#model.read(receipt, index);
  }

  /** One to four pledges, of a listing more than once now and then, and a loan that they often carry. */
  #plan(): { pledges: { listing: bigint; amount: bigint }[]; amount: bigint } {
    const count = this.#random.pick([1, 1, 2, 3, 4]);
    const listings = Array.from({ length: count }, () => this.#random.pick(LISTINGS));
    const pledges = listings.map((listing) => ({ listing, amount: this.#amountOf(listing) }));
    const worth = pledges.reduce((sum, { listing, amount }) => {
      return sum + (amount * usdc("2,000")) / (PORTION[Number(listing)] ?? 1n);
    }, 0n);
    return { pledges, amount: (worth * this.#random.within(30n, 78n)) / 100n };
  }

  #amountOf(listing: bigint): bigint {
    const portion = PORTION[Number(listing)] ?? 0n;
    return this.#random.chance(0.3)
      ? this.#random.within(portion / 12n, portion / 8n)
      : this.#random.within(1n, portion);
  }

  #order(id: bigint): { id: bigint; listing: bigint; maxRepay: bigint; minSeized: bigint } {
    const held = [...this.#model.of(id).pledges.keys()];
    const listing = this.#random.pick(held.length === 0 || this.#random.chance(0.1) ? LISTINGS : held);
    const maxRepay = this.#random.chance(0.5) ? MaxUint256 : this.#random.within(0n, usdc("800"));
    return { id, listing, maxRepay, minSeized: 0n };
  }
}

/**
 * Where a pledge is kept must make no difference to anybody. The same loan is made so that its ether, its bitcoin, or neither is in its
 * own word; then the same things happen to each, drawn at random, and must answer, refuse and leave behind the same to the unit.
 */
import { expect } from "chai";
import { MaxUint256, type BaseContractMethod, type ContractTransactionResponse } from "ethers";

import { BigRandom } from "../../scripts/vectors/big-random.ts";
import { DAY, HOUR, networkHelpers } from "../helpers/chain.ts";
import { dollars, LINK, link, loanId, usdc, waitWithLiveFeeds, WBTC, wbtc, WETH, weth } from "../helpers/market.ts";
import { isRevert } from "../helpers/reverts.ts";
import { MONTH, refinancing, termMarket, WEEK, type TermMarket } from "../helpers/terms.ts";
import { greedyOrder } from "./scene.ts";

const STEPS = 30;
const SEEDS = [11, 12, 13, 14, 15, 16, 17];
const LISTINGS = [WETH, WBTC, LINK];

/** Five ether and a sixth of a bitcoin, 20,000 dollars, beside 15,500. */
const ETHER = { listing: WETH, amount: weth("5") };
const BITCOIN = { listing: WBTC, amount: wbtc("0.1666") };
const DEBT = usdc("15,500");

/** What happens how often, by the numbers below. */
const KINDS = [0n, 1n, 2n, 3n, 4n, 5n, 5n, 6n, 7n, 8n, 9n, 10n, 11n, 12n, 12n, 12n, 13n, 13n, 14n, 15n, 15n];

type Method = BaseContractMethod<unknown[], unknown, ContractTransactionResponse>;

/** The ways to make the loan: which of its pledges is its own. */
const PLACES: [name: string, make: (market: TermMarket, id: bigint) => Promise<unknown>][] = [
  ["ether", async ({ book, borrower }, id) => book.connect(borrower).open(id, [ETHER, BITCOIN], DEBT, borrower)],
  ["bitcoin", async ({ book, borrower }, id) => book.connect(borrower).open(id, [BITCOIN, ETHER], DEBT, borrower)],
  [
    "neither, after LINK that was",
    async ({ book, borrower }, id) => {
      const other = { listing: LINK, amount: link("1") };
      await book.connect(borrower).open(id, [other, BITCOIN, ETHER], DEBT, borrower);
      await book.connect(borrower).release(id, LINK, MaxUint256, borrower);
    },
  ],
];

class Trial {
  public readonly answers: string[] = [];
  public readonly done = new Set<string>();
  readonly #market: TermMarket;
  readonly #random: BigRandom;
  readonly #id: bigint;

  public constructor(market: TermMarket, seed: number, id: bigint) {
    this.#market = market;
    this.#random = new BigRandom(seed);
    this.#id = id;
  }

  /** One of the things that can happen to the loan, with what the caller is told. Draws the same whatever it is told. */
  public async step(): Promise<void> {
    const { book, borrower, keeper, stranger } = this.#market;
    const [id, listing] = [this.#id, this.#random.pick([WETH, WETH, WBTC, WBTC, LINK])];
    const amount = listing === WBTC ? this.#random.within(1n, wbtc("0.05")) : this.#random.within(1n, weth("1.5"));
    const money = this.#random.within(1n, usdc("6,000"));
    const isWhole = this.#random.chance(0.3);
    const order = greedyOrder(id, listing, isWhole ? MaxUint256 : money);
    const terms = { duration: this.#random.pick([0n, WEEK, MONTH]), amount: isWhole ? 0n : money, addFee: isWhole };
    const kind = this.#random.pick(KINDS);
    const price = this.#random.chance(0.1) ? 1n : this.#random.within(78n, 112n);
    if (kind < 3n) await this.#setPrices(price);
    else if (kind < 5n) await waitWithLiveFeeds(this.#market, kind === 3n ? DAY + HOUR : WEEK);
    else if (kind === 5n) await this.#tell(book.connect(stranger).callMargin, id);
    else if (kind === 6n) await this.#tell(book.connect(stranger).pledge, id, listing, amount);
    else if (kind === 7n) await this.#tell(book.connect(borrower).pledge, id, listing, amount);
    else if (kind === 8n)
      await this.#tell(book.connect(borrower).release, id, listing, isWhole ? MaxUint256 : amount / 9n + 1n, borrower);
    else if (kind === 9n) await this.#tell(book.connect(borrower).borrow, id, money, borrower);
    else if (kind === 10n) await this.#tell(book.connect(borrower).repay, id, isWhole ? MaxUint256 : money);
    else if (kind === 11n) await this.#tell(book.connect(borrower).refinance, id, refinancing(borrower, terms));
    else if (kind === 12n) await this.#tell(book.connect(keeper).liquidate, order, "0x");
    else if (kind === 13n)
      await this.#tell(book.connect(keeper).liquidateBatch, [order, { ...order, listing: WETH }, order], "0x");
    else if (kind === 14n) await this.#tell(book.connect(stranger).writeOff, id);
    else await this.#tell(book.connect(stranger).claimCredit, listing, stranger);
    await this.#look();
  }

  async #setPrices(share: bigint): Promise<void> {
    const { weth: ether, wbtc: bitcoin } = this.#market.feeds;
    await ether.set((dollars("2,000") * share) / 100n);
    await bitcoin.set((dollars("60,000") * share) / 100n);
  }

  async #tell(method: unknown, ...args: unknown[]): Promise<void> {
    const call = method as Method;
    try {
      this.answers.push(text(await call.staticCall(...args)));
      await call(...args);
      this.done.add(call.name);
    } catch (error) {
      if (!isRevert(error)) throw error;
      this.answers.push((error as Error).message.split("\n")[0] ?? "");
    }
  }

  /** All that is known of the loan, and what everybody has. */
  async #look(): Promise<void> {
    const { book, vault, borrower, keeper, stranger, usdc: asset, ...tokens } = this.#market;
    const all: unknown[] = [
      await book.loan(this.#id),
      await book.healthOf(this.#id),
      await book.marginCallOf(this.#id),
    ];
    for (const listing of LISTINGS) {
      all.push(await book.pledgeOf(this.#id, listing), (await book.listings(listing)).held);
      all.push(await book.creditOf(stranger, listing));
    }
    for (const token of [asset, tokens.weth, tokens.wbtc]) {
      for (const holder of [book, vault, borrower, keeper]) all.push(await token.balanceOf(holder));
    }
    this.answers.push(text([...all, await vault.accruedState(), await vault.termSums()]));
  }
}

function text(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? String(part) : part));
}

describe("Attacks by the place where a pledge is kept", () => {
  const done = new Set<string>();

  for (const seed of SEEDS) {
    it(`no answer and no figure tells which one it is, seed ${seed}`, async () => {
      const market = await networkHelpers.loadFixture(termMarket);
      const id = loanId(market.borrower);
      const trials: Trial[] = [];
      for (const [, make] of PLACES) {
        const snapshot = await networkHelpers.takeSnapshot();
        await make(market, id);
        const trial = new Trial(market, seed, id);
        for (let step = 0; step < STEPS; step++) await trial.step();
        await snapshot.restore();
        trials.push(trial);
      }
      const [first, ...others] = trials;
      expect(first?.answers.length).to.be.above(STEPS);
      for (const other of others) expect(other.answers).to.deep.equal(first?.answers);
      for (const name of first?.done ?? []) done.add(name);
    });
  }

  it("was asked for by every call", () => {
    const changes = ["pledge", "release", "borrow", "repay", "refinance"];
    const sales = ["callMargin", "liquidate", "liquidateBatch"];
    expect([...done]).to.include.members([...changes, ...sales]);
  });
});

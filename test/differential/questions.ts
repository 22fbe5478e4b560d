/** What is asked of a market after an operation: all that the operation touched, or everything. */
import type { Loan } from "../../sdk/src/types.ts";
import type { Block } from "../../sdk/src/state/market-history.ts";
import type { MarketView } from "../../sdk/src/math/loan-lens.ts";
import { BigRandom } from "../../scripts/vectors/big-random.ts";
import { Comparison } from "./comparison.ts";
import { BORROW } from "./loan-acts.ts";
import { askHealth, askLens, askLists, askPrices, isStirring, type GivenBook } from "./loan-figures.ts";
import type { Scene } from "./scene.ts";
import { askState, askStoredLoan, askStoredVault, flagsOf, pausedUntil, type Names } from "./state-figures.ts";
import type { Tally } from "./tally.ts";
import { askVault } from "./vault-figures.ts";

/** How much of the lens is asked about a loan that an operation has touched, and about every loan when all is compared. */
const [SHARE_TOUCHED, SHARE_ALL] = [0.15, 0.2];

/** The activity of deposits. */
const DEPOSIT = 0;

export class Questions {
  readonly #scene: Scene;
  readonly #tally: Tally;
  /** Draws what is asked, so that a life is the same whatever is asked of it. */
  readonly #random: BigRandom;

  public constructor(scene: Scene, tally: Tally, seed: number) {
    this.#scene = scene;
    this.#tally = tally;
    this.#random = new BigRandom(~seed);
  }

  /** Compares what some blocks have touched. */
  public async askTouched(blocks: readonly Block[]): Promise<void> {
    const { state, world } = this.#scene;
    const given = this.#given();
    const { board } = given.market;
    const comparison = new Comparison();
    const touched = idsIn(blocks);
    askStoredVault(comparison, world.known.vault, state, board.now);
    for (const id of touched) askStoredLoan(comparison, world.known.book, state, id, board.sequencer.upSince);
    this.#askVault(comparison, board.now);
    this.#askLoans(comparison, given, this.#looked(given.market, touched), SHARE_TOUCHED);
    await this.#settle(comparison);
  }

  /** Compares everything. */
  public async askAll(names: Names): Promise<void> {
    const { state, loans, world } = this.#scene;
    const given = this.#given();
    const { board } = given.market;
    const comparison = new Comparison();
    askState(comparison, world.known, state, names, board.now, board.sequencer.upSince);
    askPrices(comparison, world.known, given);
    askLists(comparison, world.known, given, loans);
    this.#askVault(comparison, board.now);
    this.#askLoans(comparison, given, loans, SHARE_ALL);
    await this.#settle(comparison);
  }

  #askVault(comparison: Comparison, now: bigint): void {
    const { state, shared, world } = this.#scene;
    const { depositCap, balances } = state;
    const limits = { depositCap, pausedUntil: pausedUntil(state, DEPOSIT, now) };
    const holders = world.lenders.map(({ address }) => [address, balances.get(address) ?? 0n] as const);
    const vault = { vault: shared, flags: flagsOf(state), limits, balances: new Map(holders) };
    askVault(comparison, world.known.vault, vault, this.#random, now);
  }

  #askLoans(comparison: Comparison, given: GivenBook, loans: Iterable<Loan>, share: number): void {
    const { known } = this.#scene.world;
    for (const loan of loans) {
      askHealth(comparison, known, given, loan);
      askLens(comparison, known, given, loan, this.#random, share, (outcome) => this.#tally.outcomes.count(outcome));
    }
  }

  async #settle(comparison: Comparison): Promise<void> {
    await comparison.settle();
    this.#tally.figures += comparison.figures;
    this.#tally.refusals += comparison.refused;
  }

  #given(): GivenBook {
    const { state, snapshot, market, vault } = this.#scene;
    const isBorrowingPaused = pausedUntil(state, BORROW, snapshot.now) !== 0n;
    return { market, vault, feeds: snapshot.book, isBorrowingPaused };
  }

  /** The loans with these ids that are still there, and one more. */
  #looked(market: MarketView, ids: ReadonlySet<bigint>): Set<Loan> {
    const { loans } = this.#scene;
    const looked = loans.filter(({ id }) => ids.has(id)).slice(0, 3);
    const stirring = loans.filter((loan) => isStirring(market, loan));
    const others = stirring.length !== 0 && this.#random.chance(0.7) ? stirring : loans;
    return new Set(others.length === 0 ? looked : [...looked, this.#random.pick(others)]);
  }
}

/** The loans that are named in blocks. */
function idsIn(blocks: readonly Block[]): Set<bigint> {
  const args = blocks.flatMap(({ logs }) => logs.map((event): object => event.args));
  const ids = args.map((found): unknown => Reflect.get(found, "id"));
  return new Set(ids.filter((id) => typeof id === "bigint"));
}

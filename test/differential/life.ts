/**
 * One life of a market, drawn at random, in which the SDK is compared with the contracts after every operation: what it has rebuilt from
 * events with what is stored, and what it reckons from that with every view, to the last unit; and before it, what its previews say.
 */
import { expect } from "chai";

import { InvalidInputError } from "../../sdk/src/errors/invalid-input.ts";
import { maxRedeem } from "../../sdk/src/math/vault-shares.ts";
import type { Block } from "../../sdk/src/state/market-history.ts";
import { BigRandom } from "../../scripts/vectors/big-random.ts";
import { clock, DAY, networkHelpers } from "../helpers/chain.ts";
import { isRevert } from "../helpers/reverts.ts";
import { DifferenceError } from "./comparison.ts";
import { Follower } from "./follower.ts";
import { KEEPER_ACTS, ORDINARY } from "./keeper-acts.ts";
import { LENDER_ACTS } from "./lender-acts.ts";
import { LOAN_ACTS, repay } from "./loan-acts.ts";
import { OFFICER_ACTS } from "./officer-acts.ts";
import { compareOutcome } from "./outcomes.ts";
import { Questions } from "./questions.ts";
import { ForetoldRefusalError, NothingToDoError, Scene, type Acts, type Foretold, type Run } from "./scene.ts";
import type { Tally } from "./tally.ts";
import { WORLD_ACTS } from "./world-acts.ts";
import { createWorld, type World, type WorldOptions } from "./world.ts";

export const ACTS: Acts = { ...LENDER_ACTS, ...LOAN_ACTS, ...KEEPER_ACTS, ...OFFICER_ACTS, ...WORLD_ACTS };

const DRAWN = Object.entries(ACTS).map(([name, { weight, run }]) => [{ name, run }, weight] as const);

/** After so many operations everything is compared, and not only what the last one touched. */
const WHOLE = 25;
/** After so many the chain takes back a few, and does others. */
const REORGANISED = 40;
/** How often an act is drawn from those that have not been seen yet. */
const NOVELTY = 0.2;

/** Events after which other feeds count. */
const OF_FEEDS = new Set(["FeedsSet", "ListingAdded", "LoanAssetFeedSet", "SequencerFeedSet"]);

export interface LifeOptions {
  readonly world: WorldOptions;
  readonly seed: number;
  readonly operations: number;
}

/** Lives a life of at least so many operations, and ends it: all is repaid and the lenders leave. Throws {@link DifferenceError}. */
export async function live({ world: options, seed, operations }: LifeOptions, tally: Tally): Promise<void> {
  const life = new Life(await createWorld(options), seed, tally);
  let done = 0;
  try {
    await life.comeOfAge();
    for (; done < operations; done++) {
      if (done % REORGANISED === REORGANISED - 1) await life.takeBack();
      await life.operation();
      await (done % WHOLE === 0 ? life.compareAll() : life.compareTouched());
    }
    await life.end();
  } catch (error) {
    if (error instanceof Error) error.message = `Seed ${seed}, operation ${done} (${life.last}): ${error.message}`;
    throw error;
  }
}

class Life {
  /** The name of the last act. */
  public last = "none";

  readonly #world: World;
  readonly #tally: Tally;
  readonly #follower: Follower;
  readonly #random: BigRandom;
  readonly #scene: Scene;
  readonly #questions: Questions;
  /** The blocks of the last operation. */
  #blocks: Block[] = [];

  public constructor(world: World, seed: number, tally: Tally) {
    this.#world = world;
    this.#tally = tally;
    this.#follower = new Follower(world.known);
    this.#random = new BigRandom(seed);
    this.#scene = new Scene(world, this.#random, this.#follower);
    this.#questions = new Questions(this.#scene, tally, seed);
  }

  /** Two months in which nine tenths were lent out: terms are on sale. */
  public async comeOfAge(): Promise<void> {
    const scene = this.#scene;
    const { asset, keeper, borrower } = this.#world;
    await this.#follow();
    await scene.tellPrices(ORDINARY);
    const id = scene.freeId(keeper);
    await scene.byBook(keeper.address, "open", [id, [scene.pledgeOf(0, 2_000_000n)], asset(900_000n), keeper.address]);
    await scene.wait(60n * DAY);
    await scene.byBook(borrower.address, "repay", [id, asset(600_000n)]);
    await this.#follow();
  }

  /** Draws acts until one goes through, and takes its blocks. */
  public async operation(): Promise<void> {
    this.#blocks = [];
    for (;;) {
      const { name, run } = this.#draw();
      this.last = name;
      const foretold = await this.#attempt(run);
      this.#blocks.push(...(await this.#follow())); // an act of several calls may be refused after the first
      if (foretold === "refused") continue;
      this.#went(name, foretold);
      return;
    }
  }

  /** Compares what the last operation touched. */
  public async compareTouched(): Promise<void> {
    await this.#questions.askTouched(this.#blocks);
  }

  /** Compares everything; what the history undoes and does again is the same, too. */
  public async compareAll(): Promise<void> {
    await this.#questions.askAll(this.#follower.names);
    this.#tally.undone += this.#follower.goBackAndForth();
  }

  /** The chain does a few things, takes them back, and goes on from before. */
  public async takeBack(): Promise<void> {
    const number = await networkHelpers.time.latestBlock();
    const snapshot = await networkHelpers.takeSnapshot();
    for (let i = this.#random.within(1n, 4n); i > 0n; i--) {
      await this.operation();
      await this.compareTouched();
    }
    await snapshot.restore();
    await clock.advance(1n); // so that there is another block
    this.#tally.reorganised += await this.#follower.reorganise(number);
    await this.#scene.look();
    await this.compareAll();
  }

  /** All is repaid, reserves are swept, the lenders leave. */
  public async end(): Promise<void> {
    const scene = this.#scene;
    await this.#ending("prices recover", async () => scene.tellPrices(ORDINARY));
    for (const loan of scene.loans.filter(({ base }) => base !== 0n)) {
      await this.#ending("repay all", async () => repay(scene, loan, 2n ** 256n - 1n));
    }
    const { reserves: amount } = scene.vault;
    if (amount !== 0n) {
      await this.#ending("sweep reserves", async () => {
        await scene.byVault(this.#world.treasurer.address, "sweepReserves", []);
        return { event: "ReservesSwept", args: { amount } };
      });
    }
    for (const [holder, balance] of [...scene.state.balances]) {
      await this.#ending("redeem", async () => {
        const shares = maxRedeem(scene.shared, balance, clock.now());
        await scene.byVault(holder, "redeem", [shares, holder, holder]);
      });
    }
    await this.#ending("time passes", async () => scene.wait(365n * DAY));
    expect([scene.state.totalSupply, scene.vault.scaledDebt]).to.deep.equal([0n, 0n]);
  }

  async #ending(name: string, run: Run): Promise<void> {
    this.last = name;
    const foretold = (await run(this.#scene)) ?? undefined;
    this.#blocks = await this.#follow();
    this.#went(name, foretold);
    await this.compareTouched();
  }

  #draw(): { name: string; run: Run } {
    const unseen = DRAWN.map(([act]) => act).filter(({ name }) => !this.#tally.acts.has(name));
    return unseen.length !== 0 && this.#random.chance(NOVELTY)
      ? this.#random.pick(unseen)
      : this.#random.weighed(DRAWN);
  }

  async #attempt(run: Run): Promise<Foretold | undefined | "refused"> {
    const tally = this.#tally;
    try {
      return (await run(this.#scene)) ?? undefined;
    } catch (error) {
      if (error instanceof NothingToDoError) return "refused";
      if (error instanceof ForetoldRefusalError) {
        tally.outcomes.count(error.refusal.name);
        tally.refusals++;
      } else if (!(error instanceof InvalidInputError || isRevert(error))) {
        throw error;
      }
      tally.refused++;
      return "refused";
    }
  }

  async #follow(): Promise<Block[]> {
    const blocks = await this.#follower.follow();
    const names = blocks.flatMap(({ logs }) => logs.map(({ name }) => name));
    for (const name of names) this.#tally.events.count(name);
    if (names.some((name) => OF_FEEDS.has(name))) await this.#scene.look();
    return blocks;
  }

  #went(name: string, foretold: Foretold | undefined): void {
    this.#tally.acts.count(name);
    this.#tally.operations++;
    if (foretold === undefined) return;
    this.#expectTold(foretold);
    if (foretold.outcome === undefined) return;
    const { state, snapshot } = this.#scene;
    this.#tally.figures += compareOutcome(foretold.outcome, snapshot, state);
  }

  /** An event of the last operation says what the SDK foretold. */
  #expectTold({ event, args }: Foretold): void {
    const told = this.#blocks.flatMap(({ logs }) => logs).filter(({ name }) => name === event);
    const says = (found: object): boolean =>
      Object.entries(args).every(([field, value]) => Reflect.get(found, field) === value);
    if (!told.some((found) => says(found.args))) {
      const texts = [args, ...told.map((found) => found.args)].map((found) => Object.entries(found).join(" "));
      throw new DifferenceError(`${event} should say ${texts.join("; it says ")}`);
    }
    this.#tally.figures += Object.keys(args).length;
  }
}

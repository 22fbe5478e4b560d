/** What an act has at hand: the market, chance, and what the SDK knows of both. */
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { parseUnits } from "ethers";

import { decodeRevert, type ContractError } from "../../sdk/src/errors/contract-error.ts";
import { viewOf, type MarketSnapshot } from "../../sdk/src/market/market-snapshot.ts";
import { snapshotOf, type Rounds } from "../../sdk/src/market/snapshot-of.ts";
import type { MarketView } from "../../sdk/src/math/loan-lens.ts";
import { borrowLimit, healthOf } from "../../sdk/src/math/loan-lines.ts";
import type { SharedVault } from "../../sdk/src/math/vault-shares.ts";
import { accrued } from "../../sdk/src/math/vault.ts";
import type { MarketState } from "../../sdk/src/state/market-state.ts";
import type { Loan, VaultState } from "../../sdk/src/types.ts";
import type { BigRandom } from "../../scripts/vectors/big-random.ts";
import { clock } from "../helpers/chain.ts";
import { loanId } from "../helpers/market.ts";
import { isRevert } from "../helpers/reverts.ts";
import { readRounds } from "../helpers/rounds.ts";
import { DifferenceError, type Word } from "./comparison.ts";
import { tellPrices } from "./prices.ts";
import { textOf, type Outcome } from "./outcomes.ts";
import { send, type World } from "./world.ts";

/** What must come of an act that goes through. */
export interface Foretold {
  /** The name of an event, and some of its arguments. */
  readonly event: string;
  readonly args: Readonly<Record<string, Word>>;
  /** What a preview said. */
  readonly outcome?: Outcome;
}

/** Does something; may foretell what it comes to. */
export type Run = (scene: Scene) => Promise<Foretold> | Promise<void>;

/** By its name how often an act is tried beside others, and what it does. */
export type Acts = Readonly<Record<string, { readonly weight: number; readonly run: Run }>>;

/** An act that has nothing to act on is none. */
export class NothingToDoError extends Error {}

/** A call was refused, for what the SDK's preview had said. */
export class ForetoldRefusalError extends Error {
  public constructor(public readonly refusal: ContractError) {
    super(refusal.message);
  }
}

const LOANS_OF_AN_OWNER = 7;

export class Scene {
  /** What the feeds say. */
  public rounds: Rounds = new Map();

  public constructor(
    public readonly world: World,
    public readonly random: BigRandom,
    private readonly following: { readonly state: MarketState },
  ) {}

  /** As of the last operation. */
  public get state(): MarketState {
    return this.following.state;
  }

  /** With interest up to now. */
  public get vault(): VaultState {
    return accrued(this.state.vault, clock.now());
  }

  public get shared(): SharedVault {
    return { ...this.state.vault, totalSupply: this.state.totalSupply };
  }

  public get snapshot(): MarketSnapshot {
    return snapshotOf(this.state, this.rounds, this.world.minDebt, clock.now());
  }

  public get market(): MarketView {
    return viewOf(this.snapshot);
  }

  // -------------------------------------------------------------------------------------------------- Who and which

  public get actor(): HardhatEthersSigner {
    return this.random.pick(this.world.actors);
  }

  public get lender(): HardhatEthersSigner {
    return this.random.pick(this.world.lenders);
  }

  /** In an order that does not depend on how the SDK keeps them. */
  public get loans(): Loan[] {
    return [...this.state.loans.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** One of the loans that there are, most often one of which something is true. */
  public loan(isMeant: (loan: Loan) => boolean = ({ base }) => base !== 0n): Loan {
    const from = this.random.chance(0.05) ? this.loans : this.loans.filter(isMeant);
    if (from.length === 0) throw new NothingToDoError();
    return this.random.pick(from);
  }

  /** Where a loan stands. */
  public healthOf(loan: Loan): { debt: bigint; borrowLimit: bigint; callLine: bigint; liquidationLine: bigint } {
    const { board: prices, debtIndex } = this.market;
    return healthOf(loan, prices, debtIndex);
  }

  /** A loan that is not there yet. */
  public freeId(owner: HardhatEthersSigner): bigint {
    const ids = Array.from({ length: LOANS_OF_AN_OWNER }, (_, i) => loanId(owner, BigInt(i)));
    const free = ids.filter((id) => !this.state.loans.has(id));
    if (free.length === 0) throw new NothingToDoError();
    return this.random.pick(free);
  }

  /** The loan's owner, or one whom it has authorized. */
  public manager({ id }: Loan): string {
    const owner = this.ownerOf(id);
    const operators = [...(this.state.operators.get(owner) ?? [])].sort();
    return operators.length !== 0 && this.random.chance(0.3) ? this.random.pick(operators) : owner;
  }

  public ownerOf(id: bigint): string {
    const owner = this.world.actors.find(({ address }) => BigInt(address) === id >> 96n);
    if (owner === undefined) throw new Error("Nobody else has loans.");
    return owner.address;
  }

  public signerOf(address: string): HardhatEthersSigner {
    const signer = this.world.actors.find((actor) => actor.address === address);
    if (signer === undefined) throw new Error(`Nobody is ${address}.`);
    return signer;
  }

  // --------------------------------------------------------------------------------------------------------- Amounts

  /** [asset] Of any order of magnitude up to whole tokens. */
  public amount(most: bigint): bigint {
    const { random, world } = this;
    let whole = most;
    while (whole > 100n && random.chance(0.6)) whole /= 4n;
    return random.upTo(world.asset(whole));
  }

  /** A pledge of a listing worth so many dollars in ordinary times, to the last unit. */
  public pledgeOf(listing: number, dollars: bigint): { listing: number; amount: bigint } {
    const token = this.state.listings.get(listing)?.token ?? "";
    const collateral = this.world.collateral.get(token);
    if (collateral === undefined) throw new NothingToDoError();
    const whole = 10n ** BigInt(collateral.decimals + PRICE_DECIMALS);
    const amount = (dollars * whole) / parseUnits(collateral.dollars, PRICE_DECIMALS);
    return { listing, amount: amount + this.random.within(1n, amount / 10n + 2n) };
  }

  /** One to four pledges, and a debt near what they let one borrow. */
  public order(): { pledges: { listing: number; amount: bigint }[]; amount: bigint } {
    const { random, world } = this;
    const listings = [...this.state.listings.keys()].filter(
      (listing) => !this.isRetired(listing) || random.chance(0.1),
    );
    let dollars = 200_000n;
    while (dollars > 150n && random.chance(0.75)) dollars /= 3n;
    const count = random.pick([1, 1, 2, 2, 3, 4]);
    const pledges: { listing: number; amount: bigint }[] = [];
    for (let i = 0; i < count && listings.length !== 0; i++) {
      const [listing] = listings.splice(Number(random.within(0n, BigInt(listings.length - 1))), 1);
      if (listing !== undefined)
        pledges.push(this.pledgeOf(listing, random.within(dollars / 2n + 80n, dollars + 200n)));
    }
    const held = new Map(pledges.map(({ listing, amount }) => [listing, amount]));
    const limit = borrowLimit(held, this.market.board);
    const most = limit > world.minDebt ? limit : world.minDebt;
    return { pledges, amount: random.chance(0.9) ? random.within((most * 9n) / 10n, most) : random.upTo(most) };
  }

  private isRetired(listing: number): boolean {
    return this.state.listings.get(listing)?.isRetired ?? true;
  }

  // ------------------------------------------------------------------------------------------------------------ Doing

  public async byVault(from: string, method: string, args: readonly unknown[]): Promise<void> {
    await this.by("vault", from, method, args);
  }

  public async byBook(from: string, method: string, args: readonly unknown[]): Promise<void> {
    await this.by("book", from, method, args);
  }

  public async by(contract: "vault" | "book", from: string, method: string, args: readonly unknown[]): Promise<void> {
    await send(from, this.world.known[contract], method, args);
  }

  /** Makes a call of the book that was previewed: it goes through, or is refused with the error and the values that the preview said. */
  public async previewed(outcome: Outcome, from: string, method: string, args: readonly unknown[]): Promise<void> {
    return this.#asForetold(outcome, this.byBook(from, method, args));
  }

  /** The same of the vault. */
  public async previewedByVault(
    outcome: Outcome,
    from: string,
    method: string,
    args: readonly unknown[],
  ): Promise<void> {
    return this.#asForetold(outcome, this.byVault(from, method, args));
  }

  async #asForetold({ refusal }: Outcome, call: Promise<void>): Promise<void> {
    const said = refusal === undefined ? "nothing" : textOf([refusal.name, refusal.args]);
    try {
      await call;
    } catch (error) {
      if (!isRevert(error)) throw error;
      const data: unknown = typeof error === "object" && error !== null ? Reflect.get(error, "data") : undefined;
      const found = decodeRevert(typeof data === "string" ? data : "0x");
      const told = "args" in found ? textOf([found.name, found.args]) : found.message;
      if (refusal === undefined || told !== said) throw new DifferenceError(`SDK refuses ${said}, contract ${told}`);
      throw new ForetoldRefusalError(refusal);
    }
    if (refusal !== undefined) throw new DifferenceError(`SDK refuses ${said}, contract nothing`);
  }

  /** Time passes; the feeds go on saying what they said, and those that had failed speak again. */
  public async wait(seconds: bigint): Promise<void> {
    await clock.advance(seconds);
    await this.tellPrices();
  }

  /** The feeds speak: see {@link tellPrices}. */
  public async tellPrices(factor?: bigint): Promise<void> {
    await tellPrices(this.world, this.state, this.rounds, this.random, factor);
    await this.look();
  }

  /** Reads the feeds again. */
  public async look(): Promise<void> {
    this.rounds = await readRounds(this.state);
  }
}

const PRICE_DECIMALS = 4;

/** Previews beside the calls themselves: markets in all states, what the SDK takes of them, and what came of a call. */
import { expect } from "chai";
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import type { BaseContract, TransactionReceipt } from "ethers";

import type { Random } from "../../scripts/play/random.ts";
import { decodeRevert, type ContractError } from "../../sdk/src/errors/index.ts";
import { atTime, type MarketSnapshot } from "../../sdk/src/market/market-snapshot.ts";
import { mulDivDown, WAD } from "../../sdk/src/math/amounts.ts";
import { accrued } from "../../sdk/src/math/vault.ts";
import type { SharedVault } from "../../sdk/src/math/vault-shares.ts";
import type { LoanOutcome } from "../../sdk/src/previews/outcomes.ts";
import type { LoanStanding } from "../../sdk/src/previews/standing.ts";
import type { Loan } from "../../sdk/src/types.ts";
import { clock, DAY, ethers, networkHelpers } from "../helpers/chain.ts";
import { amountBetween, at, refusalOf } from "../helpers/lens.ts";
import { loanId } from "../helpers/market.ts";
import {
  loanOf,
  loanScene,
  misfortunes,
  movePrices,
  pass,
  randomLoans,
  type LoanScene,
  type SceneOptions,
} from "./loan-scene.ts";
import { storedVault } from "../helpers/stored-vault.ts";
import { snapshotFrom } from "./snapshot-scene.ts";

/** Markets of all kinds, each in a file's turn. */
export const VARIANTS: readonly SceneOptions[] = [
  { assetDecimals: 6, hasPeg: true, hasSequencer: true },
  { assetDecimals: 18, hasPeg: false, hasSequencer: false },
  { assetDecimals: 2, hasPeg: false, hasSequencer: true },
  { assetDecimals: 0, hasPeg: true, hasSequencer: false },
];

/** The market of a variant as it begins: one fixture each, as the chain's snapshots are kept by function. */
export const BEGINNINGS = VARIANTS.map((options) => {
  return async function begin(): Promise<LoanScene> {
    return loanScene(options);
  };
});

/** A market in some state, and what the SDK is told of it. */
export interface Found {
  scene: LoanScene;
  /** At the time of the next block. */
  market: MarketSnapshot;
  /** An open-term loan of the borrower, a fixed-term one, one that does not exist, and the keeper's, which may owe more than there is cash. */
  loans: Loan[];
  /** All of the borrower's. */
  own: Loan[];
}

/** What a market has been through. */
export interface Weather {
  /** By how much prices have moved. */
  factor: number;
  /** How long ago margins were called; not at all if it is missing. [s] */
  called?: bigint;
  /** How old the loans are at most. [s] */
  age?: bigint;
  hasMisfortunes?: boolean;
  isLoanFeedDead?: boolean;
  /** The sequencer, if there is one, came up ten minutes ago. */
  isSequencerBack?: boolean;
  /** Of two sources the second says three percent more. */
  areApart?: boolean;
  /** Listings that the guardian has retired. */
  retired?: readonly number[];
  /** Caps leave a little room, or none. */
  hasFullCaps?: boolean;
  isPaused?: boolean;
}

/** A market in the state that some weather leaves. The snapshot is taken before the time comes for which it stands. */
export async function found(begin: () => Promise<LoanScene>, random: Random, weather: Weather): Promise<Found> {
  const scene = await networkHelpers.loadFixture(begin);
  const { book, vault, keeper, deployer, borrower } = scene;
  const ids = [...(await randomLoans(scene, random)), loanId(borrower, 99n), loanId(keeper)];
  await pass(scene, amountBetween(random, 0n, weather.age ?? 20n * DAY));
  await movePrices(scene, random, weather.factor);
  if (weather.called !== undefined) {
    await refusalOf(async () => book.connect(keeper).callMarginBatch(ids));
    await clock.advance(weather.called);
    await movePrices(scene, random, weather.factor * random.between(0.98, 1.03));
  }
  if (weather.hasMisfortunes === true) await misfortunes(scene, random, weather.isLoanFeedDead ?? false);
  for (const number of weather.retired ?? []) await book.connect(deployer).retire(number);
  if (weather.areApart === true) {
    for (const { feeds } of scene.listings) {
      const answer = await at(feeds, 0).contract.answer();
      const [, second] = feeds;
      const scale = 10n ** BigInt((second?.decimals ?? 0) + 2);
      await second?.contract.set((answer * 103n * scale) / 10n ** BigInt(at(feeds, 0).decimals + 4));
    }
  }
  const back = clock.now() - 600n;
  if (weather.isSequencerBack === true) await scene.sequencer?.setRound(0n, back, back);
  if (weather.hasFullCaps === true) await fillCaps(scene, random);
  if (weather.isPaused === true) for (const activity of [0, 1]) await vault.connect(deployer).pause(activity);
  const market = await snapshotFrom(scene);
  const all: Loan[] = [];
  for (const id of ids) all.push(await loanOf(scene, id));
  const isOpenTerm = ({ maturity }: Loan): boolean => maturity === 0n;
  const own = all.slice(0, -2);
  const some = random.uniform() < 0.5 ? own : own.toReversed();
  const loans = [some.find(isOpenTerm), some.find((loan) => !isOpenTerm(loan)), ...all.slice(-2)];
  const later = amountBetween(random, 0n, 10n);
  await clock.advance(later);
  return { scene, market: atTime(market, clock.now()), loans: loans.filter((loan) => loan !== undefined), own };
}

async function fillCaps({ book, deployer, listings }: LoanScene, random: Random): Promise<void> {
  for (const number of listings.keys()) {
    const { held } = await book.listings(number);
    const cap = random.uniform() < 0.5 ? held - held / 10n : held + held / 1_000n;
    await book.connect(deployer).lowerCap(number, cap);
  }
}

/** A call as it is sent. */
export interface Sent {
  from: HardhatEthersSigner;
  to: BaseContract;
  name: string;
  args: readonly unknown[];
}

/** Events by name, each with its arguments. */
export type Told = ReadonlyMap<string, Readonly<Record<string, bigint>>>;

/** What came up, and how often. */
export class Tally {
  private readonly counts = new Map<string, number>();

  public count(outcome: string): void {
    this.counts.set(outcome, (this.counts.get(outcome) ?? 0) + 1);
  }

  /** Each came up. */
  public expectAll(outcomes: readonly string[]): void {
    expect(outcomes.filter((outcome) => !this.counts.has(outcome))).to.deep.equal([]);
  }
}

/**
 * Sends a call that was previewed, and takes it back. It is refused with the preview's error and arguments, or it goes through, and
 * then `compare` is asked about its events before it is taken back.
 */
export async function expectAsPreviewed(
  scene: Pick<LoanScene, "book" | "vault">,
  refusal: ContractError | undefined,
  sent: Sent,
  compare: (told: Told) => Promise<void>,
): Promise<void> {
  const { from, to, name } = sent;
  const transaction = { to: await to.getAddress(), data: to.interface.encodeFunctionData(name, [...sent.args]) };
  const data = await refusalOf(async () => ethers.provider.call({ ...transaction, from: from.address }));
  if (refusal !== undefined || data !== "0x") {
    const error = decodeRevert(data);
    const said = "args" in error ? { name: error.name, args: { ...error.args } } : { name: error.name, data };
    expect(said).to.deep.equal(refusal === undefined ? undefined : { name: refusal.name, args: { ...refusal.args } });
    return;
  }
  const snapshot = await networkHelpers.takeSnapshot();
  const response = await from.sendTransaction({ ...transaction, gasLimit: 10_000_000 });
  const receipt = await response.wait();
  if (receipt === null) throw new Error("It was mined.");
  await compare(toldIn(scene, receipt));
  await snapshot.restore();
}

/** The same for a call on a loan: afterwards it stands where the preview says, and so does the market. */
export async function expectOnLoan(
  scene: LoanScene,
  outcome: LoanOutcome,
  sent: Sent,
  id: bigint,
  compare: (told: Told) => void,
): Promise<void> {
  await expectAsPreviewed(scene, outcome.refusal, sent, async (told) => {
    compare(told);
    if (outcome.after === undefined || outcome.market === undefined)
      throw new Error("An accepted call ends somewhere.");
    await expectStanding(scene, outcome.after, id);
    await expectMarket(scene, outcome.market);
  });
}

const CALL_STATES = ["none", "curing", "due", "lapsed"] as const;

/** Compares where a loan stands with what book, vault and lens say. */
export async function expectStanding(scene: LoanScene, standing: LoanStanding, id: bigint): Promise<void> {
  const { book, lens, vault } = scene;
  expect(standing.loan).to.deep.equal(await loanOf(scene, id));
  const details = await lens.loanDetails(book, id);
  const { debt, borrowLimit, callLine, liquidationLine } = details.health;
  const prices = new Map<number, [price: bigint, liquidationPrice: bigint]>();
  for (const { listing, prices: ofListing } of details.pledges) {
    prices.set(Number(listing), [ofListing.forLiquidation, await lens.liquidationPrice(book, id, listing)]);
  }
  const { repayment, additions } = await lens.amountToCure(book, id);
  const isUnpriced = callLine === 2n ** 256n - 1n;
  const { loan, pledges, state, ...figures } = standing;
  const told = [...pledges].map(([listing, { price, liquidationPrice }]) => [listing, [price, liquidationPrice]]);
  expect(Object.fromEntries(told)).to.deep.equal(Object.fromEntries(prices));
  expect(state).to.equal(debt > liquidationLine ? "liquidatable" : debt > callLine ? "callable" : "safe");
  expect([...loan.pledges.keys()].length).to.equal(details.pledges.length);
  expect(figures).to.deep.equal({
    ...{ debt, borrowLimit, callLine, liquidationLine },
    rate: details.maturity === 0n ? await vault.borrowRate() : details.rate * 10n ** 9n,
    maturity: details.maturity,
    value: details.value,
    health: debt === 0n || isUnpriced ? undefined : mulDivDown(liquidationLine, WAD, debt),
    cure: { repayment, additions: new Map(additions.map(({ listing, amount }) => [Number(listing), amount])) },
    liquidationDrop: await lens.liquidationDrop(book, id),
    callState: at(CALL_STATES, Number(details.callState)),
  });
}

/** Compares what a preview leaves of the market with the chain. */
export async function expectMarket(scene: LoanScene, market: MarketSnapshot): Promise<void> {
  const now = clock.now();
  expect(market.now).to.equal(now);
  const { vault: stored } = await storedVault(scene.vault);
  const accruedTo = (vault: SharedVault) => ({ ...accrued(vault, now), totalSupply: vault.totalSupply });
  expect(accruedTo(market.vault)).to.deep.equal(accruedTo(stored));
  for (const [number, { held }] of market.book.listings.entries()) {
    expect(held).to.equal((await scene.book.listings(number)).held);
  }
}

/** The last event of each name. */
function toldIn({ book, vault }: Pick<LoanScene, "book" | "vault">, { logs }: TransactionReceipt): Told {
  const told = new Map<string, Record<string, bigint>>();
  for (const log of logs) {
    const event = book.interface.parseLog(log) ?? vault.interface.parseLog(log);
    if (event !== null) told.set(event.name, event.args.toObject() as Record<string, bigint>);
  }
  return told;
}

/** What an event of a call told. */
export function argsOf(told: Told, name: string): Readonly<Record<string, bigint>> {
  const args = told.get(name);
  if (args === undefined) throw new Error(`There was no ${name}.`);
  return args;
}

/** Whose a loan is. */
export function ownerOf({ borrower, keeper }: LoanScene, { id }: Loan): HardhatEthersSigner {
  return id >> 96n === BigInt(keeper.address) ? keeper : borrower;
}

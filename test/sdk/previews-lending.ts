/** Previews of lending and withdrawing beside the calls themselves, and snapshots of a market that is followed by its events. */
import { expect } from "chai";
import { Block, Interface } from "ethers";

import { Random } from "../../scripts/play/random.ts";
import { snapshotOf, type Rounds } from "../../sdk/src/market/snapshot-of.ts";
import { atTime, type MarketSnapshot } from "../../sdk/src/market/market-snapshot.ts";
import { convertToAssets, maxDeposit, maxWithdraw } from "../../sdk/src/math/vault-shares.ts";
import { previewLend } from "../../sdk/src/previews/lend.ts";
import { lenderStandingOf } from "../../sdk/src/previews/lender-standing.ts";
import type { Lender, LenderOutcome } from "../../sdk/src/previews/outcomes.ts";
import { previewWithdraw } from "../../sdk/src/previews/withdraw.ts";
import { decoder } from "../../sdk/src/state/decode.ts";
import { MarketHistory } from "../../sdk/src/state/market-history.ts";
import { clock, DAY, ethers, HOUR, networkHelpers } from "../helpers/chain.ts";
import { amountBetween, at } from "../helpers/lens.ts";
import { loanId } from "../helpers/market.ts";
import type { LoanScene } from "./loan-scene.ts";
import {
  argsOf,
  BEGINNINGS,
  expectAsPreviewed,
  expectMarket,
  found,
  Tally,
  type Sent,
  type Weather,
} from "./previews-scene.ts";
import { snapshotFrom } from "./snapshot-scene.ts";

const WEATHERS: readonly Weather[] = [
  { factor: 1, age: 100n * DAY },
  { factor: 1, isPaused: true },
  { factor: 0.9, called: HOUR, hasMisfortunes: true, hasFullCaps: true },
];

const tally = new Tally();

describe("SDK: previews of lending", () => {
  for (const [position, begin] of BEGINNINGS.entries()) {
    for (const isFull of [false, true]) {
      it(`say what deposit, withdraw and redeem do: market ${String(position)}, ${isFull ? "no" : "much"} cash`, async () => {
        const random = new Random(position);
        const { scene, market } = await found(begin, random, at(WEATHERS, position % 2));
        const drained = isFull ? await drain(scene, random) : market;
        const lenders = await lendersOf(scene);
        for (const lender of lenders) {
          await lends(scene, drained, lender, random);
          await withdraws(scene, drained, lender, random);
        }
      });
    }
  }

  it("were compared in every way that a call can end", () => {
    tally.expectAll([
      ...["lend", "withdraw", "redeem", "Paused"],
      ...["ERC4626ExceededMaxDeposit", "ERC4626ExceededMaxWithdraw", "ERC4626ExceededMaxRedeem"],
    ]);
  });
});

describe("SDK: a snapshot of a market that is followed by its events", () => {
  for (const [position, begin] of BEGINNINGS.entries()) {
    it(`is the chain's: market ${String(position)}`, async () => {
      const { scene, market } = await found(begin, new Random(position), at(WEATHERS, 2 - (position % 3)));
      const history = await historyOf(scene);
      const { minDebt } = market;
      const snapshot = snapshotOf(history.state, roundsOf(history, market), minDebt, clock.now());
      expect(snapshot).to.deep.equal(market);
    });
  }
});

/** The market's events so far. */
async function historyOf({ vault, book }: LoanScene): Promise<MarketHistory> {
  const decode = decoder({
    vault: { address: await vault.getAddress(), interface: vault.interface },
    book: { address: await book.getAddress(), interface: book.interface },
  });
  const address = [await vault.getAddress(), await book.getAddress()];
  const logs = await ethers.provider.getLogs({ address, fromBlock: 0 });
  const history = new MarketHistory();
  for (const number of new Set(logs.map(({ blockNumber }) => blockNumber))) {
    const block = await ethers.provider.getBlock(number);
    if (!(block instanceof Block) || block.hash === null) throw new Error(`There is no block ${String(number)}.`);
    const { hash, parentHash, timestamp } = block;
    const header = { number, hash, parentHash, time: BigInt(timestamp) };
    if (history.head !== undefined && history.head.number < number - 1) {
      history.skipTo({ ...header, number: number - 1, hash: parentHash });
    }
    history.applyBlock({ ...header, logs: logs.filter(({ blockNumber }) => blockNumber === number).map(decode) });
  }
  return history;
}

/** What the feeds say, as the snapshot of the chain has it. */
function roundsOf({ state }: MarketHistory, { book }: MarketSnapshot): Rounds {
  const rounds = new Map([[book.loanAsset.feed, book.loanAsset.round]]);
  for (const [number, { source, secondSource }] of book.listings.entries()) {
    const stored = state.listings.get(number);
    if (stored === undefined) throw new Error("Both have the same listings.");
    rounds.set(stored.feed.feed, source.round).set(stored.secondFeed.feed, secondSource?.round);
  }
  return rounds.set(state.sequencerFeed, book.sequencer?.round);
}

/** The keeper borrows all cash but a little. */
async function drain(scene: LoanScene, random: Random): Promise<MarketSnapshot> {
  const { book, vault, keeper, deployer } = scene;
  if ((await vault.pausedUntil(1)) !== 0n)
    for (const activity of [0, 1]) await vault.connect(deployer).unpause(activity);
  const { cash } = await vault.accruedState();
  await book.connect(keeper).borrow(loanId(keeper), cash - amountBetween(random, 0n, cash / 1_000n), keeper);
  const snapshot = await snapshotFrom(scene);
  await clock.advance(amountBetween(random, 1n, HOUR));
  return atTime(snapshot, clock.now());
}

/** The lender, and somebody who has nothing yet. */
async function lendersOf({ vault }: LoanScene): Promise<Lender[]> {
  const signers = await ethers.getSigners();
  const owners = [at(signers, 2).address, at(signers, 3).address];
  return Promise.all(owners.map(async (owner) => ({ owner, shares: await vault.balanceOf(owner) })));
}

async function lends(scene: LoanScene, market: MarketSnapshot, lender: Lender, random: Random): Promise<void> {
  const limits = { depositCap: market.depositCap, pausedUntil: market.pauses.deposit };
  const most = maxDeposit(market.vault, limits, market.now);
  for (const assets of [0n, 1n, most, most + 1n, amountBetween(random, 0n, most), amountBetween(random, 0n, most)]) {
    const outcome = previewLend(market, lender, assets);
    tally.count(outcome.refusal?.name ?? "lend");
    await expectLending(scene, outcome, { name: "deposit", args: [assets, lender.owner] }, "Deposit");
  }
}

async function withdraws(scene: LoanScene, market: MarketSnapshot, lender: Lender, random: Random): Promise<void> {
  const { owner } = lender;
  const most = maxWithdraw(market.vault, lender.shares, market.now);
  for (const assets of [0n, most, most + 1n, amountBetween(random, 0n, most), "all"] as const) {
    const outcome = previewWithdraw(market, lender, assets);
    const name = assets === "all" ? "redeem" : "withdraw";
    tally.count(outcome.refusal?.name ?? name);
    const amount = assets === "all" ? lender.shares : assets;
    await expectLending(scene, outcome, { name, args: [amount, owner, owner] }, "Withdraw");
  }
}

async function expectLending(
  scene: LoanScene,
  { after, market, refusal, ...amounts }: LenderOutcome,
  call: Pick<Sent, "name" | "args">,
  event: string,
): Promise<void> {
  const { vault } = scene;
  const owner = String(call.args.at(-1));
  const from = at(
    (await ethers.getSigners()).filter(({ address }) => address === owner),
    0,
  );
  const snapshot = await networkHelpers.takeSnapshot();
  await allow(scene, owner);
  await expectAsPreviewed(scene, refusal, { from, to: vault, ...call }, async (told) => {
    const { assets, shares } = argsOf(told, event);
    expect(amounts).to.deep.equal({ assets, shares });
    if (after === undefined || market === undefined) throw new Error("An accepted call ends somewhere.");
    await expectMarket(scene, market);
    const balance = await vault.balanceOf(owner);
    expect(after).to.deep.equal({
      ...{ owner, shares: balance },
      value: await vault.convertToAssets(balance),
      withdrawable: await vault.maxWithdraw(owner),
      lendRate: await vault.lendRate(),
      utilisation: await vault.utilisation(),
    });
    expect(after).to.deep.equal(lenderStandingOf(market, { owner, shares: balance }));
    expect(after.value).to.equal(convertToAssets(market.vault, balance, market.now));
  });
  await snapshot.restore();
}

/** The loan asset in plenty, and the vault's leave to take it. */
async function allow({ vault }: LoanScene, owner: string): Promise<void> {
  const token = new Interface(["function mint(address, uint256)", "function approve(address, uint256)"]);
  const [from, to] = [await ethers.getSigner(owner), await vault.asset()];
  const amount = 10n ** 30n;
  await from.sendTransaction({ to, data: token.encodeFunctionData("mint", [owner, amount]) });
  await from.sendTransaction({ to, data: token.encodeFunctionData("approve", [await vault.getAddress(), amount]) });
}

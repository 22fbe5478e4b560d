/**
 * INV-08: whatever officers do, standing loans keep their lines at a given price, their rates, their terms and their margin calls.
 * Each act is compared with a market of the same age in which nobody did anything: at several prices, lines, calls and sales must be
 * the same to the byte.
 */
import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { ROLES } from "../../deploy/roles.ts";
import { IBookActions__factory, IVaultActions__factory } from "../../typechain-types/index.ts";
import { clock, networkHelpers, YEAR } from "../helpers/chain.ts";
import { orderFor } from "../helpers/margin-calls.ts";
import { DAY, dollars } from "../helpers/market.ts";
import { answerOf, allFeeds } from "../helpers/pairs.ts";
import { endsOf, step, type Step } from "../helpers/probe.ts";
import { keepAlive } from "../helpers/replacing.ts";
import { debtOf } from "../helpers/terms.ts";
import { ACTS, withFreshFeeds, type Act, type Scene } from "./officers-acts.ts";
import { BITCOIN, BITCOIN_PRICE, ETHER, ETHER_PRICE, KINDS } from "./standing.ts";

/** What coins are worth, in percent of now: loans between their lines go below both, and above. */
const LEVELS = [100n, 120n, 91n];

/** All feeds say this level, those that an officer may have brought too. */
function atLevel({ feeds, pairs, fresh }: Scene, level: bigint, lie: bigint): Step[] {
  const ether = dollars(String((ETHER_PRICE * level) / 100n));
  const bitcoin = String((BITCOIN_PRICE * level) / 100n);
  const sources = [pairs.bitcoin.first, pairs.bitcoin.second, fresh.bitcoin];
  return [
    step(feeds.weth, "set", [ether]),
    step(fresh.ether, "set", [(ether * lie) / 100n]),
    ...sources.map((source) => step(source.feed, "set", [answerOf(source, bitcoin)])),
  ];
}

/** At a level: each loan's call and liquidation line, and, encoded, its record, its call and what comes of calling and selling it. */
interface Profile {
  lines: bigint[][];
  outcomes: string;
}

async function profile(scene: Scene, lie: bigint): Promise<Profile[]> {
  const { book, parties } = scene;
  const ids = KINDS.map(scene.idOf);
  const plans = ids.flatMap((id) => [
    [step(book, "loan", [id]), step(book, "marginCallOf", [id])],
    [parties.stranger.takes(book, "callMargin", [id])],
    [parties.keeper.takes(book, "liquidate", [orderFor(id, ETHER), "0x"])],
    [parties.keeper.takes(book, "liquidate", [orderFor(id, BITCOIN), "0x"])],
    [parties.stranger.takes(book, "repay", [id, MaxUint256])],
  ]);
  const profiles: Profile[] = [];
  for (const level of LEVELS) {
    const setting = atLevel(scene, level, lie);
    const [health] = endsOf(await parties.stranger.attempt(setting, [ids.map((id) => step(book, "healthOf", [id]))]));
    const lines = (health?.returned ?? []).map((words) => words.slice(2)); // a retired listing leaves the borrow limit
    profiles.push({ lines, outcomes: await parties.stranger.attempt(setting, plans) });
  }
  return profiles;
}

/** Nothing is other than it would be without the act; if something is, says what. */
function expectSame(actual: Profile[], expected: Profile[], when: string): void {
  const linesOf = (profiles: Profile[]): bigint[][][] => profiles.map(({ lines }) => lines);
  expect(linesOf(actual), when).to.deep.equal(linesOf(expected));
  expect(actual[0]?.lines.length).to.equal(KINDS.length);
  for (const [n, { outcomes }] of actual.entries()) {
    const known = expected[n]?.outcomes ?? "";
    if (outcomes !== known) expect(endsOf(outcomes), when).to.deep.equal(endsOf(known));
  }
}

async function wait(scene: Scene, seconds: bigint): Promise<void> {
  await clock.advance(seconds);
  await keepAlive(...Object.values(allFeeds(scene)), ...scene.fresh.all);
}

/** Rates, terms and principals are what they were, and forty days later fixed-term loans owe their simple interest and nothing else. */
async function expectTermsToStay(scene: Scene, before: bigint[][]): Promise<void> {
  await wait(scene, 40n * DAY);
  for (const [n, kind] of KINDS.entries()) {
    const id = scene.idOf(kind);
    const loan = await scene.book.loan(id);
    expect([...loan]).to.deep.equal(before[n]);
    if (loan.maturity !== 0n) expect(await scene.book.debtOf(id)).to.equal(debtOf(loan));
  }
}

async function storedLoans({ book, idOf }: Scene): Promise<bigint[][]> {
  return Promise.all(KINDS.map(async (kind) => [...(await book.loan(idOf(kind)))]));
}

/** The profile, `age` seconds from now, if nobody does anything. */
async function untouched(scene: Scene, age: bigint, lie: bigint): Promise<Profile[]> {
  const snapshot = await networkHelpers.takeSnapshot();
  await wait(scene, age);
  const expected = await profile(scene, lie);
  await snapshot.restore();
  return expected;
}

/** An act that is done at once is compared at once; one that is announced, a second before it can be carried out, and then. */
async function expectLinesToStay(scene: Scene, act: Act): Promise<void> {
  const { prepare, begin, finish, delay = 0n, lie = 100n, moves = false } = act;
  await prepare?.(scene);
  const loans = await storedLoans(scene);
  const done = await untouched(scene, delay, lie);
  const early = finish && (await untouched(scene, delay - 1n, lie));
  await begin(scene);
  if (early !== undefined) {
    await wait(scene, delay - 1n);
    await expect(finish?.(scene))
      .to.be.revertedWithCustomError(scene.book, "ProposalNotReady")
      .withArgs(delay - 1n, delay);
    expectSame(await profile(scene, lie), early, "a second before it can be carried out");
    await wait(scene, 1n);
    await finish?.(scene);
  }
  const after = await profile(scene, lie);
  if (moves) expect(after.map(({ lines }) => lines)).not.to.deep.equal(done.map(({ lines }) => lines));
  else expectSame(after, done, "when it is done");
  await expectTermsToStay(scene, loans);
}

describe("Lines stay (INV-08)", () => {
  it("through everything that an officer can do, and that can be proposed", () => {
    const functions = ROLES.flatMap(({ book, vault }) => [
      ...book.map((name) => `book.${name.replace(/\(.*/, "")}`),
      ...vault.map((name) => `vault.${name.replace(/\(.*/, "")}`),
    ]);
    const actions = [IBookActions__factory, IVaultActions__factory].flatMap((factory) =>
      factory
        .createInterface()
        .fragments.map((fragment) => ("name" in fragment ? `action ${String(fragment.name)}` : "")),
    );
    expect(new Set(ACTS.flatMap(({ covers }) => covers))).to.deep.equal(new Set([...functions, ...actions]));
  });

  for (const act of ACTS) {
    it(act.moves === true ? `until ${act.name}, as announced` : `when ${act.name}`, async () => {
      await expectLinesToStay(await networkHelpers.loadFixture(withFreshFeeds), act);
    });
  }

  it("for years, if nobody does anything: only prices and interest move them", async () => {
    const scene = await networkHelpers.loadFixture(withFreshFeeds);
    const linesOf = async (): Promise<bigint[][]> =>
      Promise.all(
        KINDS.map(async (kind) => {
          const { callLine, liquidationLine } = await scene.book.healthOf(scene.idOf(kind));
          return [callLine, liquidationLine];
        }),
      );
    const lines = await linesOf();
    await wait(scene, 3n * YEAR);
    expect(await linesOf()).to.deep.equal(lines);
  });
});

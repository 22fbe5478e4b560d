/**
 * INV-09, cell by cell: loans of every kind, in every state of prices and listings. What a way out does is compared with the
 * calculation, to the unit, while everything is paused; under other pauses it must be the same, to the byte.
 */
import { expect } from "chai";

import { ACTIVITIES, activityNumber, PAUSES } from "../helpers/activities.ts";
import { deployActor } from "../helpers/actor.ts";
import { clock, DAY, networkHelpers } from "../helpers/chain.ts";
import { endsOf, error, step, type Step } from "../helpers/probe.ts";
import { KINDS, standing, standingWithPeg, type Kind, type Standing } from "./standing.ts";
import { enterListingState, LISTING_STATES, PRICE_STATES, type PriceState } from "./states.ts";
import { figuresOf, waysOfOthers, waysOut, type Way } from "./ways-out.ts";

/** What the guardian does to pause these. */
function pauseAll({ vault, parties }: Standing, activities: readonly string[]): Step[] {
  return activities.map((activity) => parties.guardian.takes(vault, "pause", [activityNumber(activity)]));
}

/**
 * Tries all ways in each state of the listings with everything paused, and once with nothing. Where the state wants it, under every
 * combination of pauses, beside listings that nobody has touched and those of which nothing is left.
 */
async function expectWays(scene: Standing, state: PriceState, kind: Kind, ways: Way[]): Promise<void> {
  const { book, parties } = scene;
  const figures = figuresOf(scene, kind);
  const plans = [[step(book, "healthOf", [scene.idOf(kind)])], ...ways.map(({ plan }) => plan)];
  for (const listing of LISTING_STATES) {
    const setting = enterListingState(scene, listing);
    const attempt = async (paused: readonly string[]): Promise<string> =>
      parties.stranger.attempt([...setting, ...pauseAll(scene, paused)], plans);
    const answer = await attempt(ACTIVITIES);
    const [before, ...ends] = endsOf(answer);
    const [, , callLine = 0n] = before?.returned[0] ?? [];
    const cell = { scene, state, kind, figures, listing, callLine };
    for (const [n, { name, expected }] of ways.entries()) {
      const { returned = [], refusal } = ends[n] ?? {};
      expect(refusal ?? returned, `${name}, listings ${listing.name}`).to.deep.equal(expected(cell, returned));
    }
    const isOutermost = listing === LISTING_STATES[0] || listing === LISTING_STATES.at(-1);
    const rest = isOutermost && state.everyPause === true ? PAUSES : listing === LISTING_STATES[0] ? [[]] : [];
    for (const paused of rest) {
      const other = await attempt(paused);
      if (other !== answer) expect(endsOf(other), `paused: ${paused.join(", ")}`).to.deep.equal([before, ...ends]);
    }
  }
}

describe("Exits (INV-09)", () => {
  it("are tried with every activity that can be paused", async () => {
    const { vault, parties } = await networkHelpers.loadFixture(standing);
    const isKnown = async (number: number): Promise<boolean> => {
      const { target, data } = step(vault, "pausedUntil", [0n]);
      const [end] = endsOf(
        await parties.stranger.attempt([], [[{ target, data: data.slice(0, -1) + String(number) }]]),
      );
      return end?.refusal === undefined;
    };
    expect(await isKnown(ACTIVITIES.length - 1)).to.equal(true);
    expect(await isKnown(ACTIVITIES.length)).to.equal(false);
    expect(new Set(PAUSES.map(String)).size).to.equal(2 ** ACTIVITIES.length);
  });

  it("leave to pauses what each is for, alone or together, and nothing else", async () => {
    const scene = await networkHelpers.loadFixture(standing);
    const { vault, book, usdc: asset, parties } = scene;
    const { lender, owner, stranger } = parties;
    const entries: Record<string, Step> = {
      Deposit: lender.takes(vault, "deposit", [1n, lender.address]),
      Borrow: owner.takes(book, "borrow", [scene.idOf({ number: 1n }), 1n, owner.address]),
      FlashLoan: step(vault, "flashLoan", [await (await deployActor(scene)).getAddress(), asset.target, 1n, "0x"]),
    };
    expect(Object.keys(entries)).to.deep.equal(ACTIVITIES);
    const until = clock.now() + 14n * DAY;
    for (const paused of PAUSES) {
      const plans = Object.values(entries).map((entry) => [entry]);
      const ends = endsOf(await stranger.attempt(pauseAll(scene, paused), plans));
      const expected = ACTIVITIES.map((activity) =>
        paused.includes(activity) ? error("Paused", activityNumber(activity), until) : undefined,
      );
      expect(ends.map(({ refusal }) => refusal)).to.deep.equal(expected);
    }
  });

  for (const state of PRICE_STATES) {
    describe(`while ${state.name}`, () => {
      let scene: Standing;
      before(async () => {
        scene = await networkHelpers.loadFixture(state.withPeg === true ? standingWithPeg : standing);
        await state.enter(scene);
      });

      for (const kind of KINDS) {
        it(`of ${kind.name}`, async () => {
          await expectWays(scene, state, kind, waysOut(scene, kind));
        });
      }

      for (const any of KINDS.slice(0, 1)) {
        it("of lenders, callers and owners who trusted", async () => {
          await expectWays(scene, state, any, waysOfOthers(scene));
        });
      }
    });
  }
});

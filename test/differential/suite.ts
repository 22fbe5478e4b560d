/** The tests of one loan asset's decimals: a file each, so that they run beside one another. */
import { expect } from "chai";

import { BOOK_EVENTS, VAULT_EVENTS } from "../../sdk/src/state/events.ts";
import { networkHelpers } from "../helpers/chain.ts";
import { ACTS, live } from "./life.ts";
import { Tally } from "./tally.ts";
import type { WorldOptions } from "./world.ts";

/** Of each of the two lives, beside those at its end and those that the chain takes back. */
const OPERATIONS = 225;

/** In the interface, but nothing emits it. */
const NEVER = new Set(["EIP712DomainChanged"]);

/** What loans must have come to. */
const OUTCOMES = [
  ...["none", "curing", "due", "lapsed", "may borrow", "may release", "hard", "soft", "credited"],
  ...["InCurePeriod", "NotLiquidatable", "NotPledged", "SeizedBelowMin", "ZeroAmount"],
];

/** Of these one may be missing: the lives of other files have it. */
const RARE = [
  ...["seized at less", "DebtBelowMin", "FeedNotLive", "LoanAssetFeedNotLive", "MarginCallLapsed"],
  ...["RemainderTooSmall", "SequencerNotReady"],
];

export interface Lives {
  readonly assetDecimals: number;
  /** Of a market with a peg and a sequencer, and of one with neither. */
  readonly tokenDecimals: readonly [full: number, bare: number];
  readonly seed: number;
}

/** How many lives more than two may be needed to see everything: those of a file are short, and chance has them. */
const MORE_LIVES = 4;

export function testLives({ assetDecimals, tokenDecimals: [full, bare], seed }: Lives): void {
  describe(`The SDK beside the contracts, a loan asset of ${assetDecimals} decimals`, () => {
    const tally = new Tally();
    const worlds: WorldOptions[] = [
      { assetDecimals, tokenDecimals: full, hasPeg: true, hasSequencer: true },
      { assetDecimals, tokenDecimals: bare, hasPeg: false, hasSequencer: false },
    ];
    const liveOnce = async (world: WorldOptions, number: number): Promise<void> => {
      const snapshot = await networkHelpers.takeSnapshot();
      await live({ world, seed: seed + number, operations: OPERATIONS }, tally);
      await snapshot.restore();
    };

    for (const [i, world] of worlds.entries()) {
      it(`says the same after each of ${OPERATIONS} operations, a token of ${world.tokenDecimals} decimals`, async () => {
        await liveOnce(world, i);
      });
    }

    it("was compared through every operation, every event and the ends that loans can come to", async () => {
      for (let more = 0; more < MORE_LIVES && missing(tally).length !== 0; more++) {
        const world = worlds[more % worlds.length];
        if (world !== undefined) await liveOnce(world, worlds.length + more);
      }
      expect(missing(tally)).to.deep.equal([]);
      expect(tally.operations).to.be.least(500); // in four files
      expect(tally.figures).to.be.above(100 * tally.operations);
      expect(tally.refusals).to.be.above(tally.operations / 2);
      expect(tally.undone).to.be.above(tally.operations); // blocks
      expect(tally.reorganised).to.be.above(20);
    });
  });
}

function missing({ acts, events, outcomes }: Tally): string[] {
  const names = [...Object.keys(VAULT_EVENTS), ...Object.keys(BOOK_EVENTS)].filter((name) => !NEVER.has(name));
  const rare = outcomes.missing(RARE);
  const others = [...acts.missing(Object.keys(ACTS)), ...events.missing(names), ...outcomes.missing(OUTCOMES)];
  return rare.length > 1 ? [...others, ...rare] : others;
}

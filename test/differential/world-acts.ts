/** What happens to a market: time, prices, and all that can be wrong with feeds and sequencer. */
import { NO_ADDRESS } from "../../sdk/src/constants.ts";
import { clock, DAY, HOUR } from "../helpers/chain.ts";
import { ORDINARY } from "./keeper-acts.ts";
import { strike, tellSequencer } from "./prices.ts";
import { NothingToDoError, type Acts } from "./scene.ts";

export const WORLD_ACTS: Acts = {
  "a moment passes": { weight: 3, run: async (scene) => scene.wait(scene.random.within(1n, 900n)) },
  "time passes": {
    weight: 3,
    run: async (scene) => {
      const longest = scene.random.pick([HOUR, HOUR, DAY, DAY, 10n * DAY, 30n * DAY]);
      await scene.wait(scene.random.within(1n, longest));
    },
  },
  "a margin call comes due": {
    weight: 4,
    run: async (scene) => {
      const now = clock.now();
      const coming = scene.loans.flatMap(({ call }) =>
        call === undefined || call.deadline < now ? [] : [call.deadline],
      );
      if (coming.length === 0) throw new NothingToDoError();
      await scene.wait(scene.random.pick(coming) - now + scene.random.within(0n, 13n * HOUR)); // or lapses
    },
  },
  "a term ends": {
    weight: 1,
    run: async (scene) => {
      const now = clock.now();
      const ends = scene.loans.map(({ maturity }) => maturity).filter((end) => end > now && end < now + 60n * DAY);
      if (ends.length === 0) throw new NothingToDoError();
      await scene.wait(scene.random.pick(ends) - now + scene.random.pick([0n, 1n, 1_000n]));
    },
  },
  "feeds fall silent": {
    weight: 0.7,
    run: async (scene) => clock.advance(scene.random.within(HOUR, 30n * HOUR)), // and are as they were
  },
  "prices move": { weight: 7, run: async (scene) => scene.tellPrices(scene.random.within(900_000n, 1_050_000n)) },
  "prices fall": { weight: 2, run: async (scene) => scene.tellPrices(scene.random.within(650_000n, 900_000n)) },
  "prices crash": { weight: 0.3, run: async (scene) => scene.tellPrices(scene.random.within(5_500n, 650_000n)) },
  "prices recover": { weight: 1, run: async (scene) => scene.tellPrices(ORDINARY) },
  "a feed fails": {
    weight: 3,
    run: async (scene) => {
      await strike(scene.world, scene.state, scene.rounds, scene.random);
      await scene.look();
    },
  },
  "the sequencer speaks": {
    weight: 4,
    run: async (scene) => {
      if (scene.state.sequencerFeed === NO_ADDRESS) throw new NothingToDoError();
      await tellSequencer(scene.world, scene.state, scene.random);
      await scene.look();
    },
  },
};

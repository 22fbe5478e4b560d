/** The feeds of a market: what they say, and what becomes of them. */
import { parseUnits } from "ethers";

import type { Rounds } from "../../sdk/src/market/snapshot-of.ts";
import { NO_ADDRESS } from "../../sdk/src/constants.ts";
import type { MarketState } from "../../sdk/src/state/market-state.ts";
import type { BigRandom } from "../../scripts/vectors/big-random.ts";
import { clock, DAY, HOUR } from "../helpers/chain.ts";
import { FeedMode } from "../helpers/mocks.ts";
import { send, type World } from "./world.ts";

/** A call of a feed. */
type Step = readonly [feed: string, method: string, args: readonly bigint[]];

/**
 * Feeds speak, most of those that had failed too: tokens move together by a factor and each a little by itself, second sources stray, the
 * loan asset keeps near its dollar. Prices stay at what they are without a factor, where feeds have any.
 */
export async function tellPrices(
  world: World,
  state: MarketState,
  rounds: Rounds,
  random: BigRandom,
  factor?: bigint,
): Promise<void> {
  const steps: Step[] = [];
  const { loanAssetFeed, listings } = state;
  const tell = (feed: string, answer: bigint, minAnswer: bigint): void => {
    const said = rounds.get(feed)?.answer ?? 0n;
    if (said < minAnswer && feed !== loanAssetFeed?.feed && random.chance(STAYS_DEAD)) return;
    if (rounds.get(feed) === undefined) steps.push([feed, "setMode", [BigInt(FeedMode.answer)]]);
    steps.push([feed, "set", [answer]]);
  };
  const stays = (feed: string): bigint | undefined => {
    const answer = rounds.get(feed)?.answer;
    return factor !== undefined || answer === undefined || answer <= 1n ? undefined : answer;
  };
  if (loanAssetFeed !== undefined) {
    const { feed, minAnswer } = loanAssetFeed;
    tell(feed, stays(feed) ?? random.within(97_000_000n, 103_000_000n), minAnswer);
  }
  for (const { token, feed, secondFeed } of listings.values()) {
    const own = ((factor ?? MILLION) * random.within(960_000n, 1_040_000n)) / MILLION;
    const dollars = world.collateral.get(token)?.dollars;
    if (dollars === undefined) throw new Error(`There is no token ${token}.`);
    for (const { feed: address, minAnswer, maxAnswer } of [feed, secondFeed]) {
      if (address === NO_ADDRESS) continue;
      const decimals = world.feedDecimals.get(address);
      if (decimals === undefined) throw new Error(`There is no feed ${address}.`);
      const moved = (parseUnits(dollars, decimals) * own * random.within(987_000n, 1_013_000n)) / MILLION ** 2n;
      const stayed = stays(address);
      tell(address, stayed === undefined || stayed > maxAnswer ? moved : stayed, minAnswer);
    }
  }
  await perform(world, steps);
}

const MILLION = 1_000_000n;

/** How often a collateral's feed without an answer stays so. */
const STAYS_DEAD = 0.4;

/** A feed fails in one of its ways. */
export async function strike(world: World, state: MarketState, rounds: Rounds, random: BigRandom): Promise<void> {
  const { loanAssetFeed, listings } = state;
  const ofListings = [...listings.values()].flatMap(({ feed, secondFeed }) => [feed, secondFeed, secondFeed]);
  const configs = [...ofListings, ...(loanAssetFeed === undefined ? [] : [loanAssetFeed, loanAssetFeed])];
  const { feed, maxAge } = random.pick(configs.filter((config) => config.feed !== NO_ADDRESS));
  const answer = rounds.get(feed)?.answer ?? 1n;
  const now = clock.now();
  const ways: (readonly [Step, number])[] = [
    [[feed, "setMode", [BigInt(FeedMode.revert)]], 2],
    [[feed, "setMode", [BigInt(FeedMode.returnShort)]], 1],
    [[feed, "setAt", [answer, now - maxAge]], 1], // live for this second
    [[feed, "setAt", [answer, now - maxAge - 1n]], 2],
    [[feed, "setAt", [answer, now + 1n]], 1],
    [[feed, "setAt", [answer, 0n]], 1],
    [[feed, "set", [-answer]], 1],
    [[feed, "set", [0n]], 1],
    [[feed, "set", [1n]], 1],
    [[feed, "set", [answer * 10n ** 9n]], 1],
    [[feed, "set", [(answer * random.within(96n, 104n)) / 100n]], 6], // apart, if there is another
  ];
  await perform(world, [random.weighed(ways)]);
}

/** The sequencer goes down, or comes up, or came up a while ago. */
export async function tellSequencer(world: World, { sequencerFeed }: MarketState, random: BigRandom): Promise<void> {
  const status = random.chance(0.3) ? 1n : 0n;
  const at = clock.now() - random.within(0n, random.pick([2n * HOUR, 30n * HOUR, 9n * DAY]));
  await perform(world, [[sequencerFeed, "setRound", [status, at, at]]]);
}

/** All in one transaction. */
async function perform({ known, stranger }: World, steps: readonly Step[]): Promise<void> {
  const plan = steps.map(([feed, method, args]) => [feed, known.feed.encodeFunctionData(method, args)]);
  await send(stranger.address, known.relay, "perform", [plan]);
}

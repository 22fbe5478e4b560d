/** A market on a chain with a sequencer. */
import { clock, DAY } from "./chain.ts";
import { deployMock, type TestFeed } from "./mocks.ts";
import { deployPairs, type PairedMarket } from "./pairs.ts";

export interface SequencedMarket extends PairedMarket {
  sequencer: TestFeed;
}

export const UP = 0n;
export const DOWN = 1n;

/** Says that the sequencer went up or down `ago` seconds ago. */
export async function tellSequencer(sequencer: TestFeed, status: bigint, ago: bigint): Promise<void> {
  await sequencer.setRound(status, clock.now() - ago, clock.now() - ago);
}

/** The paired market, whose sequencer has been up for a month. */
export async function sequencedMarket(): Promise<SequencedMarket> {
  const sequencer = await deployMock<TestFeed>("TestFeed", 0, UP);
  await tellSequencer(sequencer, UP, 30n * DAY);
  const market = await deployPairs({ sequencerFeed: sequencer });
  return { ...market, sequencer };
}

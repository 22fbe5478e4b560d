import { network } from "hardhat";

/** The date of the first block, so that no figure depends on the day the tests run. */
const START = "2026-01-01T00:00:00Z";

const connection = await network.create({ override: { allowBlocksWithSameTimestamp: true, initialDate: START } });

export const { ethers, networkHelpers } = connection;

const request = connection.provider.request.bind(connection.provider);

let now = await networkHelpers.time.latest();

/** What the chain's own clock would date, estimates included. */
const DATED = new Set(["eth_sendTransaction", "eth_sendRawTransaction", "eth_estimateGas", "evm_mine"]);

// The chain's own clock runs with the wall clock, and interest with it: on a slow machine debts would be a unit higher. So
// time stands still here until a test moves it.
connection.provider.request = async (call): Promise<unknown> => {
  if (DATED.has(call.method)) await request({ method: "evm_setNextBlockTimestamp", params: [now] });
  const result: unknown = await request(call);
  if (call.method === "evm_revert") now = await networkHelpers.time.latest();
  return result;
};

let start = await networkHelpers.takeSnapshot();

/** Back to the first block; what fixtures have been is forgotten. */
export async function restartChain(): Promise<void> {
  await start.restore();
  networkHelpers.clearSnapshots();
  start = await networkHelpers.takeSnapshot();
}

export const clock = {
  /** The time of the last block and of all that follow until the next move. [s] */
  now: (): bigint => BigInt(now),

  /** Moves time on and mines a block, so that views see it too. */
  async advance(seconds: bigint | number): Promise<void> {
    now += Number(seconds);
    await networkHelpers.time.increaseTo(now);
  },
};

export const HOUR = 3_600n;
export const DAY = 24n * HOUR;
export const YEAR = 365n * DAY;

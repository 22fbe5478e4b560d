import { parseUnits, ZeroAddress } from "ethers";

import { ethers } from "./chain.ts";

/** A feed as it stands on a public chain: Chainlink's aggregator with one oracle, behind Chainlink's proxy. */
export interface ChainlinkFeed {
  /** What readers are given. */
  readonly proxy: string;
  /** Publishes an answer, in whole units, in the next round. */
  readonly submit: (answer: string) => Promise<void>;
}

export async function deployChainlinkFeed(
  description: string,
  decimals: number,
  answer: string,
): Promise<ChainlinkFeed> {
  const [oracle] = await ethers.getSigners();
  if (oracle === undefined) throw new Error("An oracle needs an account.");
  const limits = [1n, 2n ** 191n - 1n];
  const aggregator = await ethers.deployContract("FluxAggregator", [
    ...[ZeroAddress, 0, 600, ZeroAddress, ...limits, decimals, description],
  ]);
  await aggregator.getFunction("changeOracles")([], [oracle], [oracle], 1, 1, 0);
  const proxy = await ethers.deployContract("EACAggregatorProxy", [aggregator, ZeroAddress]);
  let round = 0;
  const submit = async (text: string): Promise<void> => {
    round++;
    await aggregator.getFunction("submit")(round, parseUnits(text, decimals));
  };
  await submit(answer);
  return { proxy: await proxy.getAddress(), submit };
}

import type { Log, Provider } from "ethers";

/** Below this many blocks an error of the node is not about the number of them. */
const SMALLEST_RANGE = 500;

/**
 * All events of a contract, or of several. Nodes answer for a limited number of blocks, each for another: a range that is refused is
 * halved.
 */
export async function readLogs(
  provider: Pick<Provider, "getBlockNumber" | "getLogs">,
  address: string | string[],
  fromBlock: number,
  toBlock?: number,
): Promise<readonly Log[]> {
  const last = toBlock ?? (await provider.getBlockNumber());
  try {
    return await provider.getLogs({ address, fromBlock, toBlock: last });
  } catch (error) {
    if (last - fromBlock < SMALLEST_RANGE) throw error;
    const middle = Math.floor((fromBlock + last) / 2);
    const earlier = await readLogs(provider, address, fromBlock, middle);
    return [...earlier, ...(await readLogs(provider, address, middle + 1, last))];
  }
}

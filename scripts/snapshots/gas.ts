import { BenchChain } from "./bench-chain.ts";
import type { FeedKind } from "./bench-ground.ts";
import { deployBenchMarket, type BenchMarket } from "./bench-market.ts";
import type { Operation } from "./operation.ts";
import { OPERATIONS } from "./operations.ts";
import type { Figures } from "./snapshot.ts";

/** What an operation is called in the snapshot; those that ask feeds are measured with each kind. */
export function gasKey({ name, readsFeeds }: Operation, feedKind: FeedKind): string {
  return readsFeeds ? `${name}/${feedKind}` : name;
}

/** Gas of every operation, as its sender pays it: the whole transaction, refunds taken off. */
export async function measureGas(): Promise<Figures> {
  const priced = OPERATIONS.filter(({ readsFeeds }) => readsFeeds);
  return new Map([...(await measureWith("simple", OPERATIONS)), ...(await measureWith("eac", priced))]);
}

async function measureWith(feedKind: FeedKind, operations: readonly Operation[]): Promise<Figures> {
  const chain = await BenchChain.start();
  try {
    const market = await deployBenchMarket(chain, feedKind);
    const figures = new Map<string, number>();
    for (const operation of operations) {
      figures.set(gasKey(operation, feedKind), await chain.trying(async () => measureOne(market, operation)));
    }
    return figures;
  } finally {
    await chain.close();
  }
}

/** Gas of one operation, from the market as it stands; it stands otherwise afterwards. */
export async function measureOne(market: BenchMarket, { prepare, send, wethPrice }: Operation): Promise<number> {
  await prepare?.(market);
  await market.wait(wethPrice === undefined ? {} : { weth: wethPrice });
  return market.chain.send(async () => send(market));
}

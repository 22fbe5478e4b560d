import { BenchChain } from "../../scripts/snapshots/bench-chain.ts";
import type { FeedKind } from "../../scripts/snapshots/bench-ground.ts";
import { deployBenchMarket } from "../../scripts/snapshots/bench-market.ts";
import { gasKey, measureOne } from "../../scripts/snapshots/gas.ts";
import { OPERATIONS } from "../../scripts/snapshots/operations.ts";
import { compare, type Row } from "./comparison.ts";
import { fill } from "./crowd.ts";
import { lastListingOperations } from "./operations.ts";
import { sizeText } from "./report.ts";
import { ALONE, type Size } from "./size.ts";

/** Measures every operation among few others and in a crowd; what reads no feed costs the same with all of them. */
export async function measureScale(
  size: Size,
  feedKinds: readonly FeedKind[],
  say: (line: string) => void,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [i, feedKind] of feedKinds.entries()) {
    const measure = async (one: Size) => measureAmong(one, { feedKind, isWhole: i === 0, say });
    rows.push(...compare(await measure(ALONE), await measure(size)));
  }
  return rows;
}

interface Run {
  readonly feedKind: FeedKind;
  /** Whether operations that read no feed are measured too. */
  readonly isWhole: boolean;
  readonly say: (line: string) => void;
}

async function measureAmong(size: Size, { feedKind, isWhole, say }: Run): Promise<Map<string, number>> {
  const chain = await BenchChain.start();
  try {
    say(`${feedKind} feeds, ${sizeText(size)}`);
    const market = await deployBenchMarket(chain, feedKind);
    const last = await fill(market, size, feedKind, say);
    const operations = [...OPERATIONS, ...lastListingOperations(last)];
    const figures = new Map<string, number>();
    for (const operation of operations) {
      if (!isWhole && !operation.readsFeeds) continue;
      const gas = await chain.trying(async () => measureOne(market, operation));
      figures.set(gasKey(operation, feedKind), gas);
    }
    return figures;
  } finally {
    await chain.close();
  }
}

import { deployBenchMarket, type BenchMarket } from "../../scripts/snapshots/bench-market.ts";
import type { Operation } from "../../scripts/snapshots/operation.ts";
import { OPERATIONS as SNAPSHOT } from "../../scripts/snapshots/operations.ts";
import { OPERATION_NAMES, type Deed, type System } from "./system.ts";

/** Names that the snapshot has for what is called otherwise here. */
const SNAPSHOT_NAMES: Readonly<Partial<Record<string, string>>> = { "call-margin": "call-one" };

/** This protocol, as the gas snapshot measures it: the code that is deployed, all features on. */
export const ballast: System = {
  name: "ballast",
  notes: [
    "Open again is a further loan of a wallet that has some; elsewhere it is the next one of a wallet without any.",
  ],
  deploy: async (chain, feedKind) => {
    const market = await deployBenchMarket(chain, feedKind);
    const deeds = OPERATION_NAMES.flatMap((name) => {
      const operation = SNAPSHOT.find((one) => one.name === (SNAPSHOT_NAMES[name] ?? name));
      return operation === undefined ? [] : [[name, deedOf(market, operation)] as const];
    });
    const [vault, book] = await Promise.all([market.vault.getAddress(), market.book.getAddress()]);
    return { wait: market.wait, deeds: Object.fromEntries(deeds), owners: { vault, book } };
  },
};

function deedOf(market: BenchMarket, { prepare, send, wethPrice }: Operation): Deed {
  return {
    prepare: async () => prepare?.(market),
    ...(wethPrice === undefined ? {} : { wethPrice }),
    transactions: [async () => send(market)],
  };
}

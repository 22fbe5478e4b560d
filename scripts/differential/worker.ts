/** Lives the lives that it is told to, one after another, each on the same fresh chain of its own process. */
import { networkHelpers } from "../../test/helpers/chain.ts";
import { live } from "../../test/differential/life.ts";
import { Tally } from "../../test/differential/tally.ts";
import { worldOf } from "../../test/differential/worlds.ts";
import type { Order, Told } from "./messages.ts";

/** How often it tells where it stands. [ms] */
const INTERVAL = 1_000;

process.on("message", (order: Order) => void obey(order));
// Nobody is left to tell.
process.on("disconnect", () => process.exit(1));

async function obey({ seed, life, operations }: Order): Promise<void> {
  const snapshot = await networkHelpers.takeSnapshot();
  const tally = new Tally();
  let told = { operations: 0, figures: 0 };
  const tell = (ended?: string): void => {
    const { operations: done, figures } = tally;
    const news: Told = { operations: done - told.operations, figures: figures - told.figures };
    told = { operations: done, figures };
    process.send?.(ended === undefined ? news : { ...news, ended });
  };
  const timer = setInterval(tell, INTERVAL);
  let difference = "";
  try {
    await live({ world: worldOf(life), seed, operations }, tally);
  } catch (error) {
    difference = error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  clearInterval(timer);
  await snapshot.restore();
  tell(difference);
}

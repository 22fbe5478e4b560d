import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";

import { dollars, FEEDS, PRICES, weth, type Feed, type FeedKind } from "../../scripts/snapshots/bench-ground.ts";
import { NO_FEED, TERMS, type BenchMarket } from "../../scripts/snapshots/bench-market.ts";
import { IBookActions__factory } from "../../typechain-types/index.ts";

const ACTIONS = IBookActions__factory.createInterface();

/** How long a proposal waits. [s] */
const DELAY = 7 * 86_400;

/** Nobody lets these feeds answer anew. [s] */
const MAX_AGE = 365 * 86_400;

/**
 * Lists as many tokens as are missing to a number of listings, each with a feed of its own, as a curator does: by proposals that wait.
 *
 * @returns The feed of the last one.
 */
export async function addListings(
  { chain, book, wait }: BenchMarket,
  listings: number,
  feedKind: FeedKind,
  maker: HardhatEthersSigner,
): Promise<Feed> {
  const actions: string[] = [];
  let feed: Feed | undefined;
  for (let number = Number(await book.listingCount()); number < listings; number++) {
    const token = await chain.deploy("PlainToken", [`Coin ${number}`, `COIN${number}`, 18], maker);
    feed = (await chain.deploy(FEEDS[feedKind], [PRICES.weth], maker)) as Feed;
    const bounds = { minAnswer: dollars("10"), maxAnswer: dollars("100000") };
    const config = {
      ...{ token: await token.getAddress(), terms: TERMS, cap: weth("100000") },
      feed: { feed: await feed.getAddress(), maxAge: MAX_AGE, ...bounds },
      secondFeed: NO_FEED,
    };
    actions.push(ACTIONS.encodeFunctionData("addListing", [config]));
  }
  if (feed === undefined) throw new Error(`The market has ${listings} listings already.`);
  for (const action of actions) await chain.send(async () => book.propose(action));
  chain.advance(DELAY);
  await wait();
  for (const action of actions) await chain.send(async () => book.execute(action));
  return feed;
}

/** What the SDK takes of a market at a moment, read from the chain. */
import type { ListingSnapshot, MarketSnapshot } from "../../sdk/src/market/market-snapshot.ts";
import { clock } from "../helpers/chain.ts";
import { storedVault } from "../helpers/stored-vault.ts";
import { bookFeeds, type LoanScene } from "./loan-scene.ts";

export async function snapshotFrom(scene: LoanScene): Promise<MarketSnapshot> {
  const { book, vault } = scene;
  const feeds = await bookFeeds(scene);
  const listings: ListingSnapshot[] = [];
  for (const [number, state] of feeds.listings.entries()) {
    const { token, cap, held } = await book.listings(number);
    listings.push({ ...state, token, cap, held });
  }
  const [deposit, borrow, flashLoan] = await Promise.all([0, 1, 2].map(async (one) => vault.pausedUntil(one)));
  const { vault: stored, limits } = await storedVault(vault);
  return {
    now: clock.now(),
    vault: stored,
    depositCap: limits.depositCap,
    pauses: { deposit: deposit ?? 0n, borrow: borrow ?? 0n, flashLoan: flashLoan ?? 0n },
    minDebt: await book.MIN_DEBT(),
    book: { ...feeds, listings },
  };
}

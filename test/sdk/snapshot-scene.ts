/** What the SDK takes of a market at a moment, read from the chain. */
import type { ListingSnapshot, MarketSnapshot } from "../../sdk/src/market/market-snapshot.ts";
import type { SharedVault } from "../../sdk/src/math/vault-shares.ts";
import { clock, ethers } from "../helpers/chain.ts";
import { bookFeeds, type LoanScene } from "./loan-scene.ts";

/** What the SDK takes of a market, from views and storage. */
export async function snapshotFrom(scene: LoanScene): Promise<MarketSnapshot> {
  const { book, vault } = scene;
  const feeds = await bookFeeds(scene);
  const listings: ListingSnapshot[] = [];
  for (const [number, state] of feeds.listings.entries()) {
    const { token, cap, held } = await book.listings(number);
    listings.push({ ...state, token, cap, held });
  }
  const [deposit, borrow, flashLoan] = await Promise.all([0, 1, 2].map(async (one) => vault.pausedUntil(one)));
  return {
    now: clock.now(),
    vault: await vaultFrom(scene),
    depositCap: await vault.depositCap(),
    pauses: { deposit: deposit ?? 0n, borrow: borrow ?? 0n, flashLoan: flashLoan ?? 0n },
    minDebt: await book.MIN_DEBT(),
    book: { ...feeds, listings },
  };
}

/** The vault as it is stored; its sums of terms are in two slots that no view tells. */
export async function vaultFrom({ vault }: LoanScene): Promise<SharedVault> {
  const { scaledDebt, index, lastAccrual, averagedSupply, cash, reserves, rateAtTarget } = await vault.state();
  const address = await vault.getAddress();
  const [first, second] = [
    BigInt(await ethers.provider.getStorage(address, 12n)),
    BigInt(await ethers.provider.getStorage(address, 13n)),
  ];
  const terms = {
    principal: first & (2n ** 104n - 1n),
    weighted: (first >> 104n) & (2n ** 136n - 1n),
    dated: second & (2n ** 168n - 1n),
  };
  const stored = { scaledDebt, index, lastAccrual, averagedSupply, cash, reserves, rateAtTarget, terms };
  return { ...stored, totalSupply: await vault.totalSupply() };
}

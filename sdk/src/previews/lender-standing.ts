/** What a wallet shows of a lender. */
import { requireAddress } from "../errors/invalid-address.ts";
import { requireUint } from "../errors/invalid-input.ts";
import type { MarketSnapshot } from "../market/market-snapshot.ts";
import { MAX_AMOUNT } from "../math/amounts.ts";
import { accrued, lendRate, utilisation } from "../math/vault.ts";
import { convertToAssets, maxWithdraw } from "../math/vault-shares.ts";
import type { Lender, LenderOutcome, LenderStanding } from "./outcomes.ts";

/** A lender with the checksum of its address. */
export function requireLender({ owner, shares }: Lender): Lender {
  return { owner: requireAddress("owner", owner), shares: requireUint("shares", shares) };
}

/** Where a lender stands at the snapshot's time. */
export function lenderStandingOf({ vault, now }: MarketSnapshot, lender: Lender): LenderStanding {
  const { owner, shares } = requireLender(lender);
  return {
    ...{ owner, shares },
    withdrawable: maxWithdraw(vault, shares, now),
    value: convertToAssets(vault, shares, now),
    lendRate: lendRate(vault, now),
    utilisation: utilisation(vault, now),
  };
}

/**
 * What stands after a lender has brought assets [asset] and got shares [share], or the other way round where they are negative; undefined if
 * there is not so much.
 */
export function lenderAfter(
  market: MarketSnapshot,
  lender: Lender,
  assets: bigint,
  shares: bigint,
): Pick<LenderOutcome, "after" | "market"> {
  const { now } = market;
  const vault = accrued(market.vault, now);
  const [cash, balance] = [vault.cash + assets, lender.shares + shares];
  if (cash < 0n || cash > MAX_AMOUNT || balance < 0n) return { after: undefined, market: undefined };
  const then = { ...market, vault: { ...vault, cash, totalSupply: market.vault.totalSupply + shares } };
  return { after: lenderStandingOf(then, { ...lender, shares: balance }), market: then };
}

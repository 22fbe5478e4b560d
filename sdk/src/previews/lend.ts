import { requireUint } from "../errors/invalid-input.ts";
import type { MarketLabels } from "../errors/wording.ts";
import type { MarketSnapshot } from "../market/market-snapshot.ts";
import { required } from "../math/refusal.ts";
import { maxDeposit, previewDeposit } from "../math/vault-shares.ts";
import { lenderAfter, requireLender } from "./lender-standing.ts";
import type { Lender, LenderOutcome } from "./outcomes.ts";
import { errorOf, refusePaused } from "./refusals.ts";

/**
 * What `LenderVault.deposit` would do.
 * @param lender Who gets the shares.
 * @param assets [asset]
 * @param labels The market's tokens, by which the refusal writes amounts.
 */
export function previewLend(
  market: MarketSnapshot,
  lender: Lender,
  assets: bigint,
  labels?: MarketLabels,
): LenderOutcome {
  const { vault, depositCap, pauses, now } = market;
  const { owner: receiver } = requireLender(lender);
  requireUint("assets", assets, 104);
  const max = maxDeposit(vault, { depositCap, pausedUntil: pauses.deposit }, now);
  const shares = previewDeposit(vault, assets, now);
  const refusal =
    refusePaused(market, "deposit") ?? required(assets <= max, "ERC4626ExceededMaxDeposit", { receiver, assets, max });
  return { ...lenderAfter(market, lender, assets, shares), assets, shares, refusal: errorOf(refusal, labels) };
}

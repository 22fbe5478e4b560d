import { requireUint } from "../errors/invalid-input.ts";
import type { MarketLabels } from "../errors/wording.ts";
import type { MarketSnapshot } from "../market/market-snapshot.ts";
import { required } from "../math/refusal.ts";
import * as Shares from "../math/vault-shares.ts";
import { lenderAfter, requireLender } from "./lender-standing.ts";
import type { Lender, LenderOutcome } from "./outcomes.ts";
import { errorOf } from "./refusals.ts";

/**
 * What `LenderVault.withdraw` would do, or `redeem` of all of the lender's shares.
 * @param assets How much [asset], or "all".
 * @param labels The market's tokens, by which the refusal writes amounts.
 */
export function previewWithdraw(
  market: MarketSnapshot,
  lender: Lender,
  assets: bigint | "all",
  labels?: MarketLabels,
): LenderOutcome {
  const checked = requireLender(lender);
  const figures = assets === "all" ? redemption(market, checked) : withdrawal(market, checked, assets);
  const { assets: paid, shares: burnt, refusal } = figures;
  return {
    ...lenderAfter(market, lender, -paid, -burnt),
    assets: paid,
    shares: burnt,
    refusal: errorOf(refusal, labels),
  };
}

function withdrawal({ vault, now }: MarketSnapshot, { owner, shares: balance }: Lender, assets: bigint) {
  requireUint("assets", assets, 104);
  const max = Shares.maxWithdraw(vault, balance, now);
  const refusal = required(assets <= max, "ERC4626ExceededMaxWithdraw", { owner, assets, max });
  return { assets, shares: Shares.previewWithdraw(vault, assets, now), refusal };
}

function redemption({ vault, now }: MarketSnapshot, { owner, shares }: Lender) {
  const max = Shares.maxRedeem(vault, shares, now);
  const refusal = required(shares <= max, "ERC4626ExceededMaxRedeem", { owner, shares, max });
  return { assets: Shares.previewRedeem(vault, shares, now), shares, refusal };
}

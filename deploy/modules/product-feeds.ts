import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import type { NamedArtifactContractDeploymentFuture } from "@nomicfoundation/ignition-core";

/** A feed to create over two that stand. */
export interface ProductFeedPlan {
  /** The symbol of the token that it prices. */
  readonly symbol: string;
  readonly rateFeed: string;
  readonly priceFeed: string;
}

/** What {@link productFeedsModule} calls its contracts, by the symbol of the token. */
export const productName = (symbol: string) => `${symbol}_product`;

/** Feeds that multiply a rate and a price. */
export function productFeedsModule(plans: readonly ProductFeedPlan[]) {
  return buildModule("ProductFeeds", (m) => {
    const contracts: Record<string, NamedArtifactContractDeploymentFuture<string>> = {};
    for (const { symbol, rateFeed, priceFeed } of plans) {
      const id = productName(symbol);
      contracts[id] = m.contract("ProductFeed", [rateFeed, priceFeed], { id });
    }
    return contracts;
  });
}

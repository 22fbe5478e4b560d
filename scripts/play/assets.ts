/** What the local market lists as collateral, in the order of its listings. */
export const COLLATERAL = ["WETH", "WBTC", "LINK"] as const;

/** What it lends. */
export const LOAN_ASSET = "USDC" as const;

export type Collateral = (typeof COLLATERAL)[number];
export type Asset = Collateral | typeof LOAN_ASSET;

/** Names under which price files and `--asset` know the assets. */
const ASSET_BY_NAME: ReadonlyMap<string, Asset> = new Map<string, Asset>([
  ["eth", "WETH"],
  ["weth", "WETH"],
  ["btc", "WBTC"],
  ["wbtc", "WBTC"],
  ["link", "LINK"],
  ["usdc", "USDC"],
]);

/** The asset with this name, in any case; undefined if the market does not have it. */
export function assetNamed(name: string): Asset | undefined {
  return ASSET_BY_NAME.get(name.toLowerCase());
}

export function isCollateral(asset: Asset): asset is Collateral {
  return asset !== LOAN_ASSET;
}

/** The names that {@link assetNamed} knows, for messages. */
export const ASSET_NAMES = "ETH, BTC, LINK or USDC";

import { LOCAL_CHAIN_ID, readParameters, type MarketParameters } from "../../deploy/parameters.ts";
import { isProduct } from "../../deploy/product-feeds.ts";
import { InputError } from "./input-error.ts";

/** The symbol of a token of the local market. */
export type Asset = string;

/** What it lends. */
export const LOAN_ASSET = "USDC";

/** The staked ether that `--wsteth` lists. */
export const STAKED_ETHER = "wstETH";

/** Listed in every play, first and in this order; of the others only what the prices need, as each takes time to set up. */
export const ALWAYS_LISTED: readonly Asset[] = ["WETH", "WBTC", "LINK"];

/** The assets that the local market knows by name, as its parameters list them. */
export class Catalogue {
  readonly #priced: readonly Asset[];
  readonly #products: readonly Asset[];

  public constructor({ loanAsset, listings }: Pick<MarketParameters, "loanAsset" | "listings">) {
    const symbols = (isOfProduct: boolean): Asset[] =>
      listings.filter(({ feed }) => isProduct(feed.source) === isOfProduct).map(({ token }) => token.symbol);
    this.#priced = [...symbols(false), loanAsset.token.symbol];
    this.#products = symbols(true);
  }

  public static async read(): Promise<Catalogue> {
    return new Catalogue(await readParameters(LOCAL_CHAIN_ID));
  }

  /** The names for messages: "ETH, BTC, … or USDC". */
  public get names(): string {
    const names = this.#priced.map((symbol) => symbol.replace(/^W/, ""));
    return `${names.slice(0, -1).join(", ")} or ${names.at(-1) ?? ""}`;
  }

  /**
   * The asset whose prices go by this name, in any case: its symbol, without the W of a wrapper if it has one. Undefined if the
   * market has none. Throws an {@link InputError} for one whose price is a product.
   */
  public named(name: string): Asset | undefined {
    const wanted = name.toUpperCase();
    const isMeant = (symbol: Asset): boolean => symbol.toUpperCase() === wanted;
    const product = this.#products.find(isMeant);
    if (product !== undefined) {
      throw new InputError(`${product} has no prices of its own, its rate and those of ETH make them: use --wsteth.`);
    }
    return this.#priced.find(isMeant) ?? this.#priced.find((symbol) => symbol === `W${wanted}`);
  }
}

import { InvalidInputError } from "../errors/invalid-input.ts";
import { DEPLOYED } from "./deployed.ts";
import { parseMarketAddresses, type MarketAddresses } from "./market-addresses.ts";

/** Markets by their chains: one for each, as deployments write them down. */
export class AddressBook {
  readonly #markets: ReadonlyMap<number, MarketAddresses>;

  private constructor(markets: ReadonlyMap<number, MarketAddresses>) {
    this.#markets = markets;
  }

  /** The markets that this version of the package knows. */
  public static deployed(): AddressBook {
    return AddressBook.of(...DEPLOYED);
  }

  /**
   * A book of other markets, such as a local one.
   *
   * @param files What files of addresses hold, parsed.
   * @throws {@link InvalidInputError} for one that is not as it should be, and for a second one of the same chain.
   */
  public static of(...files: readonly unknown[]): AddressBook {
    return new AddressBook(new Map()).with(...files);
  }

  /** This book with more markets. Throws like {@link AddressBook.of}. */
  public with(...files: readonly unknown[]): AddressBook {
    const markets = new Map(this.#markets);
    for (const market of files.map(parseMarketAddresses)) {
      if (markets.has(market.chainId)) {
        throw new InvalidInputError("chainId", market.chainId, "a chain that the book has no market of yet");
      }
      markets.set(market.chainId, market);
    }
    return new AddressBook(markets);
  }

  /** The ids of the chains that it has a market of. */
  public get chains(): readonly number[] {
    return [...this.#markets.keys()];
  }

  /**
   * The market of a chain.
   *
   * @param chainId As ethers gives it (`bigint`) or as wallets do (`number`).
   * @throws {@link InvalidInputError} if there is none.
   */
  public market(chainId: number | bigint): MarketAddresses {
    const market = this.#markets.get(Number(chainId));
    if (market !== undefined) return market;
    const known = this.chains.length === 0 ? "nothing, as the book has no market" : `one of ${this.chains.join(", ")}`;
    throw new InvalidInputError("chainId", chainId, known);
  }
}

/** Reads a market's contracts at one block. */
import { concat, type Provider } from "ethers";

import type { MarketAddresses } from "../addresses/market-addresses.ts";
import { contractErrorIn } from "../errors/contract-error.ts";
import { InvalidInputError } from "../errors/invalid-input.ts";
import type { Round } from "../math/price-feeds.ts";
import type { FeedConfig } from "../state/events.ts";
import type { ListingState } from "../state/market-state.ts";
import type { LoanDebtState, StoredMarginCall, TermSums, VaultState } from "../types.ts";
import type { MarketConnection } from "./connection.ts";
import { CONTRACTS } from "./contracts.ts";

/** A block by its number, or the newest one of its kind. */
export type BlockTag = number | "latest" | "safe" | "finalized";

/** Which block is read; the latest by default. */
export interface ReadOptions {
  /** By its number, or the newest of a kind. */
  readonly block?: BlockTag;
}

/** What views return, by their names. */
interface Views {
  readonly state: Omit<VaultState, "terms">;
  readonly listings: ListingState;
  readonly loanAssetFeed: FeedConfig;
  readonly loan: LoanDebtState & { readonly pledged: bigint; readonly flags: bigint };
  /** With the deadline as it counts at the block's time. */
  readonly marginCallOf: StoredMarginCall;
}

/**
 * A program that reads a feed just as `PriceFeeds` does: a static call with 150,000 gas, of which 160 bytes are kept. It is run as if it
 * were to create a contract, and nothing is created; what it returns is whether the feed answered, and its words. The feed's address
 * stands between the two halves.
 */
const READ_FEED = ["0x63feaf968c60e01b60005260a060206004600073", "0x620249f0fa609f3d111660005260c06000f3"] as const;

/** The market as of one block. */
export class MarketReader {
  readonly #rounds = new Map<string, Promise<Round | undefined>>();

  private constructor(
    private readonly provider: Provider,
    private readonly addresses: MarketAddresses,
    private readonly block: number,
    /** The block's. [s] */
    public readonly time: bigint,
  ) {}

  /** @throws {@link InvalidInputError} for a block that the chain does not have. */
  public static async at(connection: MarketConnection, tag: BlockTag = "latest"): Promise<MarketReader> {
    const provider = await connection.provider();
    const block = await provider.getBlock(tag);
    if (block === null) throw new InvalidInputError("block", tag, "a block of the chain");
    return new MarketReader(provider, connection.addresses, block.number, BigInt(block.timestamp));
  }

  /** A view that returns one whole number. */
  public async figure(contract: "vault" | "book", name: string, ...args: readonly unknown[]): Promise<bigint> {
    const [figure] = await this.#call(contract, name, args);
    return figure as bigint;
  }

  /** The vault's view that returns three whole numbers. */
  public async termSums(): Promise<TermSums> {
    const [principal, weighted, dated] = await this.#call("vault", "termSums", []);
    return { principal, weighted, dated } as TermSums;
  }

  /** A view that returns one address. */
  public async address(contract: "vault" | "book", name: string): Promise<string> {
    const [address] = await this.#call(contract, name, []);
    return address as string;
  }

  /** A view that returns one structure. */
  public async struct<Name extends keyof Views>(name: Name, ...args: readonly unknown[]): Promise<Views[Name]> {
    const [struct] = await this.#call(name === "state" ? "vault" : "book", name, args);
    return (struct as { toObject: (deep: boolean) => Views[Name] }).toObject(true);
  }

  /** What a feed says to the book; nothing if it reverts, runs out of gas or returns too little. Each feed is asked once. */
  public round(feed: string): Promise<Round | undefined> {
    const asked = this.#rounds.get(feed) ?? this.#askFeed(feed);
    this.#rounds.set(feed, asked);
    return asked;
  }

  /** The ids of an owner's loans among so many numbers. */
  public async loansAmong(owner: string, from: bigint, count: number): Promise<bigint[]> {
    const [loans] = await this.#call("lens", "loansOf", [this.addresses.book, owner, from, count]);
    return (loans as readonly { readonly id: bigint }[]).map(({ id }) => id);
  }

  async #call(
    contract: "vault" | "book" | "lens",
    name: string,
    args: readonly unknown[],
  ): Promise<readonly unknown[]> {
    const abi = CONTRACTS[contract];
    const data = abi.encodeFunctionData(name, args);
    try {
      const to = this.addresses[contract];
      return abi.decodeFunctionResult(name, await this.provider.call({ to, data, blockTag: this.block }));
    } catch (error) {
      throw contractErrorIn(error, this.addresses) ?? error;
    }
  }

  async #askFeed(feed: string): Promise<Round | undefined> {
    const data = concat([READ_FEED[0], feed, READ_FEED[1]]);
    const returned = await this.provider.call({ data, blockTag: this.block });
    const word = (place: number): bigint => BigInt(`0x${returned.slice(2 + 64 * place, 66 + 64 * place)}`);
    if (word(0) === 0n) return undefined;
    return { answer: BigInt.asIntN(256, word(2)), startedAt: word(3), updatedAt: word(4) };
  }
}

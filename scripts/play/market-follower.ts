import { readLogs } from "../../deploy/logs.ts";
import { decoder, type RawLog } from "../../sdk/src/state/decode.ts";
import type { MarketEvent } from "../../sdk/src/state/events.ts";
import { MarketHistory, type BlockHeader } from "../../sdk/src/state/market-history.ts";
import type { MarketState } from "../../sdk/src/state/market-state.ts";
import type { Stage } from "./market.ts";

/** Rebuilds the market from its logs, as anybody can who reads the chain. */
export class MarketFollower {
  readonly #stage: Pick<Stage, "connection" | "market">;
  /** The local chain takes no block back. */
  readonly #history = new MarketHistory({ depth: 0 });
  readonly #decode: (log: RawLog) => MarketEvent;
  /** The first block that has not been read. */
  #next: number;

  public constructor(stage: Pick<Stage, "connection" | "market">) {
    const { vault, vaultAddress, book, bookAddress, fromBlock } = stage.market;
    this.#stage = stage;
    this.#decode = decoder({
      vault: { address: vaultAddress, interface: vault.interface },
      book: { address: bookAddress, interface: book.interface },
    });
    this.#next = fromBlock;
  }

  /** The market as of the block that was read last. */
  public get state(): MarketState {
    return this.#history.state;
  }

  /**
   * Reads on to the chain's last block.
   * @returns its time. [s]
   */
  public async advance(): Promise<bigint> {
    const { connection, market } = this.#stage;
    const last = await this.#header("latest");
    if (last.number < this.#next) return last.time;
    const { provider } = connection.ethers;
    const logs = await readLogs(provider, [market.vaultAddress, market.bookAddress], this.#next, last.number);
    for (const number of new Set(logs.map(({ blockNumber }) => blockNumber))) {
      const events = logs.filter(({ blockNumber }) => blockNumber === number).map(this.#decode);
      await this.#apply(number, events);
    }
    this.#next = last.number + 1;
    return last.time;
  }

  async #apply(number: number, logs: readonly MarketEvent[]): Promise<void> {
    const { head } = this.#history;
    if (head !== undefined && head.number < number - 1) this.#history.skipTo(await this.#header(number - 1));
    this.#history.applyBlock({ ...(await this.#header(number)), logs });
  }

  async #header(tag: number | "latest"): Promise<BlockHeader> {
    const block = await this.#stage.connection.ethers.provider.getBlock(tag);
    if (typeof block?.hash !== "string") throw new Error(`The chain has no block ${String(tag)}.`);
    const { number, hash, parentHash, timestamp } = block;
    return { number, hash, parentHash, time: BigInt(timestamp) };
  }
}

import type { EthereumProvider } from "hardhat/types/providers";

/** Enough for any call of the market, and below what a transaction may have. */
const GAS = "0x7a1200";

export interface Transaction {
  readonly from: string;
  readonly to: string;
  readonly data: string;
}

export interface Log {
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
}

export interface Receipt {
  readonly gasUsed: bigint;
  readonly logs: readonly Log[];
}

/**
 * Drives the local chain at given times, with raw requests: ethers' objects would take most of a play's time. Every
 * transaction is a block of its own, at the second that was set last.
 */
export class Chain {
  readonly #provider: EthereumProvider;
  #time = 0;

  public constructor(provider: EthereumProvider) {
    this.#provider = provider;
  }

  /** Unix time at which the next block is mined. [s] */
  public get time(): number {
    return this.#time;
  }

  /** Sets the time of the next blocks; it never goes back. */
  public async setTime(time: number): Promise<void> {
    if (time < this.#time) throw new RangeError(`The chain is at ${String(this.#time)}, past ${String(time)}.`);
    this.#time = time;
    await this.#fixTime();
  }

  /** Mines an empty block at the set time. */
  public async mine(): Promise<void> {
    await this.#fixTime();
    await this.#provider.request({ method: "evm_mine" });
  }

  /** Sends a transaction, which is mined at once. Rejects if it reverts. */
  public async send(transaction: Transaction): Promise<Receipt> {
    await this.#fixTime();
    const params = [{ ...transaction, gas: GAS }];
    const hash: unknown = await this.#provider.request({ method: "eth_sendTransaction", params });
    return asReceipt(await this.#provider.request({ method: "eth_getTransactionReceipt", params: [hash] }));
  }

  /** Calls without a transaction, as of the last block. Rejects if the call reverts. */
  public async call(transaction: Omit<Transaction, "from"> & { readonly from?: string }): Promise<string> {
    const result: unknown = await this.#provider.request({ method: "eth_call", params: [transaction, "latest"] });
    if (typeof result !== "string") throw new TypeError("eth_call did not return data.");
    return result;
  }

  /** Else the next block would be as much later as the computer's clock says. */
  async #fixTime(): Promise<void> {
    await this.#provider.request({ method: "evm_setNextBlockTimestamp", params: [this.#time] });
  }
}

/**
 * Lets a chain's clock stand still for transactions that others send. By itself it runs with the computer's, so that a slow
 * computer would have the vault created a second later than a fast one, and every interest after it a unit higher.
 *
 * @returns What sets the clock going again.
 */
export function holdClock(provider: EthereumProvider, time: number): () => void {
  const request = provider.request.bind(provider);
  provider.request = async (call): Promise<unknown> => {
    if (call.method === "eth_sendTransaction" || call.method === "eth_sendRawTransaction") {
      await request({ method: "evm_setNextBlockTimestamp", params: [time] });
    }
    return request(call);
  };
  return () => {
    provider.request = request;
  };
}

/** The 32-byte words of ABI-encoded data, for results and events that have no dynamic part. */
export function words(data: string): bigint[] {
  const count = Math.floor((data.length - 2) / 64);
  return Array.from({ length: count }, (_, i) => BigInt("0x" + data.slice(2 + 64 * i, 66 + 64 * i)));
}

/** The nth word. */
export function word(data: string, n: number): bigint {
  const value = words(data)[n];
  if (value === undefined) throw new RangeError(`${data} has no word ${String(n)}.`);
  return value;
}

function asReceipt(value: unknown): Receipt {
  if (typeof value !== "object" || value === null) throw new TypeError("The chain has no receipt of its transaction.");
  if (!("gasUsed" in value) || typeof value.gasUsed !== "string" || !("logs" in value) || !Array.isArray(value.logs)) {
    throw new TypeError("The chain's receipt has no gas or logs.");
  }
  return { gasUsed: BigInt(value.gasUsed), logs: value.logs.map(asLog) };
}

function asLog(value: unknown): Log {
  if (typeof value === "object" && value !== null && "address" in value && "topics" in value && "data" in value) {
    const { address, topics, data } = value;
    if (typeof address === "string" && typeof data === "string" && isTexts(topics)) return { address, topics, data };
  }
  throw new TypeError("The chain's receipt has a log that is none.");
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

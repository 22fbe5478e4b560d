import { Contract, type Provider } from "ethers";
import type { EthereumProvider } from "hardhat/types/providers";

const SUBMIT_SELECTOR = "202ee0ed"; // submit(uint256,int256)

/** Measured: 140,000 for an answer of one oracle. Said with each transaction, so that the chain does not have to estimate it. */
const SUBMIT_GAS = "0x7a120";

/** Where a feed of a local market is. */
export interface LocalFeedAddresses {
  /** The symbol of the token that it prices. */
  readonly symbol: string;
  readonly decimals: number;
  /** The proxy, which the book reads. */
  readonly proxy: string;
  /** The aggregator, to which oracles submit. */
  readonly aggregator: string;
  /** Accounts of the chain. A round is answered, with the median, when all have submitted. */
  readonly oracles: readonly string[];
}

/**
 * A Chainlink feed on a local chain, with its oracles in hand. Made for thousands of rounds: a submission is one
 * `eth_sendTransaction`, and nothing is read back. Nobody else may submit meanwhile, as the round is counted here.
 */
export class LocalFeed implements LocalFeedAddresses {
  public readonly symbol: string;
  public readonly decimals: number;
  public readonly proxy: string;
  public readonly aggregator: string;
  public readonly oracles: readonly string[];
  readonly #provider: EthereumProvider;
  #round: number;

  public constructor(provider: EthereumProvider, addresses: LocalFeedAddresses, round: number) {
    this.#provider = provider;
    this.symbol = addresses.symbol;
    this.decimals = addresses.decimals;
    this.proxy = addresses.proxy;
    this.aggregator = addresses.aggregator;
    this.oracles = addresses.oracles;
    this.#round = round;
  }

  /** The aggregator's latest answered round; the proxy puts its phase, 1, above the lower 64 bits. */
  public get round(): number {
    return this.#round;
  }

  /**
   * Publishes an answer in a new round: one transaction for each oracle.
   *
   * @param answer [feed decimals]
   */
  public async submit(answer: bigint): Promise<void> {
    const round = this.#round + 1;
    const data = encodeSubmission(round, answer);
    for (const from of this.oracles) {
      const transaction = { from, to: this.aggregator, data, gas: SUBMIT_GAS };
      await this.#provider.request({ method: "eth_sendTransaction", params: [transaction] });
    }
    this.#round = round;
  }
}

/** The call data of the aggregator's `submit`. */
export function encodeSubmission(round: number, answer: bigint): string {
  return `0x${SUBMIT_SELECTOR}${word(BigInt(round))}${word(answer)}`;
}

/** The latest answered round of an aggregator. */
export async function latestRound(provider: Provider, aggregator: string): Promise<number> {
  const contract = new Contract(aggregator, ["function latestRound() view returns (uint256)"], provider);
  return Number(await contract.getFunction("latestRound").staticCall());
}

/** What a feed said last. [feed decimals] */
export async function latestAnswer(provider: Provider, proxy: string): Promise<bigint> {
  const contract = new Contract(proxy, ["function latestAnswer() view returns (int256)"], provider);
  return (await contract.getFunction("latestAnswer").staticCall()) as bigint;
}

function word(value: bigint): string {
  return BigInt.asUintN(256, value).toString(16).padStart(64, "0");
}

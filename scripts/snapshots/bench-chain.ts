import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { ContractFactory, type BaseContract, type InterfaceAbi, type TransactionResponse } from "ethers";
import { network } from "hardhat";

/** The date of the first block: gas depends on the time, which decides how much interest there is to book. */
const START = "2026-01-01T00:00:00Z";

/** A step of a transaction, before it is taken. */
export interface TraceStep {
  readonly op: string;
  /** What is left. */
  readonly gas: number;
  /** With what a call hands on. */
  readonly gasCost: number;
  readonly depth: number;
  readonly stack: readonly string[];
}

/** A transaction with all that it did. */
export interface TracedTransaction {
  readonly gas: number;
  readonly data: string;
  readonly to: string;
  readonly steps: readonly TraceStep[];
}

type Connection = Awaited<ReturnType<typeof connect>>;

/**
 * An in-process chain on which nothing depends on the machine or the day: block times are set, accounts are Hardhat's, and
 * every transaction is a block of its own. So the same code takes the same gas to the unit.
 */
export class BenchChain {
  readonly #connection: Connection;
  /** Time of the next block. [s] */
  #now: number;

  private constructor(connection: Connection, now: number) {
    this.#connection = connection;
    this.#now = now;
  }

  public static async start(): Promise<BenchChain> {
    const connection = await connect();
    return new BenchChain(connection, (await connection.networkHelpers.time.latest()) + 1);
  }

  public async close(): Promise<void> {
    await this.#connection.close();
  }

  public async signers(): Promise<HardhatEthersSigner[]> {
    return this.#connection.ethers.getSigners();
  }

  public async deploy(
    name: string,
    args: readonly unknown[],
    signer: HardhatEthersSigner,
    libraries: Readonly<Record<string, string>> = {},
  ): Promise<BaseContract> {
    await this.#fixTime();
    const contract = await this.#connection.ethers.deployContract(name, [...args], { signer, libraries });
    return contract.waitForDeployment();
  }

  /** Deploys code that is none of the project's; comes back with its address. */
  public async create(
    abi: InterfaceAbi,
    bytecode: string,
    args: readonly unknown[],
    signer: HardhatEthersSigner,
  ): Promise<string> {
    await this.#fixTime();
    const contract = await new ContractFactory(abi, bytecode, signer).deploy(...args);
    return (await contract.waitForDeployment()).getAddress();
  }

  /** Sends a transaction, and comes back with all the gas that it used. */
  public async send(transaction: () => Promise<TransactionResponse>): Promise<number> {
    const { gasUsed } = await this.#mine(transaction);
    return Number(gasUsed);
  }

  /** Sends a transaction, and comes back with every step that it took. */
  public async trace(transaction: () => Promise<TransactionResponse>): Promise<TracedTransaction> {
    const { gasUsed, hash, data, to } = await this.#mine(transaction);
    const options = { disableMemory: true, disableStorage: true };
    const answer: unknown = await this.#connection.ethers.provider.send("debug_traceTransaction", [hash, options]);
    return { gas: Number(gasUsed), data, to, steps: (answer as { structLogs: TraceStep[] }).structLogs };
  }

  /** Moves on the time of the next blocks. [s] */
  public advance(seconds: number): void {
    this.#now += seconds;
  }

  /** Runs something, and undoes it: time and all. */
  public async trying<Result>(run: () => Promise<Result>): Promise<Result> {
    const now = this.#now;
    const snapshot = await this.#connection.networkHelpers.takeSnapshot();
    try {
      return await run();
    } finally {
      await snapshot.restore();
      this.#now = now;
    }
  }

  async #mine(
    transaction: () => Promise<TransactionResponse>,
  ): Promise<{ gasUsed: bigint; hash: string; data: string; to: string }> {
    await this.#fixTime();
    const sent = await transaction();
    const receipt = await sent.wait();
    if (receipt === null || sent.to === null) throw new Error("A transaction was not mined.");
    return { gasUsed: receipt.gasUsed, hash: sent.hash, data: sent.data, to: sent.to };
  }

  /** Else the next block would be as much later as the computer's clock says. */
  async #fixTime(): Promise<void> {
    await this.#connection.networkHelpers.time.setNextBlockTimestamp(this.#now);
  }
}

async function connect() {
  return network.create({ override: { allowBlocksWithSameTimestamp: true, initialDate: START } });
}

import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { AbiCoder, keccak256, type Contract } from "ethers";

import type { BenchChain } from "../../scripts/snapshots/bench-chain.ts";
import { layBenchGround, type BenchGround, type FeedKind } from "../../scripts/snapshots/bench-ground.ts";
import { call } from "./call.ts";
import { compile, type Artifacts } from "./compile.ts";
import { Deployer } from "./deployer.ts";
import { compileOwn } from "./own-contracts.ts";
import type { Transaction } from "./system.ts";

/** [1e-18] */
const LLTV = 860_000_000_000_000_000n;

/** Of the price that Morpho asks for, with feeds of equal decimals: 1e36, a unit of USDC for each of WETH. */
const SCALE = 10n ** (36n + 6n - 18n);

/** In what follows from Morpho's parts that are not on npm. */
export const MORPHO_NOTES: readonly string[] = [
  "Rate model: bench/gas/contracts/MorphoRateModel.sol. Theirs is not on npm; it costs more, as it moves the rate exponentially.",
  "Oracle: bench/gas/contracts/MorphoOracle.sol. Theirs is not on npm; it costs more, as it asks whether there are more feeds.",
];

/** With the settings of its foundry.toml. */
async function compileMorpho(): Promise<Artifacts> {
  const optimizer = { enabled: true, runs: 999_999 };
  return compile({
    compiler: "solc-0.8.19",
    settings: { optimizer, viaIR: true, evmVersion: "paris", metadata: { bytecodeHash: "none" } },
    files: ["@morpho-org/morpho-blue/src/Morpho.sol"],
  });
}

/** What is owed to somebody, and by them. */
export interface MorphoPosition {
  readonly supplyShares: bigint;
  readonly borrowShares: bigint;
  readonly collateral: bigint;
}

/** A market of Morpho Blue that lends USDC against WETH, and what its users send. */
export class MorphoMarket {
  private constructor(
    public readonly ground: BenchGround,
    public readonly morpho: Contract,
    /** What names the market: loan token, collateral, oracle, rate model, LLTV. */
    public readonly params: readonly [string, string, string, string, bigint],
  ) {}

  /** Deploys Morpho with a market that nobody has used. */
  public static async deploy(chain: BenchChain, feedKind: FeedKind): Promise<MorphoMarket> {
    const ground = await layBenchGround(chain, feedKind);
    const { deployer, tokens, feeds } = ground;
    const theirs = new Deployer(chain, deployer, await compileMorpho());
    const ours = new Deployer(chain, deployer, await compileOwn());

    const morpho = await theirs.deploy("Morpho", deployer.address);
    const irm = await (await ours.deploy("MorphoRateModel")).getAddress();
    const oracle = await (await ours.deploy("MorphoOracle", feeds.weth, feeds.usdc, SCALE)).getAddress();
    const [asset, collateral] = [await tokens.usdc.getAddress(), await tokens.weth.getAddress()];
    const market = new MorphoMarket(ground, morpho, [asset, collateral, oracle, irm, LLTV]);
    await chain.send(market.#call(deployer, "enableIrm", irm));
    await chain.send(market.#call(deployer, "enableLltv", LLTV));
    await chain.send(market.#call(deployer, "createMarket", market.params));
    return market;
  }

  public async positionOf(owner: HardhatEthersSigner): Promise<MorphoPosition> {
    const types = ["address", "address", "address", "address", "uint256"];
    const id = keccak256(AbiCoder.defaultAbiCoder().encode(types, this.params));
    const position: unknown = await this.morpho.getFunction("position").staticCall(id, owner);
    return position as MorphoPosition;
  }

  public lend(from: HardhatEthersSigner, assets: bigint): Transaction {
    return this.#call(from, "supply", this.params, assets, 0n, from, "0x");
  }

  public withdraw(from: HardhatEthersSigner, assets: bigint): Transaction {
    return this.#call(from, "withdraw", this.params, assets, 0n, from, from);
  }

  public withdrawAll(from: HardhatEthersSigner): Transaction {
    return async () => {
      const { supplyShares } = await this.positionOf(from);
      return this.#call(from, "withdraw", this.params, 0n, supplyShares, from, from)();
    };
  }

  public pledge(from: HardhatEthersSigner, amount: bigint): Transaction {
    return this.#call(from, "supplyCollateral", this.params, amount, from, "0x");
  }

  public release(from: HardhatEthersSigner, amount: bigint): Transaction {
    return this.#call(from, "withdrawCollateral", this.params, amount, from, from);
  }

  public borrow(from: HardhatEthersSigner, assets: bigint): Transaction {
    return this.#call(from, "borrow", this.params, assets, 0n, from, from);
  }

  public repay(from: HardhatEthersSigner, assets: bigint): Transaction {
    return this.#call(from, "repay", this.params, assets, 0n, from, "0x");
  }

  public repayAll(from: HardhatEthersSigner): Transaction {
    return async () => {
      const { borrowShares } = await this.positionOf(from);
      return this.#call(from, "repay", this.params, 0n, borrowShares, from, "0x")();
    };
  }

  /** Repays all of somebody's debt for collateral. */
  public liquidate(keeper: HardhatEthersSigner, borrower: HardhatEthersSigner): Transaction {
    return async () => {
      const { borrowShares } = await this.positionOf(borrower);
      return this.#call(keeper, "liquidate", this.params, borrower, 0n, borrowShares, "0x")();
    };
  }

  #call(from: HardhatEthersSigner, name: string, ...args: unknown[]): Transaction {
    return call(this.morpho, from, name, ...args);
  }
}

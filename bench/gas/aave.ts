import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { AbiCoder, MaxUint256, ZeroAddress, type Contract } from "ethers";

import type { BenchChain } from "../../scripts/snapshots/bench-chain.ts";
import { dollars, layBenchGround, type BenchGround, type FeedKind } from "../../scripts/snapshots/bench-ground.ts";
import { call } from "./call.ts";
import { compile, type Artifacts } from "./compile.ts";
import { Deployer } from "./deployer.ts";
import type { Transaction } from "./system.ts";

const SOURCES = "@aave-dao/aave-v3-origin/src/contracts";

const CONTRACTS = [
  ...["protocol/configuration/PoolAddressesProvider", "protocol/configuration/ACLManager", "misc/AaveOracle"],
  ...["misc/DefaultReserveInterestRateStrategyV2", "instances/PoolInstance", "instances/PoolConfiguratorInstance"],
  ...["instances/ATokenInstance", "instances/VariableDebtTokenInstance"],
];

/** With the settings of its foundry.toml. */
async function compileAave(): Promise<Artifacts> {
  const optimizer = { enabled: true, runs: 200 };
  const remappings = ["openzeppelin-contracts/contracts/=@openzeppelin/contracts/"];
  return compile({
    compiler: "solc-0.8.27",
    settings: { optimizer, evmVersion: "shanghai", metadata: { bytecodeHash: "none" }, remappings },
    files: CONTRACTS.map((name) => `${SOURCES}/${name}.sol`),
  });
}

type Asset = "usdc" | "weth" | "wbtc";

/** What may be borrowed of collateral, when it is liquidated, and what the liquidator pays it with. [bps] */
type CollateralTerms = readonly [ltv: bigint, threshold: bigint, bonus: bigint];

/** Those of the other systems. */
const TERMS: CollateralTerms = [7_800n, 8_600n, 10_500n];

/** As on mainnet, where what is lent counts as collateral too. */
const ASSET_TERMS: CollateralTerms = [7_500n, 7_800n, 10_450n];

/** Optimal usage, rate without any, slopes below and above. [bps] */
const RATES = AbiCoder.defaultAbiCoder().encode(["uint16", "uint32", "uint32", "uint32"], [9_000, 0, 550, 3_500]);

/** What the treasury gets: of the interest, and of the bonus of liquidations. [bps] */
const RESERVE_FACTOR = 1_000n;
const LIQUIDATION_FEE = 1_000n;

/** Of what is supplied and borrowed. [whole tokens] */
const CAP = 100_000_000n;

/** The only rate mode that is left. */
const VARIABLE = 2;

/** Aave v3 with three reserves, and what its users send. */
export class AaveMarket {
  private constructor(
    public readonly ground: BenchGround,
    public readonly pool: Contract,
  ) {}

  /** Deploys a pool that nobody has used, in the order of the package's own deployment. */
  public static async deploy(chain: BenchChain, feedKind: FeedKind): Promise<AaveMarket> {
    const ground = await layBenchGround(chain, feedKind);
    const { deployer, treasury, tokens, feeds } = ground;
    const factory = new Deployer(chain, deployer, await compileAave());
    const set = async (contract: Contract, name: string, ...args: unknown[]) =>
      chain.send(call(contract, deployer, name, ...args));

    const provider = await factory.deploy("PoolAddressesProvider", "bench", deployer);
    const strategy = await factory.deploy("DefaultReserveInterestRateStrategyV2", provider);
    await set(provider, "setPoolImpl", await factory.deploy("PoolInstance", provider, strategy));
    await set(provider, "setPoolConfiguratorImpl", await factory.deploy("PoolConfiguratorInstance"));
    await set(provider, "setACLAdmin", deployer);
    const roles = await factory.deploy("ACLManager", provider);
    await set(provider, "setACLManager", roles);
    await set(roles, "addPoolAdmin", deployer);
    const sources = [feeds.usdc, feeds.weth, feeds.wbtc];
    const assets = [tokens.usdc, tokens.weth, tokens.wbtc];
    const oracle = [provider, assets, sources, ZeroAddress, ZeroAddress, dollars("1")];
    await set(provider, "setPriceOracle", await factory.deploy("AaveOracle", ...oracle));

    const address = async (name: string) => (await provider.getFunction(name).staticCall()) as string;
    const pool = factory.at("PoolInstance", await address("getPool"));
    const configurator = factory.at("PoolConfiguratorInstance", await address("getPoolConfigurator"));
    const supplied = await factory.deploy("ATokenInstance", pool, ZeroAddress, treasury);
    const debt = await factory.deploy("VariableDebtTokenInstance", pool, ZeroAddress);
    const reserves = assets.map((asset) => [supplied, debt, asset, "a", "a", "d", "d", "0x", RATES]);
    await set(configurator, "initReserves", reserves);
    for (const asset of assets) {
      const terms = asset === tokens.usdc ? ASSET_TERMS : TERMS;
      await set(configurator, "configureReserveAsCollateral", asset, ...terms);
      await set(configurator, "setReserveFactor", asset, RESERVE_FACTOR);
      await set(configurator, "setLiquidationProtocolFee", asset, LIQUIDATION_FEE);
      for (const cap of ["setSupplyCap", "setBorrowCap"]) await set(configurator, cap, asset, CAP);
    }
    await set(configurator, "setReserveBorrowing", tokens.usdc, true);
    return new AaveMarket(ground, pool);
  }

  /** To lend and to pledge are the same here. */
  public supply(from: HardhatEthersSigner, asset: Asset, amount: bigint, onBehalf = from): Transaction {
    return this.#call(from, "supply", this.ground.tokens[asset], amount, onBehalf, 0);
  }

  /** All of it, if no amount is given. */
  public withdraw(from: HardhatEthersSigner, asset: Asset, amount = MaxUint256): Transaction {
    return this.#call(from, "withdraw", this.ground.tokens[asset], amount, from);
  }

  public borrow(from: HardhatEthersSigner, amount: bigint): Transaction {
    return this.#call(from, "borrow", this.ground.tokens.usdc, amount, VARIABLE, 0, from);
  }

  /** All of it, if no amount is given. */
  public repay(from: HardhatEthersSigner, amount = MaxUint256): Transaction {
    return this.#call(from, "repay", this.ground.tokens.usdc, amount, VARIABLE, from);
  }

  /** Repays as much of somebody's debt as may be. */
  public liquidate(keeper: HardhatEthersSigner, borrower: HardhatEthersSigner): Transaction {
    const { usdc, weth } = this.ground.tokens;
    return this.#call(keeper, "liquidationCall", weth, usdc, borrower, MaxUint256, false);
  }

  #call(from: HardhatEthersSigner, name: string, ...args: unknown[]): Transaction {
    return call(this.pool, from, name, ...args);
  }
}

import { globSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";

import hardhatToolboxMochaEthers from "@nomicfoundation/hardhat-toolbox-mocha-ethers";
import { config as loadEnvFile } from "dotenv";
import { configVariable, defineConfig } from "hardhat/config";

loadEnvFile({ quiet: true });

// The compilers come from npm packages: nothing is downloaded at build time.
const solc = fileURLToPath(import.meta.resolve("solc/soljson.js"));
const solc06 = fileURLToPath(import.meta.resolve("solc-0.6.6/soljson.js"));

// One profile for tests and for deployment: what is tested and measured is, byte for byte, what is deployed.
// - `bytecodeHash` is off because the hash takes in how the files were grouped for compiling, and every comment.
// - `isolated` and `toolVersionsInBuildInfo` are spelled out because `production` has other defaults.
// - `optimizer` comes first because Hardhat puts it first in `production`, and its cache minds the order.
const compiler = (runs: number) => ({
  version: "0.8.37",
  path: solc,
  settings: {
    optimizer: { enabled: true, runs },
    viaIR: true,
    evmVersion: "cancun",
    metadata: { bytecodeHash: "none" },
    outputSelection: { "*": { "*": ["storageLayout"] } }, // besides the usual: a test pins it
  },
});
const profile = {
  compilers: [compiler(200), { version: "0.6.6", path: solc06, settings: { optimizer: { enabled: true, runs: 200 } } }],
  isolated: false,
  toolVersionsInBuildInfo: true,
};

// Tests that deploy what they test by its name, and so test the code above, need not be fast themselves: without the optimizer they
// compile ten times as fast. Tests of libraries have the library's code in them, and are compiled like it.
const testing = {
  version: "0.8.37",
  path: solc,
  settings: { optimizer: { enabled: false, runs: 200 }, evmVersion: "cancun" },
};
const deployingTests = globSync(["test/solidity/*.t.sol", "test/solidity/{invariants,properties}/*.t.sol"], {
  cwd: import.meta.dirname,
});
// Code that runs often may be larger for it where there are bytes to spare, see docs/decisions/022-how-often-code-runs.md.
const overrides = {
  ...Object.fromEntries(deployingTests.map((file) => [file, testing])),
  "contracts/LenderVault.sol": compiler(2_000),
  "contracts/logic/LiquidationLogic.sol": compiler(1_000_000),
};

// Read only when a command names the network: local work needs no secret.
const deployer = [configVariable("DEPLOYER_PRIVATE_KEY")];

export default defineConfig({
  plugins: [
    hardhatToolboxMochaEthers,
    { id: "own-warnings", hookHandlers: { solidity: async () => import("./scripts/hardhat/own-warnings.ts") } },
  ],
  solidity: {
    profiles: { default: { ...profile, overrides }, production: { ...profile, overrides } },
    // Test contracts are compiled apart, so that starting the local market does not wait for them.
    splitTestsCompilation: true,
    // A market's roles are in OpenZeppelin's AccessManager; the local market is fed through Chainlink's own proxy and aggregator.
    npmFilesToBuild: [
      "@openzeppelin/contracts/access/manager/AccessManager.sol",
      "chainlink-contracts-0.8.0/src/v0.6/EACAggregatorProxy.sol",
      "chainlink-contracts-0.8.0/src/v0.6/FluxAggregator.sol",
    ],
  },
  paths: { tests: "test", ignition: "deploy" },
  test: {
    // Mocha itself would leave a core idle. A file is a unit: it shares nothing with others but the compiled contracts. One process more
    // than there are cores, since each waits now and then; and never a single one, into which Mocha would load none of the below.
    mocha: {
      ...{ timeout: 120_000, forbidPending: true, parallel: true, jobs: Math.min(4, availableParallelism() + 1) },
      require: ["./scripts/hardhat/serializable-errors.ts", "./test/helpers/fresh-chain.ts"].map((file) =>
        fileURLToPath(import.meta.resolve(file)),
      ),
    },
    solidity: {
      // A fixed seed: what a fuzz test finds on one machine it finds on all. (Invariant campaigns are random all the same.)
      fuzz: { runs: 256, seed: "0x42616c6c617374" },
      invariant: { runs: 64, depth: 100, failOnRevert: true },
    },
  },
  networks: {
    default: { type: "edr-simulated", chainType: "l1", hardfork: "osaka" },
    sepolia: {
      type: "http",
      chainType: "l1",
      chainId: 11155111,
      url: configVariable("SEPOLIA_RPC_URL"),
      accounts: deployer,
    },
    mainnet: { type: "http", chainType: "l1", chainId: 1, url: configVariable("MAINNET_RPC_URL"), accounts: deployer },
    base: { type: "http", chainType: "op", chainId: 8453, url: configVariable("BASE_RPC_URL"), accounts: deployer },
  },
  typechain: { dontOverrideCompile: true },
});

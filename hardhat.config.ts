import { fileURLToPath } from "node:url";

import hardhatToolboxMochaEthers from "@nomicfoundation/hardhat-toolbox-mocha-ethers";
import { defineConfig } from "hardhat/config";

// The compilers come from npm packages: nothing is downloaded at build time.
const solc = fileURLToPath(import.meta.resolve("solc/soljson.js"));
const solc06 = fileURLToPath(import.meta.resolve("solc-0.6.6/soljson.js"));

// One pipeline for tests and for deployment: what is tested is, byte for byte, what is deployed.
const compilers = [
  {
    version: "0.8.37",
    path: solc,
    settings: { viaIR: true, evmVersion: "cancun", optimizer: { enabled: true, runs: 200 } },
  },
  { version: "0.6.6", path: solc06, settings: { optimizer: { enabled: true, runs: 200 } } },
];

export default defineConfig({
  plugins: [hardhatToolboxMochaEthers],
  solidity: {
    profiles: { default: { compilers }, production: { compilers } },
    // Chainlink's own proxy and aggregator: the local market is fed through them.
    npmFilesToBuild: [
      "chainlink-contracts-0.8.0/src/v0.6/EACAggregatorProxy.sol",
      "chainlink-contracts-0.8.0/src/v0.6/FluxAggregator.sol",
    ],
  },
  typechain: { dontOverrideCompile: true },
});

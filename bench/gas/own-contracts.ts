import hre from "hardhat";

import { compile, type Artifacts } from "./compile.ts";

const FILES = ["Floor", "MorphoOracle", "MorphoRateModel", "MorphoVault"].map(
  (name) => `bench/gas/contracts/${name}.sol`,
);

/** The floor and the stand-ins, compiled as this protocol is. */
export async function compileOwn(): Promise<Artifacts> {
  const [compiler] = hre.config.solidity.profiles.production?.compilers ?? [];
  if (compiler === undefined) throw new Error("hardhat.config.ts has no compiler for production.");
  const { optimizer, viaIR, evmVersion, metadata } = compiler.settings as Record<string, unknown>;
  return compile({ compiler: "solc", settings: { optimizer, viaIR, evmVersion, metadata }, files: FILES });
}

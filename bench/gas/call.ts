import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import type { Contract } from "ethers";

import type { Transaction } from "./system.ts";

/** A transaction that calls a contract whose types nobody has generated. */
export function call(contract: Contract, from: HardhatEthersSigner, name: string, ...args: unknown[]): Transaction {
  const method = contract.connect(from).getFunction(name);
  return async () => method.send(...args);
}

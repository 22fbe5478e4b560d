import { expect } from "chai";
import type { BaseContract } from "ethers";

import { ethers } from "./chain.ts";
import type { Market } from "./market.ts";

/** The roots of all storage of vault, book and tokens: equal roots are equal states, to the last bit of them. */
export async function storageRoots({ vault, book, usdc, weth, wbtc, link }: Market): Promise<string[]> {
  return rootsOf([vault, book, usdc, weth, wbtc, link]);
}

/** The roots of all storage of some contracts. */
export async function rootsOf(contracts: readonly BaseContract[]): Promise<string[]> {
  const roots: string[] = [];
  for (const contract of contracts) {
    const proof: unknown = await ethers.provider.send("eth_getProof", [await contract.getAddress(), [], "latest"]);
    const root: unknown = typeof proof === "object" && proof !== null ? Reflect.get(proof, "storageHash") : undefined;
    if (typeof root !== "string") throw new TypeError("The proof has no root.");
    roots.push(root);
  }
  return roots;
}

/** Runs something that must leave no trace in any of these contracts. */
export async function expectUntouched(market: Market, act: () => Promise<unknown>, name?: string): Promise<void> {
  const before = await storageRoots(market);
  await act();
  expect(await storageRoots(market), name).to.deep.equal(before);
}

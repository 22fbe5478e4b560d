/** The lens beside a market of the other helpers, and what it says of margin calls. */
import { LoanLens__factory, type LoanLens } from "../../typechain-types/index.ts";
import { ethers } from "./chain.ts";
import type { Scene } from "./margin-calls.ts";

/** The states of a margin call as the lens numbers them. */
export const CallState = { none: 0n, curing: 1n, due: 2n, lapsed: 3n } as const;

export async function deployLens(): Promise<LoanLens> {
  const [runner] = await ethers.getSigners();
  const lens = await ethers.deployContract("LoanLens");
  return LoanLens__factory.connect(await lens.getAddress(), runner);
}

export type LensScene = Scene & { lens: LoanLens };

export async function withLens(scene: Scene): Promise<LensScene> {
  return { ...scene, lens: await deployLens() };
}

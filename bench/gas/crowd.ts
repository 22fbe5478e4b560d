import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";

import type { BenchGround } from "../../scripts/snapshots/bench-ground.ts";

/** Ten owners of a loan each that a fall makes risky: elsewhere nobody has several loans. */
export function crowdOf({ actors, others }: BenchGround): HardhatEthersSigner[] {
  return [actors.neighbour, ...others.slice(0, 9)];
}

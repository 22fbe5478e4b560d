import { COLLATERAL_DECIMALS, LOAN_ASSET_DECIMALS } from "../matrix/market.ts";
import type { WorldOptions } from "./world.ts";

/** The world of a life: by its number all decimals, with and without peg and sequencer, take turns. */
export function worldOf(life: number): WorldOptions {
  const turn = <T>(items: readonly T[], every: number): T => {
    const item = items[Math.floor(life / every) % items.length];
    if (item === undefined) throw new Error("There is nothing to take turns.");
    return item;
  };
  const assets = LOAN_ASSET_DECIMALS.length;
  return {
    assetDecimals: turn(LOAN_ASSET_DECIMALS, 1),
    tokenDecimals: turn(COLLATERAL_DECIMALS, 1), // five beside four: every pair in twenty lives
    hasPeg: turn([true, false], assets),
    hasSequencer: turn([true, true, false, false], assets),
  };
}

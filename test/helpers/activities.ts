/** What the guardian can pause, as the interface lists it: a test that runs over these runs over a new one too. */
import { readFileSync } from "node:fs";

const source = readFileSync(new URL("../../contracts/interfaces/ILenderVault.sol", import.meta.url), "utf8");
const members = /enum Activity \{([^}]*)\}/
  .exec(source)?.[1]
  ?.replaceAll(/\/\/.*/g, "")
  .match(/\w+/g);
if (!members) throw new Error("ILenderVault lists no activities.");

/** Their names; each is numbered by its place. */
export const ACTIVITIES: readonly string[] = members;

/** Every combination of them, from none to all. */
export const PAUSES: readonly (readonly string[])[] = ACTIVITIES.reduce<string[][]>(
  (sets, activity) => [...sets, ...sets.map((set) => [...set, activity])],
  [[]],
);

/** What an activity is called on chain. */
export function activityNumber(activity: string): bigint {
  return BigInt(ACTIVITIES.indexOf(activity));
}

/** Tries a function as everybody, on a standing market. */
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { isHexString, type AddressLike, type FunctionFragment } from "ethers";

import { CALLERS, type Caller, type ContractName, type Outcome } from "../../scripts/roles/powers.ts";
import { clock, networkHelpers } from "../helpers/chain.ts";
import { ADMIN_DELAY, instruct } from "../helpers/officers.ts";
import { ATTEMPTS, type Attempts } from "./attempts.ts";
import type { Scene } from "./scene.ts";

/** The functions of a contract that change anything, as it compiles now. */
export function changingFunctions(scene: Scene, contract: ContractName): string[] {
  const names: string[] = [];
  scene.contracts[contract].interface.forEachFunction(({ name, stateMutability }) => {
    if (stateMutability !== "view" && stateMutability !== "pure") names.push(name);
  });
  return names;
}

/** The ways in which a function is tried. One that nobody has thought of yet is an error. */
export function attemptsOn(contract: ContractName, name: string): string[] {
  const ways = Object.keys(ATTEMPTS[contract]).filter((way) => functionOf(way) === name);
  if (ways.length === 0) throw new Error(`Nobody tries ${contract}.${name}: give it arguments in attempts.ts.`);
  return ways;
}

/** What comes of one way of calling a function, for each caller. */
export async function walk(scene: Scene, contract: ContractName, way: string): Promise<Record<Caller, Outcome>> {
  const attempts: Attempts = ATTEMPTS[contract];
  const attempt = attempts[way];
  const fragment = scene.contracts[contract].interface.getFunction(functionOf(way));
  if (attempt === undefined || fragment === null) throw new Error(`There is no ${way} in the ${contract}.`);
  const snapshot = await networkHelpers.takeSnapshot();
  await attempt.prepare?.(scene);
  const outcomes: Partial<Record<Caller, Outcome>> = {};
  for (const caller of CALLERS) {
    const signer = scene.callers[caller];
    outcomes[caller] = await outcomeOf(scene, contract, signer, fragment, await attempt.args(scene, signer));
  }
  await snapshot.restore();
  return outcomes as Record<Caller, Outcome>;
}

function functionOf(way: string): string {
  return way.split(":")[0] ?? way;
}

async function outcomeOf(
  scene: Scene,
  contract: ContractName,
  caller: HardhatEthersSigner,
  fragment: FunctionFragment,
  args: unknown[],
): Promise<Outcome> {
  const target = scene.contracts[contract];
  const data = target.interface.encodeFunctionData(fragment, args);
  const error = await errorOf(scene, caller, await target.getAddress(), data);
  if (error === undefined) return "at once";
  const delay = await delayOf(scene, contract, caller, data);
  return delay === undefined ? `refused: ${error}` : `after ${delay} s`;
}

/**
 * After how long a call that is refused at once goes through, if it can be announced; undefined if it never does. The call is
 * made directly, and through the AccessManager, to which a contract may listen where it does not listen to the caller.
 */
async function delayOf(
  scene: Scene,
  contract: ContractName,
  caller: HardhatEthersSigner,
  data: string,
): Promise<number | undefined> {
  const { manager } = scene;
  const target = await scene.contracts[contract].getAddress();
  const throughManager = manager.interface.encodeFunctionData("execute", [target, data]);
  const isDone = async (): Promise<boolean> => {
    const errors = [await errorOf(scene, caller, target, data), await errorOf(scene, caller, manager, throughManager)];
    return errors.includes(undefined);
  };
  if (await isDone()) return 0;
  // `execute` of the AccessManager is announced by what it executes.
  const announced =
    contract === "manager" && data.startsWith(throughManager.slice(0, 10)) ? inner(scene, data) : [target, data];
  const schedule = manager.interface.encodeFunctionData("schedule", [...announced, 0n]);
  if ((await errorOf(scene, caller, manager, schedule)) !== undefined) return undefined;

  const snapshot = await networkHelpers.takeSnapshot();
  const start = clock.now();
  await instruct(scene, caller, "schedule", [...announced, 0n]);
  await clock.advance(ADMIN_DELAY - 1n);
  const isDoneEarly = await isDone();
  const byAnyone = await errorOf(scene, scene.callers.stranger, target, data);
  await clock.advance(1n);
  for (const feed of Object.values(scene.feeds)) await feed.set(await feed.answer());
  const isDoneThen = await isDone();
  const waited = Number(clock.now() - start);
  await snapshot.restore();
  if (byAnyone === undefined) return undefined; // a matter of time, not of power
  if (isDoneEarly) throw new Error("Something that must wait 14 days went through earlier.");
  return isDoneThen ? waited : undefined;
}

function inner({ manager }: Scene, data: string): unknown[] {
  return [...manager.interface.decodeFunctionData("execute", data)];
}

/** The custom error of a call, "none" if it reverts without one, undefined if it goes through. Nothing is kept. */
async function errorOf(
  { contracts }: Scene,
  caller: HardhatEthersSigner,
  to: AddressLike,
  data: string,
): Promise<string | undefined> {
  try {
    await caller.call({ to, data });
    return undefined;
  } catch (error) {
    const reason = revertDataOf(error);
    if (reason === undefined) throw error;
    if (reason === "0x") return "none";
    for (const { interface: known } of Object.values(contracts)) {
      const parsed = known.parseError(reason);
      if (parsed !== null) return parsed.name;
    }
    throw new Error(`Nobody knows the error ${reason}.`, { cause: error });
  }
}

function revertDataOf(error: unknown): string | undefined {
  const data: unknown = typeof error === "object" && error !== null ? Reflect.get(error, "data") : undefined;
  return isHexString(data) ? data : undefined;
}

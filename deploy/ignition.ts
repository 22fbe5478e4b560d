import {
  status,
  type DeployConfig,
  type IgnitionModule,
  type IgnitionModuleResult,
} from "@nomicfoundation/ignition-core";
import { Contract } from "ethers";

import { DeployError } from "./errors.ts";
import type { Journal } from "./journal.ts";
import { LOCAL_CHAIN_ID } from "./parameters.ts";
import type { Session } from "./session.ts";

/** Local chains mine at once; Ignition would look once a second. [ms] */
const LOCAL_POLLING: Partial<DeployConfig> = { blockPollingInterval: 5, requiredConfirmations: 1 };

/** Futures and reasons as they stand in Ignition's message, one to a line: `  * Module#future/1: reason`. */
const FAILED_FUTURE = /^ {2}\* ([^\s:]+?)(?:\/\d+)?: (.+)$/m;

/** In Ignition's message if the arguments of a step differ from those that the journal has of it. */
const RECONCILIATION = "reconciliation errors";

/** The steps that may be wiped from the journal and tried again after they failed. */
const REPEATABLE = /^(?:Foundations|Periphery|Roles)#/;

/**
 * Runs an Ignition module to its end, or to where it can be resumed.
 *
 * @throws DeployError in one sentence; Ignition's own messages have several lines
 */
export async function ignite<Results extends IgnitionModuleResult<string>>(
  session: Session,
  module: IgnitionModule<string, string, Results>,
): Promise<Record<keyof Results, Contract>> {
  const { connection, deployer, journal } = session;
  await journal.begin();
  const isLocal = session.chainId === LOCAL_CHAIN_ID || connection.networkConfig.type === "edr-simulated";
  try {
    return await connection.ignition.deploy(module, {
      defaultSender: deployer,
      deploymentId: journal.deploymentId,
      config: isLocal ? LOCAL_POLLING : {},
    });
  } catch (error) {
    const done = await doneBefore(session, module, error);
    if (done !== undefined) return done;
    throw new DeployError(explained(error, journal), { cause: error });
  }
}

/**
 * Ignition counts a module as failed while any module of the journal is unfinished, as one is that a killed run had begun
 * after it: undefined unless this one is done and nothing has gone wrong.
 */
async function doneBefore<Results extends IgnitionModuleResult<string>>(
  { connection, journal: { directory } }: Session,
  module: IgnitionModule<string, string, Results>,
  error: unknown,
): Promise<Record<keyof Results, Contract> | undefined> {
  if (directory === undefined || messageOf(error).includes(RECONCILIATION)) return undefined;
  const { successful, failed, held, timedOut, contracts } = await status(directory);
  const wentWrong = failed.length + held.length + timedOut.length > 0;
  if (wentWrong || [...module.futures].some(({ id }) => !successful.includes(id))) return undefined;
  const results: Partial<Record<keyof Results, Contract>> = {};
  for (const name in module.results) {
    const future = module.results[name];
    const deployed = future === undefined ? undefined : contracts[future.id];
    if (deployed === undefined) return undefined;
    results[name] = new Contract(deployed.address, deployed.abi, connection.ethers.provider);
  }
  return results as Record<keyof Results, Contract>; // every result is set above
}

function explained(error: unknown, { deploymentId, directory }: Journal): string {
  const message = messageOf(error);
  const [, future, reason] = FAILED_FUTURE.exec(message) ?? [];
  if (future === undefined || reason === undefined) return `${withoutBreaks(message)}.`;
  const sentence = `The deployment stopped at ${future}: ${withoutBreaks(reason)}`;
  if (directory === undefined) return `${sentence}.`;
  const anew = `delete ${directory} to begin anew`;
  if (message.includes(RECONCILIATION)) {
    return `${sentence} since it was carried out: restore the parameters that it was carried out with, or ${anew}.`;
  }
  // A creation that failed has used up the nonce that the book was to have.
  if (!REPEATABLE.test(future)) return `${sentence}; ${anew}.`;
  return (
    `${sentence}; remove the cause, run "npx hardhat ignition wipe ${deploymentId} ${future}" and then this command ` +
    `again, or ${anew}.`
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function withoutBreaks(text: string): string {
  return text
    .replace(/^HHE\d+: /, "")
    .replaceAll(/\s+/g, " ")
    .trim()
    .replace(/\.$/, "");
}

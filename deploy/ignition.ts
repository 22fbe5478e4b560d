import type {
  DeployConfig,
  DeploymentParameters,
  IgnitionModule,
  IgnitionModuleResult,
} from "@nomicfoundation/ignition-core";
import type { Contract } from "ethers";

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
const REPEATABLE = /^(Listings|Ownership)#/;

/**
 * Runs an Ignition module to its end, or to where it can be resumed.
 *
 * @throws DeployError in one sentence; Ignition's own messages have several lines
 */
export async function ignite<Results extends IgnitionModuleResult<string>>(
  session: Session,
  module: IgnitionModule<string, string, Results>,
  parameters: DeploymentParameters = {},
): Promise<Record<keyof Results, Contract>> {
  const { connection, deployer, journal } = session;
  await journal.begin();
  const isLocal = session.chainId === LOCAL_CHAIN_ID || connection.networkConfig.type === "edr-simulated";
  try {
    return await connection.ignition.deploy(module, {
      parameters,
      defaultSender: deployer,
      deploymentId: journal.deploymentId,
      config: isLocal ? LOCAL_POLLING : {},
    });
  } catch (error) {
    throw new DeployError(explained(error, journal), { cause: error });
  }
}

function explained(error: unknown, { deploymentId, directory }: Journal): string {
  const message = error instanceof Error ? error.message : String(error);
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

function withoutBreaks(text: string): string {
  return text
    .replace(/^HHE\d+: /, "")
    .replaceAll(/\s+/g, " ")
    .trim()
    .replace(/\.$/, "");
}

import { relative } from "node:path";
import { parseArgs } from "node:util";

import { isHexString } from "ethers";
import { network } from "hardhat";

import { ADDRESSES_DIRECTORY, marketAddresses, writeAddresses, type MarketAddresses } from "./addresses.ts";
import type { Holders } from "./access-manager.ts";
import { DeployError } from "./errors.ts";
import { deployMarket } from "./market.ts";
import { readParameters } from "./parameters.ts";
import type { Connection } from "./session.ts";

const USAGE = "Usage: npm run deploy -- [--network localhost|sepolia|base|mainnet]";

/** Where a run may read and write; the tests have their own. */
export interface CommandOptions {
  readonly parametersDirectory?: string;
  readonly addressesDirectory?: string;
  readonly deploymentId?: string;
}

/**
 * Deploys the market that the parameters of the network's chain describe, and writes its addresses.
 *
 * @param args the command line
 * @param say is told each step, in plain lines
 * @throws DeployError in one sentence for everything that a person can set right
 */
export async function runDeploy(args: readonly string[], say: (line: string) => void): Promise<void> {
  const name = networkName(args);
  const connection = await connect(name);
  try {
    await deployTo(connection, say);
  } finally {
    await connection.close();
  }
}

/** Deploys to a network that is connected; see {@link runDeploy}. */
export async function deployTo(
  connection: Connection,
  say: (line: string) => void,
  { parametersDirectory, addressesDirectory = ADDRESSES_DIRECTORY, deploymentId }: CommandOptions = {},
): Promise<MarketAddresses> {
  const chainId = Number((await connection.ethers.provider.getNetwork()).chainId);
  const parameters = await readParameters(chainId, parametersDirectory);
  say(`Parameters: ${parameters.file}`);
  const market = await deployMarket(connection, parameters, {
    say,
    ...(deploymentId === undefined ? {} : { deploymentId }),
  });
  const addresses = marketAddresses(market, parameters);
  for (const line of table(addresses, market.roles)) say(line);
  if (connection.networkConfig.type === "edr-simulated") {
    say(
      "This chain lives in the command and ends with it; no addresses are written. A lasting one: --network localhost",
    );
  } else {
    say(`Addresses: ${relative(process.cwd(), await writeAddresses(addresses, addressesDirectory))}`);
  }
  return addresses;
}

function networkName(args: readonly string[]): string {
  try {
    const { values } = parseArgs({ args: [...args], options: { network: { type: "string", default: "default" } } });
    return values.network;
  } catch (error) {
    throw new DeployError(`${oneLine(error)}. ${USAGE}`, { cause: error });
  }
}

/** Connects, and asks the network something: only then does Hardhat look for the address, the key and the node. */
async function connect(name: string): Promise<Connection> {
  try {
    const connection = await network.create(name);
    checkKey(connection);
    await connection.ethers.getSigners();
    return connection;
  } catch (error) {
    if (error instanceof DeployError) throw error;
    throw new DeployError(unreachable(name, error), { cause: error });
  }
}

/** A key that is not one would end in a message about curves and fields. */
function checkKey({ networkConfig }: Connection): void {
  const key = process.env.DEPLOYER_PRIVATE_KEY;
  if (networkConfig.type !== "http" || networkConfig.accounts === "remote" || key === undefined) return;
  if (isHexString(key, 32)) return;
  throw new DeployError(
    "DEPLOYER_PRIVATE_KEY is not a private key, which is 0x and 64 hexadecimal digits: correct it in .env.",
  );
}

/** Hardhat's errors have several lines and advise what this project does not have; their numbers say what is wrong. */
function unreachable(name: string, error: unknown): string {
  const line = oneLine(error);
  const [, number, quoted] = /^HHE(\d+): [^"]*"([^"]+)"/.exec(line) ?? [];
  switch (number) {
    case "7":
      return `${String(quoted)} is not set: put it into .env, as .env.example shows.`;
    case "28":
      return `${String(quoted)} is not the address of a node, such as https://…: correct it in .env.`;
    case "703":
      return name === "localhost"
        ? "No chain answers on this machine: start one with: npx hardhat node"
        : `Nothing answers at the address of the network ${name}: check its address in .env.`;
    case "705":
      return `There is no network ${name}. ${USAGE}`;
    default:
      return `The network ${name} cannot be used: ${line}`;
  }
}

/** Any error in one line, for the person at the terminal. */
export function oneLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replaceAll(/\s+/g, " ").trim();
}

function table(addresses: MarketAddresses, { admin, curator, guardian, treasurer }: Holders): string[] {
  const { vault, book, accessManager, listingAdmin, loanAsset, listings, sequencerFeed, treasury } = addresses;
  const rows = [
    ["LenderVault", vault],
    ["LoanBook", book],
    ["AccessManager", accessManager],
    ["ListingAdmin", listingAdmin],
    ["admin", admin],
    ["curator", curator],
    ["guardian", guardian],
    ["treasurer", treasurer],
    ["treasury", treasury],
    ...(sequencerFeed === null ? [] : [["sequencer feed", sequencerFeed]]),
    [`loan asset ${loanAsset.symbol}`, loanAsset.token, `feed ${loanAsset.feed}`],
    ...listings.map(({ number, symbol, token, feed, secondFeed }) => [
      `listing ${String(number)} ${symbol}`,
      token,
      `feed ${feed}`,
      ...(secondFeed === null ? [] : [`second feed ${secondFeed}`]),
    ]),
  ];
  const width = Math.max(...rows.map(([name = ""]) => name.length));
  return ["", ...rows.map(([name = "", ...rest]) => [name.padEnd(width), ...rest].join("  ")), ""];
}

import { relative } from "node:path";
import { parseArgs } from "node:util";

import { ADDRESSES_DIRECTORY, marketAddresses, writeAddresses, type MarketAddresses } from "./addresses.ts";
import type { Holders } from "./access-manager.ts";
import { connect } from "./connect.ts";
import { DeployError, oneLine } from "./errors.ts";
import { LINKED_LIBRARIES } from "./linked-libraries.ts";
import { checkParameters, deployMarket } from "./market.ts";
import { readParameters } from "./parameters.ts";
import type { Connection } from "./session.ts";

const NETWORKS = "[--network localhost|sepolia|base|mainnet]";
const USAGE = `Usage: npm run deploy -- ${NETWORKS} [--check]`;

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
  const { network: name, check } = parseOptions(args);
  const connection = await connect(name, { usage: USAGE, needsKey: !check });
  try {
    if (check) await checkOn(connection, say);
    else await deployTo(connection, say);
  } finally {
    await connection.close();
  }
}

/** Compares what the parameters say of tokens and feeds with what stands on the chain, without a key. */
export async function checkOn(
  { ethers: { provider } }: Connection,
  say: (line: string) => void,
  { parametersDirectory }: CommandOptions = {},
): Promise<void> {
  const { chainId } = await provider.getNetwork();
  const parameters = await readParameters(Number(chainId), parametersDirectory);
  await checkParameters(provider, parameters);
  const { file, listings } = parameters;
  say(
    `${file} is sound: its tokens and feeds are on the chain as it says (${String(listings.length)} listings). Nothing was sent.`,
  );
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

function parseOptions(args: readonly string[]): { readonly network: string; readonly check: boolean } {
  try {
    const options = {
      network: { type: "string", default: "default" },
      check: { type: "boolean", default: false },
    } as const;
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new DeployError(`${oneLine(error)}. ${USAGE}`, { cause: error });
  }
}

function table(addresses: MarketAddresses, { admin, curator, guardian, treasurer }: Holders): string[] {
  const { vault, book, lens, accessManager, libraries, loanAsset, listings, sequencerFeed, treasury } = addresses;
  const rows = [
    ["LenderVault", vault],
    ["LoanBook", book],
    ["LoanLens", lens],
    ["AccessManager", accessManager],
    ...LINKED_LIBRARIES.map((name) => [name, libraries[name]]),
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

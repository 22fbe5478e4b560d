import { parseArgs } from "node:util";

import type { Provider } from "ethers";

import { LenderVault__factory, LoanBook__factory } from "../typechain-types/index.ts";
import { readAddresses, type MarketAddresses } from "./addresses.ts";
import { checkRoles } from "./check-roles.ts";
import { connect } from "./connect.ts";
import { Differences } from "./differences.ts";
import { DeployError, oneLine } from "./errors.ts";
import { holdersOf } from "./market.ts";
import { readParameters, type MarketParameters } from "./parameters.ts";
import { verifyCode } from "./verify-code.ts";
import { verifyBook, verifyProposals, verifyVault } from "./verify-state.ts";

const USAGE = "Usage: npm run verify-market -- [--network localhost|sepolia|base|mainnet] [--addresses FILE]";

/** Where a run reads; the tests have their own. */
export interface VerifyOptions {
  readonly parametersDirectory?: string;
  /** By default `deploy/addresses/<chainId>.json`. */
  readonly addressesFile?: string;
}

/**
 * Compares a live market with its parameters and this build, and says what differs.
 *
 * @param args the command line
 * @param say is told the result, in plain lines
 * @returns true if nothing differs
 * @throws DeployError in one sentence if it cannot compare
 */
export async function runVerify(args: readonly string[], say: (line: string) => void): Promise<boolean> {
  const { network, addresses: addressesFile } = parseOptions(args);
  const connection = await connect(network, { usage: USAGE, needsKey: false });
  try {
    const { provider } = connection.ethers;
    return await verifyOn(provider, say, addressesFile === undefined ? {} : { addressesFile });
  } finally {
    await connection.close();
  }
}

/** Verifies the market on a chain; see {@link runVerify}. */
export async function verifyOn(
  provider: Provider,
  say: (line: string) => void,
  { parametersDirectory, addressesFile }: VerifyOptions = {},
): Promise<boolean> {
  const chainId = Number((await provider.getNetwork()).chainId);
  const parameters = await readParameters(chainId, parametersDirectory);
  const addresses = await readAddresses(chainId, addressesFile);
  const differences = await verifyMarket(provider, parameters, addresses);
  for (const line of differences) say(line);
  const what = `The market of the LoanBook ${addresses.book}`;
  const isSame = differences.length === 0;
  say(`${what} ${isSame ? "matches" : "does not match"} ${parameters.file} and this build.`);
  return isSame;
}

/** What a market differs in from its parameters and this build: one sentence each. */
export async function verifyMarket(
  provider: Provider,
  parameters: MarketParameters,
  addresses: MarketAddresses,
): Promise<readonly string[]> {
  const differences = new Differences();
  if (!(await verifyCode(provider, parameters, addresses, differences))) return differences.lines;
  const { vault: vaultAddress, book: bookAddress, accessManager, fromBlock, deployer } = addresses;
  const vault = LenderVault__factory.connect(vaultAddress, provider);
  const book = LoanBook__factory.connect(bookAddress, provider);
  const market = { provider, vault, book, parameters, addresses };
  await verifyVault(market, differences);
  await verifyBook(market, differences);
  const targets = { vault, vaultAddress, book, bookAddress };
  differences.add(...(await checkRoles(provider, accessManager, fromBlock, targets, holdersOf(parameters, deployer))));
  await verifyProposals(market, differences);
  return differences.lines;
}

function parseOptions(args: readonly string[]): { readonly network: string; readonly addresses?: string | undefined } {
  try {
    const options = { network: { type: "string", default: "default" }, addresses: { type: "string" } } as const;
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new DeployError(`${oneLine(error)}. ${USAGE}`, { cause: error });
  }
}

import { ZeroAddress, type Provider } from "ethers";

import { LenderVault__factory, LoanBook__factory, type LenderVault, type LoanBook } from "../typechain-types/index.ts";
import { handover, type Holders } from "./access-manager.ts";
import { checkAssets, checkSequencerFeed, resolveAssets, type Asset, type AssetFeed } from "./assets.ts";
import { checkRoles } from "./check-roles.ts";
import { DeployError } from "./errors.ts";
import { ignite } from "./ignition.ts";
import { forEachLibrary, type LibraryAddresses } from "./linked-libraries.ts";
import type { LocalFeedAddresses } from "./local-feeds.ts";
import { foundationsModule } from "./modules/foundations.ts";
import { peripheryModule } from "./modules/periphery.ts";
import { rolesModule } from "./modules/roles.ts";
import { vaultAndBookModule, type FeedConfig } from "./modules/vault-and-book.ts";
import { DEPLOYER, type MarketParameters, type TermsParameters } from "./parameters.ts";
import { keptPrediction } from "./prediction.ts";
import { openSession, requireChain, type Connection } from "./session.ts";

/** An asset that the book accepts as collateral. */
export interface MarketListing extends Asset {
  /** Its number in the book. */
  readonly number: number;
  readonly terms: TermsParameters;
  /** The most that all loans together may pledge. [token base units] */
  readonly cap: bigint;
}

/** A deployed market. */
export interface Market {
  readonly chainId: number;
  /** With the deployer as the sender of transactions. */
  readonly vault: LenderVault;
  /** With the deployer as the sender of transactions. */
  readonly book: LoanBook;
  readonly vaultAddress: string;
  readonly bookAddress: string;
  /** The LoanLens that was deployed with it. */
  readonly lensAddress: string;
  /** The AccessManager with the market's roles. */
  readonly managerAddress: string;
  /** The libraries that the book is linked to. */
  readonly libraries: LibraryAddresses;
  readonly loanAsset: Asset;
  readonly listings: readonly MarketListing[];
  /** Undefined on a chain without a sequencer. */
  readonly sequencerFeed: string | undefined;
  readonly deployer: string;
  /** Who holds the roles. */
  readonly roles: Holders;
  readonly treasury: string;
  /** No event of the market is in an older block. */
  readonly fromBlock: number;
  /** The feeds that were created with it; none on a public chain. */
  readonly localFeeds: readonly LocalFeedAddresses[];
}

export interface DeployOptions {
  /** The account that sends the transactions; by default the first one of the connection. */
  readonly deployer?: string;
  /** Names the journal of a chain that outlives the process; by default `chain-<id>`. */
  readonly deploymentId?: string;
  /** Is told each step. */
  readonly say?: (line: string) => void;
}

/**
 * Deploys a market, or resumes its deployment: tokens and feeds (on a local chain; elsewhere they are checked), library and
 * AccessManager, vault and book with its first listings, lens, roles. At the end the deployer has no power that the parameters do
 * not give it.
 *
 * @throws DeployError in one sentence
 */
export async function deployMarket(
  connection: Connection,
  parameters: MarketParameters,
  options: DeployOptions = {},
): Promise<Market> {
  const { chainId } = parameters;
  const { provider } = connection.ethers;
  const session = await openSession(connection, chainId, options.deployer, options.deploymentId);
  const { deployer, journal } = session;
  const say = options.say ?? (() => undefined);
  say(`Deploying from ${deployer}`);
  if (journal.isResumed) say(`Resuming what ${String(journal.directory)} holds; steps that are done stay as they are`);

  say("Tokens and feeds ...");
  if (parameters.sequencerFeed !== undefined) await checkSequencerFeed(provider, parameters.sequencerFeed);
  const assets = await resolveAssets(session, [parameters.loanAsset, ...parameters.listings]);
  const loanAsset = assets.locate(parameters.loanAsset);
  const listings = parameters.listings.map((listing, number) => {
    return { ...assets.locate(listing), number, terms: listing.terms, cap: listing.cap };
  });
  const roles = holdersOf(parameters, deployer);
  const treasury = personOf(parameters.treasury, deployer);
  const sequencerFeed = parameters.sequencerFeed?.address;

  say("Libraries and AccessManager ...");
  const foundations = await ignite(session, foundationsModule(deployer));
  const managerAddress = await foundations.manager.getAddress();
  const libraries = await forEachLibrary(async (name) => foundations[name].getAddress());

  say("Vault and book ...");
  const prediction = await keptPrediction(provider, deployer, journal);
  const plan = {
    manager: managerAddress,
    libraries,
    vault: { ...parameters.vault, asset: loanAsset.token, predictedBook: prediction.book, treasury },
    minDebt: parameters.minDebt,
    loanAssetFeed: feedConfig(loanAsset.feed),
    peg: parameters.loanAsset.peg,
    sequencerFeed: sequencerFeed ?? ZeroAddress,
    listings: listings.map(({ token, terms, feed, secondFeed, cap }) => {
      return { token, terms, feed: feedConfig(feed), secondFeed: feedConfig(secondFeed), cap };
    }),
  };
  const contracts = await ignite(session, vaultAndBookModule(plan));
  const [vaultAddress, bookAddress] = await Promise.all([contracts.vault.getAddress(), contracts.book.getAddress()]);
  const signer = await connection.ethers.getSigner(deployer);
  const vault = LenderVault__factory.connect(vaultAddress, signer);
  const book = LoanBook__factory.connect(bookAddress, signer);
  await checkPair(vault, book);

  say("Lens ...");
  const { lens } = await ignite(session, peripheryModule);
  const lensAddress = await lens.getAddress();

  say("Roles ...");
  const targets = { vault, vaultAddress, book, bookAddress };
  await ignite(session, rolesModule(managerAddress, handover(targets, roles, deployer)));
  const { fromBlock } = journal;
  const [wrong] = await checkRoles(provider, managerAddress, fromBlock, targets, roles);
  if (wrong !== undefined) throw new DeployError(`The roles on the chain are not those of the parameters: ${wrong}`);
  return {
    ...{ chainId, vault, book, vaultAddress, bookAddress, lensAddress, managerAddress, libraries },
    ...{ loanAsset, listings, sequencerFeed, deployer, roles, treasury, fromBlock },
    localFeeds: assets.localFeeds,
  };
}

/**
 * Reads on the chain whatever the parameters name by its address, and sends nothing.
 *
 * @throws DeployError that names the first thing that is something else
 */
export async function checkParameters(provider: Provider, parameters: MarketParameters): Promise<void> {
  await requireChain(provider, parameters.chainId);
  if (parameters.sequencerFeed !== undefined) await checkSequencerFeed(provider, parameters.sequencerFeed);
  await checkAssets(provider, [parameters.loanAsset, ...parameters.listings]);
}

/**
 * Checks that vault and book have each other's address: both are fixed for ever, and a mismatch would be found by the first
 * borrower.
 *
 * @throws DeployError if they do not
 */
export async function checkPair(vault: LenderVault, book: LoanBook): Promise<void> {
  const [vaultAddress, bookAddress] = await Promise.all([vault.getAddress(), book.getAddress()]);
  const [itsBook, itsVault] = await Promise.all([vault.BOOK(), book.VAULT()]);
  if (itsBook === bookAddress && itsVault === vaultAddress) return;
  throw new DeployError(
    `The vault ${vaultAddress} names the book ${itsBook} and the book ${bookAddress} names the vault ${itsVault}: ` +
      "they are not a market, no role is given out.",
  );
}

/** Who is to hold the roles that the parameters give out. */
export function holdersOf({ roles }: MarketParameters, deployer: string): Holders {
  return {
    admin: personOf(roles.admin, deployer),
    curator: personOf(roles.curator, deployer),
    guardian: personOf(roles.guardian, deployer),
    treasurer: personOf(roles.treasurer, deployer),
  };
}

/** An address of the parameters, which may say {@link DEPLOYER}. */
export function personOf(person: string, deployer: string): string {
  return person === DEPLOYER ? deployer : person;
}

/** A feed as the contracts want it; all zero for none. */
function feedConfig(feed: AssetFeed | undefined): FeedConfig {
  if (feed === undefined) return { feed: ZeroAddress, maxAge: 0, minAnswer: 0n, maxAnswer: 0n };
  const { address, maxAge, minAnswer, maxAnswer } = feed;
  return { feed: address, maxAge, minAnswer, maxAnswer };
}

import { LenderVault__factory, LoanBook__factory, type LenderVault, type LoanBook } from "../typechain-types/index.ts";
import { resolveAssets, type Asset, type AssetFeed } from "./assets.ts";
import { DeployError } from "./errors.ts";
import { ignite } from "./ignition.ts";
import type { LocalFeedAddresses } from "./local-feeds.ts";
import { listingsModule, type FeedConfig } from "./modules/listings.ts";
import { ownershipModule } from "./modules/ownership.ts";
import vaultAndBookModule from "./modules/vault-and-book.ts";
import { DEPLOYER, type MarketParameters, type TermsParameters } from "./parameters.ts";
import { keptPrediction } from "./prediction.ts";
import { openSession, type Connection } from "./session.ts";

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
  readonly loanAsset: Asset;
  readonly listings: readonly MarketListing[];
  readonly deployer: string;
  /** Who owns vault and book, or will once it has accepted both. */
  readonly owner: string;
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
 * Deploys a market, or resumes its deployment: tokens and feeds (on a local chain; elsewhere they are checked), vault and
 * book, listings, ownership.
 *
 * @throws DeployError in one sentence
 */
export async function deployMarket(
  connection: Connection,
  parameters: MarketParameters,
  options: DeployOptions = {},
): Promise<Market> {
  const { chainId } = parameters;
  const session = await openSession(connection, chainId, options.deployer, options.deploymentId);
  const { deployer, journal } = session;
  const say = options.say ?? (() => undefined);
  say(`Deploying from ${deployer}`);
  if (journal.isResumed) say(`Resuming what ${String(journal.directory)} holds; steps that are done stay as they are`);

  say("Tokens and feeds ...");
  const assets = await resolveAssets(session, [parameters.loanAsset, ...parameters.listings]);
  const loanAsset = assets.locate(parameters.loanAsset);
  const listings = parameters.listings.map((listing, number) => {
    return { ...assets.locate(listing), number, terms: listing.terms, cap: listing.cap };
  });
  const treasury = parameters.treasury === DEPLOYER ? deployer : parameters.treasury;
  const owner = parameters.owner === DEPLOYER ? deployer : parameters.owner;

  say("Vault and book ...");
  const { provider } = connection.ethers;
  const prediction = await keptPrediction(provider, deployer, journal);
  const contracts = await ignite(session, vaultAndBookModule, {
    VaultAndBook: {
      ...parameters.vault,
      loanAsset: loanAsset.token,
      predictedBook: prediction.book,
      treasury,
      firstOwner: deployer,
      minDebt: parameters.minDebt,
      loanAssetFeed: { ...feedConfig(loanAsset.feed) },
      peg: parameters.loanAsset.peg,
    },
  });
  const [vaultAddress, bookAddress] = await Promise.all([contracts.vault.getAddress(), contracts.book.getAddress()]);
  const signer = await connection.ethers.getSigner(deployer);
  const vault = LenderVault__factory.connect(vaultAddress, signer);
  const book = LoanBook__factory.connect(bookAddress, signer);
  await checkPair(vault, book);

  say("Listings ...");
  await checkMayList(book, deployer, listings.length);
  const plans = listings.map((listing) => ({ ...listing, feed: feedConfig(listing.feed) }));
  await ignite(session, listingsModule(bookAddress, plans));

  if (owner !== deployer) {
    await ignite(session, ownershipModule(vaultAddress, bookAddress, owner));
    const [ofVault, ofBook] = await Promise.all([vault.owner(), book.owner()]);
    const isAccepted = ofVault === owner && ofBook === owner;
    const next = "offered; it has to call acceptOwnership() on the vault and on the book";
    say(`Ownership by ${owner}: ${isAccepted ? "accepted" : next}`);
  }
  return {
    ...{ chainId, vault, book, vaultAddress, bookAddress, loanAsset, listings, deployer, owner, treasury },
    fromBlock: prediction.block,
    localFeeds: assets.localFeeds,
  };
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
      "they are not a market, nothing is listed.",
  );
}

/** A journal keeps a refused transaction as a failure, so what would be refused is not sent. */
async function checkMayList(book: LoanBook, deployer: string, listings: number): Promise<void> {
  const [count, owner] = await Promise.all([book.listingCount(), book.owner()]);
  if (count >= BigInt(listings) || owner === deployer) return;
  throw new DeployError(
    `The book has ${String(count)} of ${String(listings)} listings and belongs to ${owner}, who has to add the others.`,
  );
}

/** A feed as the contracts want it. */
function feedConfig({ address, maxAge, minAnswer, maxAnswer }: AssetFeed): FeedConfig {
  return { feed: address, maxAge, minAnswer, maxAnswer };
}

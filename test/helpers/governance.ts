import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { keccak256, resolveAddress, ZeroAddress, type AddressLike, type Contract } from "ethers";

import { ROLES } from "../../deploy/roles.ts";
import {
  IBookActions__factory,
  IVaultActions__factory,
  type LenderVault,
  type LoanBook,
} from "../../typechain-types/index.ts";
import type { IBookActionsInterface } from "../../typechain-types/interfaces/IBookActions.ts";
import { clock, DAY, ethers } from "./chain.ts";
import type { TestFeed } from "./mocks.ts";

/** OpenZeppelin's AccessManager. */
export type Manager = Contract;

/** Roles as every deployment numbers them. */
export const ADMIN = 0n;
export const CURATOR = 1n;
export const GUARDIAN = 2n;
export const TREASURER = 3n;

/** How long a proposed action waits. [s] */
export const PROPOSAL_DELAY = 7n * DAY;

const bookActions = IBookActions__factory.createInterface();
const vaultActions = IVaultActions__factory.createInterface();

export interface Officers {
  curator: HardhatEthersSigner;
  guardian: HardhatEthersSigner;
  treasurer: HardhatEthersSigner;
}

/** What a market needs for its governance to act. */
export interface Governed extends Officers {
  vault: LenderVault;
  book: LoanBook;
  /** Kept alive while an action waits. */
  feeds: Record<string, TestFeed>;
}

/** Deploys an AccessManager whose admin is the deployer. */
export async function deployManager(deployer: HardhatEthersSigner): Promise<Manager> {
  return ethers.deployContract("AccessManager", [deployer.address], deployer);
}

/** Gives each role its functions, and its holder. */
export async function assignRoles(
  manager: Manager,
  { vault, book, curator, guardian, treasurer }: Omit<Governed, "feeds">,
): Promise<void> {
  const setRole = manager.getFunction("setTargetFunctionRole");
  for (const role of ROLES) {
    await setRole(
      vault,
      role.vault.map((name) => vault.interface.getFunction(name).selector),
      role.id,
    );
    await setRole(
      book,
      role.book.map((name) => book.interface.getFunction(name).selector),
      role.id,
    );
  }
  const grant = manager.getFunction("grantRole");
  await grant(CURATOR, curator, 0n);
  await grant(GUARDIAN, guardian, 0n);
  await grant(TREASURER, treasurer, 0n);
}

/** Encodes an action of the book. */
export const bookAction: IBookActionsInterface["encodeFunctionData"] = bookActions.encodeFunctionData.bind(bookActions);

/** Encodes the one action of the vault. */
export function raiseDepositCap(cap: bigint): string {
  return vaultActions.encodeFunctionData("raiseDepositCap", [cap]);
}

/** A proposal's id. */
export const idOfAction = keccak256;

/** Proposes an action to book or vault and executes it when it has waited; feeds are kept alive. */
export async function carryOut(
  { curator, feeds }: Governed,
  target: LoanBook | LenderVault,
  action: string,
  delay = PROPOSAL_DELAY,
): Promise<void> {
  await target.connect(curator).propose(action);
  await clock.advance(delay);
  for (const feed of Object.values(feeds)) await feed.set(await feed.answer());
  await target.connect(curator).execute(action);
}

/** Stands for a second source that is not there. */
export const NO_FEED: FeedConfig = { feed: ZeroAddress, maxAge: 0n, minAnswer: 0n, maxAnswer: 0n };

/** Sets a listing's cap: down at once, up after a proposal. */
export async function setCap(market: Governed, listing: bigint, cap: bigint): Promise<void> {
  const current = (await market.book.listings(listing)).cap;
  if (cap < current) {
    await market.book.connect(market.guardian).lowerCap(listing, cap);
  } else {
    await clock.advance(1n); // in the second in which it was lowered it can be raised by nobody
    await carryOut(market, market.book, bookAction("raiseCap", [listing, cap]));
  }
}

export interface FeedConfig {
  feed: AddressLike;
  maxAge: bigint;
  minAnswer: bigint;
  maxAnswer: bigint;
}

export interface Terms {
  borrowLtv: bigint;
  callLtv: bigint;
  liquidationLtv: bigint;
  maxBonus: bigint;
  bonusSlope: bigint;
  maxDeviation: bigint;
}

/** A listing that somebody would like to see. */
export interface Candidate {
  token: AddressLike;
  terms: Terms;
  feed: FeedConfig;
  secondFeed?: FeedConfig;
  cap: bigint;
}

/** One whose feed can be kept alive. */
export type ListedCandidate = Candidate & { feed: { feed: TestFeed } };

interface Addressed extends FeedConfig {
  feed: string;
}

/** A candidate as the book takes it. */
export interface ListingConfig {
  token: string;
  terms: Terms;
  feed: Addressed;
  secondFeed: Addressed;
  cap: bigint;
}

/** The same as the book takes it, with addresses for contracts. */
export async function listingConfig({
  token,
  terms,
  feed,
  secondFeed = NO_FEED,
  cap,
}: Candidate): Promise<ListingConfig> {
  return {
    token: await resolveAddress(token),
    terms,
    feed: { ...feed, feed: await resolveAddress(feed.feed) },
    secondFeed: { ...secondFeed, feed: await resolveAddress(secondFeed.feed) },
    cap,
  };
}

/** The action that adds a listing. */
export async function addListingAction(candidate: Candidate): Promise<string> {
  return bookAction("addListing", [await listingConfig(candidate)]);
}

/** Adds a listing, which takes seven days, and returns its number. */
export async function addListing(market: Governed, candidate: ListedCandidate): Promise<bigint> {
  const feeds = { ...market.feeds, candidate: candidate.feed.feed };
  await carryOut({ ...market, feeds }, market.book, await addListingAction(candidate));
  return (await market.book.listingCount()) - 1n;
}

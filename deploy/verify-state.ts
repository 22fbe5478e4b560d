import { formatUnits, type Provider } from "ethers";

import type { AssetAddresses } from "../sdk/src/addresses/market-addresses.ts";
import {
  IBookActions__factory,
  IVaultActions__factory,
  type LenderVault,
  type LoanBook,
} from "../typechain-types/index.ts";
import type { ILoanBook } from "../typechain-types/interfaces/ILoanBook.ts";
import type { MarketAddresses } from "./addresses.ts";
import type { Differences } from "./differences.ts";
import { readLogs } from "./logs.ts";
import type { FeedParameters, ListingParameters, MarketParameters, TokenParameters } from "./parameters.ts";

/** What the guardian can pause, in the order of the contract's enumeration. */
const ACTIVITIES = ["Deposit", "Borrow"] as const;

/** From which slot on a book stores its `PriceFrame`, which has no getter. */
const PRICE_FRAME_SLOT = 169n;

const NO_FEED = { address: "0x0000000000000000000000000000000000000000", maxAge: 0n, minAnswer: 0n, maxAnswer: 0n };

/** A vault and its book, and what they should be. */
export interface Verified {
  readonly provider: Provider;
  readonly vault: LenderVault;
  readonly book: LoanBook;
  readonly parameters: MarketParameters;
  readonly addresses: MarketAddresses;
}

/** Compares what the vault has stored: names, cap, pauses. */
export async function verifyVault({ vault, parameters }: Verified, differences: Differences): Promise<void> {
  const { name, symbol, depositCap } = parameters.vault;
  differences.compare("The vault's name", await vault.name(), name);
  differences.compare("The vault's symbol", await vault.symbol(), symbol);
  const { token } = parameters.loanAsset;
  differences.compare("The deposit cap", await vault.depositCap(), depositCap, (amount) => tokens(amount, token));
  for (const [number, activity] of ACTIVITIES.entries()) {
    const until = await vault.pausedUntil(number);
    if (until !== 0n) differences.add(`${activity} is paused until ${moment(until)}.`);
  }
}

/** Compares what the book has stored: feeds and listings. */
export async function verifyBook(market: Verified, differences: Differences): Promise<void> {
  const { book, parameters, addresses } = market;
  await compareFrame(market, differences);
  const sequencer = parameters.sequencerFeed?.address ?? NO_FEED.address;
  differences.compare("The sequencer's feed", await book.sequencerFeed(), sequencer);
  const { feed } = parameters.loanAsset;
  compareFeed(
    "The loan asset's feed",
    await book.loanAssetFeed(),
    located(feed, addresses.loanAsset.feed),
    differences,
  );
  const count = Number(await book.listingCount());
  const expected = parameters.listings.length;
  if (count < expected) differences.add(`The book has ${listings(count)}, the file ${String(expected)}.`);
  for (let number = 0; number < count; number++) {
    const actual = await book.listings(number);
    const listing = parameters.listings[number];
    if (listing === undefined) {
      differences.add(`The book lists ${actual.token} as number ${String(number)}, and the file does not.`);
    } else compareListing(number, actual, listing, addresses.listings[number], differences);
  }
}

/** Compares what is fixed for ever about prices: `PriceFrame`, a field a slot. */
async function compareFrame({ provider, book, parameters, addresses }: Verified, differences: Differences) {
  const { token, feed, peg } = parameters.loanAsset;
  const frame = {
    loanAsset: BigInt(token.address ?? addresses.loanAsset.token),
    minDebt: parameters.minDebt,
    peg,
    exponent: BigInt(36 + token.decimals + feed.decimals),
    lowest: feed.minAnswer,
    highest: feed.maxAnswer,
  };
  const address = await book.getAddress();
  for (const [n, [name, expected]] of Object.entries(frame).entries()) {
    const stored = BigInt(await provider.getStorage(address, PRICE_FRAME_SLOT + BigInt(n)));
    differences.compare(`The price frame's ${name}`, stored, expected);
  }
}

function compareListing(
  number: number,
  actual: ILoanBook.ListingStructOutput,
  { token, terms, feed, secondFeed, cap }: ListingParameters,
  written: AssetAddresses | undefined,
  differences: Differences,
): void {
  const what = `of listing ${String(number)} ${token.symbol}`;
  differences.compare(`The token ${what}`, actual.token, token.address ?? written?.token ?? "not written down");
  const names = ["borrowLtv", "callLtv", "liquidationLtv", "maxBonus", "bonusSlope", "maxDeviation"] as const;
  for (const name of names) differences.compare(`The ${name} ${what}`, Number(actual.terms[name]), terms[name]);
  compareFeed(`The feed ${what}`, actual.feed, located(feed, written?.feed), differences);
  compareFeed(`The second feed ${what}`, actual.secondFeed, located(secondFeed, written?.secondFeed), differences);
  differences.compare(`The cap ${what}`, actual.cap, cap, (amount) => tokens(amount, token));
  if (actual.isRetired) differences.add(`Listing ${String(number)} ${token.symbol} is retired.`);
}

type ExpectedFeed = typeof NO_FEED;

/** A feed of the parameters at its address: the file's own, or the one that was written when it was created. */
function located(feed: FeedParameters | undefined, written: string | null | undefined): ExpectedFeed {
  if (feed === undefined) return NO_FEED;
  const { source, maxAge, minAnswer, maxAnswer } = feed;
  const address = typeof source === "string" ? source : (written ?? "not written down");
  return { address, maxAge: BigInt(maxAge), minAnswer, maxAnswer };
}

function compareFeed(
  what: string,
  actual: ILoanBook.FeedConfigStructOutput,
  expected: ExpectedFeed,
  differences: Differences,
): void {
  const none = (address: string): string => (address === NO_FEED.address ? "none" : address);
  differences.compare(what, actual.feed, expected.address, none);
  if (actual.feed === NO_FEED.address || expected.address === NO_FEED.address) return;
  differences.compare(
    `${what}: the age up to which its answer counts`,
    actual.maxAge,
    expected.maxAge,
    (age) => `${String(age)} s`,
  );
  differences.compare(`${what}: its lower bound`, actual.minAnswer, expected.minAnswer);
  differences.compare(`${what}: its upper bound`, actual.maxAnswer, expected.maxAnswer);
}

/** Names what is proposed and neither executed, cancelled nor lapsed. */
export async function verifyProposals(market: Verified, differences: Differences): Promise<void> {
  const { provider, vault, book, addresses } = market;
  const now = (await provider.getBlock("latest"))?.timestamp ?? 0;
  const sides = [
    ["vault", vault, addresses.vault, IVaultActions__factory.createInterface()],
    ["book", book, addresses.book, IBookActions__factory.createInterface()],
  ] as const;
  for (const [side, contract, address, actions] of sides) {
    const lifetime = Number(await contract.PROPOSAL_LIFETIME());
    const proposed = new Map<string, string>();
    for (const log of await readLogs(provider, address, addresses.fromBlock)) {
      const event = contract.interface.parseLog(log);
      if (event?.name === "Proposed") proposed.set(String(event.args.id), String(event.args.selector));
    }
    for (const [id, selector] of proposed) {
      const since = await contract.proposedAt(id);
      if (since === 0n || now - Number(since) >= lifetime) continue;
      const action = actions.fragments.find((fragment) => "selector" in fragment && fragment.selector === selector);
      const name = action !== undefined && "name" in action ? String(action.name) : selector;
      differences.add(`A proposal to the ${side} is pending since ${moment(since)}: ${name} (${id}).`);
    }
  }
}

function tokens(amount: bigint, { symbol, decimals }: TokenParameters): string {
  return `${formatUnits(amount, decimals).replace(/\.0$/, "")} ${symbol}`;
}

function listings(count: number): string {
  return count === 1 ? "1 listing" : `${String(count)} listings`;
}

function moment(seconds: bigint): string {
  return new Date(Number(seconds) * 1000).toISOString().replace(".000Z", "Z");
}

import { Contract, isError, type Provider } from "ethers";

import { DeployError } from "./errors.ts";
import { ignite } from "./ignition.ts";
import type { LocalFeedAddresses } from "./local-feeds.ts";
import { localAssetsModule, localNames, type LocalFeedPlan } from "./modules/local-assets.ts";
import { productFeedsModule, productName } from "./modules/product-feeds.ts";
import { isProduct, localPartNames, plainFeedsOf, type PlainFeedParameters } from "./product-feeds.ts";
import type { FeedLimits, FeedParameters, SequencerFeedParameters, TokenParameters } from "./parameters.ts";
import type { Session } from "./session.ts";

const TOKEN_ABI = ["function symbol() view returns (string)", "function decimals() view returns (uint8)"];
const FEED_ABI = [
  "function description() view returns (string)",
  "function decimals() view returns (uint8)",
  "function latestRoundData() view returns (uint80, int256, uint256, uint256, uint80)",
];

/** A token and the feeds that price it, as parameters. */
interface AssetParameters {
  readonly token: TokenParameters;
  readonly feed: FeedParameters;
  readonly secondFeed?: PlainFeedParameters | undefined;
}

/** One of the two feeds that a product multiplies. */
export interface ProductPart {
  readonly address: string;
  readonly description: string;
  readonly decimals: number;
}

/** A feed on the chain, and the limits within which its answer counts. */
export interface AssetFeed {
  /** What the book reads; on a local chain the proxy. */
  readonly address: string;
  readonly description: string;
  readonly decimals: number;
  /** What it is made of, if it is a product. */
  readonly product: { readonly rate: ProductPart; readonly price: ProductPart } | undefined;
  /** An older answer does not count. [s] */
  readonly maxAge: number;
  /** [feed decimals] */
  readonly minAnswer: bigint;
  /** [feed decimals] */
  readonly maxAnswer: bigint;
}

/** A token and the feeds that price it, on the chain. */
export interface Asset {
  readonly symbol: string;
  readonly decimals: number;
  readonly token: string;
  readonly feed: AssetFeed;
  readonly secondFeed: AssetFeed | undefined;
}

/** What {@link resolveAssets} found or created. */
export interface Assets {
  /** Where one of the assets is. */
  readonly locate: (asset: AssetParameters) => Asset;
  /** The feeds that were created. */
  readonly localFeeds: readonly LocalFeedAddresses[];
}

/**
 * Finds the addresses of all tokens and feeds: on a local chain by creating those that have none, elsewhere by checking on
 * the chain that what stands at the given addresses is what the parameters say. A product of two feeds is created anywhere.
 *
 * @throws DeployError that names the first asset that is something else
 */
export async function resolveAssets(session: Session, parameters: readonly AssetParameters[]): Promise<Assets> {
  await checkAssets(session.connection.ethers.provider, parameters);
  const tokens = parameters.map(({ token }) => token).filter(({ address }) => address === undefined);
  const feeds = await planFeeds(session, parameters);
  const addresses = new Map<string, string>();
  if (tokens.length > 0 || feeds.length > 0) {
    await noteAddresses(addresses, ignite(session, localAssetsModule(tokens, feeds)));
  }
  await createProducts(session, parameters, addresses);
  return {
    locate: ({ token, feed, secondFeed }) => ({
      symbol: token.symbol,
      decimals: token.decimals,
      token: token.address ?? found(addresses, localNames.token(token.symbol)),
      feed: locateFeed(token.symbol, feed, addresses),
      secondFeed: secondFeed && locateFeed(localNames.second(token.symbol), secondFeed, addresses),
    }),
    localFeeds: feeds.map(({ symbol, decimals, accounts }) => ({
      symbol,
      decimals,
      proxy: found(addresses, localNames.proxy(symbol)),
      aggregator: found(addresses, localNames.aggregator(symbol)),
      oracles: accounts,
    })),
  };
}

/**
 * Reads every token and feed that is named by its address, and compares it with what the parameters say of it.
 *
 * @throws DeployError that names the first one that is something else
 */
export async function checkAssets(provider: Provider, parameters: readonly AssetParameters[]): Promise<void> {
  for (const asset of parameters) {
    const { token } = asset;
    if (token.address !== undefined) await checkToken(provider, token, token.address);
    for (const [, feed] of feedsOf(asset)) {
      if (typeof feed.source === "string") await checkFeed(provider, feed, feed.source);
    }
  }
}

/** The feeds that an asset needs by themselves, with their names, which are those of the local ones. */
function feedsOf({ token, feed, secondFeed }: AssetParameters): [name: string, feed: PlainFeedParameters][] {
  const first = plainFeedsOf(token.symbol, feed);
  return secondFeed === undefined ? first : [...first, [localNames.second(token.symbol), secondFeed]];
}

/** The last accounts of the chain are the oracles, the same ones for all feeds: the first ones have other roles. */
async function planFeeds(session: Session, parameters: readonly AssetParameters[]): Promise<LocalFeedPlan[]> {
  const plans: LocalFeedPlan[] = [];
  for (const [name, feed] of parameters.flatMap(feedsOf)) {
    const { source, description, decimals } = feed;
    if (typeof source === "string") continue;
    const signers = await session.connection.ethers.getSigners();
    const accounts = signers.slice(-source.oracles).map(({ address }) => address);
    if (accounts.length < source.oracles) {
      throw new DeployError(
        `The feed ${description} has ${String(source.oracles)} oracles, but the chain has only ` +
          `${String(accounts.length)} accounts: lower source.oracles in its parameters.`,
      );
    }
    plans.push({ ...source, symbol: name, description, decimals, accounts });
  }
  return plans;
}

/** Creates the feeds that multiply others, and checks each as if somebody had named its address. */
async function createProducts(
  session: Session,
  parameters: readonly AssetParameters[],
  addresses: Map<string, string>,
): Promise<void> {
  const products = parameters.flatMap(({ token: { symbol }, feed }) => {
    const parts = locateParts(symbol, feed, addresses);
    return parts === undefined ? [] : [{ symbol, feed, rateFeed: parts.rate.address, priceFeed: parts.price.address }];
  });
  if (products.length === 0) return;
  await noteAddresses(addresses, ignite(session, productFeedsModule(products)));
  for (const { symbol, feed } of products) {
    await checkFeed(session.connection.ethers.provider, feed, found(addresses, productName(symbol)));
  }
}

async function noteAddresses(
  addresses: Map<string, string>,
  creation: Promise<Record<string, Contract>>,
): Promise<void> {
  for (const [name, contract] of Object.entries(await creation)) addresses.set(name, await contract.getAddress());
}

function locateFeed(symbol: string, feed: FeedParameters, addresses: ReadonlyMap<string, string>): AssetFeed {
  const { source, ...limits } = feed;
  const product = locateParts(symbol, feed, addresses);
  const address = isProduct(source)
    ? found(addresses, productName(symbol))
    : addressOf(symbol, { ...limits, source }, addresses);
  return { address, ...limits, product };
}

/** The feeds of a product; undefined if it is none. */
function locateParts(
  symbol: string,
  { source }: FeedParameters,
  addresses: ReadonlyMap<string, string>,
): AssetFeed["product"] {
  if (!isProduct(source)) return undefined;
  const part = (name: string, feed: PlainFeedParameters): ProductPart => {
    const { description, decimals } = feed;
    return { address: addressOf(name, feed, addresses), description, decimals };
  };
  return {
    rate: part(localPartNames.rate(symbol), source.rate),
    price: part(source.priceOf ?? localPartNames.price(symbol), source.price),
  };
}

function addressOf(name: string, { source }: PlainFeedParameters, addresses: ReadonlyMap<string, string>): string {
  return typeof source === "string" ? source : found(addresses, localNames.proxy(name));
}

function found(addresses: ReadonlyMap<string, string>, name: string): string {
  const address = addresses.get(name);
  if (address === undefined) throw new DeployError(`The local assets were created without ${name}.`);
  return address;
}

async function checkToken(provider: Provider, expected: TokenParameters, address: string): Promise<void> {
  const what = `The token ${expected.symbol} at ${address}`;
  await checkCode(provider, address, what);
  const token = new Contract(address, TOKEN_ABI, provider);
  const symbol = await read(token, "symbol", what);
  if (symbol !== expected.symbol) throw new DeployError(`${what} calls itself ${String(symbol)}: check its address.`);
  checkDecimals(what, await read(token, "decimals", what), expected.decimals);
}

async function checkFeed(provider: Provider, expected: FeedLimits, address: string): Promise<void> {
  const what = `The feed ${expected.description} at ${address}`;
  const feed = await describedFeed(provider, address, expected.description, expected.decimals, what);
  const { answer, updatedAt } = await latestRound(feed, what);
  if (answer < expected.minAnswer || answer > expected.maxAnswer) {
    throw new DeployError(`${what} answers ${String(answer)}, outside its minPrice and maxPrice.`);
  }
  const age = (await now(provider)) - updatedAt;
  if (updatedAt === 0n || age < 0n) {
    throw new DeployError(
      `${what} says that it answered at ${String(updatedAt)} s, which cannot be: check its address.`,
    );
  }
  if (age > BigInt(expected.maxAge)) {
    throw new DeployError(
      `${what} answered ${String(age)} s ago, longer than its maxAge of ${String(expected.maxAge)} s.`,
    );
  }
}

/**
 * Reads the sequencer's uptime feed: 0 is up, 1 is down, since `startedAt`.
 *
 * @throws DeployError if it is something else
 */
export async function checkSequencerFeed(provider: Provider, expected: SequencerFeedParameters): Promise<void> {
  const { address, description } = expected;
  const what = `The sequencer feed at ${address}`;
  const feed = await describedFeed(provider, address, description, 0, what);
  const { answer, startedAt } = await latestRound(feed, what);
  if (answer !== 0n && answer !== 1n) {
    throw new DeployError(`${what} answers ${String(answer)}, neither 0 for up nor 1 for down: check its address.`);
  }
  if (startedAt === 0n || startedAt > (await now(provider))) {
    throw new DeployError(
      `${what} says that the sequencer is ${answer === 0n ? "up" : "down"} since ${String(startedAt)} s, which cannot be.`,
    );
  }
}

async function describedFeed(
  provider: Provider,
  address: string,
  description: string,
  decimals: number,
  what: string,
): Promise<Contract> {
  await checkCode(provider, address, what);
  const feed = new Contract(address, FEED_ABI, provider);
  const own = await read(feed, "description", what);
  if (own !== description) {
    throw new DeployError(`${what} describes itself as ${String(own)}, not as ${description}: check its address.`);
  }
  checkDecimals(what, await read(feed, "decimals", what), decimals);
  return feed;
}

interface Round {
  readonly answer: bigint;
  readonly startedAt: bigint;
  readonly updatedAt: bigint;
}

async function latestRound(feed: Contract, what: string): Promise<Round> {
  const round = await read(feed, "latestRoundData", what);
  const [, answer, startedAt, updatedAt] = Array.isArray(round) ? (round as unknown[]) : [];
  if (typeof answer !== "bigint" || typeof startedAt !== "bigint" || typeof updatedAt !== "bigint") {
    throw new DeployError(`${what} does not answer latestRoundData(): check its address.`);
  }
  return { answer, startedAt, updatedAt };
}

async function now(provider: Provider): Promise<bigint> {
  return BigInt((await provider.getBlock("latest"))?.timestamp ?? 0);
}

async function checkCode(provider: Provider, address: string, what: string): Promise<void> {
  if ((await provider.getCode(address)) !== "0x") return;
  throw new DeployError(`${what} does not exist: there is no contract at this address on this chain.`);
}

function checkDecimals(what: string, decimals: unknown, expected: number): void {
  if (decimals === BigInt(expected)) return;
  throw new DeployError(`${what} has ${String(decimals)} decimals, not ${String(expected)}: correct its parameters.`);
}

async function read(contract: Contract, name: string, what: string): Promise<unknown> {
  try {
    return await contract.getFunction(name).staticCall();
  } catch (error) {
    // Hardhat's own chain says it in words of its own.
    const isRefused = error instanceof Error && /\breverted\b/.test(error.message);
    if (isRefused || isError(error, "BAD_DATA") || isError(error, "CALL_EXCEPTION")) {
      throw new DeployError(`${what} does not answer ${name}(): check its address.`, { cause: error });
    }
    throw error;
  }
}

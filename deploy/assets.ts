import { Contract, isError, type Provider } from "ethers";

import { DeployError } from "./errors.ts";
import { ignite } from "./ignition.ts";
import type { LocalFeedAddresses } from "./local-feeds.ts";
import { localAssetsModule, localNames, type LocalFeedPlan } from "./modules/local-assets.ts";
import { productFeedsModule, productName } from "./modules/product-feeds.ts";
import type { FeedLimits, FeedParameters, TokenParameters } from "./parameters.ts";
import { isProduct, localPartNames, plainFeedsOf, type PlainFeedParameters } from "./product-feeds.ts";
import type { Session } from "./session.ts";

const TOKEN_ABI = ["function symbol() view returns (string)", "function decimals() view returns (uint8)"];
const FEED_ABI = [
  "function description() view returns (string)",
  "function decimals() view returns (uint8)",
  "function latestRoundData() view returns (uint80, int256, uint256, uint256, uint80)",
];

/** A token and the feed that prices it, as parameters. */
interface AssetParameters {
  readonly token: TokenParameters;
  readonly feed: FeedParameters;
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

/** A token and the feed that prices it, on the chain. */
export interface Asset {
  readonly symbol: string;
  readonly decimals: number;
  readonly token: string;
  readonly feed: AssetFeed;
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
  const { provider } = session.connection.ethers;
  for (const { token, feed } of parameters) {
    if (token.address !== undefined) await checkToken(provider, token, token.address);
    for (const [, plain] of plainFeedsOf(token.symbol, feed)) {
      if (typeof plain.source === "string") await checkFeed(provider, plain, plain.source);
    }
  }
  const tokens = parameters.map(({ token }) => token).filter(({ address }) => address === undefined);
  const feeds = await planFeeds(session, parameters);
  const addresses = new Map<string, string>();
  if (tokens.length > 0 || feeds.length > 0) {
    await noteAddresses(addresses, ignite(session, localAssetsModule(tokens, feeds)));
  }
  await createProducts(session, parameters, addresses);
  return {
    locate: ({ token, feed }) => ({
      symbol: token.symbol,
      decimals: token.decimals,
      token: token.address ?? found(addresses, localNames.token(token.symbol)),
      feed: locateFeed(token.symbol, feed, addresses),
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

/** The last accounts of the chain are the oracles, the same ones for all feeds: the first ones have other roles. */
async function planFeeds(session: Session, parameters: readonly AssetParameters[]): Promise<LocalFeedPlan[]> {
  const plans: LocalFeedPlan[] = [];
  for (const [name, feed] of parameters.flatMap(({ token, feed }) => plainFeedsOf(token.symbol, feed))) {
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
  const token = new Contract(address, TOKEN_ABI, provider);
  const what = `The token ${expected.symbol} at ${address}`;
  const symbol = await read(token, "symbol", what);
  if (symbol !== expected.symbol) throw new DeployError(`${what} calls itself ${String(symbol)}: check its address.`);
  checkDecimals(what, await read(token, "decimals", what), expected.decimals);
}

async function checkFeed(provider: Provider, expected: FeedLimits, address: string): Promise<void> {
  const feed = new Contract(address, FEED_ABI, provider);
  const what = `The feed ${expected.description} at ${address}`;
  const description = await read(feed, "description", what);
  if (description !== expected.description) {
    throw new DeployError(`${what} describes itself as ${String(description)}: check its address.`);
  }
  checkDecimals(what, await read(feed, "decimals", what), expected.decimals);

  const round = await read(feed, "latestRoundData", what);
  const [, answer, , updatedAt] = Array.isArray(round) ? (round as unknown[]) : [];
  if (typeof answer !== "bigint" || answer < expected.minAnswer || answer > expected.maxAnswer) {
    throw new DeployError(`${what} answers ${String(answer)}, outside its minPrice and maxPrice.`);
  }
  const now = (await provider.getBlock("latest"))?.timestamp ?? 0;
  const age = now - Number(updatedAt);
  if (age > expected.maxAge) {
    throw new DeployError(
      `${what} answered ${String(age)} s ago, longer than its maxAge of ${String(expected.maxAge)} s.`,
    );
  }
}

function checkDecimals(what: string, decimals: unknown, expected: number): void {
  if (decimals === BigInt(expected)) return;
  throw new DeployError(`${what} has ${String(decimals)} decimals, not ${String(expected)}: correct its parameters.`);
}

async function read(contract: Contract, name: string, what: string): Promise<unknown> {
  try {
    return await contract.getFunction(name).staticCall();
  } catch (error) {
    if (isError(error, "BAD_DATA") || isError(error, "CALL_EXCEPTION")) {
      throw new DeployError(`${what} does not answer ${name}(): check its address.`, { cause: error });
    }
    throw error;
  }
}

import { parseUnits, type Contract } from "ethers";

import { DeployError } from "./errors.ts";
import { LocalFeed, latestRound } from "./local-feeds.ts";
import { deployMarket, type DeployOptions, type Market } from "./market.ts";
import { LOCAL_CHAIN_ID, readParameters, type FeedParameters, type MarketParameters } from "./parameters.ts";
import { isProduct } from "./product-feeds.ts";
import type { Connection } from "./session.ts";

/** First answers of the local feeds by token symbol, e.g. `{ WETH: usd("2000") }`. [feed decimals] */
export type FirstAnswers = Readonly<Record<string, bigint>>;

/** How a local market differs from its parameters. */
export interface LocalOptions extends DeployOptions {
  /** Symbols of what is listed, in the order of the parameters; by default everything there. */
  readonly listed?: ReadonlySet<string>;
}

/** A market of test tokens whose feeds are in hand. */
export interface LocalMarket extends Market {
  /** The test token with this symbol: anyone may `mint(to, amount)`. */
  readonly tokenOf: (symbol: string) => Contract;
  /** The feed of the token with this symbol; `<symbol>_rate` is the rate of a product. */
  readonly feedOf: (symbol: string) => LocalFeed;
}

/** A price in US dollars in the unit of the local feeds, which have 8 decimals. */
export function usd(price: string): bigint {
  return parseUnits(price, 8);
}

/**
 * Deploys the local market of `deploy/parameters/31337.json`.
 *
 * @param answers instead of the first prices of that file; symbols left out keep theirs
 */
export async function deployLocalMarket(
  connection: Connection,
  answers: FirstAnswers = {},
  options: LocalOptions = {},
): Promise<LocalMarket> {
  const { listed } = options;
  const all = withFirstAnswers(await readParameters(LOCAL_CHAIN_ID), answers);
  const listings = all.listings.filter(({ token }) => listed?.has(token.symbol) ?? true);
  const parameters = { ...all, listings };
  return openLocalMarket(connection, await deployMarket(connection, parameters, options));
}

/** Takes the tokens and feeds of a market on a local chain in hand. */
export async function openLocalMarket(connection: Connection, market: Market): Promise<LocalMarket> {
  const { ethers, provider } = connection;
  const signer = await ethers.getSigner(market.deployer);
  const feeds = new Map<string, LocalFeed>();
  for (const addresses of market.localFeeds) {
    const round = await latestRound(ethers.provider, addresses.aggregator);
    feeds.set(addresses.symbol, new LocalFeed(provider, addresses, round));
  }
  const tokens = new Map<string, Contract>();
  for (const { symbol, token } of [market.loanAsset, ...market.listings]) {
    tokens.set(symbol, await ethers.getContractAt("TestToken", token, signer));
  }
  return {
    ...market,
    tokenOf: (symbol) => existing(tokens, symbol, "token"),
    feedOf: (symbol) => existing(feeds, symbol, "feed"),
  };
}

function withFirstAnswers(parameters: MarketParameters, answers: FirstAnswers): MarketParameters {
  const { loanAsset, listings } = parameters;
  const priced = <Asset extends { token: { symbol: string }; feed: FeedParameters }>(asset: Asset): Asset => {
    const firstAnswer = answers[asset.token.symbol];
    const { source } = asset.feed;
    // A product's first answer follows from its parts.
    if (firstAnswer === undefined || typeof source === "string" || isProduct(source)) return asset;
    return { ...asset, feed: { ...asset.feed, source: { ...source, firstAnswer } } };
  };
  return { ...parameters, loanAsset: priced(loanAsset), listings: listings.map(priced) };
}

function existing<Value>(map: ReadonlyMap<string, Value>, symbol: string, what: string): Value {
  const value = map.get(symbol);
  if (value === undefined)
    throw new DeployError(`The local market has no ${what} ${symbol}; it has ${[...map.keys()].join(", ")}.`);
  return value;
}

import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";

import { id, toUtf8Bytes } from "ethers";

import { MAX_AMOUNT, MAX_TOKENS, mulDivDown, mulDivUp } from "../sdk/src/math/amounts.ts";
import { valueUp } from "../sdk/src/math/health-math.ts";
import { DeployError } from "./errors.ts";
import { JsonField } from "./json-field.ts";
import { parseProduct, type PlainFeedParameters, type ProductParameters } from "./product-feeds.ts";

/** The chain id of local chains; only there are test tokens and local feeds deployed. */
export const LOCAL_CHAIN_ID = 31337;

/** Stands in a parameter file for the address of a token that the deployment itself creates. */
const LOCAL = "local";

/** Stands for the account that sends the deployment's transactions; only where nothing is at stake. */
export const DEPLOYER = "deployer";
const PLAY_CHAINS: ReadonlySet<number> = new Set([LOCAL_CHAIN_ID, 11155111]);

/** Chains whose blocks a sequencer makes: there the book must know whether it is up. */
const SEQUENCED_CHAINS: ReadonlySet<number> = new Set([10, 8453, 42161]);
const UNSEQUENCED_CHAINS: ReadonlySet<number> = new Set([1, 11155111]);

const MAX_UINT32 = 2 ** 32 - 1;
const MAX_UINT16 = 2 ** 16 - 1;
const MAX_ANSWER = 2n ** 128n - 1n;
/** One base unit of a token may be worth at most the minimum debt divided by this. */
const UNITS_IN_MIN_DEBT = 100n;
/** The lowest price must have this many units. [price] */
const MIN_PRICE = 1_000_000n;
/** Of the vault's name, which permits are signed with. */
export const MAX_NAME_BYTES = 31;
export const MAX_LISTINGS = 40;
/** Of a token that is pledged; the loan asset has at most 18. */
export const MAX_DECIMALS = 36;
const MAX_EXPONENT = 77;
const MAX_ORACLES = 10;
const BPS = 10_000;
/** Liquidation LTV × (1 + maximum bonus) / (1 - maximum deviation) must not exceed this. [bps] */
const MAX_SEIZED_SHARE = 9_500;

/** An ERC-20: a deployed one, or a test token that the deployment creates. */
export interface TokenParameters {
  readonly symbol: string;
  readonly decimals: number;
  /** Undefined for a test token. */
  readonly address: string | undefined;
}

/** How a feed on a local chain is set up. */
export interface LocalFeedParameters {
  /** How many oracles submit; a round is answered when all have. */
  readonly oracles: number;
  /** The answer of the first round. [feed decimals] */
  readonly firstAnswer: bigint;
}

/** What a feed is, and the limits within which its answer counts. */
export interface FeedLimits {
  readonly description: string;
  readonly decimals: number;
  /** An older answer does not count. [s] */
  readonly maxAge: number;
  /** [feed decimals] */
  readonly minAnswer: bigint;
  /** [feed decimals] */
  readonly maxAnswer: bigint;
}

/** A Chainlink feed, or a product of two. */
export interface FeedParameters extends FeedLimits {
  /** The feed's proxy, what to create on a local chain, or what to multiply. */
  readonly source: string | LocalFeedParameters | ProductParameters;
}

/** The risk terms of a listing. [bps] */
export interface TermsParameters {
  readonly borrowLtv: number;
  readonly callLtv: number;
  readonly liquidationLtv: number;
  readonly maxBonus: number;
  readonly bonusSlope: number;
  /** The most by which two sources may differ and be believed. */
  readonly maxDeviation: number;
}

/** An asset to accept as collateral. */
export interface ListingParameters {
  readonly token: TokenParameters;
  readonly terms: TermsParameters;
  readonly feed: FeedParameters;
  /** Another source of the same price. */
  readonly secondFeed: PlainFeedParameters | undefined;
  /** The most that all loans together may pledge. [token base units] */
  readonly cap: bigint;
}

/** Chainlink's uptime feed of a chain's sequencer. */
export interface SequencerFeedParameters {
  readonly address: string;
  readonly description: string;
}

/** Who holds the roles of a market: an address each, or {@link DEPLOYER}. See `roles.ts` for what they may do. */
export interface RolesParameters {
  readonly admin: string;
  readonly curator: string;
  readonly guardian: string;
  readonly treasurer: string;
}

/** Everything that one market is deployed with, in the contracts' units. */
export interface MarketParameters {
  /** Where these come from, for messages. */
  readonly file: string;
  /** keccak-256 of the file's text. */
  readonly hash: string;
  readonly chainId: number;
  readonly roles: RolesParameters;
  /** Where surplus reserves go: an address, or {@link DEPLOYER}. */
  readonly treasury: string;
  readonly vault: {
    readonly name: string;
    readonly symbol: string;
    /** [loan asset base units] */
    readonly depositCap: bigint;
  };
  /** [loan asset base units] */
  readonly minDebt: bigint;
  readonly loanAsset: {
    readonly token: TokenParameters;
    readonly feed: FeedParameters;
    /** What one loan asset is meant to be worth; 0 for none. [feed decimals] */
    readonly peg: bigint;
  };
  /** Undefined on a chain without a sequencer. */
  readonly sequencerFeed: SequencerFeedParameters | undefined;
  readonly listings: readonly ListingParameters[];
}

/** Where the parameter files are. */
export const PARAMETERS_DIRECTORY = join(import.meta.dirname, "parameters");

/**
 * Reads and checks the parameters for a chain.
 *
 * @throws DeployError that names file, field, value and what is allowed
 */
export async function readParameters(chainId: number, directory = PARAMETERS_DIRECTORY): Promise<MarketParameters> {
  const path = join(directory, `${String(chainId)}.json`);
  const file = relative(process.cwd(), path);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch {
    throw new DeployError(`There are no parameters for chain ${String(chainId)}: write ${file} first.`);
  }
  return parseParameters(file, text, chainId);
}

/**
 * Checks the text of a parameter file and converts it to the contracts' units: amounts are written in whole tokens, prices
 * in the feed's currency, both as decimal strings; shares in basis points; times in seconds.
 *
 * @param file its name, for messages
 * @throws DeployError that names file, field, value and what is allowed
 */
export function parseParameters(file: string, text: string, chainId: number): MarketParameters {
  const root = new JsonField(file, "", parseJson(file, text)).object(
    ["chainId", "roles", "treasury", "vault", "minDebt", "loanAsset", "listings"],
    ["sequencerFeed"],
  );
  if (root.chainId.integer(1, Number.MAX_SAFE_INTEGER, "a chain id") !== chainId) {
    root.chainId.refuse(`${String(chainId)}, the chain that the file is named after`);
  }
  const isLocal = chainId === LOCAL_CHAIN_ID;
  const loanAsset = parseLoanAsset(root.loanAsset, isLocal);
  const vault = root.vault.object(["name", "symbol", "depositCap"]);
  const { decimals } = loanAsset.token;
  const minDebt = root.minDebt.decimal(decimals, MAX_AMOUNT);
  return {
    file,
    hash: id(text),
    chainId,
    roles: parseRoles(root.roles, chainId),
    treasury: parseHolder(root.treasury, chainId),
    vault: {
      name: parseName(vault.name),
      symbol: vault.symbol.text(),
      depositCap: vault.depositCap.decimal(decimals, MAX_AMOUNT),
    },
    minDebt,
    loanAsset,
    sequencerFeed: parseSequencerFeed(file, root.sequencerFeed, chainId),
    listings: parseListings(root.listings, loanAsset, minDebt, isLocal),
  };
}

function parseName(field: JsonField): string {
  const name = field.text();
  if (toUtf8Bytes(name).length > MAX_NAME_BYTES) field.refuse(`at most ${String(MAX_NAME_BYTES)} bytes`);
  return name;
}

function parseRoles(field: JsonField, chainId: number): RolesParameters {
  const fields = field.object(["admin", "curator", "guardian", "treasurer"]);
  return {
    admin: parseHolder(fields.admin, chainId),
    curator: parseHolder(fields.curator, chainId),
    guardian: parseHolder(fields.guardian, chainId),
    treasurer: parseHolder(fields.treasurer, chainId),
  };
}

/** Whoever holds a power where money is at stake is named by the person who deploys; no file can know. */
function parseHolder(field: JsonField, chainId: number): string {
  if (field.isNull()) field.refuse("filled in, with the address of the multisig that shall have it");
  return PLAY_CHAINS.has(chainId) ? field.address(DEPLOYER) : field.address();
}

function parseSequencerFeed(
  file: string,
  field: JsonField | undefined,
  chainId: number,
): SequencerFeedParameters | undefined {
  if (field === undefined) {
    if (!SEQUENCED_CHAINS.has(chainId)) return undefined;
    throw new DeployError(
      `${file}: sequencerFeed is missing: chain ${String(chainId)} has a sequencer, and the book must know if it is up.`,
    );
  }
  if (UNSEQUENCED_CHAINS.has(chainId)) field.refuse("left out: this chain has no sequencer");
  const fields = field.object(["source", "description"]);
  return { address: fields.source.address(), description: fields.description.text() };
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new DeployError(`${file} is not JSON: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

function parseLoanAsset(field: JsonField, isLocal: boolean): MarketParameters["loanAsset"] {
  const fields = field.object(["token", "feed", "peg"]);
  const token = parseToken(fields.token, 18, isLocal);
  const feed = parseFeed(fields.feed, plainSource(isLocal));
  const peg = fields.peg.isNull() ? 0n : fields.peg.decimal(feed.decimals, MAX_ANSWER);
  if (peg !== 0n && (peg < feed.minAnswer || peg > feed.maxAnswer)) {
    fields.peg.refuse("within the feed's minPrice and maxPrice, or null for no peg");
  }
  return { token, feed, peg };
}

function parseListings(
  field: JsonField,
  loanAsset: MarketParameters["loanAsset"],
  minDebt: bigint,
  isLocal: boolean,
): readonly ListingParameters[] {
  const symbols = new Set([loanAsset.token.symbol]);
  const addresses = new Set([loanAsset.token.address]);
  addresses.delete(undefined);
  const feeds = new Map<string, FeedParameters>();
  return field.list(1, MAX_LISTINGS).map((entry) => {
    const fields = entry.object(["token", "terms", "feed", "cap"], ["secondFeed"]);
    const token = parseToken(fields.token, MAX_DECIMALS, isLocal);
    if (symbols.has(token.symbol) || addresses.has(token.address)) {
      fields.token.refuse("a token that is neither the loan asset nor in an earlier listing");
    }
    symbols.add(token.symbol);
    if (token.address !== undefined) addresses.add(token.address);
    const feed = parseFeed(fields.feed, listedSource(isLocal, feeds));
    feeds.set(token.symbol, feed);
    checkScale(fields.feed, token, feed, loanAsset, minDebt);
    const terms = parseTerms(fields.terms);
    const secondFeed = parseSecondFeed(fields.secondFeed, feed, isLocal);
    if (fields.secondFeed && secondFeed) checkScale(fields.secondFeed, token, secondFeed, loanAsset, minDebt);
    return { token, terms, feed, secondFeed, cap: fields.cap.decimal(token.decimals, MAX_TOKENS) };
  });
}

function parseSecondFeed(
  field: JsonField | undefined,
  first: FeedParameters,
  isLocal: boolean,
): PlainFeedParameters | undefined {
  if (field === undefined) return undefined;
  const feed = parseFeed(field, plainSource(isLocal));
  if (typeof feed.source === "string" && feed.source === first.source) field.refuse("another feed than the first");
  return feed;
}

function parseToken(field: JsonField, maxDecimals: number, isLocal: boolean): TokenParameters {
  const fields = field.object(["address", "symbol", "decimals"]);
  return {
    address: parseAddress(fields.address, isLocal),
    symbol: fields.symbol.text(),
    decimals: fields.decimals.integer(0, maxDecimals, "decimals"),
  };
}

type SourceReader<Source> = (source: JsonField, limits: FeedLimits) => Source;

function parseFeed<Source>(field: JsonField, sourceOf: SourceReader<Source>): FeedLimits & { readonly source: Source } {
  const fields = field.object(["source", "description", "decimals", "maxAge", "minPrice", "maxPrice"]);
  const decimals = fields.decimals.integer(0, 18, "decimals");
  const minAnswer = parseBound(fields.minPrice, decimals);
  const maxAnswer = parseBound(fields.maxPrice, decimals);
  if (minAnswer >= maxAnswer) fields.minPrice.refuse("less than maxPrice");
  const limits = {
    description: fields.description.text(),
    decimals,
    maxAge: fields.maxAge.integer(1, MAX_UINT32, "seconds"),
    minAnswer,
    maxAnswer,
  };
  return { ...limits, source: sourceOf(fields.source, limits) };
}

function plainSource(isLocal: boolean): SourceReader<PlainFeedParameters["source"]> {
  return (field, limits) => (isLocal && field.isObject() ? parseLocalFeed(field, limits) : field.address());
}

/** The feed of a listing may be a product of two, of which the second may be the feed of an earlier listing. */
function listedSource(
  isLocal: boolean,
  earlier: ReadonlyMap<string, FeedParameters>,
): SourceReader<FeedParameters["source"]> {
  const plain = plainSource(isLocal);
  const parsePlain = (field: JsonField): PlainFeedParameters => parseFeed(field, plain);
  return (field, limits) =>
    field.has("rate") ? parseProduct(field, limits, parsePlain, earlier) : plain(field, limits);
}

function parseLocalFeed(field: JsonField, { decimals, minAnswer, maxAnswer }: FeedLimits): LocalFeedParameters {
  const fields = field.object(["oracles", "firstPrice"]);
  const firstAnswer = fields.firstPrice.decimal(decimals, MAX_ANSWER);
  if (firstAnswer < minAnswer || firstAnswer > maxAnswer) fields.firstPrice.refuse("from minPrice to maxPrice");
  return { oracles: fields.oracles.integer(1, MAX_ORACLES, "oracles"), firstAnswer };
}

function parseAddress(field: JsonField, isLocal: boolean): string | undefined {
  const address = isLocal ? field.address(LOCAL) : field.address();
  return address === LOCAL ? undefined : address;
}

/** A bound must have the compact form that the book stores: digits below 2^16 after its trailing zeros are stripped. */
function parseBound(field: JsonField, decimals: number): bigint {
  const bound = field.decimal(decimals, MAX_ANSWER);
  let digits = bound;
  while (digits % 10n === 0n) digits /= 10n;
  if (digits > BigInt(MAX_UINT16)) {
    field.refuse(`a number whose digits without trailing zeros are at most ${String(MAX_UINT16)}`);
  }
  return bound;
}

function parseTerms(field: JsonField): TermsParameters {
  const fields = field.object(["borrowLtv", "callLtv", "liquidationLtv", "maxBonus", "bonusSlope", "maxDeviation"]);
  const terms = {
    borrowLtv: fields.borrowLtv.integer(1, BPS, "basis points"),
    callLtv: fields.callLtv.integer(1, BPS, "basis points"),
    liquidationLtv: fields.liquidationLtv.integer(1, BPS, "basis points"),
    maxBonus: fields.maxBonus.integer(0, BPS, "basis points"),
    bonusSlope: fields.bonusSlope.integer(0, MAX_UINT16, "basis points"),
    maxDeviation: fields.maxDeviation.integer(1, BPS - 1, "basis points"),
  };
  if (terms.borrowLtv >= terms.callLtv) fields.borrowLtv.refuse("less than callLtv");
  if (terms.callLtv >= terms.liquidationLtv) fields.callLtv.refuse("less than liquidationLtv");
  if (terms.liquidationLtv * (BPS + terms.maxBonus) > MAX_SEIZED_SHARE * (BPS - terms.maxDeviation)) {
    fields.liquidationLtv.refuse(
      `such that liquidationLtv × (1 + maxBonus) / (1 - maxDeviation) is at most ${String(MAX_SEIZED_SHARE)}`,
    );
  }
  return terms;
}

/** The book turns two answers into a price with one power of ten; neither extreme of it may be too coarse. */
function checkScale(
  field: JsonField,
  token: TokenParameters,
  feed: FeedParameters,
  loanAsset: MarketParameters["loanAsset"],
  minDebt: bigint,
): void {
  const exponent = 36 + loanAsset.feed.decimals + loanAsset.token.decimals - feed.decimals - token.decimals;
  const scale = 10n ** BigInt(Math.max(exponent, 0));
  const isFine = mulDivDown(feed.minAnswer, scale, loanAsset.feed.maxAnswer) >= MIN_PRICE;
  if (exponent < 0 || exponent > MAX_EXPONENT || !isFine) {
    field.refuse("a feed with fewer decimals or narrower bounds: prices of the two assets lie too far apart");
  }
  const highest = mulDivUp(feed.maxAnswer, scale, loanAsset.feed.minAnswer);
  if (valueUp(1n, highest) > minDebt / UNITS_IN_MIN_DEBT) {
    field.refuse("a feed with a lower maxPrice: one base unit of the token would be worth over a hundredth of minDebt");
  }
}

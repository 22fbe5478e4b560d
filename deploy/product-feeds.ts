import type { JsonField } from "./json-field.ts";
import type { FeedLimits, FeedParameters, LocalFeedParameters } from "./parameters.ts";

/** A feed that stands or is created by itself. */
export type PlainFeedParameters = FeedLimits & { readonly source: string | LocalFeedParameters };

/** Two feeds whose product is a listing's price: the deployment creates a `ProductFeed` over them. */
export interface ProductParameters {
  /** How many units of the other token one token is worth, e.g. wstETH / stETH. */
  readonly rate: PlainFeedParameters;
  /** What the other token is worth, e.g. ETH / USD. */
  readonly price: PlainFeedParameters;
  /** The symbol of an earlier listing if the price feed is the one of that listing. */
  readonly priceOf: string | undefined;
}

export function isProduct(source: FeedParameters["source"]): source is ProductParameters {
  return typeof source === "object" && "rate" in source;
}

/**
 * Reads the source of a product feed: `rate` is a feed, `price` is another or the symbol of an earlier listing.
 *
 * @param limits of the product, which must fit those of its feeds
 * @param parsePlain reads one of the two
 * @param earlier the listings before this one
 */
export function parseProduct(
  field: JsonField,
  limits: FeedLimits,
  parsePlain: (field: JsonField) => PlainFeedParameters,
  earlier: ReadonlyMap<string, FeedParameters>,
): ProductParameters {
  const fields = field.object(["rate", "price"]);
  const rate = parsePlain(fields.rate);
  const priceOf = fields.price.isObject() ? undefined : fields.price.text();
  const price = priceOf === undefined ? parsePlain(fields.price) : plainFeedOf(priceOf, fields.price, earlier);

  if (price.decimals !== limits.decimals) {
    fields.price.refuse(`a feed of ${String(limits.decimals)} decimals: a product has those of its price feed`);
  }
  const name = productDescription(rate, price);
  if (limits.description !== name) {
    field.refuse(`feeds that make "${limits.description}"; the product of these calls itself "${name}"`);
  }
  for (const [part, { maxAge }] of [[fields.rate, rate] as const, [fields.price, price] as const]) {
    if (maxAge <= limits.maxAge) continue;
    part.refuse(`a feed whose maxAge is at most ${String(limits.maxAge)}, the product's: it is as old as the older`);
  }
  if (typeof rate.source === "string" && rate.source === price.source) fields.rate.refuse("another feed than price");
  const first = firstProduct({ rate, price });
  if (first !== undefined && (first < limits.minAnswer || first > limits.maxAnswer)) {
    fields.rate.refuse("a rate whose product with the first price is from minPrice to maxPrice");
  }
  return { rate, price, priceOf };
}

/** What the contract calls itself. */
export function productDescription(rate: FeedLimits, price: FeedLimits): string {
  return `${rate.description} x ${price.description}`;
}

/** Rate × price as the contract rounds it. [price feed decimals] */
export function productOf(rate: bigint, rateDecimals: number, price: bigint): bigint {
  return (rate * price) / 10n ** BigInt(rateDecimals);
}

/**
 * The feeds that an asset needs by themselves, each with the name under which a local one is created: its own feed, or the
 * parts of a product that no earlier listing has.
 */
export function plainFeedsOf(symbol: string, feed: FeedParameters): [name: string, feed: PlainFeedParameters][] {
  const { source, ...limits } = feed;
  if (!isProduct(source)) return [[symbol, { ...limits, source }]];
  const rate: [string, PlainFeedParameters] = [localPartNames.rate(symbol), source.rate];
  return source.priceOf === undefined ? [rate, [localPartNames.price(symbol), source.price]] : [rate];
}

/** What the local feeds of a product are called, by the symbol of its token. */
export const localPartNames = {
  rate: (symbol: string): string => `${symbol}_rate`,
  price: (symbol: string): string => `${symbol}_price`,
};

function plainFeedOf(
  symbol: string,
  field: JsonField,
  earlier: ReadonlyMap<string, FeedParameters>,
): PlainFeedParameters {
  const { source, ...limits } = earlier.get(symbol) ?? field.refuse("a feed, or the symbol of an earlier listing");
  if (isProduct(source)) return field.refuse("a feed, or the symbol of a listing whose feed is not a product itself");
  return { ...limits, source };
}

/** Undefined where a feed stands on a chain, which is asked later. */
function firstProduct({ rate, price }: Pick<ProductParameters, "rate" | "price">): bigint | undefined {
  if (typeof rate.source === "string" || typeof price.source === "string") return undefined;
  return productOf(rate.source.firstAnswer, rate.decimals, price.source.firstAnswer);
}

import type { FeedParameters } from "../../deploy/parameters.ts";
import { isProduct, type PlainFeedParameters } from "../../deploy/product-feeds.ts";

/** A feed that is known to be no product of two, as only such a one may be a second source. */
export function plainFeed({ source, ...limits }: FeedParameters): PlainFeedParameters {
  if (isProduct(source)) throw new TypeError(`${limits.description} is a product of two feeds.`);
  return { ...limits, source };
}

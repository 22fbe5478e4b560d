import { basename } from "node:path";

import type { Asset, Catalogue } from "./assets.ts";
import { InputError } from "./input-error.ts";

const DOLLAR = "USD";

/** Dollars in which prices may be quoted. */
const DOLLARS = [DOLLAR, "USDT", "USDC", "FDUSD", "BUSD", "TUSD"];

/** Other quotes that a name like eth-eur.csv may tell of; what else follows a hyphen is the file's own business. */
const OTHER_QUOTES = ["BTC", "ETH", "BNB", "EUR", "GBP", "JPY", "BRL", "TRY", "AUD"];

/** "eth-usdt_2020-03-12_1m.csv": base and quote. */
const PAIR = /^([a-z0-9]+)-([a-z]+)(?=[_.-]|$)/i;

/** "ETHUSDT-1m-2024-08-05.zip": a symbol of Binance; "ETHUSD_PERP" is a future that is settled in coins. */
const SYMBOL = /^([A-Z0-9]+?)(?:_PERP)?(?=[.-]|$)/;

/** What a file's name says of its prices. */
export interface PriceName {
  readonly asset: Asset;
  /** The dollar that the prices are in, if it is not the dollar itself: "USDT". */
  readonly quote: string | undefined;
}

/**
 * The asset of a file, by its name or by what was given, and the dollar that its prices are in.
 * @param given From `--asset`.
 */
export function readPriceName(file: string, given: string | undefined, catalogue: Catalogue): PriceName {
  const { base, quote } = pairOf(basename(file), catalogue);
  if (quote !== undefined && !DOLLARS.includes(quote)) {
    throw new InputError(`${file}: by its name the prices are in ${quote}; they must be in dollars.`);
  }
  const asset = catalogue.named(given ?? base);
  if (asset === undefined) {
    const what = given === undefined ? `${file}: its name starts with "${base}"` : `--asset ${given}`;
    throw new InputError(
      `${what}, which is no asset of this market: it has ${catalogue.names} (with --asset you may say which one a file is).`,
    );
  }
  return { asset, quote: quote === DOLLAR ? undefined : quote };
}

function pairOf(name: string, catalogue: Catalogue): { readonly base: string; readonly quote: string | undefined } {
  const symbol = SYMBOL.exec(name)?.[1] ?? "";
  // The longest asset that it starts with: WBTCBTC is WBTC in BTC, not BTC in something.
  for (let length = symbol.length - 1; length > 0; length--) {
    const base = symbol.slice(0, length);
    if (catalogue.named(base) !== undefined) return { base, quote: symbol.slice(length) };
  }
  const [, base, second] = PAIR.exec(name) ?? [];
  const quote = second?.toUpperCase();
  const isQuote = quote !== undefined && [...DOLLARS, ...OTHER_QUOTES].includes(quote);
  return { base: base ?? /^[^-_.]*/.exec(name)?.[0] ?? "", quote: isQuote ? quote : undefined };
}

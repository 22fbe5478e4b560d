import { MAX_LISTINGS } from "../constants.ts";
import { requireAddress } from "../errors/invalid-address.ts";
import { InvalidInputError } from "../errors/invalid-input.ts";

/** More would leave no exponent that a book takes. */
const MAX_DECIMALS = 36;

/** A token, and the feeds that price it. */
export interface AssetAddresses {
  /** As the token tells it. */
  readonly symbol: string;
  /** How many digits of an amount stand behind the point. */
  readonly decimals: number;
  /** The token. */
  readonly token: string;
  /** The Chainlink feed of its price. */
  readonly feed: string;
  /** Null if there is none. */
  readonly secondFeed: string | null;
}

/** A market as its deployment wrote it down. Addresses have their checksums. */
export interface MarketAddresses {
  /** The chain that it is on. */
  readonly chainId: number;
  /** The `LenderVault`. */
  readonly vault: string;
  /** The `LoanBook`. */
  readonly book: string;
  /** The `LoanLens` that was deployed with the market. */
  readonly lens: string;
  /** Who holds the market's roles is here. */
  readonly accessManager: string;
  /** The libraries that the book is linked to, by their names. */
  readonly libraries: Readonly<Record<string, string>>;
  /** What is lent. */
  readonly loanAsset: AssetAddresses;
  /** A listing's number in the book is its place here. Listings that were added later are not in it. */
  readonly listings: readonly (AssetAddresses & { readonly number: number })[];
  /** Null on a chain without a sequencer. */
  readonly sequencerFeed: string | null;
  /** Where surplus reserves go. */
  readonly treasury: string;
  /** Who deployed it. */
  readonly deployer: string;
  /** No event of the market is in an older block. */
  readonly fromBlock: number;
  /** keccak-256 of the parameter file that it was deployed from. */
  readonly parametersHash: string;
}

/**
 * Reads what the deployment of a market wrote to `deploy/addresses/<chainId>.json`.
 *
 * @param json What the file holds, parsed. Fields that are not known here are left out.
 * @throws {@link InvalidInputError} that names the first field that is not as it should be.
 */
export function parseMarketAddresses(json: unknown): MarketAddresses {
  const market = object("addresses", json);
  return {
    chainId: integer("chainId", market.chainId, 1),
    vault: requireAddress("vault", market.vault),
    book: requireAddress("book", market.book),
    lens: requireAddress("lens", market.lens),
    accessManager: requireAddress("accessManager", market.accessManager),
    libraries: Object.fromEntries(
      Object.entries(object("libraries", market.libraries)).map(([name, value]) => {
        return [name, requireAddress(`libraries.${name}`, value)];
      }),
    ),
    loanAsset: asset("loanAsset", market.loanAsset),
    listings: list("listings", market.listings, 1, MAX_LISTINGS).map((value, place) => {
      const field = `listings[${place}]`;
      const number = integer(`${field}.number`, object(field, value).number, 0);
      if (number !== place) throw new InvalidInputError(`${field}.number`, number, `${place}, its place in the list`);
      return { number, ...asset(field, value) };
    }),
    sequencerFeed: addressOrNull("sequencerFeed", market.sequencerFeed),
    treasury: requireAddress("treasury", market.treasury),
    deployer: requireAddress("deployer", market.deployer),
    fromBlock: integer("fromBlock", market.fromBlock, 0),
    parametersHash: text("parametersHash", market.parametersHash),
  };
}

function asset(field: string, value: unknown): AssetAddresses {
  const { symbol, decimals, token, feed, secondFeed } = object(field, value);
  return {
    symbol: text(`${field}.symbol`, symbol),
    decimals: integer(`${field}.decimals`, decimals, 0, MAX_DECIMALS),
    token: requireAddress(`${field}.token`, token),
    feed: requireAddress(`${field}.feed`, feed),
    secondFeed: addressOrNull(`${field}.secondFeed`, secondFeed),
  };
}

function object(field: string, value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new InvalidInputError(field, value, "an object");
  }
  return { ...value };
}

function list(field: string, value: unknown, min: number, max: number): readonly unknown[] {
  if (!Array.isArray(value) || value.length < min || value.length > max) {
    throw new InvalidInputError(field, value, `a list of ${min} to ${max}`);
  }
  return value as readonly unknown[];
}

function text(field: string, value: unknown): string {
  if (typeof value !== "string" || value === "") throw new InvalidInputError(field, value, "a text that is not empty");
  return value;
}

function integer(field: string, value: unknown, min: number, max = Number.MAX_SAFE_INTEGER): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < min || value > max) {
    throw new InvalidInputError(field, value, `a whole number from ${min} to ${max}`);
  }
  return value;
}

function addressOrNull(field: string, value: unknown): string | null {
  return value === null ? null : requireAddress(field, value);
}

import type { Collateral } from "./assets.ts";
import { PRICE_DECIMALS } from "./price-series.ts";
import { Random } from "./random.ts";

/** An asset that loans may pledge, as it stands when the book is filled. */
export interface PlannedListing {
  readonly asset: Collateral;
  readonly listing: number;
  /** Decimals of the token. */
  readonly decimals: number;
  readonly borrowLtvBps: number;
  /** As it counts for borrowing. [1e-8 USDC] */
  readonly price: bigint;
}

/** A loan to open. */
export interface PlannedLoan {
  /** [1e-6 USDC] */
  readonly debt: bigint;
  /** One or two. [token base units] */
  readonly pledges: readonly { readonly listing: number; readonly amount: bigint }[];
}

/** How many of each asset a book has, as far as they are listed. */
const WEIGHTS: Readonly<Record<Collateral, number>> = { WETH: 50, WBTC: 35, LINK: 15 };

const TWO_ASSETS = 0.15;
const LOWEST_LTV = 0.3;
/** Loans start at least this far below their borrow limit. */
const HAIR = 0.005;
const MEDIAN_DEBT = 20_000;
const DEBT_SPREAD = 1.5;
const DEBT_RANGE = [1_000, 5_000_000] as const;
const USDC = 1_000_000;

/** The distributions in words, as they are printed. */
export const BOOK_WORDS =
  "debts log-normal around 20,000 USDC (σ 1.5, from 1,000 to 5,000,000); LTVs even from 30 % to the borrow LTV less half a " +
  "point; of the assets that have prices, WETH, WBTC and LINK 50 : 35 : 15, every seventh or so with two of them";

/** A book of loans, the same for the same seed, listings and prices. */
export function planLoans(count: number, seed: number, listings: readonly PlannedListing[]): PlannedLoan[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => planLoan(random, listings));
}

function planLoan(random: Random, listings: readonly PlannedListing[]): PlannedLoan {
  const first = pickListing(random, listings);
  const others = listings.filter((listing) => listing !== first);
  const second = random.uniform() < TWO_ASSETS && others.length > 0 ? pickListing(random, others) : undefined;
  const firstShare = second === undefined ? 1 : random.between(0.3, 0.7);
  const parts = [{ listing: first, share: firstShare }];
  if (second !== undefined) parts.push({ listing: second, share: 1 - firstShare });

  const borrowLtv = parts.reduce((sum, { listing, share }) => sum + (share * listing.borrowLtvBps) / 10_000, 0);
  const ltv = random.between(LOWEST_LTV, borrowLtv - HAIR);
  const [least, most] = DEBT_RANGE;
  const debt = Math.min(Math.max(MEDIAN_DEBT * Math.exp(DEBT_SPREAD * random.normal()), least), most);
  const pledges = parts.map(({ listing, share }) => ({
    listing: listing.listing,
    amount: tokensWorth((debt / ltv) * share, listing),
  }));
  return { debt: BigInt(Math.round(debt * USDC)), pledges };
}

function pickListing(random: Random, listings: readonly PlannedListing[]): PlannedListing {
  return random.pick(listings.map((listing) => [listing, WEIGHTS[listing.asset]] as const));
}

/** Tokens for an amount of USDC, rounded up: the loan is never above the LTV it was planned with. */
function tokensWorth(usdc: number, { decimals, price }: PlannedListing): bigint {
  const scaled = BigInt(Math.ceil(usdc * USDC)) * 10n ** BigInt(decimals + PRICE_DECIMALS);
  return scaled / (BigInt(USDC) * price) + 1n;
}

import { STAKED_ETHER, type Asset } from "./assets.ts";
import { listed } from "./format.ts";
import { PRICE_DECIMALS } from "./price-series.ts";
import { Random } from "./random.ts";

/** An asset that loans may pledge, as it stands when the book is filled. */
export interface PlannedListing {
  readonly asset: Asset;
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
  /** One to four. [token base units] */
  readonly pledges: readonly { readonly listing: number; readonly amount: bigint }[];
}

/** How many of each asset a book has, as far as they have prices. */
const WEIGHTS: Readonly<Partial<Record<Asset, number>>> = { WETH: 50, WBTC: 35, [STAKED_ETHER]: 30 };
const WEIGHT_OF_OTHERS = 15;

/** The share of loans with more than one asset. */
const SEVERAL_ASSETS = 0.15;
/** What a loan may pledge at most. */
const MOST_ASSETS = 4;
const LOWEST_LTV = 0.3;
/** Loans start at least this far below their borrow limit. */
const HAIR = 0.005;
const MEDIAN_DEBT = 20_000;
const DEBT_SPREAD = 1.5;
const DEBT_RANGE = [1_000, 5_000_000] as const;
const USDC = 1_000_000;

/** The distributions in words, as they are printed. */
export function bookWords(assets: readonly Asset[]): string {
  const parts = assets.map((asset) => `${asset} ${String(weightOf(asset))}`);
  const several = assets.length < MOST_ASSETS ? "two" : "two, three or four";
  return (
    "debts log-normal around 20,000 USDC (σ 1.5, from 1,000 to 5,000,000); LTVs even from 30 % to the borrow LTV less half " +
    `a point; in parts of ${listed(parts)}${assets.length < 2 ? "" : `, every seventh or so with ${several} of them`}`
  );
}

/** A book of loans, the same for the same seed, listings and prices. */
export function planLoans(count: number, seed: number, listings: readonly PlannedListing[]): PlannedLoan[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => planLoan(random, listings));
}

function planLoan(random: Random, listings: readonly PlannedListing[]): PlannedLoan {
  const first = pickListing(random, listings);
  const picked = [first];
  for (let left = countOf(random, listings) - 1; left > 0; left--) {
    const others = listings.filter((listing) => !picked.includes(listing));
    picked.push(pickListing(random, others));
  }
  const shares = sharesOf(random, picked.length);
  const parts = picked.map((listing, i) => ({ listing, share: shares[i] ?? 0 }));

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

/** One asset, or two; where there are four or more to choose from, two, three and four are as likely. */
function countOf(random: Random, { length }: readonly PlannedListing[]): number {
  const draw = random.uniform();
  if (draw >= SEVERAL_ASSETS || length < 2) return 1;
  return length < MOST_ASSETS ? 2 : 2 + Math.floor((3 * draw) / SEVERAL_ASSETS);
}

/** How the value is spread: none has less than 30 % of two, or less than a third of another. */
function sharesOf(random: Random, count: number): number[] {
  if (count === 1) return [1];
  if (count === 2) {
    const first = random.between(0.3, 0.7);
    return [first, 1 - first];
  }
  const weights = Array.from({ length: count }, () => random.between(0.5, 1.5));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

function pickListing(random: Random, listings: readonly PlannedListing[]): PlannedListing {
  return random.pick(listings.map((listing) => [listing, weightOf(listing.asset)] as const));
}

function weightOf(asset: Asset): number {
  return WEIGHTS[asset] ?? WEIGHT_OF_OTHERS;
}

/** Tokens for an amount of USDC, rounded up: the loan is never above the LTV it was planned with. */
function tokensWorth(usdc: number, { decimals, price }: PlannedListing): bigint {
  const scaled = BigInt(Math.ceil(usdc * USDC)) * 10n ** BigInt(decimals + PRICE_DECIMALS);
  return scaled / (BigInt(USDC) * price) + 1n;
}

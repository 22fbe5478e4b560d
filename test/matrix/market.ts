import { deployMarket, dollars, FEED_AGE, MAJOR_TERMS, type Market } from "../helpers/market.ts";
import {
  Fraction,
  priceOf,
  whole,
  type LoanFigures,
  type PledgeFigures,
  type VaultFigures,
} from "../helpers/mathematics.ts";
import { deployMock, type TestFeed } from "../helpers/mocks.ts";

/** The matrix of the tests here. */
export const LOAN_ASSET_DECIMALS = [0, 2, 6, 18] as const;
export const COLLATERAL_DECIMALS = [0, 6, 8, 18, 24] as const;

/** The listing of ether with two sources, in a market that has one. */
export const TWO_SOURCES = 3n;

/** A market of tokens with given decimals. An ether's worth of collateral is called an ether whatever the token is. */
export interface Sized extends Market {
  /** [asset] From whole tokens. */
  asset: (amount: bigint) => bigint;
  /** [token] From ethers; `ether(1n, 8n)` is an eighth. */
  ether: (amount: bigint, divisor?: bigint) => bigint;
  /** [asset/token] For the independent calculation, from dollars per ether. */
  price: (dollarsPerEther: string) => Fraction;
  /** The feeds' answer for that price. */
  answer: (dollarsPerEther: string) => bigint;
  /** Sets the first source. */
  setPrice: (dollarsPerEther: string) => Promise<unknown>;
  assetDecimals: bigint;
  minDebt: bigint;
}

export interface SizedWithSecond extends Sized {
  second: TestFeed;
}

/** One fixture for each pair of decimals: the chain's snapshots are kept by function. */
export function sizedMarket(loanAssetDecimals: number, wethDecimals: number): () => Promise<Sized> {
  return async function market() {
    const tokensPerEther = tokensIn(wethDecimals);
    const market = await deployMarket({ loanAssetDecimals, wethDecimals, tokensPerEther });
    return sized(market, loanAssetDecimals, wethDecimals);
  };
}

/** The same with ether listed once more, with two sources. */
export function marketWithSecond(loanAssetDecimals: number, wethDecimals: number): () => Promise<SizedWithSecond> {
  return async function market() {
    const tokensPerEther = tokensIn(wethDecimals);
    const second = await deployMock<TestFeed>("TestFeed", 8, dollars("2,000") / tokensPerEther);
    const limits = {
      maxAge: FEED_AGE,
      minAnswer: dollars("10") / tokensPerEther,
      maxAnswer: dollars("5,000") / tokensPerEther,
    };
    const cap = 1_000n * tokensPerEther * 10n ** BigInt(wethDecimals);
    const market = await deployMarket({
      loanAssetDecimals,
      wethDecimals,
      tokensPerEther,
      more: ({ weth: token, feeds }) => [
        {
          token,
          terms: MAJOR_TERMS,
          feed: { feed: feeds.weth, ...limits },
          secondFeed: { feed: second, ...limits },
          cap,
        },
      ],
    });
    return { ...sized(market, loanAssetDecimals, wethDecimals), second };
  };
}

/** A token that cannot be divided into cents must be cheap, or it is not listed: 20 cents instead of 2,000 dollars. */
function tokensIn(wethDecimals: number): bigint {
  return wethDecimals < 2 ? 10_000n : 1n;
}

function sized(market: Market, loanAssetDecimals: number, wethDecimals: number): Sized {
  const assetDecimals = BigInt(loanAssetDecimals);
  const tokenDecimals = BigInt(wethDecimals);
  const tokensPerEther = tokensIn(wethDecimals);
  const asset = (amount: bigint): bigint => amount * 10n ** assetDecimals;
  const ether = (amount: bigint, divisor = 1n): bigint =>
    exactly(amount * tokensPerEther * 10n ** tokenDecimals, divisor);
  const answer = (price: string): bigint => exactly(dollars(price), tokensPerEther);
  const price = (text: string): Fraction =>
    priceOf(new Fraction(dollars(text), dollars("1") * tokensPerEther), tokenDecimals, assetDecimals);
  const setPrice = async (text: string): Promise<unknown> => market.feeds.weth.set(answer(text));
  return { ...market, asset, ether, answer, price, setPrice, assetDecimals, minDebt: asset(100n) };
}

function exactly(value: bigint, divisor: bigint): bigint {
  if (value % divisor !== 0n) throw new RangeError(`${String(value)} cannot be divided by ${String(divisor)}.`);
  return value / divisor;
}

// -------------------------------------------------------------------------------------------------- The calculation

/** A pledge of ether for the calculation. */
export function etherPledge(market: Sized, amount: bigint, dollarsPerEther: string): PledgeFigures {
  return { amount, price: market.price(dollarsPerEther), terms: MAJOR_TERMS };
}

/** A pledge of bitcoin, eight decimals in every market. */
export function bitcoinPledge(market: Sized, amount: bigint, dollarsPerBitcoin: string): PledgeFigures {
  const price = priceOf(new Fraction(dollars(dollarsPerBitcoin), dollars("1")), 8n, market.assetDecimals);
  return { amount, price, terms: MAJOR_TERMS };
}

/** A loan as the book counts it: each pledge's value and each share of it rounded down to a unit. */
export function loanOf(debt: bigint, ...pledges: PledgeFigures[]): LoanFigures {
  return { debt, pledges, isRounded: true };
}

/**
 * How far a liquidation may be from the calculation, in loan asset: a unit, or the eighteenth digit of the amount where that
 * is more (the bonus has eighteen).
 */
export function unitOf(amount: bigint): bigint {
  return amount / 10n ** 17n + 1n;
}

/** The vault's figures after a loan asset payment of `amount` on scaled debt. */
export function scaledOf(amount: bigint, { index }: Pick<VaultFigures, "index">): Fraction {
  return whole(amount).times(new Fraction(10n ** 18n, index));
}

import { LOAN_ASSET, type Asset } from "./assets.ts";
import { PRICE_DECIMALS, priceAt, type PriceSeries } from "./price-series.ts";

/** What an asset without a price file is taken to cost. Only ETH for gas and the loan asset are ever asked for. [1e-8 USD] */
const FALLBACK: Readonly<Partial<Record<Asset, bigint>>> = { WETH: 2_000_00000000n, USDC: 1_00000000n };

/** Said when gas is paid at the fallback. */
export const GAS_PRICE_NOTE = "no ETH file: gas is paid at 2,000 USD an ETH";

const GWEI_DIGITS = 9;
const GWEI = 1_000_000_000n;
const ETHER = 10n ** 18n;

/** What things are worth on the market at a time, in the loan asset. Not what the feeds last said. */
export class MarketPrices {
  readonly #series: ReadonlyMap<Asset, PriceSeries>;
  readonly #loanAssetUnit: bigint;
  readonly #weiPerGas: bigint;

  /**
   * @param loanAssetDecimals Decimals of the loan asset's token.
   * @param gasGwei What the keeper pays for gas. [gwei]
   */
  public constructor(series: readonly PriceSeries[], loanAssetDecimals: number, gasGwei: number) {
    this.#series = new Map(series.map((one) => [one.asset, one]));
    this.#loanAssetUnit = 10n ** BigInt(loanAssetDecimals);
    this.#weiPerGas = (BigInt(Math.round(gasGwei * 10 ** GWEI_DIGITS)) * GWEI) / 10n ** BigInt(GWEI_DIGITS);
  }

  /** [1e-8 USD] */
  public usd(asset: Asset, time: number): bigint {
    const series = this.#series.get(asset);
    const price = series === undefined ? FALLBACK[asset] : priceAt(series, time);
    if (price === undefined) throw new RangeError(`${asset} has no price.`);
    return price;
  }

  /** What tokens are worth. [asset], rounded down. */
  public value(asset: Asset, tokens: bigint, decimals: number, time: number): bigint {
    const scaled = tokens * this.usd(asset, time) * this.#loanAssetUnit;
    return scaled / (10n ** BigInt(decimals) * this.usd(LOAN_ASSET, time));
  }

  /** What gas costs. [asset], rounded down. */
  public gasCost(gas: bigint, time: number): bigint {
    const scaled = gas * this.#weiPerGas * this.usd("WETH", time) * this.#loanAssetUnit;
    return scaled / (ETHER * this.usd(LOAN_ASSET, time));
  }

  /** An amount of the loan asset in dollars, for the slippage curve. */
  public inUsd(amount: bigint, time: number): number {
    const scaled = amount * this.usd(LOAN_ASSET, time);
    return Number(scaled / this.#loanAssetUnit) / 10 ** PRICE_DECIMALS;
  }
}

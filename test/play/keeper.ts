import { expect } from "chai";

import { bestOrder, worthlessLoan, type Situation } from "../../scripts/play/keeper.ts";
import { MarketPrices } from "../../scripts/play/prices.ts";
import { MarketDepth, SLIPPAGE_ONE, slippageWords } from "../../scripts/play/slippage.ts";
import type { Loan } from "../../sdk/src/types.ts";
import { called, loan, NOW, USDC, view, WAD } from "../helpers/loan-states.ts";

/** What a keeper sees that sells at the board's price and pays no gas. */
function situation(loans: readonly Loan[], dollars: number, more: Partial<Situation> = {}): Situation {
  const price = BigInt(dollars) * USDC;
  const proceeds = (_: number, tokens: bigint): bigint => (tokens * price) / WAD;
  return { ...view(dollars), ...{ loans, gasCost: 0n, proceeds }, ...more };
}

describe("The keeper", () => {
  it("leaves loans alone that are not above their line", () => {
    expect(bestOrder(situation([loan(8_000, 100), loan(8_600, 100)], 100))).to.equal(undefined);
  });

  it("takes all it may when selling costs nothing", () => {
    const order = bestOrder(situation([loan(8_686, 100)], 100));
    expect(order?.repaid).to.equal(4_099_953_726n);
    expect(order?.profit).to.be.closeTo(20_499_768n, 2n); // half a per cent of it
  });

  it("waits when gas costs more than the bonus", () => {
    expect(bestOrder(situation([loan(8_686, 100)], 100, { gasCost: 21n * USDC }))).to.equal(undefined);
    expect(bestOrder(situation([loan(8_686, 100)], 100, { gasCost: 20n * USDC }))).to.not.equal(undefined);
  });

  it("takes less when a large sale slips too much", () => {
    // Slippage in proportion to the sale: 1 % at 50 tokens. The best size is where the margin is gone: a quarter.
    const proceeds = (_: number, tokens: bigint) => {
      const value = (tokens * 100n * USDC) / WAD;
      return value - (value * tokens) / (5_000n * WAD);
    };
    const order = bestOrder(situation([loan(8_686, 100)], 100, { proceeds }));
    expect(order?.repaid).to.equal(4_099_953_726n / 4n);
  });

  it("takes the most profitable loan first", () => {
    const deeper = { ...loan(9_000, 100), id: 2n };
    expect(bestOrder(situation([loan(8_686, 100), deeper], 100))?.id).to.equal(2n);
  });

  it("takes a loan between its lines once its margin call is due for long enough to pay", () => {
    const due = (seconds: bigint) => bestOrder(situation([called(loan(8_300, 100), NOW - 86_400n - seconds)], 100));
    expect(due(0n), "in the cure period").to.equal(undefined);
    const order = due(3_600n);
    expect(order?.isSoft).to.equal(true);
    // Half of 1.5 % after an hour of two, half of that in the middle between the lines, nine tenths of which are the keeper's:
    // (8,300 - 8,000) / (1 - 0.8 × 1.00375) = 1,522.84
    expect(order?.repaid).to.equal(1_522_842_640n);
    expect(order?.profit).to.be.closeTo((1_522_842_640n * 3_375n) / 1_000_000n, 2n);
    expect(due(12n * 3_600n), "lapsed").to.equal(undefined);
  });

  it("tells a loan that is worth nothing", () => {
    expect(worthlessLoan(situation([loan(9_000, 100), loan(200, 1)], 4))?.pledges.get(0)).to.equal(WAD);
    expect(worthlessLoan(situation([loan(9_000, 100)], 4))).to.equal(undefined);
  });
});

describe("Slippage", () => {
  // A billionth is the unit that slippage is counted in.
  const near = (actual: number, expected: number) => expect(actual).to.be.within(expected - 1e-8, expected + 1e-8);
  const flat = () => 100n;
  const at = (depth: MarketDepth, usd: number, time: number) =>
    Number(depth.slippage("WETH", usd, time)) / Number(SLIPPAGE_ONE);

  it("is 5 bp and 2 % times the root of the share of the depth", () => {
    const depth = new MarketDepth(flat);
    near(at(depth, 0, 0), 0.0005);
    near(at(depth, 600_000, 0), 0.0025);
    near(at(depth, 60_000_000, 0), 0.0205);
    expect(at(depth, 1e15, 0)).to.equal(1);
  });

  it("depends on the asset, with a depth of 2 M USD for what nobody has measured", () => {
    const depth = new MarketDepth(flat);
    const of = (asset: string, usd: number) => Number(depth.slippage(asset, usd, 0)) / Number(SLIPPAGE_ONE);
    near(of("SOL", 10_000_000), 0.0205);
    near(of("CRV", 2_500_000), 0.0205);
    near(of("ENA", 2_000_000), 0.0205);
    expect(slippageWords(["WETH", "AAVE", "ENA"])).to.include(
      "depth in USD 60 M (WETH), 3 M (AAVE) and 2 M (ENA), three",
    );
  });

  it("counts what was sold before, less and less, for ten minutes", () => {
    const depth = new MarketDepth(flat);
    depth.record("WETH", 600_000, 1_000);
    near(at(depth, 0, 1_000), 0.0025);
    near(at(depth, 0, 1_300), 0.0005 + 0.02 * Math.sqrt(0.005));
    near(at(depth, 0, 1_600), 0.0005);
    expect(Number(depth.slippage("WBTC", 0, 1_000))).to.equal(500_000);
  });

  it("is worse after an hour that fell 4 %", () => {
    const falling = (to: bigint) => new MarketDepth((_, time) => (time < 3_600 ? 100n : to));
    near(at(falling(97n), 600_000, 3_600), 0.0025);
    near(at(falling(96n), 600_000, 3_600), 0.0005 + 0.02 * Math.sqrt(0.01 / 0.3));
  });
});

describe("Market prices", () => {
  const eth = { open: 200_00000000n, high: 200_00000000n, low: 200_00000000n, close: 200_00000000n };
  const series = { asset: "WETH", source: "test", synthetic: false, start: 0, step: 60, bars: [eth] } as const;

  it("turn tokens and gas into the loan asset", () => {
    const prices = new MarketPrices([series], 6, 30);
    expect(prices.value("WETH", 3n * WAD, 18, 0)).to.equal(600n * USDC);
    // 200,000 gas × 30 gwei = 0.006 ETH = 1.20 USD
    expect(prices.gasCost(200_000n, 0)).to.equal(1_200_000n);
    expect(prices.inUsd(5n * USDC, 0)).to.equal(5);
  });

  it("count a loan asset that is off its peg", () => {
    const half = { open: 50_000_000n, high: 50_000_000n, low: 50_000_000n, close: 50_000_000n };
    const prices = new MarketPrices([series, { ...series, asset: "USDC", bars: [half] }], 6, 30);
    expect(prices.value("WETH", WAD, 18, 0)).to.equal(400n * USDC);
    expect(prices.inUsd(5n * USDC, 0)).to.equal(2.5);
  });

  it("pay gas at 2,000 USD an ETH without prices of it", () => {
    expect(new MarketPrices([], 6, 30).gasCost(200_000n, 0)).to.equal(12n * USDC);
    expect(() => new MarketPrices([], 6, 30).usd("LINK", 0)).to.throw("LINK has no price.");
  });
});

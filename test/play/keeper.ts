import { expect } from "chai";

import {
  ALL,
  bonus,
  debtUp,
  fill,
  isWorthless,
  linesOf,
  type BoardEntry,
  type LoanState,
} from "../../scripts/play/health.ts";
import { bestOrder, worthlessLoan, type Situation } from "../../scripts/play/keeper.ts";
import { MarketPrices } from "../../scripts/play/prices.ts";
import { MarketDepth, SLIPPAGE_ONE, slippageWords } from "../../scripts/play/slippage.ts";

const WAD = 10n ** 18n;
const USDC = 1_000_000n;
const MIN_DEBT = 100n * USDC;
const TERMS = { borrowLtv: 7_800n, callLtv: 8_000n, liquidationLtv: 8_600n, maxBonus: 500n, bonusSlope: 5_000n };

/** A board of one listing with 18 decimals at a price in whole dollars. */
function board(dollars: number, isSeizable = true): BoardEntry[] {
  return [{ terms: TERMS, price: BigInt(dollars) * USDC * 10n ** 18n, isSeizable }];
}

/** A loan of a debt in dollars against one listing's whole tokens. */
function loan(debt: number, tokens: number): LoanState {
  return { id: 1n, scaledDebt: BigInt(debt) * USDC, pledges: new Map([[0, BigInt(tokens) * WAD]]) };
}

function situation(loans: LoanState[], dollars: number, more: Partial<Situation> = {}): Situation {
  const price = BigInt(dollars) * USDC;
  return {
    ...{ loans, board: board(dollars), index: WAD, minDebt: MIN_DEBT, gasCost: 0n },
    proceeds: (_, tokens) => (tokens * price) / WAD,
    ...more,
  };
}

describe("The keeper's mathematics", () => {
  it("know a loan's lines", () => {
    expect(linesOf(loan(0, 10), board(100))).to.deep.equal({
      ...{ value: 1_000n * USDC, seizableValue: 1_000n * USDC, borrowLimit: 780n * USDC },
      ...{ callLine: 800n * USDC, liquidationLine: 860n * USDC },
    });
    expect(linesOf(loan(0, 10), board(100, false)).seizableValue).to.equal(0n);
  });

  it("round debts up", () => {
    expect(debtUp(1n, WAD)).to.equal(1n);
    expect(debtUp(1n, WAD + 1n)).to.equal(2n);
    expect(debtUp(0n, WAD + 1n)).to.equal(0n);
  });

  it("pay nothing at the line, half the depth above it, never more than the equity, but 1 %", () => {
    const at = (debt: number) => bonus(BigInt(debt) * USDC, linesOf(loan(debt, 100), board(100)), TERMS);
    expect(at(8_600)).to.equal(0n);
    expect(at(8_686)).to.equal((WAD * 5n) / 1_000n); // 1 % above the line
    expect(at(9_460)).to.equal((WAD * 5n) / 100n); // 10 % above it
    expect(at(9_700)).to.equal((10_000n * WAD) / 9_700n - WAD); // equity: 3.09 %
    expect(at(9_950)).to.equal(WAD / 100n);
  });

  it("bring a loan back to its borrow limit and no further", () => {
    const filled = fill(loan(8_686, 100), 0, ALL, board(100), WAD, MIN_DEBT);
    // (8,686 - 7,800) / (1 - 0.78 × 1.005), rounded up
    expect(filled?.repaid).to.equal(4_099_953_726n);
    const left = 10_000n * USDC - ((filled?.seized ?? 0n) * 100n * USDC) / WAD;
    expect(8_686n * USDC - (filled?.repaid ?? 0n)).to.be.closeTo((left * 78n) / 100n, 2n);
  });

  it("take a pledge whole when it is worth less than the debt", () => {
    expect(fill(loan(10_500, 100), 0, ALL, board(100), WAD, MIN_DEBT)).to.deep.equal({
      ...{ repaid: 9_900_990_100n, seized: 100n * WAD }, // 10,000 / 1.01
    });
  });

  it("refuse what the contract refuses", () => {
    const atLine = loan(8_600, 100);
    expect(fill(atLine, 0, ALL, board(100), WAD, MIN_DEBT), "not above its line").to.equal(undefined);
    expect(fill(loan(8_700, 100), 0, ALL, board(100, false), WAD, MIN_DEBT), "dead feed").to.equal(undefined);
    expect(fill(loan(8_700, 100), 0, 0n, board(100), WAD, MIN_DEBT), "nothing paid").to.equal(undefined);
    const nearlyAll = 8_650n * USDC;
    expect(fill(loan(9_950, 100), 0, nearlyAll + 1_250n * USDC, board(100), WAD, MIN_DEBT), "debt too small").to.equal(
      undefined,
    );
  });

  it("tell worthless loans", () => {
    expect(isWorthless(loan(200, 1), board(4), WAD, MIN_DEBT)).to.equal(true);
    expect(isWorthless(loan(200, 1), board(5), WAD, MIN_DEBT)).to.equal(false);
    expect(isWorthless(loan(200, 1), board(4, false), WAD, MIN_DEBT)).to.equal(false);
    expect(isWorthless(loan(0, 1), board(4), WAD, MIN_DEBT)).to.equal(false);
    expect(worthlessLoan(situation([loan(9_000, 100), loan(200, 1)], 4))?.pledges.get(0)).to.equal(WAD);
  });
});

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

import { expect } from "chai";

import type { PriceSeries } from "../../scripts/play/price-series.ts";
import { allRounds } from "../../scripts/play/publisher.ts";
import { productRounds, rateAt, ratedSeries, rateRounds, rateWords, type Rate } from "../../scripts/play/rates.ts";
import { stakedEther } from "../../scripts/play/staked-ether.ts";
import { messageOf } from "../deploy/served-chain.ts";

const ONE = 10n ** 18n;
const YEAR = 365 * 86_400;
const START = 1_600_000_000;
const RATE: Rate = { feed: "wstETH_rate", of: "WETH", decimals: 18, first: (ONE * 12n) / 10n, start: START };

/** Ether at 2,000 dollars, in two bars of a year, so that the rate is seen to grow. */
const ETHER: PriceSeries = {
  ...{ asset: "WETH", source: "eth.csv", synthetic: false, start: START, step: YEAR },
  bars: [
    { open: 2_000_00000000n, high: 3_000_00000000n, low: 1_000_00000000n, close: 2_500_00000000n },
    { open: 2_000_00000000n, high: 2_000_00000000n, low: 2_000_00000000n, close: 2_000_00000001n },
  ],
};

describe("A rate", () => {
  it("grows by 3 % a year from where it starts, evenly", () => {
    expect(rateAt(RATE, START)).to.equal((ONE * 12n) / 10n);
    expect(rateAt(RATE, START + YEAR)).to.equal((ONE * 1_236n) / 1_000n);
    expect(rateAt(RATE, START + YEAR / 2)).to.equal((ONE * 1_218n) / 1_000n);
    expect(rateWords(RATE)).to.equal("1.2 WETH when the window starts, growing 3 % a year");
  });

  it("is published at the start of the window and every 23 hours", () => {
    const rounds = rateRounds(RATE, { start: START, end: START + 2 * 82_800 });
    expect(rounds).to.deep.equal([
      { time: START, answer: RATE.first },
      { time: START + 82_800, answer: rateAt(RATE, START + 82_800) },
    ]);
    expect(rateRounds(RATE, { start: START, end: START + 2 * 82_800 + 1 })).to.have.lengthOf(3);
  });

  it("makes a series of another, bar by bar, rounded down", () => {
    const series = ratedSeries("wstETH", RATE, ETHER);
    expect(series).to.include({ asset: "wstETH", start: START, step: YEAR });
    expect(series.bars).to.deep.equal([
      { open: 2_400_00000000n, high: 3_600_00000000n, low: 1_200_00000000n, close: 3_000_00000000n },
      { open: 2_472_00000000n, high: 2_472_00000000n, low: 2_472_00000000n, close: 2_472_00000001n },
    ]);
  });

  it("stands for its asset among the rounds, whose product follows from them", () => {
    const window = { start: START, end: START + 90_000 };
    const rounds = allRounds([ETHER, ratedSeries("wstETH", RATE, ETHER)], window);
    expect(new Set(rounds.map(({ asset }) => asset))).to.deep.equal(new Set(["WETH", "wstETH_rate"]));
    expect(rounds.slice(0, 2).map(({ asset, time }) => [asset, time])).to.deep.equal([
      ["WETH", START],
      ["wstETH_rate", START],
    ]);
    const products = productRounds("wstETH", RATE, rounds);
    expect(products[0]).to.deep.equal({ asset: "wstETH", time: START, answer: 2_400_00000000n });
    // An answer for each round but the first, which has no rate yet.
    expect(products).to.have.lengthOf(rounds.length - 1);
    expect(products.at(-1)?.answer).to.equal((rateAt(RATE, START + 82_800) * 2_000_00000000n) / ONE);
    expect(productRounds("wstETH", RATE, [{ asset: "WBTC", time: START, answer: 1n }])).to.deep.equal([]);
  });
});

describe("Staked ether", () => {
  it("has the rate of the market's parameters and the prices of ether", async () => {
    const series = await stakedEther([ETHER], { start: START, end: START + YEAR });
    expect(series.rate).to.deep.equal(RATE);
    expect(series.bars[0]?.open).to.equal(2_400_00000000n);
  });

  it("is refused without prices of ether", async () => {
    const bitcoin = { ...ETHER, asset: "WBTC" };
    expect(await messageOf(stakedEther([bitcoin], { start: START, end: START + YEAR }))).to.equal(
      "--wsteth needs prices of ETH, which make those of wstETH: give a file of them too.",
    );
  });
});

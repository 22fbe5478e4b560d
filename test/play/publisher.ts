import { expect } from "chai";

import type { Bar, PriceSeries, Window } from "../../scripts/play/price-series.ts";
import { observations, priceAt, spanOf } from "../../scripts/play/price-series.ts";
import { allRounds, roundsOf, ruleOf } from "../../scripts/play/publisher.ts";
import { SYNTHETIC_START, syntheticPrices } from "../../scripts/play/synthetic-prices.ts";

function series(step: number, ...bars: [open: number, high: number, low: number, close: number][]): PriceSeries {
  const asBars = bars.map(([open, high, low, close]): Bar => {
    return { open: BigInt(open), high: BigInt(high), low: BigInt(low), close: BigInt(close) };
  });
  return { asset: "WETH", source: "test", synthetic: false, start: 1_000, step, bars: asBars };
}

function published(one: PriceSeries, window: Window = spanOf(one)): [time: number, answer: bigint][] {
  return [...roundsOf(one, window, ruleOf("WETH"))].map(({ time, answer }) => [time, answer]);
}

describe("A price series", () => {
  const two = series(60, [10, 40, 5, 20], [21, 22, 19, 20]);

  it("goes open, high, low, close, a quarter of the bar each", () => {
    expect([...observations(two, spanOf(two))].map(({ time, price }) => [time, price])).to.deep.equal([
      ...[
        [1_000, 10n],
        [1_015, 40n],
        [1_030, 5n],
        [1_045, 20n],
      ],
      ...[
        [1_060, 21n],
        [1_075, 22n],
        [1_090, 19n],
        [1_105, 20n],
      ],
    ]);
  });

  it("has a price at every moment, before and after too", () => {
    const times = [0, 1_000, 1_014, 1_015, 1_059, 1_060, 1_119, 5_000];
    expect(times.map((time) => priceAt(two, time))).to.deep.equal([10n, 10n, 10n, 40n, 20n, 21n, 20n, 20n]);
  });

  it("is seen at each point not before its time, whatever the bar's length", () => {
    const odd = series(7, [1, 4, 1, 2], [3, 3, 3, 3]);
    for (const { time, price } of observations(odd, spanOf(odd))) expect(priceAt(odd, time)).to.equal(price);
  });
});

describe("A price network", () => {
  it("publishes the first price at the window's start, even in the middle of a bar", () => {
    const one = series(60, [1_000, 1_000, 1_000, 1_000], [1_000, 1_000, 1_000, 1_000]);
    expect(published(one, { start: 1_020, end: 1_100 })).to.deep.equal([[1_020, 1_000n]]);
  });

  it("publishes at half a per cent from its last answer, up and down, and not before", () => {
    const one = series(60, [1_000, 1_004, 1_000, 1_004], [1_005, 1_005, 1_000, 1_000], [999, 999, 999, 999]);
    // 1,000 is 0.4975 % below 1,005; 999 is 0.597 %.
    expect(published(one)).to.deep.equal([
      [1_000, 1_000n],
      [1_060, 1_005n],
      [1_120, 999n],
    ]);
  });

  it("publishes what it saw last when the last round is an hour old", () => {
    const one = series(4 * 3_600, [1_000, 1_002, 1_001, 1_001]);
    expect(published(one)).to.deep.equal([
      [1_000, 1_000n],
      [4_600, 1_002n],
      [8_200, 1_001n],
      [11_800, 1_001n],
    ]);
  });

  it("publishes a dollar at a quarter of a per cent or after 23 hours", () => {
    expect(ruleOf("USDC")).to.deep.equal({ deviation: 25n, heartbeat: 82_800 });
    expect(ruleOf("DAI")).to.deep.equal(ruleOf("USDC"));
    expect(ruleOf("LINK")).to.deep.equal({ deviation: 50n, heartbeat: 3_600 });
  });

  it("keeps the rounds of all assets in order", () => {
    const all = syntheticPrices(1);
    const rounds = allRounds(all, { start: SYNTHETIC_START, end: SYNTHETIC_START + 86_400 });
    expect(rounds.slice(0, 3).map(({ asset, time }) => [asset, time])).to.deep.equal([
      ["WETH", SYNTHETIC_START],
      ["WBTC", SYNTHETIC_START],
      ["LINK", SYNTHETIC_START],
    ]);
    expect(rounds.every(({ time }, i) => i === 0 || time >= (rounds[i - 1]?.time ?? 0))).to.equal(true);
    for (const asset of ["WETH", "WBTC", "LINK"]) {
      const times = rounds.filter((round) => round.asset === asset).map(({ time }) => time);
      const longest = Math.max(...times.slice(1).map((time, i) => time - (times[i] ?? 0)));
      expect(longest).to.be.at.most(3_600);
    }
  });
});

describe("Synthetic prices", () => {
  it("are the same for the same seed, and say what they are", () => {
    expect(syntheticPrices(7)).to.deep.equal(syntheticPrices(7));
    expect(syntheticPrices(7)[0]?.bars[900]).to.not.deep.equal(syntheticPrices(8)[0]?.bars[900]);
    for (const one of syntheticPrices(7)) {
      expect(one.synthetic).to.equal(true);
      expect(one.source).to.include("synthetic");
    }
  });

  it("fall by about 45 % in the second day, for any seed", () => {
    for (const seed of [0, 1, 2, 3]) {
      for (const one of syntheticPrices(seed)) {
        const at = (hour: number) => Number(priceAt(one, one.start + hour * 3_600));
        expect(at(48.3) / at(24), one.asset).to.be.within(0.45, 0.65);
        expect(at(71.9) / at(48.3), one.asset).to.be.within(1.1, 1.6);
      }
    }
  });

  it("have whole bars without a gap between them", () => {
    for (const { bars } of syntheticPrices(3)) {
      expect(bars).to.have.lengthOf(72 * 60);
      for (const [i, { open, high, low, close }] of bars.entries()) {
        expect(low <= open && low <= close && open <= high && close <= high && low > 0n).to.equal(true);
        expect(open).to.equal(bars[i - 1]?.close ?? open);
      }
    }
  });
});

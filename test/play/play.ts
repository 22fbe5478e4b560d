import { existsSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { LOCAL_CHAIN_ID, readParameters } from "../../deploy/parameters.ts";
import { isProduct } from "../../deploy/product-feeds.ts";
import { Catalogue } from "../../scripts/play/assets.ts";
import { computeFigures } from "../../scripts/play/figures.ts";
import type { Ledger } from "../../scripts/play/ledger.ts";
import { AGE, type Stage } from "../../scripts/play/market.ts";
import { reportPage } from "../../scripts/play/page.ts";
import { play, type Script } from "../../scripts/play/play.ts";
import { readPriceFiles } from "../../scripts/play/price-files.ts";
import type { PriceSeries } from "../../scripts/play/price-series.ts";
import { reportJson } from "../../scripts/play/report-json.ts";
import { makeReport } from "../../scripts/play/report.ts";
import { stakedEther } from "../../scripts/play/staked-ether.ts";
import { SYNTHETIC_START, syntheticPrices } from "../../scripts/play/synthetic-prices.ts";
import { terminalReport } from "../../scripts/play/terminal-report.ts";
import { cliff, OWNERS, staged, total } from "./stages.ts";

const HOUR = 3_600;
const PRICES = join(import.meta.dirname, "..", "..", "..", "shared", "prices");

describe("A play of three hours around a synthetic crash", () => {
  const window = { start: SYNTHETIC_START + 33 * HOUR, end: SYNTHETIC_START + 36 * HOUR };
  const script: Script = { series: syntheticPrices(1), window, loans: 10, seed: 3, ...OWNERS, gasGwei: 30 };
  let stage: Stage;
  let ledger: Ledger;
  let reported = 0;

  before(async () => {
    stage = await staged(script);
    ledger = await play(stage, script, () => reported++);
  });
  after(() => stage.connection.close());

  it("opens every loan and liquidates some", () => {
    expect(ledger.loans).to.have.lengthOf(10);
    expect(ledger.liquidations).to.not.have.lengthOf(0);
    expect(new Set(ledger.loans.map(({ id }) => id)).size).to.equal(10);
  });

  it("publishes every round through Chainlink's proxy, at its time", async () => {
    expect(reported).to.equal(ledger.rounds.length);
    const abi = ["function latestRoundData() view returns (uint80, int256, uint256, uint256, uint80)"];
    const { ethers } = stage.connection;
    for (const asset of ["WETH", "WBTC", "LINK", "USDC"] as const) {
      const proxy = new ethers.Contract(stage.market.feedOf(asset).proxy, abi, ethers.provider);
      const answer = (await proxy.getFunction("latestRoundData").staticCall()) as bigint[];
      const rounds = ledger.rounds.filter((round) => round.asset === asset);
      expect([answer[1], answer[3]]).to.deep.equal([rounds.at(-1)?.answer, BigInt(rounds.at(-1)?.time ?? 0)]);
      // The proxy's round is phase 1 and the aggregator's round; one more was published when the market was set up.
      expect(answer[0]).to.equal((1n << 64n) + BigInt(rounds.length) + 1n);
    }
  });

  it("reports what the chain's events say", async () => {
    const { book } = stage.market;
    const events = await book.queryFilter(book.filters.Liquidated(), stage.market.fromBlock);
    expect(events).to.have.lengthOf(ledger.liquidations.length);
    for (const [i, { args }] of events.entries()) {
      const { repaid, seized, writtenOff, loan } = ledger.liquidations[i] ?? { loan: 0 };
      expect([args.repaid, args.seized, args.writtenOff]).to.deep.equal([repaid, seized, writtenOff]);
      expect(args.id).to.equal(ledger.loans[loan - 1]?.id);
    }
    const written = await book.queryFilter(book.filters.WrittenOff(), stage.market.fromBlock);
    expect(written).to.have.lengthOf(ledger.writeOffs.length);
  });

  it("reports what the contracts hold at the end", async () => {
    const { book, vault } = stage.market;
    let debt = 0n;
    for (const { id } of ledger.loans) debt += await book.debtOf(id);
    expect(ledger.bookAtEnd.debt).to.equal(debt);
    expect(ledger.end.totalAssets).to.equal(await vault.totalAssets());
    expect(ledger.end.debt).to.equal(await vault.totalDebt());
    expect(ledger.end.cash).to.equal((await vault.accruedState()).cash);
    expect((await stage.connection.ethers.provider.getBlock("latest"))?.timestamp).to.equal(window.end);
  });

  it("adds up", () => {
    const figures = computeFigures(ledger);
    expect(figures.initialDebtUsdc).to.be.closeTo(ledger.start.debt, 10n);
    expect(figures.utilisationShareAtStart).to.be.within(0.799999, 0.800001);
    expect(figures.bonusUsdc).to.equal(total(ledger.liquidations, ({ seizedValue, repaid }) => seizedValue - repaid));
    // No loan was under water, so that owners paid the whole of it.
    expect(figures.ownersCostUsdc).to.equal(figures.bonusUsdc);
    // What owners lose goes to keeper and monitor, to gas and to slippage, and the market gives or takes the rest.
    const { keeperProfitUsdc, keeperGasUsdc, keeperSlippageUsdc, keeperMarketGapUsdc, creditsUsdc } = figures;
    expect(figures.ownersCostUsdc + keeperMarketGapUsdc).to.equal(
      keeperProfitUsdc + keeperGasUsdc + keeperSlippageUsdc + creditsUsdc,
    );
    expect(creditsUsdc > 0n).to.equal(true);
    expect(ledger.liquidations.every(({ profit }) => profit > -1_000_000n)).to.equal(true);
    // Interest goes to lenders and reserves; each of three figures is rounded down.
    const earned = figures.lendersEarnedUsdc + figures.reservesUsdc + figures.badDebtUsdc;
    expect(figures.interestUsdc).to.be.closeTo(earned, 100n);
  });

  it("samples the book for the charts", () => {
    const times = ledger.samples.map(({ vault }) => vault.time);
    expect(times[0]).to.equal(window.start);
    expect(times.at(-1)).to.equal(window.end);
    for (const { ltvs } of ledger.samples) expect(ltvs).to.deep.equal([...ltvs].sort((a, b) => a - b));
  });

  it("is told in words, as a page and as JSON, synthetic wherever it is shown", async () => {
    const report = makeReport(script, ledger, 1.5);
    const words = terminalReport(report);
    const page = await reportPage(report);
    const json = JSON.parse(reportJson(report)) as Record<"figures" | "series", Record<string, unknown>> &
      Record<string, unknown>;
    for (const sentence of report.headline) {
      expect(words).to.include(sentence);
      expect(page).to.include(sentence);
    }
    expect(words).to.match(/synthetic/i);
    expect(page)
      .to.match(/<title>.*synthetic/i)
      .and.to.include("this never happened");
    expect(json).to.include({ isSynthetic: true });
    expect(json.figures).to.include({ loans: 10, liquidations: ledger.liquidations.length });
    expect(json.figures.repaidByKeeperUsdc).to.match(/^\d+\.\d{6}$/);
    expect(json.series.times).to.have.lengthOf(ledger.samples.length);
    expect(json.liquidations).to.have.lengthOf(ledger.liquidations.length);
  });

  it("makes a page that asks for nothing from outside", async () => {
    const page = await reportPage(makeReport(script, ledger, 1.5));
    expect(page).to.not.match(/(?:src|href)=|@import|url\(|fetch\(/);
    expect(page).to.not.include("import {");
    expect(page).to.include("new uPlot");
  });
});

describe("A play with staked ether", () => {
  const window = { start: SYNTHETIC_START + 33 * HOUR, end: SYNTHETIC_START + 36 * HOUR };
  let script: Script;
  let stage: Stage;
  let ledger: Ledger;

  before(async () => {
    const [ether] = syntheticPrices(1);
    if (ether === undefined) throw new Error("There are no synthetic prices.");
    const series = [ether, await stakedEther([ether], window)];
    script = { series, window, loans: 20, seed: 1, ...OWNERS, gasGwei: 30 };
    stage = await staged(script);
    ledger = await play(stage, script, () => undefined);
  });
  after(() => stage.connection.close());

  it("has it pledged, and liquidated as the contract says", () => {
    expect(ledger.loans.filter(({ assets }) => assets.includes("wstETH")).length).to.be.within(3, 14);
    // Each was compared with the contract when it was made, and each loan's lines at the end.
    expect(ledger.liquidations.filter(({ asset }) => asset === "wstETH")).to.not.have.lengthOf(0);
  });

  it("prices it at the product that the book reads, which keepers sell at too", async () => {
    const asset = makeReport(script, ledger, 1).assets[1];
    const number = stage.market.listings.find(({ symbol }) => symbol === "wstETH")?.number ?? 0;
    const { forBorrowing } = await stage.market.book.pricesOf(number);
    expect(asset?.published.at(-1)?.answer).to.equal(forBorrowing / 10n ** 16n);
    const ether = ledger.rounds.filter((round) => round.asset === "WETH");
    const last = Number(ether.at(-1)?.answer) * 1.2e-8;
    expect(asset?.last).to.be.within(last - 0.01, last + 0.01);
    for (const { marketGap, seizedValue } of ledger.liquidations) {
      const share = Math.abs(Number(marketGap)) / Number(seizedValue);
      expect(share).to.be.below(0.005); // no further apart than a feed's threshold
    }
  });

  it("says so in its assumptions, and draws its price", async () => {
    const report = makeReport(script, ledger, 1);
    expect(report.title).to.include("WETH and wstETH");
    expect(report.assumptions.join("\n")).to.match(
      /wstETH: 1\.2 WETH when the window starts, growing 3 % a year; its feed is/,
    );
    expect(await reportPage(report)).to.include("wstETH in USD");
    const { series } = JSON.parse(reportJson(report)) as { series: { prices: { asset: string; usd: number[] }[] } };
    expect(series.prices.map(({ asset }) => asset)).to.deep.equal(["WETH", "wstETH"]);
    expect(series.prices[1]?.usd[0]).to.equal(Number(report.assets[1]?.published[0]?.answer) / 1e8);
  });
});

describe("A play of every asset", () => {
  it("lists what has prices after the usual three, and no loan pledges anything else", async () => {
    const { listings } = await readParameters(LOCAL_CHAIN_ID);
    const priced = listings.filter(({ feed }) => !isProduct(feed.source) && feed.description !== "LINK / USD");
    const window = { start: SYNTHETIC_START, end: SYNTHETIC_START + 600 };
    const series = priced.map(({ token, feed }): PriceSeries => {
      const price = typeof feed.source === "object" && "firstAnswer" in feed.source ? feed.source.firstAnswer : 0n;
      const bars = [{ open: price, high: price, low: price, close: price }];
      return { asset: token.symbol, source: "flat", synthetic: true, start: window.start, step: 600, bars };
    });
    const script: Script = { series, window, loans: 40, seed: 1, ...OWNERS, gasGwei: 30 };
    const stage = await staged(script);
    try {
      expect(stage.market.listings.map(({ symbol }) => symbol)).to.deep.equal([
        ...["WETH", "WBTC", "LINK"],
        ...priced.slice(2).map(({ token }) => token.symbol),
      ]);
      const ledger = await play(stage, script, () => undefined);
      const pledged = new Set(ledger.loans.flatMap(({ assets }) => assets));
      expect(pledged.size).to.be.above(10);
      expect(pledged).to.not.include("LINK");
      expect(Math.max(...ledger.loans.map(({ assets }) => assets.length))).to.equal(4);
    } finally {
      await stage.connection.close();
    }
  });
});

describe("A stage", () => {
  it("is set up at one moment, however long that takes, so that figures depend on no computer", async () => {
    const stage = await staged(cliff(100));
    try {
      const { provider } = stage.connection.ethers;
      const count = await provider.getBlockNumber();
      const blocks = await Promise.all(Array.from({ length: count }, (_, i) => provider.getBlock(i + 1)));
      expect(new Set(blocks.map((block) => block?.timestamp))).to.deep.equal(new Set([SYNTHETIC_START - AGE]));
      expect(count).to.be.above(20);
    } finally {
      await stage.connection.close();
    }
  });
});

describe("A play in which the price falls at once", () => {
  it("below what the feed may say says in the headline that nobody has booked the loss yet", async () => {
    const script = cliff(5);
    const stage = await staged(script);
    try {
      const ledger = await play(stage, script, () => undefined);
      const figures = computeFigures(ledger);
      expect(figures.liquidations).to.equal(0);
      expect(figures.badDebtUsdc).to.equal(0n);
      // 195 of 200 dollars are gone: no loan of 30 % and more is covered.
      expect(figures.loansUnderWaterAtEnd).to.equal(20);
      const worth = (total(ledger.loans, ({ value }) => value) * 5n) / 200n;
      expect(figures.shortfallAtEndUsdc).to.be.closeTo(figures.finalDebtUsdc - worth, 100n);
      const badDebt = makeReport(script, ledger, 1).headline.at(-1);
      expect(badDebt).to.match(/^No bad debt so far, but 20 loans owe .* USDC more than the pledges are worth\.$/);
    } finally {
      await stage.connection.close();
    }
  });

  it("to the half ends with bad debt, which lenders bear and the headline says", async () => {
    const script = cliff(100);
    const stage = await staged(script);
    try {
      const ledger = await play(stage, script, () => undefined);
      const figures = computeFigures(ledger);
      expect(figures.badDebtLoans).to.be.above(5);
      // A loan under water has no owner's equity to lose: its bonus is part of the lenders' loss.
      const underWater = ledger.liquidations.filter(({ ltv }) => ltv > 1);
      expect(underWater).to.not.have.lengthOf(0);
      expect(total(underWater, ({ ownerCost }) => ownerCost)).to.equal(0n);
      expect(figures.bonusUsdc > figures.ownersCostUsdc).to.equal(true);
      expect(figures.badDebtUsdc).to.equal(total(ledger.liquidations, ({ writtenOff }) => writtenOff));
      // The reserves of the market's first month go first, and have nothing since but their tenth of the last interest.
      expect(figures.reservesUsdc).to.be.closeTo(-ledger.start.reserves, figures.interestUsdc / 10n + 1n);
      const lost = figures.badDebtUsdc + figures.reservesUsdc;
      expect(figures.lendersEarnedUsdc).to.be.closeTo(-lost, figures.interestUsdc + 100n);
      expect(ledger.end.sharePrice < ledger.start.sharePrice).to.equal(true);
      const [lenders, badDebt] = makeReport(script, ledger, 1).headline.slice(-2);
      expect(lenders).to.match(/^Lenders lost .* USDC \(\u2212/);
      expect(badDebt).to.match(/^Bad debt: .* USDC, [\d.]+ bp of what was lent\.$/);
    } finally {
      await stage.connection.close();
    }
  });
});

describe("A play of real prices", () => {
  if (!existsSync(PRICES)) {
    it("was NOT tried: there are no price files in ../shared/prices", () => {
      console.log("      ../shared/prices is not there, so no real hour was played.");
    });
    return;
  }

  it("of the worst hour of 12 March 2020 agrees with the contracts at every step", async () => {
    const files = ["eth-usdt_2020-03-12_1m.csv", "btc-usdt_2020-03-12_1m.csv"].map((file) => join(PRICES, file));
    const window = { start: Date.UTC(2020, 2, 12, 10) / 1000, end: Date.UTC(2020, 2, 12, 11) / 1000 };
    const script: Script = {
      series: await readPriceFiles(files, [], await Catalogue.read()),
      window,
      loans: 10,
      seed: 1,
      ...OWNERS,
      gasGwei: 30,
    };
    const stage = await staged(script);
    try {
      const ledger = await play(stage, script, () => undefined);
      expect(ledger.liquidations.length).to.be.above(5);
      expect(ledger.rounds.filter(({ asset }) => asset === "WETH").length).to.be.above(50);
      expect(makeReport(script, ledger, 1).title).to.equal("WETH and WBTC, 2020-03-12");
    } finally {
      await stage.connection.close();
    }
  });
});

import { expect } from "chai";
import hre from "hardhat";

import { BookState } from "../../scripts/play/book-state.ts";
import { delay, planBorrowers } from "../../scripts/play/borrower-plan.ts";
import { computeFigures } from "../../scripts/play/figures.ts";
import type { Ledger } from "../../scripts/play/ledger.ts";
import { inProcess, type Stage } from "../../scripts/play/market.ts";
import { reportPage } from "../../scripts/play/page.ts";
import { play, type Script } from "../../scripts/play/play.ts";
import type { Bar } from "../../scripts/play/price-series.ts";
import { Random } from "../../scripts/play/random.ts";
import { reportJson } from "../../scripts/play/report-json.ts";
import { makeReport } from "../../scripts/play/report.ts";
import { SYNTHETIC_START } from "../../scripts/play/synthetic-prices.ts";
import { terminalReport } from "../../scripts/play/terminal-report.ts";
import { verifyEvents } from "../../scripts/play/verify-events.ts";
import { messageOf } from "../deploy/served-chain.ts";
import { staged, total } from "./stages.ts";

const HOUR = 3_600;
const DAY = 24 * HOUR;
const LOANS = 60;
const SEED = 2;
const OWNERS = { termsPercent: 30, watchingPercent: 50 };

/** Ether at a price in dollars for each hour, and owners of whom half watch. */
function hourly(prices: readonly bigint[], loans: number): Script {
  const bar = (price: bigint): Bar => ({ open: price, high: price, low: price, close: price });
  const bars = prices.map((price) => bar(price * 10n ** 8n));
  const window = { start: SYNTHETIC_START, end: SYNTHETIC_START + prices.length * HOUR };
  const ether = { asset: "WETH", source: "steps", synthetic: true, start: window.start, step: HOUR, bars };
  return { series: [ether], window, loans, seed: SEED, ...OWNERS, gasGwei: 30 };
}

function prices(hours: number, price: bigint): bigint[] {
  return Array<bigint>(hours).fill(price);
}

/** What the monitor asked and sent: the chain's calls and transactions by the first bytes of their data. */
class Requests {
  public readonly seen: { readonly method: string; readonly selector: string }[] = [];

  public readonly connect = async (override: Parameters<ReturnType<typeof inProcess>>[0]) => {
    const connection = await inProcess(hre)(override);
    const { provider } = connection;
    const request = provider.request.bind(provider);
    provider.request = async (call): Promise<unknown> => {
      const [first] = Array.isArray(call.params) ? (call.params as unknown[]) : [];
      const data = typeof first === "object" && first !== null && "data" in first ? String(first.data) : "";
      this.seen.push({ method: call.method, selector: data.slice(0, 10) });
      return request(call);
    };
    return connection;
  };

  public count(method: string, selector: string): number {
    return this.seen.filter((one) => one.method === method && one.selector === selector).length;
  }
}

describe("A play in which the price falls between the lines and stays there", () => {
  const script = hourly([...prices(2, 200n), ...prices(38, 181n)], LOANS);
  const owners = planBorrowers(LOANS, SEED, OWNERS);
  const requests = new Requests();
  let stage: Stage;
  let ledger: Ledger;
  /** How often the lens had been asked at each round. */
  const asked: number[] = [];

  before(async () => {
    stage = await staged(script, requests.connect);
    const selector = stage.lens.interface.getFunction("callable").selector;
    ledger = await play(stage, script, () => asked.push(requests.count("eth_call", selector)));
  });
  after(() => stage.connection.close());

  it("opens fixed-term loans for the owners who want them, at quoted rates, and open ones for the rest", async () => {
    const { book } = stage.market;
    for (const [i, { id, term, wantsTerm }] of ledger.loans.entries()) {
      const wanted = owners[i]?.term;
      expect(wantsTerm).to.equal(wanted !== undefined);
      const { rate, maturity, since } = await book.loan(id);
      const duration = Number(maturity - since);
      if (term === undefined) expect([rate, duration]).to.deep.equal([0n, 0]);
      else expect([Number(rate) / 1e9, duration]).to.deep.equal([term.rate, wanted]);
    }
    const { termLoans, termLoansRefused, lowestTermRateShareAYear } = computeFigures(ledger);
    expect(termLoans + termLoansRefused).to.equal(18);
    expect(termLoans).to.be.above(10);
    // 4 % at the target, and 3 % a year for 30 days, is the least.
    expect(lowestTermRateShareAYear).to.be.within(0.0424, 0.0427);
  });

  it("has the monitor ask the lens at most once a round, and call all that it finds in one transaction", () => {
    for (const [i, count] of asked.entries()) expect(count - (asked[i - 1] ?? 0)).to.be.at.most(1);
    const calls = ledger.upkeep.filter(({ kind }) => kind === "call");
    const batch = stage.market.book.interface.getFunction("callMarginBatch").selector;
    expect(requests.count("eth_sendTransaction", batch)).to.equal(calls.length);
    expect(total(calls, ({ loans }) => BigInt(loans))).to.equal(BigInt(ledger.calls.length));
    expect(calls[0]?.loans, "in the round of the fall").to.be.above(3);
    expect(new Set(calls.map(({ time }) => time)).size).to.equal(calls.length);
  });

  it("lets owners who watch cure at their own time, and nobody else", () => {
    expect(ledger.cures.length).to.be.above(2);
    for (const cure of ledger.cures) {
      const owner = owners[cure.loan - 1];
      expect(owner?.isWatching).to.equal(true);
      expect(cure.by).to.equal(owner?.curesBy);
      expect(cure.delay).to.equal(delay(new Random(owner?.seed ?? 0)));
      const call = ledger.calls.find(({ loan }) => loan === cure.loan);
      expect([call?.end, call?.endedAt]).to.deep.equal(["cured", cure.time]);
    }
    const isWatched = (number: number) => ledger.loans[number - 1]?.isWatched;
    const asleep = ledger.calls.filter(({ loan }) => isWatched(loan) === false);
    expect(asleep).to.not.have.lengthOf(0);
    expect(asleep.every(({ end }) => end === "lapsed" || end === "standing")).to.equal(true);
  });

  it("sells from the others after their deadline, softly, down to the call line and no further", () => {
    expect(ledger.liquidations).to.not.have.lengthOf(0);
    for (const { loan, time, isSoft, ltv, ownerCost, seizedValue } of ledger.liquidations) {
      const call = ledger.calls.find((one) => one.loan === loan && one.calledAt < time && time < one.lapse);
      expect(isSoft).to.equal(true);
      expect(time - (call?.deadline ?? Infinity)).to.be.above(0);
      expect(ltv).to.be.within(0.8, 0.86);
      // At most 1.5 %, and with an LTV of x the part (x - 80) / 6 of it.
      expect(Number(ownerCost) / Number(seizedValue)).to.be.at.most((0.015 * (ltv - 0.8)) / 0.06 + 1e-6);
      const after = call?.track.find((point) => point.time === time)?.ltv ?? 0;
      // The keeper may take less than all, never more.
      expect(after).to.be.within(0.79999, ltv);
    }
    const { hardLiquidations, liquidatedLoans, liquidatedLoansCalledBefore } = computeFigures(ledger);
    expect([hardLiquidations, liquidatedLoansCalledBefore]).to.deep.equal([0, liquidatedLoans]);
  });

  it("credits the monitor with a tenth of the bonus", () => {
    for (const { creditValue, ownerCost } of ledger.liquidations) {
      expect(creditValue).to.be.closeTo(ownerCost / 10n, 2n);
    }
  });

  it("is reported: calls and their ends, cures, notice, soft and hard sales, and both timelines", async () => {
    const report = makeReport(script, ledger, 1);
    const words = terminalReport(report);
    const { marginCalls, callsCured, callsLapsed, softLiquidations } = report.figures;
    expect(words).to.match(
      new RegExp(`Margin calls +${String(marginCalls)} of \\d+ loans: ${String(callsCured)} cured by owners`),
    );
    expect(words).to.match(new RegExp(`, ${String(callsLapsed)} lapsed, `));
    expect(words).to.match(
      new RegExp(`Soft +${String(softLiquidations)} sales? of .* USDC, which cost owners .* USDC, [\\d.]+ %`),
    );
    expect(words).to.match(/Hard +0 sales/);
    expect(words).to.match(
      /Cured +\d+ by repaying .* USDC, \d+ by pledging .* USDC more; [\d.]+ (minutes|hours) after the call/,
    );
    expect(words).to.match(
      /Notice +(\d+) of \1 had been called before, 2[4-9](\.\d)? hours before the first sale in the median/,
    );
    const json = JSON.parse(reportJson(report)) as {
      marginCalls: { end: string }[];
      liquidations: { isSoft: boolean }[];
    };
    expect(json.marginCalls.map(({ end }) => end)).to.deep.equal(ledger.calls.map(({ end }) => end));
    expect(json.liquidations.every(({ isSoft }) => isSoft)).to.equal(true);
    const page = await reportPage(report);
    expect(page.match(/<svg class="timeline"/g)).to.have.lengthOf(2);
    expect(page).to.match(/the owner (repays|pledges) .*, and the call ends/);
    expect(page).to.match(/a soft sale of WETH worth/);
  });

  it("is verified: a call, a sale or an end that the book does not tell is refused", async () => {
    const book = await BookState.read(stage);
    await verifyEvents(stage, book, ledger);
    const refused = async (parts: Partial<Ledger>) => messageOf(verifyEvents(stage, book, { ...ledger, ...parts }));
    expect(await refused({ calls: ledger.calls.slice(1) })).to.include("do not agree on the margin calls");
    const hard = ledger.liquidations.map((one) => ({ ...one, isSoft: false }));
    expect(await refused({ liquidations: hard })).to.include("do not agree on the liquidations");
    const standing = ledger.calls.map((one) => (one.end === "cured" ? { ...one, end: "standing" as const } : one));
    expect(await refused({ calls: standing })).to.include("do not agree on the ends of the calls of loan ");
    const cured = ledger.calls.map((one) => (one.end === "standing" ? { ...one, end: "cured" as const } : one));
    expect(await refused({ calls: cured })).to.include("do not agree on the ends of the calls of loan ");
  });

  it("has calls that stand for 36 hours at most", () => {
    for (const { calledAt, deadline, lapse, end, endedAt } of ledger.calls) {
      expect([deadline - calledAt, lapse - deadline]).to.deep.equal([DAY, DAY / 2]);
      if (end === "lapsed") expect(endedAt).to.equal(lapse);
    }
  });
});

describe("A play in which the price comes back an hour later", () => {
  const script = hourly([...prices(1, 200n), ...prices(1, 181n), ...prices(36, 200n)], 30);

  it("has owners who watch end their calls, the others' lapse, and nothing sold", async () => {
    const stage = await staged(script);
    try {
      const ledger = await play(stage, script, () => undefined);
      expect(ledger.liquidations).to.deep.equal([]);
      const owners = planBorrowers(30, SEED, OWNERS);
      const ends = ledger.calls.map(({ loan, end, calledAt, endedAt }) => {
        const { isWatching, seed } = owners[loan - 1] ?? { isWatching: false, seed: 0 };
        const after = (endedAt ?? 0) - calledAt;
        const time = delay(new Random(seed));
        if (!isWatching) expect([end, after]).to.deep.equal(["lapsed", 1.5 * DAY]);
        else expect([end, after]).to.deep.equal([time < HOUR ? "cured" : "recovered", time]);
        return end;
      });
      expect(new Set(ends)).to.include("recovered").and.to.include("lapsed");
      expect(makeReport(script, ledger, 1).headline).to.include("No owner lost anything to a liquidation.");
    } finally {
      await stage.connection.close();
    }
  });
});

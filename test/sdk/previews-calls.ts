/** Previews of margin calls and liquidations beside the calls themselves, to the last unit. */
import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { Random } from "../../scripts/play/random.ts";
import { viewOf } from "../../sdk/src/market/market-snapshot.ts";
import { saturatingSub } from "../../sdk/src/math/amounts.ts";
import { valueDown } from "../../sdk/src/math/health-math.ts";
import { SOFT_RAMP } from "../../sdk/src/math/liquidation-math.ts";
import { debtOf, isLiquidatable } from "../../sdk/src/math/loan-lens.ts";
import { previewCallMargin } from "../../sdk/src/previews/call-margin.ts";
import { previewClearMarginCall } from "../../sdk/src/previews/clear-margin-call.ts";
import { previewLiquidate } from "../../sdk/src/previews/liquidate.ts";
import type { Loan } from "../../sdk/src/types.ts";
import { clock, HOUR } from "../helpers/chain.ts";
import { amountBetween, at } from "../helpers/lens.ts";
import { pass } from "./loan-scene.ts";
import { argsOf, BEGINNINGS, expectOnLoan, found, Tally, type Found, type Weather } from "./previews-scene.ts";

const WEATHERS: readonly Weather[] = [
  { factor: 0.87, called: 25n * HOUR },
  { factor: 0.86, called: 36n * HOUR },
  { factor: 0.87, called: 26n * HOUR, hasMisfortunes: true },
  { factor: 0.88, called: 3n * HOUR },
  { factor: 0.87, called: 24n * HOUR + 60n, isSequencerBack: true },
  { factor: 0.9, called: 30n * HOUR, isLoanFeedDead: true, hasMisfortunes: true },
  { factor: 0.02, called: HOUR },
];

const tally = new Tally();

describe("SDK: previews of margin calls and liquidations", () => {
  for (const [position, begin] of BEGINNINGS.entries()) {
    for (const number of [position, position + 2, position + 3]) {
      it(`say what they do: market ${String(position)}, weather ${String(number)}`, async () => {
        const random = new Random(100 * position + number);
        const where = await found(begin, random, at(WEATHERS, number));
        for (const loan of [...where.own, ...where.loans.slice(2)]) {
          await calls(where, loan);
          await clears(where, loan);
          await liquidations(where, loan, random);
        }
      });
    }
  }

  it("say what is sold two hours past the deadline of a call, if prices stand still", async () => {
    const { scene, market, own } = await found(at(BEGINNINGS, 0), new Random(5), { factor: 0.87 });
    const { book, keeper, lens } = scene;
    const previews = own.map((loan) => ({ id: loan.id, ...previewCallMargin(market, loan, keeper.address) }));
    const called = previews.filter(({ refusal }) => refusal === undefined);
    expect(called).not.to.deep.equal([]);
    for (const { id } of called) await book.connect(keeper).callMargin(id);
    await pass(scene, (called[0]?.deadline ?? 0n) + SOFT_RAMP - clock.now());
    for (const { id, sales, creditedFrom } of called) {
      expect(sales.size).to.be.above(0);
      expect(clock.now() >= creditedFrom).to.equal(true);
      for (const [listing, sale] of sales) {
        const order = { id, listing, maxRepay: MaxUint256, minSeized: 0n };
        const { repaid, seized, credit, bonus } = await lens.previewLiquidation(book, order);
        expect(sale).to.deep.equal({ repaid, seized, credit, bonus });
        expect([...(await book.connect(keeper).liquidate.staticCall(order, "0x"))]).to.deep.equal([repaid, seized]);
      }
    }
  });

  it("were compared in every way that a call can end", () => {
    tally.expectAll([
      ...["call", "clear", "soft", "hard", "credited", "written off", "AlreadyCalled", "NotCallable", "NoMarginCall"],
      ...[
        "MarginCallStands",
        "LoanAssetFeedNotLive",
        "NotPledged",
        "NotLiquidatable",
        "MarginCallLapsed",
        "ZeroAmount",
      ],
      ...["SequencerNotReady", "InCurePeriod", "FeedNotLive", "SeizedBelowMin", "DebtBelowMin", "RemainderTooSmall"],
    ]);
  });
});

async function calls({ scene, market }: Found, loan: Loan): Promise<void> {
  const { book, keeper } = scene;
  const outcome = previewCallMargin(market, loan, keeper.address);
  tally.count(outcome.refusal?.name ?? "call");
  const sent = { from: keeper, to: book, name: "callMargin", args: [loan.id] };
  await expectOnLoan(scene, outcome, sent, loan.id, (told) => {
    expect(outcome.deadline).to.equal(argsOf(told, "MarginCalled").deadline);
  });
}

async function clears({ scene, market }: Found, loan: Loan): Promise<void> {
  const { book, borrower } = scene;
  const outcome = previewClearMarginCall(market, loan);
  tally.count(outcome.refusal?.name ?? "clear");
  const sent = { from: borrower, to: book, name: "clearMarginCall", args: [loan.id] };
  await expectOnLoan(scene, outcome, sent, loan.id, (told) => {
    expect(told.has("MarginCallCleared")).to.equal(true);
  });
}

async function liquidations({ scene, market }: Found, loan: Loan, random: Random): Promise<void> {
  const { book, keeper } = scene;
  const view = viewOf(market);
  const debt = debtOf(view, loan);
  for (const listing of [...loan.pledges.keys(), 39]) {
    const { forLiquidation = 0n } = view.board.listings[listing]?.prices ?? {};
    const worth = valueDown(loan.pledges.get(listing) ?? 0n, forLiquidation);
    const payments = [
      saturatingSub((worth * 100n) / 101n, 2n * scene.unit),
      amountBetween(random, 0n, worth),
      0n,
      amountBetween(random, 0n, debt),
      saturatingSub(debt, 1n),
    ];
    for (const maxRepay of isLiquidatable(view, loan) ? [MaxUint256, ...payments] : [MaxUint256]) {
      const minSeized = random.uniform() < 0.15 ? amountBetween(random, 0n, 10n ** 19n) : 0n;
      const outcome = previewLiquidate(market, loan, { listing, maxRepay, minSeized });
      const { isSoft, repaid, seized, credit, writtenOff, refusal } = outcome;
      tally.count(refusal?.name ?? (isSoft ? "soft" : "hard"));
      if (credit !== 0n) tally.count("credited");
      if (writtenOff !== 0n) tally.count("written off");
      const order = { id: loan.id, listing, maxRepay, minSeized };
      const sent = { from: keeper, to: book, name: "liquidate", args: [order, "0x"] };
      await expectOnLoan(scene, outcome, sent, loan.id, (told) => {
        const { repaid: paid, seized: taken, writtenOff: lost } = argsOf(told, "Liquidated");
        expect({ repaid, seized: seized + credit, writtenOff }).to.deep.equal({
          ...{ repaid: paid, seized: taken, writtenOff: lost },
        });
        expect(credit).to.equal(told.get("Credited")?.amount ?? 0n);
      });
    }
  }
}

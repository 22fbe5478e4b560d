/** The SDK's mathematics of a loan in figures that were reckoned by hand. */
import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { valueDown } from "../../sdk/src/math/health-math.ts";
import { bonus } from "../../sdk/src/math/liquidation-math.ts";
import { isWorthless, previewLiquidation } from "../../sdk/src/math/liquidation-preview.ts";
import { growthOf, retiredDown } from "../../sdk/src/math/loan-debt.ts";
import { debtOf, isCallable, isLiquidatable, marginCallOf, type MarketView } from "../../sdk/src/math/loan-lens.ts";
import { lines } from "../../sdk/src/math/loan-lines.ts";
import { earnsCredit, isAlive, overdue } from "../../sdk/src/math/margin-call-record.ts";
import type { Loan } from "../../sdk/src/types.ts";
import { board, called, loan, MIN_DEBT, NOW, termLoan, TERMS, USDC, view, WAD } from "../helpers/loan-states.ts";

const DAY = 86_400n;
const YEAR = 365n * DAY;

/** What a liquidator gets who pays as much as it may. */
const preview = (one: Loan, maxRepay = MaxUint256, market = view(100)) =>
  previewLiquidation(market, one, { listing: 0, maxRepay, minSeized: 0n });

describe("SDK: a loan's figures", () => {
  it("know its lines", () => {
    expect(lines(loan(0, 10).pledges, board(100))).to.deep.equal({
      ...{ value: 1_000n * USDC, seizableValue: 1_000n * USDC, borrowLimit: 780n * USDC },
      ...{ callLine: 800n * USDC, liquidationLine: 860n * USDC },
    });
    expect(lines(loan(0, 10).pledges, board(100, false)).seizableValue).to.equal(0n);
  });

  it("round debts up", () => {
    const units = (base: bigint, debtIndex: bigint) => debtOf({ ...view(1), debtIndex }, { ...loan(0, 1), base });
    expect(units(1n, WAD)).to.equal(1n);
    expect(units(1n, WAD + 1n)).to.equal(2n);
    expect(units(0n, WAD + 1n)).to.equal(0n);
  });

  it("add simple interest to a fixed-term loan, and none of the vault's index", () => {
    const fixed = termLoan(1_000, 10, NOW - YEAR / 10n, 50_000_000n); // 5 % a year
    const at = (now: bigint): MarketView => ({ ...view(1), board: { ...board(1), now }, debtIndex: 2n * WAD });
    expect(debtOf(at(NOW), fixed)).to.equal(1_005n * USDC);
    expect(debtOf(at(NOW + 1n), fixed)).to.equal(1_005_000_002n); // 1.59 units a second
    // 100.5 dollars retire 100 of principal with its interest; a unit less retires a unit of principal less.
    const growth = growthOf(fixed, WAD, NOW);
    expect(retiredDown(growth, 100_500_000n)).to.equal(100_500_000n);
    expect(retiredDown(growth, 100_499_999n)).to.equal(100_499_998n);
  });

  it("know when its margin can be called", () => {
    const isOpen = (debt: number) => isCallable(view(100), loan(debt, 100));
    expect([8_000, 8_001].map(isOpen)).to.deep.equal([false, true]);
    const second = (calledAt: bigint) => isCallable(view(100), called(loan(8_100, 100), calledAt));
    expect(second(NOW - DAY - DAY / 2n + 1n), "the call stands").to.equal(false);
    expect(second(NOW - DAY - DAY / 2n), "it has lapsed").to.equal(true);
    expect(isCallable(view(100), { ...loan(0, 0), pledges: new Map() }), "no debt").to.equal(false);
  });

  it("tell worthless loans", () => {
    const at = (debt: number, dollars: number, isSeizable = true) =>
      isWorthless(view(dollars, isSeizable), loan(debt, 1));
    expect([at(200, 4), at(200, 5), at(200, 4, false), at(0, 4)]).to.deep.equal([true, false, false, false]);
    expect([at(3, 4), at(5, 4)], "less than the debt too").to.deep.equal([false, true]);
  });
});

describe("SDK: a margin call's figures", () => {
  const call = marginCallOf(board(100), called(loan(8_100, 100), NOW));

  it("are due for twelve hours after a day", () => {
    const at = [0n, DAY, DAY + 1n, (3n * DAY) / 2n - 1n, (3n * DAY) / 2n].map((seconds) =>
      overdue(call, NOW + seconds),
    );
    expect(at).to.deep.equal([0n, 0n, 1n, DAY / 2n - 1n, 0n]);
    const alive = [isAlive(call, NOW), isAlive(call, NOW + (3n * DAY) / 2n), isAlive(undefined, NOW)];
    expect(alive).to.deep.equal([true, false, false]);
  });

  it("earn a credit from ten minutes on until they lapse", () => {
    const at = [599n, 600n, (3n * DAY) / 2n - 1n, (3n * DAY) / 2n].map((seconds) => earnsCredit(call, NOW + seconds));
    expect(at).to.deep.equal([false, true, true, false]);
  });
});

describe("SDK: a liquidation's figures", () => {
  /** β, whether or not the loan can be liquidated. */
  const bonusOf = (one: Loan): bigint => {
    const { callLine, liquidationLine, value, seizableValue, borrowLimit } = lines(one.pledges, board(100));
    const price = 100n * USDC * 10n ** 18n;
    return bonus({
      ...{ growth: growthOf(one, WAD, NOW), debt: one.base, target: borrowLimit, targetLtv: TERMS.borrowLtv },
      ...{ callLine, liquidationLine, value, seizableValue, overdue: overdue(marginCallOf(board(100), one), NOW) },
      ...{ pledged: 100n * WAD, price, seizurePrice: price, maxBonus: TERMS.maxBonus, bonusSlope: TERMS.bonusSlope },
    });
  };
  const due = (debt: number, seconds: bigint): Loan => called(loan(debt, 100), NOW - DAY - seconds);
  const soft = (debt: number, seconds: bigint): bigint => bonusOf(due(debt, seconds));

  it("pay nothing at the line, half the depth above it, never more than the equity, but 1 %", () => {
    const at = (debt: number) => bonusOf(loan(debt, 100));
    expect(at(8_600)).to.equal(0n);
    expect(at(8_686)).to.equal((WAD * 5n) / 1_000n); // 1 % above the line
    expect(at(9_460)).to.equal((WAD * 5n) / 100n); // 10 % above it
    expect(at(9_700)).to.equal((10_000n * WAD) / 9_700n - WAD); // equity: 3.09 %
    expect(at(9_950)).to.equal(WAD / 100n);
  });

  it("bring a loan back to its borrow limit and no further", () => {
    const { isSoft, repaid, seized, refusal } = preview(loan(8_686, 100));
    // (8,686 - 7,800) / (1 - 0.78 × 1.005), rounded up
    expect([isSoft, repaid, refusal]).to.deep.equal([false, 4_099_953_726n, undefined]);
    const left = 10_000n * USDC - valueDown(seized, 100n * USDC * 10n ** 18n);
    expect(8_686n * USDC - repaid).to.be.closeTo((left * 78n) / 100n, 2n);
  });

  it("take a pledge whole when it is worth less than the debt", () => {
    expect(preview(loan(10_500, 100))).to.deep.equal({
      ...{ isLiquidatable: true, isSoft: false, refusal: undefined, bonus: WAD / 100n },
      ...{ repaid: 9_900_990_100n, seized: 100n * WAD, credit: 0n }, // 10,000 / 1.01
    });
  });

  it("credit a tenth of the bonus to who called the margin ten minutes before", () => {
    const { seized: all } = preview(loan(8_686, 100));
    const at = (calledAt: bigint) => {
      const { seized, credit } = preview(called(loan(8_686, 100), calledAt));
      return [seized, credit];
    };
    expect(at(NOW - 599n)).to.deep.equal([all, 0n]);
    const credit = (all * 5n) / 10_050n; // a tenth of 0.005 of 1.005
    expect(at(NOW - 600n)).to.deep.equal([all - credit, credit]);
  });

  it("refuse what the contract refuses", () => {
    const refusal = (debt: number, most = MaxUint256, isSeizable = true) =>
      preview(loan(debt, 100), most, view(100, isSeizable)).refusal?.name;
    expect(refusal(8_600)).to.equal("NotLiquidatable");
    expect(refusal(8_700, MaxUint256, false)).to.equal("FeedNotLive");
    expect(refusal(8_700, 0n)).to.equal("ZeroAmount");
    expect(refusal(9_950, 9_900n * USDC), "too little debt left").to.equal("DebtBelowMin");
    expect(refusal(9_950, 9_950n * USDC - MIN_DEBT - USDC), "more than that left").to.equal(undefined);
  });

  it("allow a soft one above the call line, past the deadline and before the lapse", () => {
    const isDue = (debt: number, seconds: bigint) => isLiquidatable(view(100), due(debt, seconds));
    expect([isDue(8_001, 0n), isDue(8_000, 1n), isDue(8_001, 1n), isDue(8_001, DAY / 2n)]).to.deep.equal([
      ...[false, false, true, false],
    ]);
  });

  it("pay more for a soft one with time, for two hours, and with the way to the liquidation line: at most 1.5 %", () => {
    expect(soft(8_600, 7_200n)).to.equal((WAD * 15n) / 1_000n);
    expect(soft(8_600, 3n * 3_600n)).to.equal((WAD * 15n) / 1_000n);
    expect(soft(8_600, 3_600n)).to.equal((WAD * 75n) / 10_000n);
    expect(soft(8_300, 7_200n)).to.equal((WAD * 75n) / 10_000n);
    expect(soft(8_300, 3_600n)).to.equal((WAD * 375n) / 100_000n);
    expect(soft(8_000, 7_200n)).to.equal(0n);
    // Above the liquidation line the larger of the two counts: 1.5 % until half the depth is more.
    expect(soft(8_686, 7_200n)).to.equal((WAD * 15n) / 1_000n);
    expect(soft(9_030, 7_200n)).to.equal((WAD * 25n) / 1_000n);
  });

  it("bring a loan softly back to its call line and no further, and credit a tenth of the bonus", () => {
    const { isSoft, repaid, seized: received, credit } = preview(due(8_300, 7_200n));
    // (8,300 - 8,000) / (1 - 0.8 × 1.0075), rounded up
    expect([isSoft, repaid]).to.deep.equal([true, 1_546_391_753n]);
    const seized = received + credit;
    expect(seized).to.equal((1_546_391_753n * 10_075n * WAD) / (10_000n * 100n * USDC));
    expect(credit).to.equal((seized * 75n) / 100_750n);
    const left = 10_000n * USDC - valueDown(seized, 100n * USDC * 10n ** 18n);
    expect(8_300n * USDC - repaid).to.be.closeTo((left * 80n) / 100n, 2n);
  });
});

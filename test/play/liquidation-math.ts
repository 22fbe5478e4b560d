import { expect } from "chai";

import { isCallable, linesOf } from "../../scripts/play/health.ts";
import { ALL, bonus, fill, isLiquidatable, isWorthless, standingOf } from "../../scripts/play/liquidation-math.ts";
import { debtOf, retiredDown } from "../../scripts/play/loan-debt.ts";
import { earnsCredit, isAlive, overdue } from "../../scripts/play/margin-call.ts";
import { board, called, conditions, loan, MIN_DEBT, NOW, termLoan, TERMS, USDC, WAD } from "./loan-states.ts";

const DAY = 86_400;
const YEAR = 365 * DAY;

describe("The play's mathematics of a loan", () => {
  it("know its lines", () => {
    expect(linesOf(loan(0, 10), board(100))).to.deep.equal({
      ...{ value: 1_000n * USDC, seizableValue: 1_000n * USDC, borrowLimit: 780n * USDC },
      ...{ callLine: 800n * USDC, liquidationLine: 860n * USDC },
    });
    expect(linesOf(loan(0, 10), board(100, false)).seizableValue).to.equal(0n);
  });

  it("round debts up", () => {
    const units = (base: bigint, index: bigint) => debtOf({ ...loan(0, 1), base }, { index, time: NOW });
    expect(units(1n, WAD)).to.equal(1n);
    expect(units(1n, WAD + 1n)).to.equal(2n);
    expect(units(0n, WAD + 1n)).to.equal(0n);
  });

  it("add simple interest to a fixed-term loan, and none of the vault's index", () => {
    const fixed = termLoan(1_000, 10, NOW - YEAR / 10, 50_000_000n); // 5 % a year
    expect(debtOf(fixed, { index: 2n * WAD, time: NOW })).to.equal(1_005n * USDC);
    expect(debtOf(fixed, { index: WAD, time: NOW + 1 })).to.equal(1_005_000_002n); // 1.59 units a second
    // 100.5 dollars retire 100 of principal with its interest; a unit less retires a unit of principal less.
    expect(retiredDown(fixed, 100_500_000n, { index: WAD, time: NOW })).to.equal(100_500_000n);
    expect(retiredDown(fixed, 100_499_999n, { index: WAD, time: NOW })).to.equal(100_499_998n);
  });

  it("know when its margin can be called", () => {
    const isOpen = (debt: number) => isCallable(loan(debt, 100), conditions(100));
    expect([8_000, 8_001].map(isOpen)).to.deep.equal([false, true]);
    const second = (calledAt: number) => isCallable(called(loan(8_100, 100), calledAt), conditions(100));
    expect(second(NOW - DAY - DAY / 2 + 1), "the call stands").to.equal(false);
    expect(second(NOW - DAY - DAY / 2), "it has lapsed").to.equal(true);
    expect(isCallable({ ...loan(0, 0), pledges: new Map() }, conditions(100)), "no debt").to.equal(false);
  });

  it("tell worthless loans", () => {
    const at = (debt: number, dollars: number, isSeizable = true) =>
      isWorthless(loan(debt, 1), conditions(dollars, { board: board(dollars, isSeizable) }));
    expect([at(200, 4), at(200, 5), at(200, 4, false), at(0, 4)]).to.deep.equal([true, false, false, false]);
  });
});

describe("The play's mathematics of a margin call", () => {
  const { call } = called(loan(8_100, 100), NOW);

  it("are due for twelve hours after a day", () => {
    const at = [0, DAY, DAY + 1, DAY + DAY / 2 - 1, DAY + DAY / 2].map((seconds) => overdue(call, NOW + seconds));
    expect(at).to.deep.equal([0, 0, 1, DAY / 2 - 1, 0]);
    expect([isAlive(call, NOW), isAlive(call, NOW + 1.5 * DAY), isAlive(undefined, NOW)]).to.deep.equal([
      true,
      false,
      false,
    ]);
  });

  it("earn a credit from ten minutes on until they lapse", () => {
    const at = [599, 600, 1.5 * DAY - 1, 1.5 * DAY].map((seconds) => earnsCredit(call, NOW + seconds));
    expect(at).to.deep.equal([false, true, true, false]);
  });
});

describe("The play's mathematics of a hard liquidation", () => {
  it("pay nothing at the line, half the depth above it, never more than the equity, but 1 %", () => {
    const at = (debt: number) => bonus(standingOf(loan(debt, 100), conditions(100)), TERMS);
    expect(at(8_600)).to.equal(0n);
    expect(at(8_686)).to.equal((WAD * 5n) / 1_000n); // 1 % above the line
    expect(at(9_460)).to.equal((WAD * 5n) / 100n); // 10 % above it
    expect(at(9_700)).to.equal((10_000n * WAD) / 9_700n - WAD); // equity: 3.09 %
    expect(at(9_950)).to.equal(WAD / 100n);
  });

  it("bring a loan back to its borrow limit and no further", () => {
    const filled = fill(loan(8_686, 100), 0, ALL, conditions(100));
    // (8,686 - 7,800) / (1 - 0.78 × 1.005), rounded up
    expect(filled?.repaid).to.equal(4_099_953_726n);
    expect(filled?.isSoft).to.equal(false);
    const left = 10_000n * USDC - ((filled?.seized ?? 0n) * 100n * USDC) / WAD;
    expect(8_686n * USDC - (filled?.repaid ?? 0n)).to.be.closeTo((left * 78n) / 100n, 2n);
  });

  it("take a pledge whole when it is worth less than the debt", () => {
    expect(fill(loan(10_500, 100), 0, ALL, conditions(100))).to.deep.equal({
      ...{ isSoft: false, repaid: 9_900_990_100n, seized: 100n * WAD, credit: 0n }, // 10,000 / 1.01
    });
  });

  it("credit a tenth of the bonus to who called the margin ten minutes before", () => {
    const credit = (calledAt: number) => fill(called(loan(8_686, 100), calledAt), 0, ALL, conditions(100))?.credit;
    const seized = fill(loan(8_686, 100), 0, ALL, conditions(100))?.seized ?? 0n;
    expect(credit(NOW - 599)).to.equal(0n);
    expect(credit(NOW - 600)).to.equal((seized * 5n) / 10_050n); // a tenth of 0.005 of 1.005
  });

  it("refuse what the contract refuses", () => {
    const none = (debt: number, most = ALL, isSeizable = true) =>
      fill(loan(debt, 100), 0, most, conditions(100, { board: board(100, isSeizable) }));
    expect(none(8_600), "not above its line").to.equal(undefined);
    expect(none(8_700, ALL, false), "dead feed").to.equal(undefined);
    expect(none(8_700, 0n), "nothing paid").to.equal(undefined);
    expect(none(9_950, 9_900n * USDC), "too little debt left").to.equal(undefined);
    expect(none(9_950, 9_950n * USDC - MIN_DEBT - USDC), "more than that left").to.not.equal(undefined);
  });
});

describe("The play's mathematics of a soft liquidation", () => {
  const due = (debt: number, seconds: number) => called(loan(debt, 100), NOW - DAY - seconds);
  const at = (debt: number, seconds: number) => bonus(standingOf(due(debt, seconds), conditions(100)), TERMS);

  it("are possible above the call line, past the deadline and before the lapse", () => {
    const isDue = (debt: number, seconds: number) => isLiquidatable(standingOf(due(debt, seconds), conditions(100)));
    expect([isDue(8_001, 0), isDue(8_000, 1), isDue(8_001, 1), isDue(8_001, DAY / 2)]).to.deep.equal([
      ...[false, false, true, false],
    ]);
  });

  it("pay more with time, for two hours, and with the way to the liquidation line: at most 1.5 %", () => {
    expect(at(8_600, 7_200)).to.equal((WAD * 15n) / 1_000n);
    expect(at(8_600, 3 * 3_600)).to.equal((WAD * 15n) / 1_000n);
    expect(at(8_600, 3_600)).to.equal((WAD * 75n) / 10_000n);
    expect(at(8_300, 7_200)).to.equal((WAD * 75n) / 10_000n);
    expect(at(8_300, 3_600)).to.equal((WAD * 375n) / 100_000n);
    expect(at(8_000, 7_200)).to.equal(0n);
    // Above the liquidation line the larger of the two counts: 1.5 % until half the depth is more.
    expect(at(8_686, 7_200)).to.equal((WAD * 15n) / 1_000n);
    expect(at(9_030, 7_200)).to.equal((WAD * 25n) / 1_000n);
  });

  it("bring a loan back to its call line and no further, and credit a tenth of the bonus", () => {
    const filled = fill(due(8_300, 7_200), 0, ALL, conditions(100));
    // (8,300 - 8,000) / (1 - 0.8 × 1.0075), rounded up
    expect(filled?.repaid).to.equal(1_546_391_753n);
    expect(filled?.isSoft).to.equal(true);
    const seized = filled?.seized ?? 0n;
    expect(seized).to.equal((1_546_391_753n * 10_075n * WAD) / (10_000n * 100n * USDC));
    expect(filled?.credit).to.equal((seized * 75n) / 100_750n);
    const left = 10_000n * USDC - (seized * 100n * USDC) / WAD;
    expect(8_300n * USDC - 1_546_391_753n).to.be.closeTo((left * 80n) / 100n, 2n);
  });
});

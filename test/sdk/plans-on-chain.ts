import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { WAD } from "../../sdk/src/math/amounts.ts";
import { evenDates, monthlyDates } from "../../sdk/src/plans/dates.ts";
import { repaymentPlan } from "../../sdk/src/plans/repayment-plan.ts";
import type { Plan, PlanShape } from "../../sdk/src/plans/schedule.ts";
import type { LoanDebtState } from "../../sdk/src/types.ts";
import { clock, DAY, networkHelpers, YEAR } from "../helpers/chain.ts";
import { openLoan, usdc, waitWithLiveFeeds, WETH, weth } from "../helpers/market.ts";
import { openTermLoan, termMarket, useMarket, type TermMarket } from "../helpers/terms.ts";

const TERM = 180n * DAY;
const MIN_DEBT = usdc("100");

type Scene = TermMarket & { id: bigint; debt: LoanDebtState };

/** 60,000 for 180 days. */
async function scene(): Promise<Scene> {
  const market = await termMarket();
  const id = await openTermLoan(market, { amount: usdc("60,000"), duration: TERM });
  const { base, since, maturity, rate } = await market.book.loan(id);
  return { ...market, id, debt: { base, since, maturity, rate } };
}

/** Pays as planned and checks every figure of every payment. */
async function play({ book, vault, usdc: token, borrower, id }: Scene, plan: Plan): Promise<void> {
  const before = await token.balanceOf(borrower);
  let { base } = await book.loan(id);
  for (const { date, amount, principal, interest, fee, balance } of plan.payments) {
    await clock.advance(date - clock.now());
    const { reserves } = await vault.accruedState();
    await book.connect(borrower).repay(id, amount);
    const loan = await book.loan(id);
    expect(await book.debtOf(id)).to.equal(balance);
    expect(base - loan.base).to.equal(principal);
    expect((await vault.state()).reserves - reserves).to.equal(fee);
    expect(principal + interest + fee).to.equal(amount);
    base = loan.base;
  }
  expect(await book.debtOf(id)).to.equal(0n);
  expect(before - (await token.balanceOf(borrower))).to.equal(plan.total);
}

describe("SDK plans: a fixed term on the contract", () => {
  const shapes: [shape: PlanShape, payments: number][] = [
    ["level", 6],
    ["interestOnly", 6],
    ["bullet", 1],
  ];
  const ends: [name: string, end: bigint, hasFee: boolean][] = [
    ["up to its maturity", TERM, false],
    ["three days before its maturity", TERM - 3n * DAY, true],
    ["in half its time", TERM / 2n, true],
  ];
  for (const [shape, count] of shapes) {
    for (const [name, end, hasFee] of ends) {
      it(`${shape}, ${name}: ends with a debt of 0, paid as planned to the unit`, async () => {
        const market = await networkHelpers.loadFixture(scene);
        const { debt } = market;
        const dates = evenDates(debt.since, debt.since + end, 6);
        const plan = repaymentPlan(debt, { start: debt.since, dates, shape, minDebt: MIN_DEBT });
        expect(plan.payments).to.have.lengthOf(count);
        expect(plan.payments.reduce((sum, { principal }) => sum + principal, 0n)).to.equal(usdc("60,000"));
        expect((plan.payments.at(-1)?.fee ?? 0n) > 0n).to.equal(hasFee);
        await play(market, plan);
      });
    }
  }

  it("planned anew in the middle of its life, after a payment that was not planned", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, borrower, id } = market;
    await clock.advance(50n * DAY + 17n);
    await book.connect(borrower).repay(id, usdc("12,345.678901"));
    const { base, since, maturity, rate } = await book.loan(id);
    const start = clock.now();
    const dates = [...monthlyDates(start, 3), maturity];
    const plan = repaymentPlan({ base, since, maturity, rate }, { start, dates, shape: "level", minDebt: MIN_DEBT });
    expect(plan.owed).to.equal(await book.debtOf(id));
    await play(market, plan);
  });
});

describe("SDK plans: an open term on the contract", () => {
  const COUNT = 12;

  /**
   * What README.md allows: a payment and the debt lose a unit each to the contract's rounding, and its growth between two calls leaves out
   * x⁴ / 24 of the debt, x being rate × time.
   */
  function boundOf({ start, payments, owed, total }: Plan, rate: bigint): bigint {
    let [bound, previous] = [2n * BigInt(payments.length + 1), start];
    for (const { date } of payments) {
      const x = (rate * (date - previous)) / YEAR;
      bound += ((total > owed ? total : owed) * x ** 4n) / (24n * WAD ** 4n) + 1n;
      previous = date;
    }
    return bound;
  }

  // In units of 10,000,000,000. Without a call for a year, as the bullet goes, the contract asks for a ten-millionth less.
  for (const [shape, atMost] of [
    ["level", 38n],
    ["interestOnly", 38n],
    ["bullet", 1_130n],
  ] as const) {
    it(`${shape}: while the rate holds, the total is the planned one within the stated bound`, async () => {
      const market = await networkHelpers.loadFixture(termMarket);
      const { vault, book, borrower, usdc: token } = market;
      const id = await openLoan(market, { pledges: [[WETH, weth("100")]], amount: usdc("10,000") });
      await useMarket(market, 9_000n); // at its target, where the rate does not move
      const start = clock.now();
      const [owed, rate] = [await book.debtOf(id), await vault.borrowRate()];
      const plan = repaymentPlan(
        { owed, rate, since: start },
        { start, dates: monthlyDates(start, COUNT), shape, minDebt: MIN_DEBT },
      );
      const bound = boundOf(plan, rate);
      expect(bound).to.be.at.most(atMost);
      const before = await token.balanceOf(borrower);
      for (const [position, { date, amount, balance }] of plan.payments.entries()) {
        await waitWithLiveFeeds(market, date - clock.now());
        const isLast = position === plan.payments.length - 1;
        await book.connect(borrower).repay(id, isLast ? MaxUint256 : amount);
        expect((await book.debtOf(id)) - balance).to.be.within(-bound, bound);
        await useMarket(market, 9_000n);
      }
      expect(await book.debtOf(id)).to.equal(0n);
      expect(before - (await token.balanceOf(borrower)) - plan.total).to.be.within(-bound, bound);
      expect(plan.cost).to.be.above(usdc("100"));
    });
  }
});

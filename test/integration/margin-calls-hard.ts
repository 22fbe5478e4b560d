import { expect } from "chai";

import { clock } from "../helpers/chain.ts";
import {
  beta,
  callableLoan,
  DEBT,
  etherPledge,
  expectSale,
  figures,
  goTo,
  CURE,
  LAPSE,
  orderFor,
  SOFT_RAMP,
  type Scene,
} from "../helpers/margin-calls.ts";
import { dollars, HOUR, WETH, weth } from "../helpers/market.ts";
import { line, whole, type Fraction as Exact } from "../helpers/mathematics.ts";

/** The part of a number in 1e-18, rounded down. */
const inWad = (fraction: Exact): bigint => fraction.times(whole(10n ** 18n)).floor();

describe("A hard liquidation, whatever call stands", () => {
  /** A loan whose call is none, curing, due or lapsed, at the same time: a day and three hours after it was opened. */
  const STATES = [
    ["none", undefined],
    ["curing, just called", 0n],
    ["curing, 20 minutes old", 1_200n],
    ["due", CURE + SOFT_RAMP],
    ["lapsed", CURE + LAPSE],
  ] as const;
  const AGE = CURE + LAPSE + HOUR;

  async function loanWithCall(age: bigint | undefined): Promise<Scene> {
    const scene = await callableLoan();
    await goTo(scene, clock.now() + AGE - (age ?? 0n));
    if (age !== undefined) await scene.book.connect(scene.stranger).callMargin(scene.id);
    await goTo(scene, clock.now() + (age ?? 0n));
    return scene;
  }

  for (const [price, percent] of [
    ["1,680", 170n], // L = 14,448: half of 3.4 %, more than any soft bonus
    ["1,600", 428n], // 8.6 %
    ["1,540", 307n], // capped by the equity
    ["1,500", 100n], // less than 1.01 times the debt
    ["1,200", 100n],
  ] as const) {
    it(`at ${price} pays the same x and seizes the same`, async () => {
      const outcomes: bigint[][] = [];
      for (const [, age] of STATES) {
        const scene = await loanWithCall(age);
        const { book, keeper, feeds, id } = scene;
        await feeds.weth.set(dollars(price));
        const debt = await book.debtOf(id);
        const taken = etherPledge(weth("10"), price);
        expect(inWad(beta(figures(debt, taken), taken, 0n)) / 10n ** 14n).to.equal(percent);
        const { repaid } = await book.connect(keeper).liquidate.staticCall(orderFor(id), "0x");
        await book.connect(keeper).liquidate(orderFor(id), "0x");
        outcomes.push([debt, repaid, await book.debtOf(id), await book.pledgeOf(id, WETH)]);
      }
      for (const outcome of outcomes) expect(outcome).to.deep.equal(outcomes[0]);
    });
  }

  it("near the line goes down to the borrow limit too, where the soft bonus is the larger", async () => {
    for (const [, age] of STATES) {
      const scene = await loanWithCall(age);
      const { book, feeds, id } = scene;
      await feeds.weth.set(dollars("1,730")); // D / L - 1 is 0.42 %
      const overdue = age === CURE + SOFT_RAMP ? SOFT_RAMP : 0n;
      const taken = etherPledge(weth("10"), "1,730");
      const loan = figures(await book.debtOf(id), taken);
      const bonus = beta(loan, taken, overdue);
      expect(inWad(bonus) / 10n ** 14n).to.equal(overdue === 0n ? 21n : 150n);
      const earns = age === 1_200n || overdue !== 0n;
      const sale = { id, overdue, ...(earns && { caller: scene.stranger.address }) };
      await expectSale(scene, loan, taken, sale);
      const { debt, borrowLimit } = await book.healthOf(id);
      expect(debt).to.be.within(borrowLimit, borrowLimit + 1n);
    }
  });

  it("has the larger of both bonuses: they meet where the debt is 3 % above the line", () => {
    for (const [price, percent] of [
      ["1,737.2", 150n],
      ["1,700", 150n],
      ["1,686.7", 150n],
      ["1,686.6", 150n],
      ["1,680", 170n],
    ] as const) {
      const taken = etherPledge(weth("10"), price);
      const loan = figures(DEBT, taken);
      expect(inWad(beta(loan, taken, SOFT_RAMP)) / 10n ** 14n).to.equal(percent);
      expect(line(loan, "liquidationLtv").isBelow(whole(DEBT))).to.equal(true);
    }
  });
});

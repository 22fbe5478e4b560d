import { expect } from "chai";

import { clock, networkHelpers } from "../helpers/chain.ts";
import {
  beta,
  callableLoan,
  calledLoan,
  CREDIT_AGE,
  DEBT,
  etherPledge,
  expectCall,
  expectSale,
  figures,
  fixedLoan,
  goPastDeadline,
  goTo,
  CURE,
  LAPSE,
  orderFor,
  softBonus,
  SOFT_RAMP,
  type Scene,
} from "../helpers/margin-calls.ts";
import { dollars, HOUR, openLoan, usdc, WBTC, wbtc, WETH, weth } from "../helpers/market.ts";
import { Fraction, ONE, whole, type Fraction as Exact } from "../helpers/mathematics.ts";
import { pairedMarket, tell, type PairedMarket } from "../helpers/pairs.ts";

/** Some seconds after the deadline, with ether at a price. */
async function dueAt(scene: Scene, price: string, overdue: bigint): Promise<void> {
  await goPastDeadline(scene, overdue);
  await scene.feeds.weth.set(dollars(price));
}

/** The part of a number in 1e-18, rounded down. */
const inWad = (fraction: Exact): bigint => fraction.times(whole(10n ** 18n)).floor();

describe("A soft liquidation", () => {
  it("brings the loan back to its call line, for a bonus by hand", async () => {
    const scene = await networkHelpers.loadFixture(calledLoan);
    const { book, borrower, keeper, stranger, vault, id } = scene;
    const calledAt = clock.now();
    await dueAt(scene, "1,800", HOUR);
    // To 14,940 again, without the interest of a day.
    await book.connect(borrower).repay(id, (await book.debtOf(id)) - DEBT);
    const debt = await book.debtOf(id);
    expect(debt).to.be.within(DEBT, DEBT + 1n);

    // C = 14,400, L = 15,480: half way, after half of the two hours, a quarter of 1.5 %. x = 540 / (1 - 0.8 × 1.00375).
    const repaid = usdc("2,741.116752") + (debt - DEBT) * 5n;
    const cash = (await vault.state()).cash;
    const [paid, got] = [await scene.usdc.balanceOf(keeper), await scene.weth.balanceOf(keeper)];
    await book.connect(keeper).liquidate(orderFor(id), "0x");
    expect(paid - (await scene.usdc.balanceOf(keeper))).to.be.within(repaid - 1n, repaid + 1n);
    expect((await vault.state()).cash - cash).to.equal(paid - (await scene.usdc.balanceOf(keeper)));
    const seized = weth("10") - (await book.pledgeOf(id, WETH));
    // 2,741.116752 × 1.00375 / 1,800 ether, of which a tenth of 0.00375 / 1.00375 is the caller's.
    const [exact, unit] = [1_528_553_299_342_361_111n, weth("1") / usdc("1,800")];
    expect(seized).to.be.within(exact - unit, exact + unit);
    const credit = await book.creditOf(stranger, WETH);
    expect(credit).to.be.within(weth("0.000571065989"), weth("0.000571065991"));
    expect((await scene.weth.balanceOf(keeper)) - got).to.equal(seized - credit);

    const health = await book.healthOf(id);
    expect(health.debt).to.be.within(health.callLine, health.callLine + 1n);
    await expectCall(book, id, { caller: stranger, calledAt }); // it still stands
  });

  describe("against the independent calculation", () => {
    const overdues = [1n, 60n, 1_799n, HOUR, SOFT_RAMP - 1n, SOFT_RAMP, SOFT_RAMP + 1n, LAPSE - 1n];
    // From a tick below the call line to a tick above the liquidation line.
    const prices = ["1,867.4", "1,850.12345678", "1,800", "1,750.5", "1,737.4"];
    for (const price of prices) {
      it(`pays and gets the same with ether at ${price}, from the first second to the last`, async () => {
        const scene = await networkHelpers.loadFixture(calledLoan);
        const { book, stranger, id } = scene;
        for (const overdue of overdues) {
          const snapshot = await networkHelpers.takeSnapshot();
          await dueAt(scene, price, overdue);
          const taken = etherPledge(weth("10"), price);
          const loan = figures(await book.debtOf(id), taken);
          const most = await networkHelpers.takeSnapshot();
          await expectSale(scene, loan, taken, { id, overdue, caller: stranger.address });
          const { debt, callLine } = await book.healthOf(id);
          expect(debt).to.be.within(callLine - 2n, callLine + 1n);
          await most.restore();
          await expectSale(scene, loan, taken, { id, overdue, caller: stranger.address, maxRepay: usdc("12.345678") });
          await snapshot.restore();
        }
      });
    }

    it("has a bonus that grows with time and depth: the calculation itself, where the figure is plain", () => {
      const at = (price: string, overdue: bigint): bigint => {
        const loan = figures(DEBT, etherPledge(weth("10"), price));
        return inWad(softBonus(loan, overdue));
      };
      expect(at("1,867.5", SOFT_RAMP)).to.equal(0n); // at the call line
      expect(at("1,800", 0n)).to.equal(0n);
      expect(at("1,800", SOFT_RAMP / 2n)).to.equal(3_750_000_000_000_000n);
      expect(at("1,800", SOFT_RAMP)).to.equal(7_500_000_000_000_000n);
      expect(at("1,800", 11n * HOUR)).to.equal(7_500_000_000_000_000n);
      expect(at("1,700", SOFT_RAMP)).to.equal(15_000_000_000_000_000n); // beyond the liquidation line
    });
  });

  it("is told from a hard one by its event", async () => {
    const scene = await networkHelpers.loadFixture(calledLoan);
    const { book, keeper, id } = scene;
    await dueAt(scene, "1,800", 1n);
    const order = orderFor(id, WETH, usdc("100"));
    const isSeized = (seized: bigint): boolean => seized > weth("0.0555") && seized < weth("0.0556");
    await expect(book.connect(keeper).liquidate(order, "0x"))
      .to.emit(book, "Liquidated")
      .withArgs(id, WETH, keeper.address, usdc("100"), isSeized, 0n, true);
  });

  it("leaves the call standing: after the next fall there is another at once, at the bonus of the first deadline", async () => {
    const scene = await networkHelpers.loadFixture(calledLoan);
    const { book, keeper, stranger, feeds, id } = scene;
    const calledAt = clock.now();
    await dueAt(scene, "1,800", SOFT_RAMP);
    await book.connect(keeper).liquidate(orderFor(id), "0x");
    await feeds.weth.set(dollars("1,790"));
    const taken = etherPledge(await book.pledgeOf(id, WETH), "1,790");
    const loan = figures(await book.debtOf(id), taken);
    await expectSale(scene, loan, taken, { id, overdue: SOFT_RAMP, caller: stranger.address });
    await expectCall(book, id, { caller: stranger, calledAt });
  });

  it("can be one of several pledges, each at its own ratio", async () => {
    const scene = await networkHelpers.loadFixture(callableLoan);
    const { book, stranger, feeds } = scene;
    await feeds.weth.set(dollars("2,000"));
    const pledges: [bigint, bigint][] = [
      [WETH, weth("5")],
      [WBTC, wbtc("0.15")],
    ];
    const id = await openLoan(scene, { pledges, amount: usdc("14,800"), number: 2n });
    await feeds.weth.set(dollars("1,800")); // 9,000 + 9,000: C = 14,400, L = 15,480
    await book.connect(stranger).callMargin(id);
    await goPastDeadline({ ...scene, id }, HOUR);
    const ether = etherPledge(weth("5"), "1,800");
    const bitcoin = { ...ether, amount: wbtc("0.15"), price: new Fraction(60_000n * 10n ** 6n, 10n ** 8n) };
    const loan = figures(await book.debtOf(id), ether, { ...bitcoin, seizurePrice: bitcoin.price });
    const snapshot = await networkHelpers.takeSnapshot();
    await expectSale(scene, loan, ether, { id, overdue: HOUR, caller: stranger.address });
    await snapshot.restore();
    const taken = { ...bitcoin, seizurePrice: bitcoin.price };
    await expectSale(scene, loan, taken, { id, listing: WBTC, overdue: HOUR, caller: stranger.address });
  });

  it("of a pledge whose sources are apart has the difference in its bonus", async () => {
    const market = await networkHelpers.loadFixture(pairedMarket);
    const { scene, id } = await calledPair(market);
    const { book, pairs, stranger } = market;
    await goPastDeadline(scene, HOUR);
    await tell(pairs.fine, "1,800", "1,500");
    const taken = etherPledge(weth("10"), "1,800", "1,764"); // less 2 %
    const loan = figures(await book.debtOf(id), taken);
    const bonus = beta(loan, taken, HOUR);
    expect(inWad(bonus.times(whole(10_000n))) / 10n ** 18n).to.equal(242n); // 1.00375… / 0.98 - 1
    const { listing } = pairs.fine;
    await expectSale(scene, loan, taken, { id, listing, overdue: HOUR, caller: stranger.address });
  });

  it("takes all of the debt if less than the smallest loan would remain", async () => {
    const scene = await networkHelpers.loadFixture(callableLoan);
    const { book, stranger, feeds } = scene;
    await feeds.weth.set(dollars("2,000"));
    const id = await openLoan(scene, { pledges: [[WETH, weth("0.0737")]], amount: usdc("110"), number: 2n });
    await feeds.weth.set(dollars("1,850")); // C = 109.08: to it 4.7 would be repaid, at 105.2 more than the smallest
    await book.connect(stranger).callMargin(id);
    await goPastDeadline({ ...scene, id }, SOFT_RAMP);
    const part = etherPledge(weth("0.0737"), "1,850");
    const snapshot = await networkHelpers.takeSnapshot();
    const sale = { id, overdue: SOFT_RAMP, caller: stranger.address };
    const sold = await expectSale(scene, figures(await book.debtOf(id), part), part, sale);
    expect(sold.repaid).to.be.below(usdc("6"));
    await snapshot.restore();
    await feeds.weth.set(dollars("1,780")); // C = 104.95: 26 would leave 84
    const all = etherPledge(weth("0.0737"), "1,780");
    const { repaid } = await expectSale(scene, figures(await book.debtOf(id), all), all, sale);
    expect(repaid).to.be.above(usdc("110"));
    expect(await book.debtOf(id)).to.equal(0n);
  });

  it("of a fixed-term loan pays no fee: what is paid is retired", async () => {
    const scene = await networkHelpers.loadFixture(fixedLoan);
    const { book, stranger, feeds, vault, id } = scene;
    await feeds.weth.set(dollars("1,800"));
    await book.connect(stranger).callMargin(id);
    await goPastDeadline(scene, HOUR);
    const { base, rate, since } = await book.loan(id);
    const interest = new Fraction(rate * (clock.now() - since), 365n * 86_400n * 10n ** 9n);
    const debt = whole(base).times(ONE.plus(interest)).ceil();
    const taken = etherPledge(weth("10"), "1,800");
    await vault.accrue();
    const { reserves } = await vault.state();
    await expectSale(scene, figures(debt, taken), taken, { id, overdue: HOUR, caller: stranger.address });
    expect((await vault.state()).reserves).to.equal(reserves);
    const { debt: left, callLine } = await book.healthOf(id);
    expect(left).to.be.within(callLine, callLine + 1n);
    expect((await book.loan(id)).maturity).to.be.above(clock.now()); // its term goes on
  });

  it("shrinks debt − liquidation line, and leaves debt / value no higher (INV-06)", async () => {
    const scene = await networkHelpers.loadFixture(calledLoan);
    const { book, keeper, id } = scene;
    for (const price of ["1,867", "1,800", "1,738"]) {
      for (const maxRepay of [2n, usdc("100"), usdc("100,000")]) {
        const snapshot = await networkHelpers.takeSnapshot();
        await dueAt(scene, price, LAPSE - 1n);
        const before = await book.healthOf(id);
        const pledged = await book.pledgeOf(id, WETH);
        await book.connect(keeper).liquidate(orderFor(id, WETH, maxRepay), "0x");
        const after = await book.healthOf(id);
        const rounding = maxRepay === 2n ? 2n : 0n; // of two units one may be lost in scaling
        const excess = before.debt - before.liquidationLine + rounding;
        expect(after.debt - after.liquidationLine).to.be.below(excess);
        expect(after.debt * pledged).to.be.at.most(before.debt * (await book.pledgeOf(id, WETH)) + pledged);
        await snapshot.restore();
      }
    }
  });

  it("goes with hard ones in one batch; what is in its cure period is skipped", async () => {
    const scene = await networkHelpers.loadFixture(calledLoan);
    const { book, borrower, keeper, stranger, feeds, id } = scene;
    await goTo(scene, clock.now() + CURE - CREDIT_AGE);
    await feeds.weth.set(dollars("2,000"));
    const pledges: [bigint, bigint][] = [[WETH, weth("10")]];
    const hard = await openLoan(scene, { pledges, amount: usdc("15,599"), number: 2n });
    const curing = await openLoan(scene, { pledges, amount: DEBT, number: 3n });
    await feeds.weth.set(dollars("1,800"));
    await book.connect(stranger).callMargin(curing);
    await goTo(scene, clock.now() + CREDIT_AGE + 1n);
    const before = await book.debtOf(curing);
    const orders = [id, hard, curing].map((loan) => orderFor(loan, WETH, usdc("500")));
    expect((await book.connect(keeper).liquidateBatch.staticCall(orders, "0x")).filled).to.equal(2n);
    const call = book.connect(keeper).liquidateBatch(orders, "0x");
    const isAny = (): boolean => true;
    for (const [loan, isSoft] of [
      [id, true],
      [hard, false],
    ] as const) {
      await expect(call)
        .to.emit(book, "Liquidated")
        .withArgs(loan, WETH, keeper.address, usdc("500"), isAny, 0n, isSoft);
    }
    expect(await book.debtOf(curing)).to.equal(before);
    await book.connect(borrower).close(curing, before, borrower);
  });
});

/** The same debt on ether of two sources, called at 1,800. */
async function calledPair(market: PairedMarket): Promise<{ scene: Scene & PairedMarket; id: bigint }> {
  const { fine } = market.pairs;
  const id = await openLoan(market, { pledges: [[fine.listing, weth("10")]], amount: DEBT });
  await tell(fine, "1,800", "1,800");
  await market.book.connect(market.stranger).callMargin(id);
  return { scene: { ...market, id }, id };
}

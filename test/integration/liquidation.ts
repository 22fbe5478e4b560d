import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { networkHelpers } from "../helpers/chain.ts";
import { NO_LOAN } from "../helpers/loans.ts";
import {
  dollars,
  FEED_AGE,
  LINK,
  link,
  MAJOR_TERMS,
  MINOR_TERMS,
  openLoan,
  standardMarket,
  usdc,
  WBTC,
  wbtc,
  WETH,
  weth,
  type Market,
  deployMarket,
} from "../helpers/market.ts";
import {
  bonus,
  Fraction,
  liquidation,
  priceOf,
  whole,
  type LoanFigures,
  type PledgeFigures,
} from "../helpers/mathematics.ts";

const MIN_DEBT = usdc("100");

/** A loan of 15,351 against 10 ether: its liquidation line, 86 % of the value, is reached at 1,785. */
async function etherLoan(market: Market): Promise<bigint> {
  return openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("15,351") });
}

describe("Liquidation", () => {
  describe("of a loan with one pledge", () => {
    it("starts one tick below the liquidation line, for next to no bonus", async () => {
      const market = await networkHelpers.loadFixture(standardMarket);
      const { book, keeper, feeds } = market;
      const id = await etherLoan(market);
      await feeds.weth.set(dollars("1,784.99999999"));

      const order = { id, listing: WETH, maxRepay: usdc("1,000"), minSeized: 0n };
      const { repaid, seized } = await book.connect(keeper).liquidate.staticCall(order, "0x");

      expect(repaid).to.equal(usdc("1,000"));
      // 1,000 / 1,784.99999999 ether. The line is 15,350.999999 (rounded down), so the bonus is half of 6.5e-11.
      const withoutBonus = (repaid * 10n ** 20n) / dollars("1,784.99999999");
      expect(seized).to.be.within(withoutBonus, withoutBonus + withoutBonus / 10n ** 10n);
    });

    it("brings the loan back to its borrow limit and not further", async () => {
      const market = await networkHelpers.loadFixture(standardMarket);
      const { book, vault, keeper, feeds } = market;
      const id = await etherLoan(market);
      // L = 0.86 × 17,500 = 15,050, D / L = 1.02, bonus 1 %; T = 13,650, x = 1,701 / (1 - 0.78 × 1.01) = 1,701 / 0.2122.
      await feeds.weth.set(dollars("1,750"));
      const repaid = usdc("8,016.022621");
      const seized = 4_626_390_198_405_714_285n; // 8,016.022621 × 1.01 / 1,750

      await expect(book.connect(keeper).liquidate({ id, listing: WETH, maxRepay: MaxUint256, minSeized: seized }, "0x"))
        .to.emit(book, "Liquidated")
        .withArgs(id, WETH, keeper.address, repaid, seized, 0n, false);

      const health = await book.healthOf(id);
      expect(health.debt).to.equal(usdc("15,351") - repaid);
      expect(health.borrowLimit).to.equal(health.debt - 1n); // the unit: value and limit both round down
      expect(await book.pledgeOf(id, WETH)).to.equal(weth("10") - seized);
      expect((await book.listings(WETH)).held).to.equal(weth("10") - seized);
      expect(await market.weth.balanceOf(keeper)).to.equal(weth("10,000") + seized);
      expect(await market.usdc.balanceOf(keeper)).to.equal(usdc("1,000,000") - repaid);
      expect((await vault.state()).cash).to.equal(usdc("1,000,000") - usdc("15,351") + repaid);
      expect(await market.usdc.balanceOf(vault)).to.equal((await vault.state()).cash);
    });

    it("leaves a loan that it brought back alone", async () => {
      const market = await networkHelpers.loadFixture(standardMarket);
      const { book, keeper, feeds } = market;
      const id = await etherLoan(market);
      await feeds.weth.set(dollars("1,750"));
      const order = { id, listing: WETH, maxRepay: MaxUint256, minSeized: 0n };
      await book.connect(keeper).liquidate(order, "0x");

      const { debt, liquidationLine } = await book.healthOf(id);
      await expect(book.connect(keeper).liquidate(order, "0x"))
        .to.be.revertedWithCustomError(book, "NotLiquidatable")
        .withArgs(id, debt, liquidationLine);
    });

    it("takes no more than the liquidator wants to pay", async () => {
      const market = await networkHelpers.loadFixture(standardMarket);
      const { book, keeper, feeds } = market;
      const id = await etherLoan(market);
      await feeds.weth.set(dollars("1,750"));

      // At a bonus of 1 %, 1,750 dollars buy 1.01 ether.
      const order = { id, listing: WETH, maxRepay: usdc("1,750"), minSeized: weth("1.01") };
      await expect(book.connect(keeper).liquidate(order, "0x"))
        .to.emit(book, "Liquidated")
        .withArgs(id, WETH, keeper.address, usdc("1,750"), weth("1.01"), 0n, false);
      expect(await book.debtOf(id)).to.equal(usdc("13,601"));
    });

    it("takes all of the debt if less than the smallest loan would remain", async () => {
      const market = await networkHelpers.loadFixture(standardMarket);
      const { book, borrower, keeper, feeds } = market;
      const id = await openLoan(market, { pledges: [[WETH, weth("0.1")]], amount: usdc("153.51") });
      // To the borrow limit it would be 80.16, which leaves 73.35. All of it buys 153.51 × 1.01 / 1,750 ether.
      await feeds.weth.set(dollars("1,750"));

      await expect(book.connect(keeper).liquidate({ id, listing: WETH, maxRepay: MaxUint256, minSeized: 0n }, "0x"))
        .to.emit(book, "Liquidated")
        .withArgs(id, WETH, keeper.address, usdc("153.51"), weth("0.0885972"), 0n, false);
      expect(await book.debtOf(id)).to.equal(0n);
      await book.connect(borrower).release(id, WETH, MaxUint256, borrower);
      expect(await market.weth.balanceOf(borrower)).to.equal(weth("10,000") - weth("0.0885972"));
    });

    it("never pays a bonus out of lenders' money while the loan is solvent", async () => {
      const market = await networkHelpers.loadFixture(standardMarket);
      const { book, keeper, feeds } = market;
      const id = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("15,000") });
      // V = 15,300 is 1.02 D: the steep bonus would be 5 %, the equity allows 2 %, and then the pledge just pays the debt.
      await feeds.weth.set(dollars("1,530"));

      await expect(book.connect(keeper).liquidate({ id, listing: WETH, maxRepay: MaxUint256, minSeized: 0n }, "0x"))
        .to.emit(book, "Liquidated")
        .withArgs(id, WETH, keeper.address, usdc("15,000"), weth("10"), 0n, false);
      expect(await book.loan(id)).to.deep.equal(NO_LOAN);
    });

    it("may take any part of a loan worth less than 1.01 times its debt", async () => {
      const market = await networkHelpers.loadFixture(standardMarket);
      const { book, keeper, feeds } = market;
      const id = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("15,150") });
      await feeds.weth.set(dollars("1,515")); // V = D: the bonus is the last 1 %

      await expect(book.connect(keeper).liquidate({ id, listing: WETH, maxRepay: usdc("14,000"), minSeized: 0n }, "0x"))
        .to.emit(book, "Liquidated")
        .withArgs(id, WETH, keeper.address, usdc("14,000"), weth("14,140") / 1_515n, 0n, false);
      expect(await book.debtOf(id)).to.equal(usdc("1,150"));
    });
  });

  it("may take all of a loan worth less than 1.01 times its debt where the listing gives no bonus", async () => {
    const limits = { maxAge: FEED_AGE, minAnswer: dollars("10"), maxAnswer: dollars("100,000") };
    const terms = { ...MAJOR_TERMS, maxBonus: 0n };
    const market = await deployMarket({
      more: ({ weth: token, feeds }) => [{ token, terms, feed: { feed: feeds.weth, ...limits }, cap: weth("100") }],
    });
    const { book, keeper, feeds } = market;
    const listing = 3n;
    const id = await openLoan(market, { pledges: [[listing, weth("10")]], amount: usdc("15,000") });
    // V = 15,075. To its borrow limit it would be (15,000 - 11,758.5) / 0.22 = 14,734.09.
    await feeds.weth.set(dollars("1,507.5"));

    await expect(book.connect(keeper).liquidate({ id, listing, maxRepay: MaxUint256, minSeized: 0n }, "0x"))
      .to.emit(book, "Liquidated")
      .withArgs(id, listing, keeper.address, usdc("15,000"), (weth("15,000") * 10n) / 15_075n, 0n, false);
    expect(await book.debtOf(id)).to.equal(0n);
  });

  describe("of a loan with several pledges", () => {
    it("takes the named pledge whole where the limit allows more than it is worth", async () => {
      const market = await networkHelpers.loadFixture(standardMarket);
      const { book, keeper, feeds } = market;
      const pledges: [bigint, bigint][] = [
        [WETH, weth("1")],
        [WBTC, wbtc("0.3")],
      ];
      const id = await openLoan(market, { pledges, amount: usdc("15,480") });
      await feeds.weth.set(dollars("1,717.17"));
      await feeds.wbtc.set(dollars("51,510"));

      const loan = modelLoan(usdc("15,480"), [
        [weth("1"), "1717.17", 18n, MAJOR_TERMS],
        [wbtc("0.3"), "51510", 8n, MAJOR_TERMS],
      ]);
      const expected = liquidation(loan, pledgeAt(loan, 0), { minDebt: MIN_DEBT });
      expect(expected.seized).to.equal(weth("1"));

      await book.connect(keeper).liquidate({ id, listing: WETH, maxRepay: MaxUint256, minSeized: weth("1") }, "0x");

      const left = await book.debtOf(id);
      expect(usdc("15,480") - left).to.be.within(expected.repaid, expected.repaid + 1n);
      expect((await book.loan(id)).pledged).to.equal(1n << WBTC);
      expect(await book.pledgeOf(id, WETH)).to.equal(0n);
    });

    it("takes a small pledge whole even if that leaves less debt than the smallest loan", async () => {
      const market = await networkHelpers.loadFixture(standardMarket);
      const { book, keeper, feeds } = market;
      const pledges: [bigint, bigint][] = [
        [WETH, weth("0.1")],
        [LINK, link("2")],
      ];
      const id = await openLoan(market, { pledges, amount: usdc("160") });
      // V = 150 + 10 is D, less than 1.01 D: only the pledge's own worth is a limit.
      await feeds.weth.set(dollars("1,500"));
      await feeds.link.set(dollars("5"));

      await book.connect(keeper).liquidate({ id, listing: WETH, maxRepay: MaxUint256, minSeized: 0n }, "0x");

      // β is 1 %: 150 / 1.01 = 148.514852 (up) is paid and 11.485148 stays.
      expect(await book.debtOf(id)).to.equal(usdc("11.485148"));
      expect((await book.loan(id)).pledged).to.equal(1n << LINK);
    });

    for (const prices of [
      ["1,850", "12"], // L is 7,682, the depth 2.8 %: 1.4 % of bonus for ether, 0.6 % for the other
      ["1,800", "10.6"], // L is 7,071, the depth 11.7 %: both at their maximum
    ] as const) {
      it(`uses the terms of the pledge that is taken, with ether at ${prices[0]}`, async () => {
        const limits = { maxAge: FEED_AGE, minAnswer: dollars("0.1"), maxAnswer: dollars("1,000") };
        const terms = { ...MINOR_TERMS, maxBonus: 200n, bonusSlope: 2_000n };
        const market = await deployMarket({
          more: ({ link: token, feeds }) => [
            { token, terms, feed: { feed: feeds.link, ...limits }, cap: link("1,000") },
          ],
        });
        const { book, keeper, feeds } = market;
        const pledges: [bigint, bigint][] = [
          [WETH, weth("2")],
          [3n, link("500")],
        ];
        const id = await openLoan(market, { pledges, amount: usdc("7,900") });
        await feeds.weth.set(dollars(prices[0]));
        await feeds.link.set(dollars(prices[1]));

        const loan = modelLoan(usdc("7,900"), [
          [weth("2"), prices[0], 18n, MAJOR_TERMS],
          [link("500"), prices[1], 18n, terms],
        ]);
        for (const [listing, position] of [
          [WETH, 0],
          [3n, 1],
        ] as const) {
          const expected = liquidation(loan, pledgeAt(loan, position), { minDebt: MIN_DEBT });
          const order = { id, listing, maxRepay: MaxUint256, minSeized: 0n };
          const { repaid, seized } = await book.connect(keeper).liquidate.staticCall(order, "0x");
          expectClose({ repaid, seized }, expected, pledgeAt(loan, position));
        }
      });
    }
  });

  describe("against the independent calculation", () => {
    // From just below the line (1,785) to a loan that is under water.
    const prices = [
      "1784.5",
      "1780",
      "1765.4321",
      "1750",
      "1711.11",
      "1650",
      "1622.8",
      "1600",
      "1570.5",
      "1551",
      "1400",
    ];
    for (const price of prices) {
      it(`pays and gets the same with ether at ${price}`, async () => {
        const market = await networkHelpers.loadFixture(standardMarket);
        const { book, keeper, feeds } = market;
        const id = await etherLoan(market);
        await feeds.weth.set(dollars(price));

        const loan = modelLoan(usdc("15,351"), [[weth("10"), price, 18n, MAJOR_TERMS]]);
        const taken = pledgeAt(loan, 0);
        for (const maxRepay of [usdc("2,000.000001"), undefined]) {
          const expected = liquidation(loan, taken, { minDebt: MIN_DEBT, ...(maxRepay && { maxRepay }) });
          const order = { id, listing: WETH, maxRepay: maxRepay ?? MaxUint256, minSeized: 0n };
          const { repaid, seized } = await book.connect(keeper).liquidate.staticCall(order, "0x");
          expectClose({ repaid, seized }, expected, taken);
        }
      });
    }

    it("has a bonus that grows with depth, is capped, and ends with the equity", () => {
      // The calculation itself, at places where the figure is plain: the test above leans on it.
      const at = (price: string): Fraction => {
        const loan = modelLoan(usdc("15,351"), [[weth("10"), price, 18n, MAJOR_TERMS]]);
        return bonus(loan, pledgeAt(loan, 0)).times(whole(10_000n));
      };
      expect(at("1785").floor()).to.equal(0n);
      expect(at("1750").floor()).to.equal(100n); // D / L = 1.02
      expect(at("1700").floor()).to.equal(250n); // D / L = 1.05
      expect(at("1620").floor()).to.equal(500n); // D / L = 1.10…, at its maximum
      expect(at("1596.504").floor()).to.equal(400n); // V / D = 1.04
      expect(at("1400").floor()).to.equal(100n); // V < D
    });
  });
});

function modelLoan(
  debt: bigint,
  pledges: [amount: bigint, price: string, decimals: bigint, terms: PledgeFigures["terms"]][],
): LoanFigures {
  return {
    debt,
    pledges: pledges.map(([amount, price, decimals, terms]) => {
      const inDollars = new Fraction(dollars(price), dollars("1"));
      return { amount, price: priceOf(inDollars, decimals, 6n), terms };
    }),
  };
}

function pledgeAt(loan: LoanFigures, position: number): PledgeFigures {
  const pledge = loan.pledges[position];
  if (!pledge) throw new RangeError(`The loan has no pledge ${String(position)}.`);
  return pledge;
}

/**
 * The contract rounds the sums and the bonus on the way, always against the liquidator: it may be asked for one unit more,
 * and then gets what that unit buys.
 */
function expectClose(
  actual: { repaid: bigint; seized: bigint },
  expected: { repaid: bigint; seized: bigint },
  taken: PledgeFigures,
): void {
  const tokensPerUnit = whole(2n).over(taken.price).ceil();
  expect(actual.repaid).to.be.within(expected.repaid, expected.repaid + 1n);
  expect(actual.seized).to.be.within(expected.seized - tokensPerUnit, expected.seized + tokensPerUnit);
}

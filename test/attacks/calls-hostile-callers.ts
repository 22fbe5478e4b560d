import { expect } from "chai";

import { networkHelpers } from "../helpers/chain.ts";
import { betaInWad, creditInUnits } from "../helpers/credits.ts";
import {
  calledLoan,
  CREDIT_AGE,
  CURE,
  expectCall,
  expectHeld,
  goPastDeadline,
  goTo,
  SOFT_RAMP,
  type Scene,
} from "../helpers/margin-calls.ts";
import { clock, dollars, MAJOR_TERMS, openLoan, standardMarket, usdc, WBTC, wbtc, WETH } from "../helpers/market.ts";
import { Fraction } from "../helpers/mathematics.ts";
import { greedyOrder } from "./scene.ts";

/** A loan on bitcoin, of eight decimals, half way between its lines and due for two hours. */
async function dueOnBitcoin(): Promise<Scene> {
  const market = await standardMarket();
  const id = await openLoan(market, { pledges: [[WBTC, wbtc("1")]], amount: usdc("44,820") });
  await market.feeds.wbtc.set(dollars("54,000"));
  await market.book.connect(market.stranger).callMargin(id);
  const scene = { ...market, id };
  await goPastDeadline(scene, SOFT_RAMP);
  return scene;
}

describe("Attacks by those who call and those who sell on each other", () => {
  describe("a rival who cures another's loan to call it anew", () => {
    it("pays the owner what it lacked, gives it a fresh day, and has no credit for ten minutes", async () => {
      const scene = await networkHelpers.loadFixture(calledLoan);
      const { book, keeper, stranger, feeds, id } = scene;
      await goTo(scene, clock.now() + CREDIT_AGE);
      const missing = (await book.debtOf(id)) - usdc("14,400");
      const paid = await scene.usdc.balanceOf(keeper);
      const steps = [
        book.interface.encodeFunctionData("repay", [id, missing + 1n]),
        book.interface.encodeFunctionData("callMargin", [id]),
      ];
      // Not in one transaction: what is cured cannot be called before interest or the price moves.
      await expect(book.connect(keeper).multicall(steps)).to.be.revertedWithCustomError(book, "NotCallable");
      await book.connect(keeper).repay(id, missing + 1n);
      expect(paid - (await scene.usdc.balanceOf(keeper))).to.be.within(usdc("540"), usdc("540.05"));
      await goTo(scene, clock.now() + 60n);
      await book.connect(keeper).callMargin(id);
      await expectCall(book, id, { caller: keeper, calledAt: clock.now() });

      const { deadline } = await book.marginCallOf(id);
      expect(deadline).to.equal(clock.now() + CURE);
      await feeds.weth.set(dollars("1,640")); // now it is sold, hard
      await book.connect(keeper).liquidate(greedyOrder(id, WETH, usdc("1,000")), "0x");
      expect([await book.creditOf(keeper, WETH), await book.creditOf(stranger, WETH)]).to.deep.equal([0n, 0n]);
    });

    it("is in an open race for the next call: the first caller may be there a second earlier", async () => {
      const scene = await networkHelpers.loadFixture(calledLoan);
      const { book, keeper, stranger, id } = scene;
      await book.connect(keeper).repay(id, (await book.debtOf(id)) - usdc("14,400") + 1n);
      await goTo(scene, clock.now() + 60n);
      await book.connect(stranger).callMargin(id);
      await expect(book.connect(keeper).callMargin(id))
        .to.be.revertedWithCustomError(book, "AlreadyCalled")
        .withArgs(id, clock.now() + CURE);
    });
  });

  describe("a liquidator who would rather not share with the caller", () => {
    it("saves less than a unit a slice by selling in slices, and gets less for each dollar", async () => {
      const scene = await networkHelpers.loadFixture(dueOnBitcoin);
      const { book, keeper, stranger, id } = scene;
      const outcome = async (): Promise<{ repaid: bigint; seized: bigint; credit: bigint }> => ({
        repaid: debt - (await book.debtOf(id)),
        seized: wbtc("1") - (await book.pledgeOf(id, WBTC)),
        credit: await book.creditOf(stranger, WBTC),
      });
      const debt = await book.debtOf(id);
      const price = new Fraction(usdc("54,000"), wbtc("1"));
      const taken = { amount: wbtc("1"), price, terms: MAJOR_TERMS };
      const bonus = betaInWad({ debt, pledges: [taken], isRounded: true }, taken, SOFT_RAMP);
      const snapshot = await networkHelpers.takeSnapshot();
      await book.connect(keeper).liquidate(greedyOrder(id, WBTC, usdc("500")), "0x");
      const cut = await outcome();
      expect(cut.credit).to.equal(creditInUnits(cut.seized, bonus));
      expect(cut.credit).to.equal(695n); // a tenth of 0.75 % / 1.0075, and a little for two days' interest
      await snapshot.restore();

      const slices = Array.from({ length: 50 }, () => greedyOrder(id, WBTC, usdc("10")));
      await book.connect(keeper).liquidateBatch(slices, "0x");
      const sliced = await outcome();
      expect(cut.credit - sliced.credit).to.equal(45n); // of 50 slices: two and a half cents
      const net = ({ seized, credit }: typeof cut): bigint => seized - credit;
      expect(net(sliced) * cut.repaid).to.be.below(net(cut) * sliced.repaid);
      await expectHeld(scene, [id], [stranger]);
    });

    it("finds no other way to the same pledge: not by a write-off, nor by clearing or replacing the call first", async () => {
      const scene = await networkHelpers.loadFixture(dueOnBitcoin);
      const { book, keeper, feeds, id } = scene;
      await feeds.wbtc.set(dollars("51,000"));
      const { debt, borrowLimit } = await book.healthOf(id);
      const keepers = book.connect(keeper);
      await expect(keepers.clearMarginCall(id))
        .to.be.revertedWithCustomError(book, "MarginCallStands")
        .withArgs(id, debt, borrowLimit);
      await expect(keepers.callMargin(id)).to.be.revertedWithCustomError(book, "AlreadyCalled");
      await expect(keepers.writeOff(id))
        .to.be.revertedWithCustomError(book, "NotWorthless")
        .withArgs(id, usdc("51,000"), usdc("5"));
      await expect(keepers.liquidate(greedyOrder(id, WBTC), "0x")).to.emit(book, "Credited");
    });
  });
});

import { expect } from "chai";

import { networkHelpers } from "../helpers/chain.ts";
import { betaInWad, creditInUnits } from "../helpers/credits.ts";
import { setCap } from "../helpers/governance.ts";
import {
  callableLoan,
  calledLoan,
  CREDIT_AGE,
  DEBT,
  etherPledge,
  expectHeld,
  goPastDeadline,
  goTo,
  LAPSE,
  SOFT_RAMP,
  type Scene,
} from "../helpers/margin-calls.ts";
import { clock, dollars, HOUR, LINK, link, usdc, WETH, weth } from "../helpers/market.ts";
import { expectBalancedBooks, greedyOrder, wealthOf } from "./scene.ts";

/** What an attacker who is owner, caller and liquidator of one loan has, at a price: tokens, credits, and the loan's equity. */
async function fortune(scene: Scene, price: string): Promise<bigint> {
  const { book, borrower, stranger, keeper, id } = scene;
  let sum = 0n;
  for (const account of [borrower, stranger, keeper]) sum += await wealthOf(scene, account);
  const tokens = (await book.pledgeOf(id, WETH)) + (await book.creditOf(stranger, WETH));
  return sum + (tokens * dollars(price)) / weth("100") - (await book.debtOf(id));
}

describe("Attacks for the credit of a margin call", () => {
  for (const [name, overdue, prices] of [
    ["soft", HOUR, ["1,867", "1,800", "1,740"]],
    ["soft, with the whole bonus", LAPSE - 1n, ["1,867", "1,800", "1,740"]],
    ["hard, of a call of ten minutes", undefined, ["1,735", "1,700", "1,600", "1,520"]],
    ["hard, past the deadline", SOFT_RAMP, ["1,735", "1,700", "1,600", "1,520"]],
  ] as const) {
    for (const [what, size] of [
      ["one cut", 1_000_000n * 10n ** 6n],
      ["crumbs", usdc("3.141593")],
    ] as const) {
      it(`farming one's own loan (${name}; ${what}) gains nothing, and lenders lose nothing`, async () => {
        for (const price of prices) {
          const scene = await networkHelpers.loadFixture(calledLoan);
          const { book, vault, stranger, keeper, feeds, id } = scene;
          if (overdue === undefined) await goTo(scene, clock.now() + CREDIT_AGE);
          else await goPastDeadline(scene, overdue);
          await feeds.weth.set(dollars(price));
          await vault.accrue();
          const [before, assets] = [await fortune(scene, price), await vault.totalAssets()];
          for (let i = 0; i < 3; i++) {
            await book.connect(keeper).liquidate(greedyOrder(id, WETH, size), "0x");
            if (what === "one cut") break;
          }
          expect(await book.creditOf(stranger, WETH), price).to.be.above(0n);
          await book.connect(stranger).claimCredit(WETH, stranger);
          // Three sums of tokens are rounded down, and so is the value of what is left.
          expect((await fortune(scene, price)) - before, price).to.be.within(-4n, 3n);
          expect((await vault.totalAssets()) - assets, price).to.be.within(0n, 3n);
          await expectBalancedBooks(scene);
        }
      });
    }
  }

  it("of an insolvent loan gets no more with a call than without: the credit is out of the last bonus", async () => {
    const outcomes: bigint[][] = [];
    for (const isCalled of [false, true]) {
      const scene = await networkHelpers.loadFixture(callableLoan);
      const { book, vault, stranger, keeper, feeds, id } = scene;
      if (isCalled) await book.connect(stranger).callMargin(id);
      await goTo(scene, clock.now() + CREDIT_AGE);
      await feeds.weth.set(dollars("1,400"));
      await book.connect(keeper).liquidate(greedyOrder(id), "0x");
      expect((await book.creditOf(stranger, WETH)) > 0n).to.equal(isCalled);
      outcomes.push([await fortune(scene, "1,400"), await vault.totalAssets(), await book.debtOf(id)]);
    }
    const [[plain = 0n, ...rest] = [], [called = 0n, ...same] = []] = outcomes;
    expect(same).to.deep.equal(rest);
    expect(called).to.be.within(plain - 1n, plain + 1n); // two sums of tokens instead of one
  });

  describe("a gift to the book", () => {
    it("changes no line, no debt, no call and no credit, and nobody can take it", async () => {
      const scene = await networkHelpers.loadFixture(calledLoan);
      const { book, vault, keeper, stranger, id } = scene;
      await goPastDeadline(scene, HOUR);
      const figures = async (): Promise<unknown[]> => [
        await book.healthOf(id),
        await book.loan(id),
        await book.marginCallOf(id),
        (await book.listings(WETH)).held,
        await vault.totalAssets(),
        await book.connect(keeper).liquidate.staticCall(greedyOrder(id), "0x"),
      ];
      const before = await figures();
      await scene.weth.connect(stranger).transfer(book, weth("100"));
      await scene.usdc.connect(stranger).transfer(book, usdc("1,000"));
      await scene.usdc.connect(stranger).transfer(vault, usdc("1,000"));
      expect(await figures()).to.deep.equal(before);
      await expect(book.clearMarginCall(id)).to.be.revertedWithCustomError(book, "MarginCallStands");

      const taken = etherPledge(weth("10"), "1,800");
      const loan = { debt: await book.debtOf(id), pledges: [taken], isRounded: true };
      await book.connect(keeper).liquidate(greedyOrder(id), "0x");
      const seized = weth("10") - (await book.pledgeOf(id, WETH));
      const credit = creditInUnits(seized, betaInWad(loan, taken, HOUR));
      expect(await book.connect(stranger).claimCredit.staticCall(WETH, stranger)).to.equal(credit);
      await book.connect(stranger).claimCredit(WETH, stranger);
      expect(await scene.weth.balanceOf(book)).to.equal(weth("110") - seized);
      expect((await book.listings(WETH)).held).to.equal(weth("10") - seized);
    });

    it("of a pledge that the loan does not have is the owner's alone", async () => {
      const { book, keeper, id } = await networkHelpers.loadFixture(calledLoan);
      await expect(book.connect(keeper).pledge(id, LINK, link("1"))).to.be.revertedWithCustomError(
        book,
        "NotOwnerOrOperator",
      );
    });
  });

  // A cap that is filled by what nobody claims must not stop a cure.
  it("credits that are never claimed, under a full cap, leave room for a cure", async () => {
    const scene = await networkHelpers.loadFixture(calledLoan);
    const { book, borrower, keeper, stranger, feeds, id } = scene;
    await goPastDeadline(scene, SOFT_RAMP);
    await book.connect(keeper).liquidate(greedyOrder(id), "0x");
    await setCap(scene, WETH, (await book.listings(WETH)).held);
    await feeds.weth.set(dollars("1,790"));
    const { debt, callLine } = await book.healthOf(id);
    expect(debt).to.be.above(callLine);
    await expect(book.connect(borrower).pledge(id, WETH, weth("1")))
      .to.emit(book, "MarginCallCleared")
      .withArgs(id);
    const cured = await book.healthOf(id);
    expect(cured.callLine).to.be.within(debt, debt + 1n);
    expect(debt).to.be.below(DEBT);
    await expectHeld(scene, [id], [stranger]);
  });
});

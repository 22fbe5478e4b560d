import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { AMPLE_GAS, deployActor, encode } from "../helpers/actor.ts";
import { clock, networkHelpers } from "../helpers/chain.ts";
import {
  calledLoan,
  CREDIT_AGE,
  CURE,
  DEBT,
  expectCall,
  expectHeld,
  expectNoCall,
  goPastDeadline,
  goTo,
  HALF_WAY,
  SOFT_RAMP,
  type Scene,
} from "../helpers/margin-calls.ts";
import { dollars, HOUR, LINK, link, usdc, WETH, weth } from "../helpers/market.ts";
import type { CallbackActor } from "../helpers/mocks.ts";
import { expectBalancedBooks, greedyOrder } from "./scene.ts";

/** A called loan of 110 dollars beside the other, due for two hours; a contract with money is its owner's operator. */
async function smallDue(): Promise<Scene & { actor: CallbackActor }> {
  const scene = await calledLoan();
  const { book, borrower, stranger, feeds } = scene;
  await feeds.weth.set(dollars("2,000"));
  const id = scene.id + 1n;
  await book.connect(borrower).open(id, [{ listing: WETH, amount: weth("0.0737") }], usdc("110"), borrower);
  await feeds.weth.set(dollars("1,780"));
  await book.connect(stranger).callMargin(id);
  const actor = await deployActor(scene);
  await scene.usdc.mint(actor, usdc("1,000"));
  await scene.weth.mint(actor, weth("1"));
  await book.connect(borrower).setAuthorization(actor, true);
  await goPastDeadline({ ...scene, id }, SOFT_RAMP);
  return { ...scene, actor, id };
}

describe("Attacks by a number that is used again", () => {
  it("a loan closed and opened anew in one transaction has no call, no deadline, and a day's notice", async () => {
    const scene = await networkHelpers.loadFixture(calledLoan);
    const { book, borrower, stranger, keeper, feeds, id } = scene;
    await goPastDeadline(scene, HOUR);
    const steps = [
      book.interface.encodeFunctionData("close", [id, MaxUint256, borrower.address]),
      book.interface.encodeFunctionData("open", [
        id,
        [{ listing: WETH, amount: weth("10") }],
        usdc("14,000"),
        borrower.address,
      ]),
    ];
    await book.connect(borrower).multicall(steps);
    await expectNoCall(book, id);
    await feeds.weth.set(dollars("1,740"));
    await expect(book.connect(keeper).liquidate(greedyOrder(id), "0x")).to.be.revertedWithCustomError(
      book,
      "NotLiquidatable",
    );
    await book.connect(stranger).callMargin(id);
    await expect(book.connect(keeper).liquidate(greedyOrder(id), "0x"))
      .to.be.revertedWithCustomError(book, "InCurePeriod")
      .withArgs(id, clock.now() + CURE);
  });

  it("cannot be opened above its limit to shed a call: the same debt on the same ether is refused", async () => {
    const scene = await networkHelpers.loadFixture(calledLoan);
    const { book, borrower, stranger, id } = scene;
    const { calledAt } = await book.marginCallOf(id);
    const steps = [
      book.interface.encodeFunctionData("close", [id, MaxUint256, borrower.address]),
      book.interface.encodeFunctionData("open", [id, [{ listing: WETH, amount: weth("10") }], DEBT, borrower.address]),
    ];
    await expect(book.connect(borrower).multicall(steps))
      .to.be.revertedWithCustomError(book, "AboveBorrowLimit")
      .withArgs(DEBT, (usdc("1,800") * 78n) / 10n);
    await expectCall(book, id, { caller: stranger, calledAt });
  });

  it("of a loan that was sold out has nothing of the call, and its caller keeps what was earned before", async () => {
    const scene = await networkHelpers.loadFixture(calledLoan);
    const { book, borrower, stranger, keeper, feeds, id } = scene;
    await goTo(scene, clock.now() + CREDIT_AGE);
    await feeds.weth.set(dollars("1,400"));
    await book.connect(keeper).liquidate(greedyOrder(id), "0x");
    const credit = await book.creditOf(stranger, WETH);
    // 10 × 0.01 / 1.01 / 10: all of the pledge, at the last bonus.
    expect(credit).to.equal((weth("10") * 10n ** 16n) / (101n * 10n ** 17n));
    await expectNoCall(book, id);

    await feeds.weth.set(dollars("2,000"));
    await book.connect(borrower).open(id, [{ listing: WETH, amount: weth("10") }], DEBT, borrower);
    await feeds.weth.set(dollars("1,700"));
    await book.connect(keeper).liquidate(greedyOrder(id), "0x");
    expect(await book.creditOf(stranger, WETH)).to.equal(credit);
    await expectHeld(scene, [id], [stranger]);
  });

  /**
   * The liquidator is the owner's operator: a sale of all of the debt leaves a pledge behind, and in the callback, before it pays, it
   * takes that out and opens another loan under the number.
   */
  it("in the callback of its last sale stands beside that sale, which is paid whole", async () => {
    const scene = await networkHelpers.loadFixture(smallDue);
    const { book, vault, borrower, stranger, actor, id } = scene;
    const debt = await book.debtOf(id);
    const self = await actor.getAddress();
    const target = await book.getAddress();
    const pledges = [{ listing: WETH, amount: weth("0.2") }];
    await actor.prepare([
      { target, data: encode(book, "close", [id, MaxUint256, self]) },
      { target, data: encode(book, "open", [id, pledges, usdc("200"), self]) },
      { target, data: encode(book, "callMargin", [id]) },
      { target, data: encode(book, "liquidate", [greedyOrder(id), "0x"]) },
    ]);
    const [cash, money] = [(await vault.state()).cash, await scene.usdc.balanceOf(actor)];
    await actor.run(book, encode(book, "liquidate", [greedyOrder(id), "0x01"]), AMPLE_GAS);
    expect((await actor.outcomes()).map(({ success }) => success)).to.deep.equal([true, true, false, false]);
    expect(await actor.repaidInCallback()).to.equal(debt);
    expect((await vault.state()).cash - cash).to.equal(debt - usdc("200"));
    expect(await scene.usdc.balanceOf(actor)).to.equal(money - debt + usdc("200"));
    await expectNoCall(book, id);
    expect(await book.debtOf(id)).to.be.within(usdc("200"), usdc("200") + 1n);
    expect(await book.pledgeOf(id, WETH)).to.equal(weth("0.2"));
    await expectHeld(scene, [id, id - 1n], [stranger, borrower]);
    await expectBalancedBooks(scene);
  });

  it("calls are of one loan: that of its neighbour neither makes it due nor spares it", async () => {
    const scene = await networkHelpers.loadFixture(smallDue);
    const { book, borrower, keeper, feeds, id } = scene;
    await feeds.weth.set(dollars("2,000"));
    const pledges = [{ listing: LINK, amount: link("100") }];
    const next = id + 1n;
    await book.connect(borrower).open(next, pledges, usdc("970"), borrower);
    await feeds.weth.set(dollars(HALF_WAY));
    await feeds.link.set(dollars("14"));
    for (const order of [greedyOrder(next, LINK), greedyOrder(next, WETH)]) {
      await expect(book.connect(keeper).liquidate(order, "0x")).to.be.revertedWithCustomError(
        book,
        order.listing === LINK ? "NotLiquidatable" : "NotPledged",
      );
    }
    await expectNoCall(book, next);
  });
});

import { expect } from "chai";

import { networkHelpers } from "../helpers/chain.ts";
import {
  callableLoan,
  calledLoan,
  CREDIT_AGE,
  goPastDeadline,
  goTo,
  LAPSE,
  soundLoan,
  SOFT_RAMP,
  type Scene,
} from "../helpers/margin-calls.ts";
import { clock, dollars, usdc, WETH, weth } from "../helpers/market.ts";
import { greedyOrder } from "./scene.ts";

describe("Attacks by a keeper who calls margin", () => {
  describe("a keeper who calls and liquidates", () => {
    it("in one block cannot sell softly, not in one transaction either", async () => {
      const { book, keeper, id } = await networkHelpers.loadFixture(callableLoan);
      const steps = [
        book.interface.encodeFunctionData("callMargin", [id]),
        book.interface.encodeFunctionData("liquidate", [greedyOrder(id), "0x"]),
      ];
      await expect(book.connect(keeper).multicall(steps))
        .to.be.revertedWithCustomError(book, "InCurePeriod")
        .withArgs(id, clock.now() + 86_400n);
      await book.connect(keeper).callMargin(id);
      await expect(book.connect(keeper).liquidate(greedyOrder(id), "0x")).to.be.revertedWithCustomError(
        book,
        "InCurePeriod",
      );
    });

    it("in the block of the lapse cannot either: a call that is replaced gives a fresh day", async () => {
      const scene = await networkHelpers.loadFixture(calledLoan);
      const { book, keeper, id } = scene;
      await goPastDeadline(scene, LAPSE);
      const steps = [
        book.interface.encodeFunctionData("callMargin", [id]),
        book.interface.encodeFunctionData("liquidate", [greedyOrder(id), "0x"]),
      ];
      await expect(book.connect(keeper).multicall(steps))
        .to.be.revertedWithCustomError(book, "InCurePeriod")
        .withArgs(id, clock.now() + 86_400n);
    });

    it("in one block, hard, earns no credit, nor does he take from the call that stands", async () => {
      const steps = (book: Scene["book"], id: bigint): string[] => [
        book.interface.encodeFunctionData("callMargin", [id]),
        book.interface.encodeFunctionData("liquidate", [greedyOrder(id, WETH, usdc("1,000")), "0x"]),
      ];
      const scene = await networkHelpers.loadFixture(soundLoan);
      await scene.feeds.weth.set(dollars("1,700"));
      const { book, keeper, id } = scene;
      const call = book.connect(keeper).multicall(steps(book, id));
      await expect(call).to.emit(book, "Liquidated");
      await expect(call).not.to.emit(book, "Credited");
      expect(await book.creditOf(keeper, WETH)).to.equal(0n);

      const standing = await networkHelpers.loadFixture(calledLoan);
      await goTo(standing, clock.now() + CREDIT_AGE);
      await standing.feeds.weth.set(dollars("1,700"));
      await expect(
        standing.book.connect(keeper).multicall(steps(standing.book, standing.id)),
      ).to.be.revertedWithCustomError(standing.book, "AlreadyCalled");
      await standing.book.connect(keeper).liquidate(greedyOrder(standing.id, WETH, usdc("1,000")), "0x");
      expect(await standing.book.creditOf(keeper, WETH)).to.equal(0n);
      expect(await standing.book.creditOf(standing.stranger, WETH)).to.be.above(0n);
    });
  });

  it("in thirty slices, softly, sells no more and no cheaper than in one cut, and credits no more", async () => {
    const scene = await networkHelpers.loadFixture(calledLoan);
    const { book, keeper, stranger, id } = scene;
    await goPastDeadline(scene, SOFT_RAMP);
    const debt = await book.debtOf(id);
    const snapshot = await networkHelpers.takeSnapshot();
    await book.connect(keeper).liquidate(greedyOrder(id), "0x");
    const repaid = debt - (await book.debtOf(id));
    const seized = weth("10") - (await book.pledgeOf(id, WETH));
    const credit = await book.creditOf(stranger, WETH);
    await snapshot.restore();

    const slices = Array.from({ length: 30 }, () => greedyOrder(id, WETH, repaid / 29n));
    await book.connect(keeper).liquidateBatch(slices, "0x");
    const slicedRepaid = debt - (await book.debtOf(id));
    const slicedSeized = weth("10") - (await book.pledgeOf(id, WETH));
    expect(slicedRepaid).to.be.at.most(repaid + 1n);
    expect(slicedSeized * repaid).to.be.below(seized * slicedRepaid); // fewer tokens a dollar: the bonus falls with each
    expect(await book.creditOf(stranger, WETH)).to.be.below(credit);
  });
});

import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { clock, networkHelpers } from "../helpers/chain.ts";
import { setCap } from "../helpers/governance.ts";
import {
  calledLoan,
  calledWithoutPeg,
  CURE,
  DEBT,
  expectCleared,
  expectStands,
  goPastDeadline,
  goTo,
  LAPSE,
  type Scene,
} from "../helpers/margin-calls.ts";
import { dollars, openLoan, usdc, WBTC, wbtc, WETH, weth } from "../helpers/market.ts";
import { DEAD_MODES, FeedMode } from "../helpers/mocks.ts";
import { pairedMarket, tell, tellStale, type PairedMarket } from "../helpers/pairs.ts";

/** What the loan is above its call line, 80 % of ten ether at 1,800, and the ether that carries it: 540 / 0.8 / 1,800. */
const ABOVE = usdc("540");
const CARRIES = weth("0.375");

describe("Curing a margin call", () => {
  describe("by repaying", () => {
    it("down to the call line exactly, not to a unit above it", async () => {
      const scene = await networkHelpers.loadFixture(calledLoan);
      const { book, borrower, id } = scene;
      await book.connect(borrower).repay(id, ABOVE - 1n);
      expect(await book.debtOf(id)).to.equal(usdc("14,400.000001"));
      await expectStands(scene);
      await expectCleared(scene, book.connect(borrower).repay(id, 1n));
    });

    it("in one payment, by anyone", async () => {
      const scene = await networkHelpers.loadFixture(calledLoan);
      await expectCleared(scene, scene.book.connect(scene.keeper).repay(scene.id, ABOVE));
    });

    it("before the deadline, after it, and when the call has lapsed", async () => {
      const scene = await networkHelpers.loadFixture(calledLoan);
      const { book, borrower, id } = scene;
      for (const seconds of [-1n, 0n, 1n, LAPSE - 1n, LAPSE]) {
        const snapshot = await networkHelpers.takeSnapshot();
        await goPastDeadline(scene, seconds);
        const above = (await book.debtOf(id)) - usdc("14,400");
        await expectCleared(scene, book.connect(borrower).repay(id, above + 1n)); // a unit may be lost in scaling
        await snapshot.restore();
      }
    });

    it("does nothing while the loan stays above the line", async () => {
      const scene = await networkHelpers.loadFixture(calledLoan);
      await expect(scene.book.connect(scene.borrower).repay(scene.id, usdc("500"))).not.to.emit(
        scene.book,
        "MarginCallCleared",
      );
      await expectStands(scene);
    });
  });

  describe("by pledging", () => {
    it("what carries the debt exactly, not a unit of value less, by anyone", async () => {
      const scene = await networkHelpers.loadFixture(calledLoan);
      const { book, keeper, id } = scene;
      const unit = weth("1") / usdc("1,800") + 1n; // a millionth of a dollar
      await book.connect(keeper).pledge(id, WETH, CARRIES - unit);
      await expectStands(scene);
      await expectCleared(scene, book.connect(keeper).pledge(id, WETH, unit));
    });

    it("to the last unit of the token", async () => {
      const scene = await networkHelpers.loadFixture(calledLoan);
      const { book, borrower, id } = scene;
      await book.connect(borrower).pledge(id, WETH, CARRIES - 1n);
      expect((await book.healthOf(id)).callLine).to.equal(DEBT - 1n);
      await expectStands(scene);
      await expectCleared(scene, book.connect(borrower).pledge(id, WETH, 1n));
    });

    it("another asset for the first time", async () => {
      const scene = await networkHelpers.loadFixture(calledLoan);
      const { book, borrower, id } = scene;
      // 0.01125 bitcoin at 60,000 are 675 dollars, 80 % of which are 540.
      await book.connect(borrower).pledge(id, WBTC, wbtc("0.01124999"));
      await expectStands(scene);
      await expectCleared(scene, book.connect(borrower).pledge(id, WBTC, 1n));
    });

    it("above a full cap, which makes room for the cure and no more", async () => {
      const scene = await networkHelpers.loadFixture(calledLoan);
      const { book, borrower, id } = scene;
      await setCap(scene, WETH, 0n);
      await expectCleared(scene, book.connect(borrower).pledge(id, WETH, weth("100")));
      expect(await book.pledgeOf(id, WETH)).to.equal(weth("10") + CARRIES);
    });

    it("and a part by repaying: the last of the two cures", async () => {
      const scene = await networkHelpers.loadFixture(calledLoan);
      const { book, borrower, id } = scene;
      await book.connect(borrower).repay(id, ABOVE / 2n);
      await expectStands(scene);
      await expectCleared(scene, book.connect(borrower).pledge(id, WETH, CARRIES / 2n));
    });
  });

  // Clearing at the first tick above the line multiplied calls fivefold in replays.
  describe("a loan that the price has cured", () => {
    async function curedByPrice(): Promise<Scene> {
      const scene = await calledLoan();
      await scene.feeds.weth.set(dollars("1,900")); // C = 15,200, B = 14,820
      return scene;
    }

    it("stays called, and a repayment or pledge of next to nothing does not change that", async () => {
      const scene = await networkHelpers.loadFixture(curedByPrice);
      const { book, borrower, keeper, id } = scene;
      await book.connect(borrower).repay(id, 1n);
      await expectStands(scene);
      await book.connect(borrower).pledge(id, WETH, 1n);
      await expectStands(scene);
      await book.connect(keeper).pledge(id, WETH, weth("0.05"));
      await expectStands(scene);
    });

    it("stays called at its call line exactly", async () => {
      const scene = await networkHelpers.loadFixture(calledLoan);
      await scene.feeds.weth.set(dollars("1,867.5"));
      await scene.book.connect(scene.borrower).repay(scene.id, usdc("50"));
      await expectStands(scene);
    });

    it("is cleared by what brings it to its borrow limit, not to a unit above it", async () => {
      const scene = await networkHelpers.loadFixture(curedByPrice);
      const { book, borrower, id } = scene;
      await book.connect(borrower).repay(id, usdc("120") - 1n);
      await expectStands(scene);
      const snapshot = await networkHelpers.takeSnapshot();
      await expectCleared(scene, book.connect(borrower).repay(id, 1n));
      await snapshot.restore();
      await expectCleared(scene, book.connect(borrower).pledge(id, WETH, weth("1") / 1_000_000n));
    });

    it("is cleared by a unit where the price has brought it to its borrow limit", async () => {
      const scene = await networkHelpers.loadFixture(calledLoan);
      const { book, borrower, feeds, id } = scene;
      await feeds.weth.set(dollars("1,916"));
      await expectStands(scene);
      await expectCleared(scene, book.connect(borrower).repay(id, 1n));
    });
  });

  describe("without a debt", () => {
    it("is done whatever the feeds say", async () => {
      for (const mode of DEAD_MODES) {
        const scene = await networkHelpers.loadFixture(calledWithoutPeg);
        const { book, borrower, feeds, id } = scene;
        for (const feed of Object.values(feeds)) await feed.setMode(FeedMode[mode]);
        const snapshot = await networkHelpers.takeSnapshot();
        await expectCleared(scene, book.connect(scene.keeper).repay(id, MaxUint256));
        await snapshot.restore();
        await expectCleared(scene, book.connect(borrower).close(id, MaxUint256, borrower));
        expect(await book.pledgeOf(id, WETH)).to.equal(0n);
      }
    });

    it("is done for a call that has lapsed too", async () => {
      const scene = await networkHelpers.loadFixture(calledLoan);
      await goTo(scene, clock.now() + CURE + LAPSE + 1n);
      await expectCleared(scene, scene.book.connect(scene.borrower).repay(scene.id, MaxUint256));
    });
  });

  describe("while the loan asset has no price", () => {
    it("leaves the call standing, by repaying and by pledging", async () => {
      for (const mode of DEAD_MODES) {
        const scene = await networkHelpers.loadFixture(calledWithoutPeg);
        const { book, borrower, feeds, id } = scene;
        await feeds.usdc.setMode(FeedMode[mode]);
        await book.connect(borrower).repay(id, usdc("5,000"));
        await book.connect(borrower).pledge(id, WETH, weth("10"));
        expect([await book.debtOf(id), await book.pledgeOf(id, WETH)]).to.deep.equal([usdc("9,940"), weth("20")]);
        await expectStands(scene);
        // With its price the loan is far below its borrow limit, and whatever happens next clears the call.
        await feeds.usdc.setMode(FeedMode.answer);
        await expectCleared(scene, book.connect(borrower).repay(id, 1n));
      }
    });

    it("is possible at the peg, if there is one", async () => {
      const scene = await networkHelpers.loadFixture(calledLoan);
      await scene.feeds.usdc.setMode(FeedMode.revert);
      await expectCleared(scene, scene.book.connect(scene.borrower).repay(scene.id, ABOVE));
    });
  });

  describe("at prices of the third column", () => {
    /** The same debt on ether of two sources. */
    async function calledPair(): Promise<Scene & PairedMarket> {
      const market = await pairedMarket();
      const { fine } = market.pairs;
      const id = await openLoan(market, { pledges: [[fine.listing, weth("10")]], amount: DEBT });
      await tell(fine, "1,800", "1,800");
      await market.book.connect(market.stranger).callMargin(id);
      return { ...market, id };
    }

    for (const [row, bring] of [
      ["the higher of two that are apart", async ({ pairs }) => tell(pairs.fine, "1,000", "1,800")],
      [
        "the live one of two",
        async ({ pairs }) => {
          await tell(pairs.fine, "1,800", "1,000");
          await tellStale(pairs.fine.second, "5,000");
        },
      ],
      [
        "the higher of two dead ones",
        async ({ pairs }) => {
          await tellStale(pairs.fine.first, "1,800");
          await tellStale(pairs.fine.second, "1,700");
        },
      ],
    ] as [string, (market: PairedMarket) => Promise<unknown>][]) {
      it(`${row}: repaying and pledging cure as at one price`, async () => {
        const scene = await networkHelpers.loadFixture(calledPair);
        const { book, borrower, pairs, id } = scene;
        await bring(scene);
        const snapshot = await networkHelpers.takeSnapshot();
        await book.connect(borrower).repay(id, ABOVE - 1n);
        await expectStands(scene);
        await expectCleared(scene, book.connect(borrower).repay(id, 1n));
        await snapshot.restore();
        await book.connect(borrower).pledge(id, pairs.fine.listing, CARRIES - 1n);
        await expectStands(scene);
        await expectCleared(scene, book.connect(borrower).pledge(id, pairs.fine.listing, 1n));
      });
    }

    it("a retired asset carries the debt as ever", async () => {
      const scene = await networkHelpers.loadFixture(calledLoan);
      const { book, guardian, borrower, id } = scene;
      await book.connect(guardian).retire(WETH);
      await expectCleared(scene, book.connect(borrower).pledge(id, WETH, CARRIES));
    });
  });
});

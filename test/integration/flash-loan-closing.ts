import { expect } from "chai";
import { AbiCoder } from "ethers";

import { clock, DAY, networkHelpers } from "../helpers/chain.ts";
import {
  costAtVenue,
  deployCloser,
  deployVenue,
  etherUnit,
  expectNothingLeft,
  HALF_BITCOIN,
  purseOf,
  purses,
  USDC_UNIT,
  VENUE_HAS,
  type LoanCloser,
  type SwapVenue,
} from "../helpers/flash-actors.ts";
import { flash } from "../helpers/flash-loans.ts";
import { expectInvariants } from "../helpers/invariants.ts";
import { NO_LOAN } from "../helpers/loans.ts";
import {
  dollars,
  openLoan,
  standardMarket,
  usdc,
  waitWithLiveFeeds,
  WBTC,
  WETH,
  weth,
  type Market,
} from "../helpers/market.ts";
import { debtOf, expectTermInvariants, feeOf, openTermLoan, termMarket, type TermMarket } from "../helpers/terms.ts";

interface Stage {
  venue: SwapVenue;
  closer: LoanCloser;
}

type Scene = Market & Stage & { id: bigint };

/** The borrower's loan is the actor's to close. */
async function stage(market: Market): Promise<Stage> {
  const venue = await deployVenue(market);
  const closer = await deployCloser(market.book, venue);
  await market.book.connect(market.borrower).setAuthorization(closer, true);
  return { venue, closer: closer.connect(market.borrower) };
}

/** 10,000 drawn against 10 ether and half a bitcoin. */
async function openTermScene(): Promise<Scene> {
  const market = await standardMarket();
  const pledges: [bigint, bigint][] = [
    [WETH, weth("10")],
    [WBTC, HALF_BITCOIN],
  ];
  const id = await openLoan(market, { pledges, amount: usdc("10,000") });
  return { ...market, ...(await stage(market)), id };
}

/** 50,000 for 90 days against 200 ether, 30 days ago. */
async function fixedTermScene(): Promise<TermMarket & Stage & { id: bigint }> {
  const market = await termMarket();
  const id = await openTermLoan(market, { amount: usdc("50,000"), duration: 90n * DAY });
  await waitWithLiveFeeds(market, 30n * DAY);
  return { ...market, ...(await stage(market)), id };
}

const order = (id: bigint) => ({ id, maxDebt: usdc("11,000"), listing: WETH, maxSold: weth("5.1") });

/** Ether that 10,000 cost at 2,000, with three thousandths for the venue: 10,000 / 2,000 / 0.997. */
const SOLD = 5_015_045_135_406_218_656n;

describe("A loan repaid and closed with its own collateral", () => {
  it("costs its owner what was sold for the debt; everything else comes back, in one transaction", async () => {
    const scene = await networkHelpers.loadFixture(openTermScene);
    const { vault, book, borrower, venue, closer, id } = scene;
    expect(costAtVenue(usdc("10,000"), USDC_UNIT, etherUnit(2_000n))).to.equal(SOLD);
    const [money, ether, bitcoin] = await purseOf(scene, borrower);

    const closing = await closer.close(order(id));
    await expect(closing)
      .to.emit(vault, "FlashLoan")
      .withArgs(await closer.getAddress(), await closer.getAddress(), usdc("11,000"));
    await expect(closing)
      .to.emit(book, "Repaid")
      .withArgs(id, await closer.getAddress(), usdc("10,000"));

    expect(await book.loan(id)).to.deep.equal(NO_LOAN);
    expect(await purses(scene, borrower, venue, vault, book)).to.deep.equal([
      [money, ether + weth("10") - SOLD, bitcoin + HALF_BITCOIN],
      [VENUE_HAS.usdc - usdc("10,000"), VENUE_HAS.weth + SOLD, 0n],
      [usdc("1,000,000"), 0n, 0n],
      [0n, 0n, 0n],
    ]);
    expect((await vault.state()).cash).to.equal(usdc("1,000,000"));
    await expectNothingLeft(scene, closer, venue);
    await expectInvariants(scene, [id]);
  });

  it("at a fixed rate pays its interest and the fee for ending the term out of it too", async () => {
    const scene = await networkHelpers.loadFixture(fixedTermScene);
    const { vault, book, borrower, venue, closer, whale, id } = scene;
    const term = await book.loan(id);
    const paid = debtOf(term) + feeOf(term);
    const sold = costAtVenue(paid, USDC_UNIT, etherUnit(2_000n));
    const [money, ether] = await purseOf(scene, borrower);
    const { cash, reserves } = await vault.accruedState();

    await closer.close({ id, maxDebt: paid, listing: WETH, maxSold: sold });

    expect(await book.loan(id)).to.deep.equal(NO_LOAN);
    expect((await purses(scene, borrower, venue)).map((purse) => purse.slice(0, 2))).to.deep.equal([
      [money, ether + weth("200") - sold],
      [VENUE_HAS.usdc - paid, VENUE_HAS.weth + sold],
    ]);
    const after = await vault.state();
    expect([after.cash, after.reserves]).to.deep.equal([cash + paid, reserves + feeOf(term)]);
    await expectNothingLeft(scene, closer, venue);
    await expectTermInvariants(scene, [whale, id]);
  });

  it("escapes a margin call, with what is left of a pledge that fell", async () => {
    const scene = await networkHelpers.loadFixture(openTermScene);
    const { book, borrower, keeper, closer, feeds, id } = scene;
    await book.connect(borrower).release(id, WBTC, HALF_BITCOIN, borrower);
    await feeds.weth.set(dollars("1,220")); // 81.97 % of it is lent, above the call line of 80 %
    await book.connect(keeper).callMargin(id);
    const ether = await scene.weth.balanceOf(borrower);
    const sold = costAtVenue(usdc("10,000"), USDC_UNIT, etherUnit(1_220n));

    await expect(closer.close({ ...order(id), maxSold: weth("10") }))
      .to.emit(book, "MarginCallCleared")
      .withArgs(id);
    expect(await scene.weth.balanceOf(borrower)).to.equal(ether + weth("10") - sold);
    expect((await book.marginCallOf(id)).deadline).to.equal(0n);
  });

  describe("is left as it was", () => {
    /** The loan stands, and nobody has anything less or more. */
    async function expectUndone(scene: Scene, attempt: () => Promise<unknown>): Promise<void> {
      const { book, vault, borrower, venue, closer, id } = scene;
      const state = async () => [await book.loan(id), await purses(scene, borrower, venue, vault, book, closer)];
      const before = await state();
      await attempt();
      expect(await state()).to.deep.equal(before);
    }

    it("if the venue wants more than the owner allows", async () => {
      const scene = await networkHelpers.loadFixture(openTermScene);
      const { closer, venue, id } = scene;
      await expectUndone(scene, async () =>
        expect(closer.close({ ...order(id), maxSold: SOLD - 1n }))
          .to.be.revertedWithCustomError(venue, "AboveMax")
          .withArgs(SOLD, SOLD - 1n),
      );
      await closer.close({ ...order(id), maxSold: SOLD });
    });

    it("if the pledge does not fetch the debt", async () => {
      const scene = await networkHelpers.loadFixture(openTermScene);
      const { book, closer, feeds, id } = scene;
      await feeds.weth.set(dollars("1,000"));
      const needed = costAtVenue(usdc("10,000"), USDC_UNIT, etherUnit(1_000n));
      await expectUndone(scene, async () =>
        expect(closer.close({ ...order(id), maxSold: weth("11") }))
          .to.be.revertedWithCustomError(book, "PledgeTooSmall")
          .withArgs(needed, weth("10")),
      );
    });

    it("if less is borrowed than is owed: what is still owed would not be paid", async () => {
      const scene = await networkHelpers.loadFixture(openTermScene);
      const { book, closer, id } = scene;
      await expectUndone(scene, async () =>
        expect(closer.close({ ...order(id), maxDebt: usdc("9,000") }))
          .to.be.revertedWithCustomError(book, "DebtAboveMax")
          .withArgs(usdc("1,000"), 0n),
      );
    });

    it("while flash loans are paused; the owner may close it with other money", async () => {
      const scene = await networkHelpers.loadFixture(openTermScene);
      const { vault, book, guardian, borrower, closer, id } = scene;
      await vault.connect(guardian).pause(2n);
      await expectUndone(scene, async () =>
        expect(closer.close(order(id)))
          .to.be.revertedWithCustomError(vault, "Paused")
          .withArgs(2n, clock.now() + 14n * DAY),
      );
      await book.connect(borrower).close(id, usdc("10,000"), borrower);
      expect(await book.loan(id)).to.deep.equal(NO_LOAN);
    });

    it("if the owner has not made the actor its operator, or no longer wants it", async () => {
      const scene = await networkHelpers.loadFixture(openTermScene);
      const { book, borrower, closer, id } = scene;
      await book.connect(borrower).setAuthorization(closer, false);
      await expectUndone(scene, async () =>
        expect(closer.close(order(id)))
          .to.be.revertedWithCustomError(book, "NotOwnerOrOperator")
          .withArgs(id, await closer.getAddress()),
      );
    });

    it("if another than the owner asks for it, by whatever door", async () => {
      const scene = await networkHelpers.loadFixture(openTermScene);
      const { closer, stranger, usdc: asset, id } = scene;
      const data = AbiCoder.defaultAbiCoder().encode(
        ["tuple(uint256 id, uint256 maxDebt, uint256 listing, uint256 maxSold)"],
        [order(id)],
      );
      const amount = usdc("11,000");
      await expectUndone(scene, async () => {
        await expect(closer.connect(stranger).close(order(id)))
          .to.be.revertedWithCustomError(closer, "NotOwner")
          .withArgs(id, stranger.address);
        await expect(flash(scene, closer, amount, data))
          .to.be.revertedWithCustomError(closer, "NotAskedFor")
          .withArgs(await scene.vault.getAddress(), stranger.address);
        await expect(closer.connect(stranger).onFlashLoan(closer, asset, amount, 0n, data))
          .to.be.revertedWithCustomError(closer, "NotAskedFor")
          .withArgs(stranger.address, await closer.getAddress());
      });
    });
  });
});

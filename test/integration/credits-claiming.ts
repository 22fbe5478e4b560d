import { expect } from "chai";
import { MaxUint256, ZeroAddress } from "ethers";

import { clock, networkHelpers } from "../helpers/chain.ts";
import { calledOn, credited, creditedOn } from "../helpers/credits.ts";
import { CURE, DEBT, expectHeld, goPastDeadline, orderFor, SOFT_RAMP, type Scene } from "../helpers/margin-calls.ts";
import { dollars, openLoan, usdc, WBTC, wbtc, WETH, weth } from "../helpers/market.ts";
import { FalseMode, type BlockingToken, type FalseToken, type PausableToken } from "../helpers/mocks.ts";

describe("Claiming a credit", () => {
  it("sends it to a receiver, once", async () => {
    const scene = await networkHelpers.loadFixture(credited);
    const { book, stranger, treasury, id, credit } = scene;
    expect(await book.connect(stranger).claimCredit.staticCall(WETH, treasury)).to.equal(credit);
    await expect(book.connect(stranger).claimCredit(WETH, treasury))
      .to.emit(book, "CreditClaimed")
      .withArgs(stranger.address, WETH, treasury.address, credit);
    expect(await scene.weth.balanceOf(treasury)).to.equal(credit);
    expect(await book.creditOf(stranger, WETH)).to.equal(0n);
    await expectHeld(scene, [id], [stranger]);
  });

  it("is possible long after, when the loan is gone, its listing retired and every feed dead", async () => {
    const scene = await networkHelpers.loadFixture(credited);
    const { book, borrower, guardian, stranger, id, credit } = scene;
    await book.connect(borrower).close(id, MaxUint256, borrower);
    await book.connect(guardian).retire(WETH);
    await book.connect(guardian).lowerCap(WETH, 0n);
    await clock.advance(1_000n * CURE);
    await expectHeld(scene, [id], [stranger]);
    await book.connect(stranger).claimCredit(WETH, stranger);
    expect(await scene.weth.balanceOf(stranger)).to.equal(weth("10,000") + credit);
    await expectHeld(scene, [id], [stranger]);
  });

  it("takes room under the cap until it is claimed", async () => {
    const scene = await networkHelpers.loadFixture(credited);
    const { book, borrower, guardian, stranger, feeds, id, credit } = scene;
    await feeds.weth.set(dollars("2,000"));
    const { held } = await book.listings(WETH);
    expect(held).to.equal((await book.pledgeOf(id, WETH)) + credit);
    await book.connect(guardian).lowerCap(WETH, held);
    await expect(book.connect(borrower).pledge(id, WETH, 1n))
      .to.be.revertedWithCustomError(book, "CapExceeded")
      .withArgs(WETH, held + 1n, held);
    await book.connect(stranger).claimCredit(WETH, stranger);
    await book.connect(borrower).pledge(id, WETH, credit);
    expect((await book.listings(WETH)).held).to.equal(held);
  });

  const refusing: [name: string, contract: string, stop: (scene: Scene, stopped: boolean) => Promise<unknown>][] = [
    ["is paused", "PausableToken", async ({ weth: token }, stopped) => (token as PausableToken).setPaused(stopped)],
    [
      "blocks the caller",
      "BlockingToken",
      async ({ weth: token, stranger }, stopped) => (token as BlockingToken).setBlocked(stranger, stopped),
    ],
    [
      "returns false",
      "FalseToken",
      async ({ weth: token }, stopped) => (token as FalseToken).setMode(stopped ? FalseMode.denies : FalseMode.honest),
    ],
  ];
  for (const [name, contract, stop] of refusing) {
    it(`of a token that ${name} leaves it, and it can be claimed when that is over`, async () => {
      const scene = await creditedOn(contract);
      const { book, stranger, id, credit } = scene;
      await stop(scene, true);
      const claim = book.connect(stranger).claimCredit(WETH, stranger);
      if (contract === "PausableToken") {
        await expect(claim).to.be.revertedWithCustomError(scene.weth, "TransfersPaused").withArgs();
      } else if (contract === "BlockingToken") {
        await expect(claim).to.be.revertedWithCustomError(scene.weth, "Blocked").withArgs(stranger.address);
      } else {
        await expect(claim)
          .to.be.revertedWithCustomError(book, "SafeERC20FailedOperation")
          .withArgs(await scene.weth.getAddress());
      }
      expect(await book.creditOf(stranger, WETH)).to.equal(credit);
      await expectHeld(scene, [id], [stranger]);
      await stop(scene, false);
      await book.connect(stranger).claimCredit(WETH, stranger);
      expect(await scene.weth.balanceOf(stranger)).to.equal(weth("10,000") + credit);
    });
  }

  it("never holds up a liquidation: a caller who is blocked is credited all the same, and sends it elsewhere", async () => {
    const scene = await calledOn("BlockingToken");
    const { book, keeper, stranger, treasury, id } = scene;
    await goPastDeadline(scene, SOFT_RAMP);
    await (scene.weth as BlockingToken).setBlocked(stranger, true);
    await expect(book.connect(keeper).liquidate(orderFor(id), "0x")).to.emit(book, "Credited");
    const credit = await book.creditOf(stranger, WETH);
    await book.connect(stranger).claimCredit(WETH, treasury);
    expect(await scene.weth.balanceOf(treasury)).to.equal(credit);
  });

  it("is not held up by another caller who is blocked: each claims his own", async () => {
    const scene = await creditedOn("BlockingToken");
    const { book, keeper, borrower, stranger, feeds, id } = scene;
    const token = scene.weth as BlockingToken;
    await feeds.weth.set(dollars("2,000"));
    const other = await openLoan(scene, { pledges: [[WETH, weth("10")]], amount: DEBT, number: 2n });
    await feeds.weth.set(dollars("1,800"));
    await book.connect(keeper).callMargin(other);
    await goPastDeadline({ ...scene, id: other }, SOFT_RAMP);
    await token.setBlocked(stranger, true);
    await book.connect(keeper).liquidate(orderFor(other), "0x");
    const credit = await book.creditOf(keeper, WETH);
    const held = await token.balanceOf(keeper);
    await book.connect(keeper).claimCredit(WETH, keeper);
    expect(await token.balanceOf(keeper)).to.equal(held + credit);
    expect(credit).to.be.above(0n);
    await book.connect(borrower).close(other, MaxUint256, borrower); // pledges come out beside it
    await expectHeld(scene, [id, other], [stranger, keeper]);
    expect(await book.creditOf(stranger, WETH)).to.equal(scene.credit);
  });

  it("of a token that is paused leaves those of other tokens alone", async () => {
    const scene = await creditedOn("PausableToken");
    const { book, keeper, stranger, feeds, id } = scene;
    const other = await openLoan(scene, { pledges: [[WBTC, wbtc("0.3")]], amount: usdc("14,000"), number: 2n });
    await feeds.wbtc.set(dollars("56,000")); // C = 13,440, L = 14,448
    await book.connect(stranger).callMargin(other);
    await goPastDeadline({ ...scene, id: other }, SOFT_RAMP);
    await (scene.weth as PausableToken).setPaused(true);
    await book.connect(keeper).liquidate(orderFor(other, WBTC), "0x");
    const credit = await book.creditOf(stranger, WBTC);
    expect(credit).to.be.above(0n);
    await book.connect(stranger).claimCredit(WBTC, stranger);
    expect(await scene.wbtc.balanceOf(stranger)).to.equal(wbtc("1,000") + credit);
    expect(await book.creditOf(stranger, WETH)).to.equal(scene.credit);
    await expectHeld(scene, [id, other], [stranger]);
  });
});

describe("Claiming a credit, refused", () => {
  it("where there is none: of another listing, of another caller, of no listing", async () => {
    const { book, keeper, stranger } = await networkHelpers.loadFixture(credited);
    for (const [caller, listing] of [
      [keeper, WETH],
      [stranger, WBTC],
      [stranger, 3n],
      [stranger, MaxUint256],
    ] as const) {
      await expect(book.connect(caller).claimCredit(listing, caller))
        .to.be.revertedWithCustomError(book, "NoCredit")
        .withArgs(caller.address, listing);
    }
    await book.connect(stranger).claimCredit(WETH, stranger);
    await expect(book.connect(stranger).claimCredit(WETH, stranger))
      .to.be.revertedWithCustomError(book, "NoCredit")
      .withArgs(stranger.address, WETH);
  });

  it("to nobody, to the vault, to the book", async () => {
    const { book, vault, stranger, credit } = await networkHelpers.loadFixture(credited);
    for (const receiver of [ZeroAddress, await vault.getAddress(), await book.getAddress()]) {
      await expect(book.connect(stranger).claimCredit(WETH, receiver))
        .to.be.revertedWithCustomError(book, "InvalidReceiver")
        .withArgs(receiver);
    }
    expect(await book.creditOf(stranger, WETH)).to.equal(credit);
  });
});

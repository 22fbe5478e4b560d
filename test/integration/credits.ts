import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { clock, networkHelpers } from "../helpers/chain.ts";
import {
  beta,
  callableLoan,
  calledLoan,
  CREDIT_AGE,
  CURE,
  creditOf,
  DEBT,
  etherPledge,
  expectHeld,
  expectSale,
  figures,
  goPastDeadline,
  goTo,
  LAPSE,
  orderFor,
  SOFT_RAMP,
  type Scene,
} from "../helpers/margin-calls.ts";
import { deployMarket, dollars, openLoan, usdc, waitWithLiveFeeds, WBTC, wbtc, WETH, weth } from "../helpers/market.ts";
import { FalseMode, type BlockingToken, type FalseToken, type PausableToken } from "../helpers/mocks.ts";

const HARD = "1,700"; // D / L = 1.0219

/** The loan of {@link calledLoan} whose ether is another test contract. */
async function calledOn(contract: string): Promise<Scene> {
  const market = await deployMarket({ contracts: { weth: contract } });
  const id = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: DEBT });
  await market.feeds.weth.set(dollars("1,800"));
  await market.book.connect(market.stranger).callMargin(id);
  return { ...market, id };
}

/** The same after a soft liquidation, of which the stranger has a credit. */
async function credited(contract = "TestToken"): Promise<Scene & { credit: bigint }> {
  const scene = await calledOn(contract);
  const { book, keeper, stranger, id } = scene;
  await goPastDeadline(scene, SOFT_RAMP);
  await book.connect(keeper).liquidate(orderFor(id), "0x");
  return { ...scene, credit: await book.creditOf(stranger, WETH) };
}

const plain = async (): Promise<Scene & { credit: bigint }> => credited();

describe("A credit for the margin call's caller", () => {
  describe("in a hard liquidation", () => {
    for (const [age, earns] of [
      [0n, false],
      [CREDIT_AGE - 1n, false],
      [CREDIT_AGE, true],
      [CURE, true],
      [CURE + LAPSE - 1n, true],
      [CURE + LAPSE, false],
    ] as const) {
      it(`is ${earns ? "" : "not "}earned when the call is ${String(age)} seconds old`, async () => {
        const scene = await networkHelpers.loadFixture(calledLoan);
        const { book, keeper, stranger, feeds, id } = scene;
        await goTo(scene, clock.now() + age);
        await feeds.weth.set(dollars(HARD));
        const taken = etherPledge(weth("10"), HARD);
        const loan = figures(await book.debtOf(id), taken);
        const overdue = age > CURE && age < CURE + LAPSE ? age - CURE : 0n;
        const held = await scene.weth.balanceOf(keeper);
        const { seized, credit } = await expectSale(scene, loan, taken, {
          ...{ id, overdue },
          ...(earns && { caller: stranger.address }),
        });
        expect(credit !== 0n).to.equal(earns);
        expect(await book.creditOf(stranger, WETH)).to.equal(credit);
        expect((await scene.weth.balanceOf(keeper)) - held).to.equal(seized - credit);
        await expectHeld(scene, [id], [stranger]);
      });
    }

    it("is a tenth of the bonus's part, by hand", async () => {
      const scene = await networkHelpers.loadFixture(calledLoan);
      const { book, borrower, keeper, stranger, feeds, id } = scene;
      await waitWithLiveFeeds(scene, CREDIT_AGE);
      await book.connect(borrower).repay(id, (await book.debtOf(id)) - DEBT);
      expect(await book.debtOf(id)).to.equal(DEBT);
      await feeds.weth.set(dollars("1,500")); // V = 1.004 D: the last bonus, 1 %
      const call = book.connect(keeper).liquidate(orderFor(id, WETH, usdc("1,500")), "0x");
      // 1,500 buy 1.01 ether, of which 0.01 is the bonus's part.
      await expect(call).to.emit(book, "Liquidated");
      await expect(call)
        .to.emit(book, "Credited")
        .withArgs(id, WETH, stranger.address, (amount: bigint) => {
          return amount > weth("0.000999999") && amount <= weth("0.001");
        });
      expect(await book.creditOf(stranger, WETH)).to.be.within(weth("0.000999999"), weth("0.001"));
    });

    it("is nothing of nothing: at no bonus to speak of there is no event", async () => {
      const scene = await networkHelpers.loadFixture(calledLoan);
      const { book, keeper, stranger, feeds, id } = scene;
      await waitWithLiveFeeds(scene, CREDIT_AGE);
      await feeds.weth.set(dollars("1,737.2"));
      const crumb = orderFor(id, WETH, 2n);
      await expect(book.connect(keeper).liquidate(crumb, "0x")).to.emit(book, "Liquidated");
      const credit = await book.creditOf(stranger, WETH);
      const taken = etherPledge(weth("10"), "1,737.2");
      const seized = weth("10") - (await book.pledgeOf(id, WETH));
      expect(credit).to.be.within(
        creditOf(seized, beta(figures(DEBT, taken), taken, 0n)),
        creditOf(seized, beta(figures(DEBT + 10_000n, taken), taken, 0n)),
      );
    });

    it("is due when a pledge is taken whole", async () => {
      const scene = await networkHelpers.loadFixture(callableLoan);
      const { book, keeper, stranger, feeds } = scene;
      await feeds.weth.set(dollars("2,000"));
      const pledges: [bigint, bigint][] = [
        [WETH, weth("1")],
        [WBTC, wbtc("0.3")],
      ];
      const id = await openLoan(scene, { pledges, amount: usdc("15,480"), number: 2n });
      await feeds.weth.set(dollars("1,600"));
      await feeds.wbtc.set(dollars("50,000")); // V = 16,600
      await book.connect(stranger).callMargin(id);
      await waitWithLiveFeeds(scene, CREDIT_AGE);
      const ether = etherPledge(weth("1"), "1,600");
      const bitcoin = { ...etherPledge(wbtc("0.3"), "500,000,000,000,000"), seizurePrice: undefined };
      const loan = figures(await book.debtOf(id), ether, {
        amount: bitcoin.amount,
        price: bitcoin.price,
        terms: ether.terms,
      });
      const bonus = beta(loan, ether, 0n);
      const { seized } = await book.connect(keeper).liquidate.staticCall(orderFor(id), "0x");
      await book.connect(keeper).liquidate(orderFor(id), "0x");
      const credit = await book.creditOf(stranger, WETH);
      expect(await book.pledgeOf(id, WETH)).to.equal(0n);
      expect(credit).to.be.within(creditOf(weth("1"), bonus) - 1n, creditOf(weth("1"), bonus));
      expect(seized + credit).to.equal(weth("1"));
      await expectHeld(scene, [scene.id, id], [stranger]);
    });

    it("is due with the last pledge of a loan that is gone", async () => {
      const scene = await networkHelpers.loadFixture(calledLoan);
      const { book, keeper, stranger, feeds, id } = scene;
      await waitWithLiveFeeds(scene, CREDIT_AGE);
      await feeds.weth.set(dollars("1,010"));
      await book.connect(keeper).liquidate(orderFor(id), "0x");
      expect((await book.loan(id)).pledged).to.equal(0n);
      expect(await book.creditOf(stranger, WETH)).to.equal((weth("10") * 10n ** 16n) / (101n * 10n ** 17n)); // 1 / 1,010
      await expectHeld(scene, [id], [stranger]);
      await book.connect(stranger).claimCredit(WETH, stranger);
      expect(await scene.weth.balanceOf(book)).to.equal(0n);
    });
  });

  it("in a soft liquidation is out of the liquidator's share, never out of the loan's", async () => {
    const scene = await networkHelpers.loadFixture(calledLoan);
    const { book, keeper, stranger, id } = scene;
    await goPastDeadline(scene, SOFT_RAMP);
    const taken = etherPledge(weth("10"), "1,800");
    const held = await scene.weth.balanceOf(keeper);
    const sale = { id, overdue: SOFT_RAMP, caller: stranger.address };
    const { seized, credit } = await expectSale(scene, figures(await book.debtOf(id), taken), taken, sale);
    expect(credit).to.be.above(weth("0.001")); // two dollars of 2,800
    expect((await scene.weth.balanceOf(keeper)) - held).to.equal(seized - credit);
    await expectHeld(scene, [id], [stranger]);
  });

  it("is the caller's even if he is the liquidator, or the borrower", async () => {
    for (const who of ["keeper", "borrower"] as const) {
      const scene = await networkHelpers.loadFixture(callableLoan);
      const { book, id, [who]: caller } = scene;
      await book.connect(caller).callMargin(id);
      await goPastDeadline(scene, SOFT_RAMP);
      await expect(book.connect(caller).liquidate(orderFor(id), "0x")).to.emit(book, "Credited");
      expect(await book.creditOf(caller, WETH)).to.be.above(weth("0.001"));
      await expectHeld(scene, [id], [caller]);
    }
  });

  it("is not the last caller's whose call has lapsed, but his who replaced it", async () => {
    const scene = await networkHelpers.loadFixture(calledLoan);
    const { book, borrower, keeper, stranger, feeds, id } = scene;
    await goPastDeadline(scene, LAPSE);
    await book.connect(borrower).callMargin(id);
    await goTo(scene, clock.now() + CREDIT_AGE);
    await feeds.weth.set(dollars(HARD));
    await book.connect(keeper).liquidate(orderFor(id, WETH, usdc("1,000")), "0x");
    expect(await book.creditOf(stranger, WETH)).to.equal(0n);
    expect(await book.creditOf(borrower, WETH)).to.be.above(0n);
  });

  it("is not given by a write-off", async () => {
    const scene = await networkHelpers.loadFixture(callableLoan);
    const { book, keeper, stranger, feeds } = scene;
    await feeds.weth.set(dollars("2,000"));
    const id = await openLoan(scene, { pledges: [[WETH, weth("0.1")]], amount: usdc("150"), number: 2n });
    await feeds.weth.set(dollars("49"));
    await book.connect(stranger).callMargin(id);
    await waitWithLiveFeeds(scene, CREDIT_AGE);
    await expect(book.connect(keeper).writeOff(id)).not.to.emit(book, "Credited");
    expect(await book.creditOf(stranger, WETH)).to.equal(0n);
    expect(await scene.weth.balanceOf(keeper)).to.equal(weth("10,000.1"));
  });

  it("grows with each sale, and with each loan of a batch; one transfer goes to the liquidator", async () => {
    const scene = await networkHelpers.loadFixture(calledLoan);
    const { book, keeper, stranger, feeds, id } = scene;
    await feeds.weth.set(dollars("2,000"));
    const other = await openLoan(scene, { pledges: [[WETH, weth("10")]], amount: usdc("15,000"), number: 2n });
    await feeds.weth.set(dollars("1,800"));
    await book.connect(stranger).callMargin(other);
    await goPastDeadline(scene, SOFT_RAMP);
    await book.connect(keeper).liquidate(orderFor(id, WETH, usdc("500")), "0x");
    const first = await book.creditOf(stranger, WETH);
    expect(first).to.be.above(0n);
    const held = await scene.weth.balanceOf(keeper);
    const pledged = (await book.pledgeOf(id, WETH)) + (await book.pledgeOf(other, WETH));
    const orders = [id, other].map((loan) => orderFor(loan, WETH, usdc("500")));
    await book.connect(keeper).liquidateBatch(orders, "0x");
    const second = (await book.creditOf(stranger, WETH)) - first;
    expect(second).to.be.within(2n * first, 3n * first); // the second loan lies deeper
    const left = (await book.pledgeOf(id, WETH)) + (await book.pledgeOf(other, WETH));
    expect((await scene.weth.balanceOf(keeper)) - held).to.equal(pledged - left - second);
    await expectHeld(scene, [id, other], [stranger]);
  });
});

describe("Claiming a credit", () => {
  it("sends it to a receiver, once", async () => {
    const scene = await networkHelpers.loadFixture(plain);
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
    const scene = await networkHelpers.loadFixture(plain);
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
    const scene = await networkHelpers.loadFixture(plain);
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
      const scene = await credited(contract);
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
});

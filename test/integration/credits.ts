import { expect } from "chai";

import { clock, networkHelpers } from "../helpers/chain.ts";
import { betaInWad, creditInUnits, creditOfSale } from "../helpers/credits.ts";
import {
  callableLoan,
  calledLoan,
  CREDIT_AGE,
  CURE,
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
import { dollars, openLoan, usdc, waitWithLiveFeeds, WBTC, wbtc, WETH, weth } from "../helpers/market.ts";

const HARD = "1,700"; // D / L = 1.0219

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
        expect(credit).to.equal(earns ? creditInUnits(seized, betaInWad(loan, taken, overdue)) : 0n);
        expect(await book.creditOf(stranger, WETH)).to.equal(credit);
        expect((await scene.weth.balanceOf(keeper)) - held).to.equal(seized - credit);
        await expectHeld(scene, [id], [stranger]);
      });
    }

    it("is a tenth of the bonus's part, by hand", async () => {
      const scene = await networkHelpers.loadFixture(calledLoan);
      const { book, keeper, stranger, feeds, id } = scene;
      await waitWithLiveFeeds(scene, CREDIT_AGE);
      await feeds.weth.set(dollars("1,500")); // V is less than 1.01 D: the last bonus, 1 %
      const call = book.connect(keeper).liquidate(orderFor(id, WETH, usdc("1,500")), "0x");
      // 1,500 buy 1.01 ether, of which 0.01 is the bonus's part; a unit of what is paid is lost in scaling, and buys nothing.
      const credit = weth("0.001") - (weth("0.001") / usdc("1,500") + 1n);
      await expect(call).to.emit(book, "Credited").withArgs(id, WETH, stranger.address, credit);
      expect(await book.creditOf(stranger, WETH)).to.equal(credit);
    });

    it("is nothing of nothing: where a tenth of the bonus is less than a unit there is no event", async () => {
      const scene = await networkHelpers.loadFixture(calledLoan);
      const { book, keeper, stranger, feeds, id } = scene;
      await waitWithLiveFeeds(scene, CREDIT_AGE);
      await feeds.weth.set(dollars("1,600"));
      const other = await smallestBitcoinLoan(scene);
      const call = book.connect(keeper).liquidate(orderFor(other, WBTC, 1_000n), "0x");
      await expect(call).to.emit(book, "Liquidated");
      await expect(call).not.to.emit(book, "Credited");
      expect(await book.creditOf(stranger, WBTC)).to.equal(0n);
      await expectHeld(scene, [id, other], [stranger]);
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
      const expected = creditInUnits(weth("1"), betaInWad(loan, ether, 0n));
      const { seized } = await book.connect(keeper).liquidate.staticCall(orderFor(id), "0x");
      await book.connect(keeper).liquidate(orderFor(id), "0x");
      expect(await book.pledgeOf(id, WETH)).to.equal(0n);
      expect(await book.creditOf(stranger, WETH)).to.equal(expected);
      expect(seized).to.equal(weth("1") - expected);
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
    const loan = figures(await book.debtOf(id), taken);
    const { seized, credit } = await expectSale(scene, loan, taken, sale);
    expect(credit).to.equal(creditInUnits(seized, betaInWad(loan, taken, SOFT_RAMP)));
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
    const pledged = async (): Promise<[bigint, bigint]> => [
      await book.pledgeOf(id, WETH),
      await book.pledgeOf(other, WETH),
    ];
    const orders = [id, other].map((loan) => orderFor(loan, WETH, usdc("500")));

    const before = await pledged();
    const creditOfFirst = await creditOfSale(scene, "1,800", SOFT_RAMP);
    await book.connect(keeper).liquidate(orderFor(id, WETH, usdc("500")), "0x");
    const between = await pledged();
    const first = creditOfFirst(before[0] - between[0]);
    expect(await book.creditOf(stranger, WETH)).to.equal(first);

    const held = await scene.weth.balanceOf(keeper);
    const creditOfSecond = await creditOfSale(scene, "1,800", SOFT_RAMP); // less: the loan is nearer its line by now
    const creditOfOther = await creditOfSale({ ...scene, id: other }, "1,800", SOFT_RAMP);
    const receipt = await (await book.connect(keeper).liquidateBatch(orders, "0x")).wait();
    const ether = await scene.weth.getAddress();
    expect(receipt?.logs.filter(({ address }) => address === ether)).to.have.lengthOf(1);
    const after = await pledged();
    const second = creditOfSecond(between[0] - after[0]) + creditOfOther(between[1] - after[1]);
    expect(await book.creditOf(stranger, WETH)).to.equal(first + second);
    const sold = between[0] + between[1] - after[0] - after[1];
    expect((await scene.weth.balanceOf(keeper)) - held).to.equal(sold - second);
    await expectHeld(scene, [id, other], [stranger]);
  });
});

/** The smallest loan, of a called borrower who has pledged bitcoin: 1,000 units of a dollar buy less than two of it. */
async function smallestBitcoinLoan(scene: Scene): Promise<bigint> {
  const { book, stranger, feeds } = scene;
  const id = await openLoan(scene, { pledges: [[WBTC, wbtc("0.003")]], amount: usdc("140"), number: 2n });
  await feeds.wbtc.set(dollars("52,000")); // D / L = 1.0435
  await book.connect(stranger).callMargin(id);
  await waitWithLiveFeeds(scene, CREDIT_AGE);
  return id;
}

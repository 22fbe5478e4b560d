/**
 * The vault works on copies of its two words, whose fields and flags several functions change one after another: none may be written
 * back as it was before. What a sale pays and what it loses are two calls of the vault now.
 */
import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { networkHelpers } from "../helpers/chain.ts";
import { dollars, loanId, openLoan, usdc, waitWithLiveFeeds, WBTC, wbtc, WETH, weth } from "../helpers/market.ts";
import { expectTermInvariants, MONTH, openTermLoan, refinancing, termMarket, WEEK } from "../helpers/terms.ts";
import type { TermMarket } from "../helpers/terms.ts";
import { greedyOrder } from "./scene.ts";

const HAS_TERMS = 128n;
const ACTIVITIES = [0n, 1n, 2n];
const ALL_PAUSED = 7n;

type Scene = TermMarket & { fixed: bigint };

/** One fixed-term loan beside the whale's, of 10,000 against 6.5 ether. */
async function oneTerm(): Promise<Scene> {
  const market = await termMarket();
  return { ...market, fixed: await openTermLoan(market, { amount: usdc("10,000"), duration: MONTH, ether: "6.5" }) };
}

async function flagsOf({ vault }: Scene): Promise<bigint> {
  return (await vault.state()).flags;
}

async function pauseAll({ vault, guardian }: Scene): Promise<void> {
  for (const activity of ACTIVITIES) await vault.connect(guardian).pause(activity);
}

describe("Attacks on what the vault keeps in two words", () => {
  it("pauses outlive every change of the flag of terms, and terms every change of the pauses", async () => {
    const scene = await networkHelpers.loadFixture(oneTerm);
    const { vault, book, guardian, borrower, fixed, whale } = scene;
    expect(await flagsOf(scene)).to.equal(HAS_TERMS);
    await pauseAll(scene);
    expect(await flagsOf(scene)).to.equal(HAS_TERMS | ALL_PAUSED);

    await book.connect(borrower).repay(fixed, usdc("5,000"));
    expect(await flagsOf(scene)).to.equal(HAS_TERMS | ALL_PAUSED);
    await book.connect(borrower).refinance(fixed, refinancing(borrower, { duration: WEEK })); // the only term ends, and another begins
    expect(await flagsOf(scene)).to.equal(HAS_TERMS | ALL_PAUSED);
    await book.connect(borrower).refinance(fixed, refinancing(borrower));
    expect(await flagsOf(scene)).to.equal(ALL_PAUSED);
    await book.connect(borrower).refinance(fixed, refinancing(borrower, { duration: WEEK }));
    for (const activity of ACTIVITIES) await vault.connect(guardian).unpause(activity);
    expect(await flagsOf(scene)).to.equal(HAS_TERMS);

    await waitWithLiveFeeds(scene, WEEK);
    await vault.connect(guardian).pause(1n);
    await book.roll(fixed);
    expect(await flagsOf(scene)).to.equal(2n);
    await expectTermInvariants(scene, [fixed, whale]);
  });

  it("a lender, a treasurer and anyone who accrues leave flags and sums as they are", async () => {
    const scene = await networkHelpers.loadFixture(oneTerm);
    const { vault, book, lender, stranger, treasurer, treasury, guardian, keeper, fixed, whale } = scene;
    await book.connect(keeper).repay(whale, (await book.debtOf(whale)) - usdc("5,000")); // so that reserves are above their target
    await vault.connect(guardian).pause(1n);
    const terms = await vault.termSums();
    const { scaledDebt } = await vault.state();
    const held = await scene.usdc.balanceOf(treasury);
    await waitWithLiveFeeds(scene, 3n * MONTH);
    await vault.connect(stranger).deposit(usdc("1,000"), stranger);
    await vault.connect(stranger).mint(usdc("1,000") * 10n ** 6n, stranger);
    await vault.connect(lender).withdraw(usdc("100"), lender, lender);
    await vault.connect(lender).redeem(usdc("100") * 10n ** 6n, lender, lender);
    await waitWithLiveFeeds(scene, MONTH);
    await vault.connect(keeper).accrue();
    const before = await vault.state();
    await vault.connect(treasurer).sweepReserves();
    const after = await vault.state();
    const swept = (await scene.usdc.balanceOf(treasury)) - held;
    expect(swept).to.be.above(0n);
    expect([before.cash - after.cash, before.reserves - after.reserves]).to.deep.equal([swept, swept]);
    expect(after.flags).to.equal(HAS_TERMS | 2n);
    expect(after.scaledDebt).to.equal(scaledDebt);
    expect(await vault.termSums()).to.deep.equal(terms);
    await expectTermInvariants(scene, [fixed, whale]);
  });

  // The one call that did both reckoned the loss after the payment, with the flag of terms as it was then.
  for (const [name, price, isFixedTerm] of [
    ["the last fixed-term loan", "1,000", true],
    ["an open-term loan beside it", "1,000", false],
    ["a fixed-term loan whose loss reserves bear", "1,530", true],
    ["an open-term loan whose loss reserves bear", "1,530", false],
  ] as const) {
    it(`${name}, sold for less than it owes: the loss is booked once, reserves first`, async () => {
      const scene = await networkHelpers.loadFixture(oneTerm);
      const { vault, book, feeds, keeper, borrower, fixed, whale } = scene;
      const open = await openLoan(scene, { pledges: [[WETH, weth("6.5")]], amount: usdc("10,000"), number: 2n });
      await waitWithLiveFeeds(scene, 2n * WEEK);
      await pauseAll(scene);
      await vault.accrue();
      const id = isFixedTerm ? fixed : open;
      await feeds.weth.set(dollars(price));
      const [debt, total, assets] = [await book.debtOf(id), await vault.totalDebt(), await vault.totalAssets()];
      const before = await vault.state();

      const { repaid } = await book.connect(keeper).liquidate.staticCall(greedyOrder(id), "0x");
      const call = book.connect(keeper).liquidate(greedyOrder(id), "0x");
      // The debt is rounded up; what it is a part of, down.
      const isLoss = (loss: bigint): boolean => loss <= debt - repaid && loss >= debt - repaid - 2n;
      const isPart = (part: bigint): boolean =>
        part === (debt - repaid < before.reserves ? part : before.reserves) && part !== 0n;
      await expect(call).to.emit(vault, "LossBooked").withArgs(isLoss, isPart);

      const after = await vault.state();
      expect(after.cash - before.cash).to.equal(repaid);
      const lost = total - repaid - (await vault.totalDebt());
      expect(lost).to.be.within(debt - repaid - 2n, debt - repaid);
      const fromReserves = before.reserves - after.reserves;
      expect(fromReserves).to.equal(lost < before.reserves ? lost : before.reserves);
      expect(assets - (await vault.totalAssets())).to.equal(lost - fromReserves);
      expect(after.flags).to.equal(isFixedTerm ? ALL_PAUSED : HAS_TERMS | ALL_PAUSED);
      expect(await book.loan(id)).to.deep.equal([0n, 0n, 0n, 0n, 0n, 0n]);
      await expectTermInvariants(scene, [fixed, open, whale]);
      await book.connect(borrower).repay(isFixedTerm ? open : fixed, MaxUint256);
      expect((await vault.state()).flags).to.equal(ALL_PAUSED);
    });
  }

  it("a batch of both kinds that pays for some, sells others short and frees none takes off each kind what was its", async () => {
    const scene = await networkHelpers.loadFixture(oneTerm);
    const { vault, book, feeds, keeper, borrower, fixed, whale } = scene;
    const open = await openLoan(scene, { pledges: [[WETH, weth("6.5")]], amount: usdc("10,000"), number: 2n });
    const sound = loanId(borrower, 3n);
    const term = { duration: MONTH, maxRate: MaxUint256 };
    const pledges = [{ listing: WBTC, amount: wbtc("0.2") }];
    await book.connect(borrower).openTerm(sound, pledges, usdc("9,000"), term, borrower);
    await waitWithLiveFeeds(scene, WEEK);
    await feeds.weth.set(dollars("1,000"));
    await feeds.wbtc.set(dollars("51,000"));
    const kept = await book.loan(sound);
    const crumbs = [greedyOrder(open, WETH, usdc("777")), greedyOrder(sound, WBTC, usdc("1,000"))];
    const orders = [...crumbs, greedyOrder(fixed), greedyOrder(open), greedyOrder(fixed), greedyOrder(open)];

    const [repaid, filled] = await book.connect(keeper).liquidateBatch.staticCall(orders, "0x");
    const { cash } = await vault.state();
    const call = book.connect(keeper).liquidateBatch(orders, "0x");
    await expect(call).to.emit(vault, "LossBooked");
    expect(filled).to.equal(4n);
    expect((await vault.state()).cash - cash).to.equal(repaid);

    for (const id of [open, fixed]) expect(await book.loan(id)).to.deep.equal([0n, 0n, 0n, 0n, 0n, 0n]);
    const left = await book.loan(sound);
    expect([left.since, left.maturity, left.rate]).to.deep.equal([kept.since, kept.maturity, kept.rate]);
    expect(await vault.termSums()).to.deep.equal([
      left.base,
      left.base * left.rate,
      left.base * left.rate * left.since,
    ]);
    expect((await vault.state()).scaledDebt).to.equal((await book.loan(whale)).base);
    expect(await flagsOf(scene)).to.equal(HAS_TERMS);
  });
});

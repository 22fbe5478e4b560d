import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { unpackAverage } from "../helpers/averaged-supply.ts";
import { clock, DAY, networkHelpers, YEAR } from "../helpers/chain.ts";
import {
  dollars,
  openLoan,
  standardMarket,
  usdc,
  waitWithLiveFeeds,
  WETH,
  weth,
  type Market,
} from "../helpers/market.ts";
import { expectBalancedBooks, greedyOrder } from "./scene.ts";

/** A vault that lenders have left: no shares, nothing in it. */
async function emptyMarket(): Promise<Market> {
  const market = await standardMarket();
  await market.vault.connect(market.lender).withdraw(usdc("1,000,000"), market.lender, market.lender);
  return market;
}

/** A year of interest, so that neither a share nor a unit of scaled debt is worth a round number. */
async function agedMarket(): Promise<Market & { id: bigint }> {
  const market = await standardMarket();
  const id = await openLoan(market, { pledges: [[WETH, weth("600")]], amount: usdc("700,000") });
  await waitWithLiveFeeds(market, YEAR);
  return { ...market, id };
}

/** 150 USDC, all of them lost: one loan had taken everything and its pledge is worth a dollar. */
async function totalLoss(): Promise<Market> {
  const market = await emptyMarket();
  const { vault, book, feeds, lender, keeper } = market;
  await vault.connect(lender).deposit(usdc("150"), lender);
  const id = await openLoan(market, { pledges: [[WETH, weth("0.1")]], amount: usdc("150") });
  await feeds.weth.set(dollars("10"));
  await book.connect(keeper).writeOff(id);
  return market;
}

describe("Attacks on the shares", () => {
  // First depositor donation: ERC-4626 inflation, as on Hundred Finance, Sonne and others.
  it("a donation behind the first deposit takes nothing from the second", async () => {
    const market = await networkHelpers.loadFixture(emptyMarket);
    const { vault, stranger, lender } = market;
    await vault.connect(stranger).deposit(1n, stranger);
    await market.usdc.connect(stranger).transfer(vault, usdc("100,000"));

    await vault.connect(lender).deposit(usdc("50,000"), lender);

    expect(await vault.totalAssets()).to.equal(usdc("50,000") + 1n);
    expect(await vault.maxWithdraw(lender)).to.equal(usdc("50,000"));
    expect(await vault.maxWithdraw(stranger)).to.equal(1n);
    // The donation is nobody's: it cannot even be taken back.
    expect((await vault.state()).cash).to.equal(usdc("50,000") + 1n);
  });

  // A share price pumped by rounding instead of by a donation.
  it("repaying in crumbs cannot pump the share price by more than it costs", async () => {
    const { vault, book, stranger, id } = await networkHelpers.loadFixture(agedMarket);
    const debt = await book.debtOf(id);
    const assets = await vault.totalAssets();

    for (let i = 0; i < 10; i++) await book.connect(stranger).repay(id, 3n);

    const gained = (await vault.totalAssets()) - assets;
    expect(gained).to.be.within(0n, 30n - (debt - (await book.debtOf(id))) + 1n); // one unit: the sum rounds down
    expect(gained).to.be.lte(10n); // less than two units of scaled debt are worth three
  });

  it("no round trip of deposits and withdrawals within a block brings back more than it took", async () => {
    const market = await networkHelpers.loadFixture(agedMarket);
    const { vault, stranger } = market;
    const me = vault.connect(stranger);
    for (const amount of [1n, 7n, 1_000_001n, usdc("123,456.789123")]) {
      const before = await market.usdc.balanceOf(stranger);
      const price = await vault.convertToAssets(10n ** 30n);

      await me.deposit(amount, stranger);
      await me.redeem(await vault.balanceOf(stranger), stranger, stranger);
      const afterFirst = await market.usdc.balanceOf(stranger);
      expect(before - afterFirst, `deposit and redeem ${amount}`).to.be.within(0n, 1n);

      const shares = await vault.previewDeposit(amount);
      await me.mint(shares, stranger);
      await me.withdraw(await vault.maxWithdraw(stranger), stranger, stranger);
      const afterSecond = await market.usdc.balanceOf(stranger);
      expect(afterFirst - afterSecond, `mint and withdraw ${amount}`).to.be.within(0n, 1n);

      expect(await vault.convertToAssets(10n ** 30n)).to.be.gte(price);
      await me.redeem(await vault.balanceOf(stranger), stranger, stranger);
    }
    await expectBalancedBooks(market);
  });

  it("no round trip of borrowing and repaying within a block costs less than it brings", async () => {
    const market = await networkHelpers.loadFixture(agedMarket);
    const { vault, book, stranger } = market;
    let number = 10n;
    for (const amount of [usdc("100"), usdc("100.000001"), usdc("12,345.678901")]) {
      const before = await market.usdc.balanceOf(stranger);
      const assets = await vault.totalAssets();
      const id = await openLoan(market, { pledges: [[WETH, weth("10")]], amount, owner: stranger, number: number++ });
      await book.connect(stranger).borrow(id, 1n, stranger);
      await book.connect(stranger).close(id, MaxUint256, stranger);

      const cost = before - (await market.usdc.balanceOf(stranger));
      expect(cost).to.be.within(0n, 2n); // one unit a draw
      expect((await vault.totalAssets()) - assets).to.be.within(0n, cost);
    }
    await expectBalancedBooks(market);
  });

  // Just-in-time deposits around a jump of the share price: interest comes by the second, so there is no jump.
  it("a deposit for the one block in which a large loan is repaid earns nothing", async () => {
    const market = await networkHelpers.loadFixture(agedMarket);
    const { vault, book, borrower, stranger, id } = market;
    await market.usdc.mint(borrower, usdc("100,000"));
    const before = await market.usdc.balanceOf(stranger);

    await vault.connect(stranger).deposit(usdc("5,000,000"), stranger);
    await book.connect(borrower).close(id, MaxUint256, borrower);
    await vault.connect(stranger).redeem(await vault.balanceOf(stranger), stranger, stranger);

    expect(before - (await market.usdc.balanceOf(stranger))).to.be.within(0n, 1n);
  });

  it("a deposit right before a loss shares it; one right after it is worth what it cost", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { vault, book, feeds, lender, keeper, stranger } = market;
    const id = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("15,000") });
    await feeds.weth.set(dollars("1,010"));
    const before = await market.usdc.balanceOf(stranger);
    await vault.connect(stranger).deposit(usdc("1,000,000"), stranger);

    await book.connect(keeper).liquidate(greedyOrder(id), "0x"); // pays 10,000 of 15,000

    expect(await vault.maxWithdraw(stranger)).to.equal(usdc("997,500"));
    await vault.connect(stranger).redeem(await vault.balanceOf(stranger), stranger, stranger);
    await vault.connect(stranger).deposit(usdc("1,000,000"), stranger);
    await vault.connect(stranger).redeem(await vault.balanceOf(stranger), stranger, stranger);
    expect(before - (await market.usdc.balanceOf(stranger))).to.be.within(usdc("2,500"), usdc("2,500") + 2n);
    expect(await vault.maxWithdraw(lender)).to.be.within(usdc("997,500") - 1n, usdc("997,500") + 1n);
  });

  // Deposits after total loss: worthless old shares must not own new money, nor one unit buy the vault.
  it("after a total loss neither the old lenders nor a one-unit deposit own what comes next", async () => {
    const market = await networkHelpers.loadFixture(totalLoss);
    const { vault, lender, stranger } = market;
    expect(await vault.totalAssets()).to.equal(0n);
    await vault.connect(stranger).deposit(1n, stranger);

    const before = await market.usdc.balanceOf(lender);
    const old = await vault.balanceOf(lender);
    await vault.connect(lender).deposit(usdc("10,000"), lender);

    expect(await vault.convertToAssets(old)).to.equal(0n);
    expect(await vault.maxWithdraw(stranger)).to.be.lte(1n);
    await vault.connect(lender).redeem((await vault.balanceOf(lender)) - old, lender, lender);
    expect(before - (await market.usdc.balanceOf(lender))).to.be.within(0n, 1n);
  });

  // Interest rates moved by a flash deposit or a flash withdrawal.
  it("money that leaves in the block it came in moves neither rate, index nor averaged supply", async () => {
    const { vault, stranger } = await networkHelpers.loadFixture(agedMarket);
    await vault.accrue();
    const before = await vault.state();
    const rate = await vault.borrowRate();

    await vault.connect(stranger).deposit(usdc("5,000,000"), stranger);
    await vault.connect(stranger).withdraw(usdc("5,000,000") - 1n, stranger, stranger);

    const after = await vault.state();
    expect(after.cash - before.cash).to.equal(1n);
    expect([after.index, after.rateAtTarget, after.averagedSupply]).to.deep.equal([
      before.index,
      before.rateAtTarget,
      before.averagedSupply,
    ]);
    expect(rate - (await vault.borrowRate())).to.be.within(0n, 10n ** 8n); // the unit that stayed behind
  });

  it("money parked for a day moves the averaged supply by less than 14 % of the gap", async () => {
    const { vault, stranger } = await networkHelpers.loadFixture(agedMarket);
    await vault.accrue();
    const before = unpackAverage((await vault.state()).averagedSupply);
    await vault.connect(stranger).deposit(usdc("8,500,000"), stranger);
    await clock.advance(DAY);
    await vault.connect(stranger).redeem(await vault.balanceOf(stranger), stranger, stranger);

    const gap = usdc("8,500,000");
    const after = unpackAverage((await vault.state()).averagedSupply);
    expect(after - before).to.be.within((gap * 13n) / 100n, (gap * 14n) / 100n);
  });

  it("sweeping takes nothing that is the lenders', and stops at the target", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { vault, treasurer, treasury } = market;
    await openLoan(market, { pledges: [[WETH, weth("700")]], amount: usdc("950,000") });
    await waitWithLiveFeeds(market, YEAR);
    await vault.connect(market.stranger).deposit(usdc("1,000,000"), market.stranger);
    const { reserves } = await vault.state();
    const keep = ((await vault.totalDebt()) * 200n + 9_999n) / 10_000n;
    const assets = await vault.totalAssets();

    await vault.connect(treasurer).sweepReserves();

    expect(reserves).to.be.gt(keep);
    expect(await market.usdc.balanceOf(treasury)).to.equal(reserves - keep);
    expect(await vault.totalAssets()).to.equal(assets);
    await expect(vault.connect(treasurer).sweepReserves())
      .to.be.revertedWithCustomError(vault, "NothingToSweep")
      .withArgs(keep, keep);
    await expectBalancedBooks(market);
  });
});

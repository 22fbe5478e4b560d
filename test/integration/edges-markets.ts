import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { clock, networkHelpers, YEAR } from "../helpers/chain.ts";
import { expectInvariants } from "../helpers/invariants.ts";
import {
  DAY,
  dollars,
  loanId,
  openLoan,
  shares,
  standardMarket,
  usdc,
  waitWithLiveFeeds,
  WETH,
  weth,
  type Market,
} from "../helpers/market.ts";
import { accrue, debtOf, sharesPerAsset, totalAssets, WAD, whole } from "../helpers/mathematics.ts";

const MAX_INDEX = 2n ** 72n - 1n;
const LAST_SECOND = 2n ** 32n - 1n;

async function emptyVault(): Promise<Market> {
  const market = await standardMarket();
  const { vault, lender } = market;
  await vault.connect(lender).redeem(shares("1,000,000"), lender, lender);
  return market;
}

/** All of the million is lent to one loan. */
async function lentOut(): Promise<Market & { id: bigint }> {
  const market = await standardMarket();
  const id = await openLoan(market, { pledges: [[WETH, weth("2,000")]], amount: usdc("1,000,000") });
  return { ...market, id };
}

describe("Edges of markets", () => {
  let present: Awaited<ReturnType<typeof networkHelpers.takeSnapshot>>;

  // A fixture that is not there yet is set up in the chain's present, which the decades here must not become.
  before(async () => {
    present = await networkHelpers.takeSnapshot();
  });

  after(async () => present.restore());

  describe("an empty vault", () => {
    it("has nothing to lend, to pay, to sweep or to tell", async () => {
      const market = await networkHelpers.loadFixture(emptyVault);
      const { vault, book, borrower, lender, treasurer } = market;
      const id = loanId(borrower);
      const pledges = [{ listing: WETH, amount: weth("1") }];
      await expect(book.connect(borrower).open(id, pledges, usdc("100"), borrower))
        .to.be.revertedWithCustomError(vault, "InsufficientCash")
        .withArgs(usdc("100"), 0n);
      await book.connect(borrower).pledge(id, WETH, weth("1"));
      await expect(book.connect(borrower).borrow(id, usdc("100"), borrower))
        .to.be.revertedWithCustomError(vault, "InsufficientCash")
        .withArgs(usdc("100"), 0n);
      await expect(vault.connect(lender).withdraw(1n, lender, lender))
        .to.be.revertedWithCustomError(vault, "ERC4626ExceededMaxWithdraw")
        .withArgs(lender.address, 1n, 0n);
      await expect(vault.connect(lender).redeem(1n, lender, lender))
        .to.be.revertedWithCustomError(vault, "ERC4626ExceededMaxRedeem")
        .withArgs(lender.address, 1n, 0n);
      await expect(vault.connect(treasurer).sweepReserves())
        .to.be.revertedWithCustomError(vault, "NothingToSweep")
        .withArgs(0n, 0n);
      await vault.connect(lender).withdraw(0n, lender, lender);
      await vault.connect(lender).redeem(0n, lender, lender);
      const expected = accrue(await vault.state(), YEAR);
      await clock.advance(YEAR);
      await vault.accrue();

      // The index and the rate move where nothing is lent too, and nobody pays for it.
      const state = await vault.state();
      expect(state.index).to.be.within(expected.index - 10n ** 5n, expected.index + 10n ** 5n);
      expect(state.rateAtTarget).to.equal(expected.rateAtTarget);
      expect(await vault.totalSupply()).to.equal(0n);
      expect(await vault.totalAssets()).to.equal(0n);
      expect(await vault.utilisation()).to.equal(0n);
      expect(await vault.lendRate()).to.equal(0n);
      await expectInvariants(market, [id]);
    });

    it("begins again with its next lender, as it began with the first", async () => {
      const market = await networkHelpers.loadFixture(emptyVault);
      const { vault, stranger } = market;
      await vault.connect(stranger).deposit(1n, stranger);
      expect(await vault.balanceOf(stranger)).to.equal(10n ** 6n);
      await vault.connect(stranger).deposit(usdc("1"), stranger);
      expect(await vault.balanceOf(stranger)).to.equal(shares("1") + 10n ** 6n);
      await expectInvariants(market, []);
    });
  });

  describe("a year with everything lent out", () => {
    it("costs what the calculation says, and pays it to those who waited", async () => {
      const market = await networkHelpers.loadFixture(lentOut);
      const { vault, book, borrower, stranger, lender, id } = market;
      const before = await vault.state();
      const expected = accrue(before, YEAR);
      await waitWithLiveFeeds(market, YEAR);
      await vault.accrue();
      const state = await vault.state();
      // The rate is known to 1e-14 a year.
      expect(state.index).to.be.within(expected.index - 10n ** 5n, expected.index + 10n ** 5n);
      expect(state.rateAtTarget).to.equal(25n * 10n ** 12n);
      expect(await vault.utilisation()).to.equal(WAD);

      for (const [call, error, args] of [
        [vault.connect(lender).withdraw(1n, lender, lender), "ERC4626ExceededMaxWithdraw", [lender.address, 1n, 0n]],
        [vault.connect(lender).redeem(1n, lender, lender), "ERC4626ExceededMaxRedeem", [lender.address, 1n, 0n]],
        [book.connect(borrower).borrow(id, 1n, borrower), "InsufficientCash", [1n, 0n]],
      ] as const) {
        await expect(call)
          .to.be.revertedWithCustomError(vault, error)
          .withArgs(...args);
      }

      // One unit that is repaid is one unit that can be withdrawn.
      await book.connect(stranger).repay(id, 1n);
      await vault.connect(lender).withdraw(1n, lender, lender);
      const debt = debtOf(state.scaledDebt, state.index);
      expect(await book.debtOf(id)).to.be.within(debt - 1n, debt); // a unit is less than the index: it may retire nothing
      await market.usdc.mint(borrower, debt);
      await book.connect(borrower).close(id, MaxUint256, borrower);
      const paid = await vault.maxWithdraw(lender);
      expect(paid).to.be.within(totalAssets(state) - 2n, totalAssets(state));
      await vault.connect(lender).redeem(await vault.balanceOf(lender), lender, lender);
      await expectInvariants(market, [id]);
    });
  });

  describe("a market with one lender", () => {
    it("who is its only borrower pays itself, and loses the reserves' tenth", async () => {
      const market = await networkHelpers.loadFixture(emptyVault);
      const { vault, book, stranger: alone, usdc: token } = market;
      const purse = await token.balanceOf(alone);
      await vault.connect(alone).deposit(usdc("1,000"), alone);
      const id = loanId(alone);
      await book.connect(alone).open(id, [{ listing: WETH, amount: weth("2") }], usdc("1,000"), alone);
      await waitWithLiveFeeds(market, 30n * DAY);
      await book.connect(alone).close(id, MaxUint256, alone);
      const state = await vault.state();
      const held = await vault.balanceOf(alone);
      const worth = whole(held)
        .over(sharesPerAsset(totalAssets(state), held))
        .floor();
      await vault.connect(alone).redeem(held, alone, alone);

      // What is gone is in the reserves, but for the unit that the virtual shares and the rounding keep.
      const lost = purse - (await token.balanceOf(alone));
      expect(lost).to.equal(state.cash - worth);
      expect(lost - state.reserves).to.be.within(0n, 1n);
      expect(await vault.totalSupply()).to.equal(0n);
      await expectInvariants(market, [id]);
    });

    it("who has lost everything shares what comes after with those who come after", async () => {
      const market = await networkHelpers.loadFixture(lentOut);
      const { vault, book, keeper, feeds, lender, stranger, id } = market;
      await feeds.weth.set(dollars("10"));
      const order = { id, listing: WETH, maxRepay: MaxUint256, minSeized: weth("2,000") };
      await book.connect(keeper).liquidate(order, "0x");
      const recovered = 19_801_980_199n; // 20,000 / 1.01, up
      expect(await vault.totalAssets()).to.equal(recovered);
      await vault.connect(lender).withdraw(recovered - 1n, lender, lender);
      // The shares that are left are worth the unit that is left: a new lender gets what it pays for all the same.
      const supply = await vault.totalSupply();
      const minted = whole(usdc("100")).times(sharesPerAsset(1n, supply)).floor();
      await vault.connect(stranger).deposit(usdc("100"), stranger);
      expect(await vault.balanceOf(stranger)).to.equal(minted);
      expect(await vault.maxWithdraw(stranger)).to.be.within(usdc("100") - 1n, usdc("100"));
      await expectInvariants(market, [id]);
    });
  });

  describe("an index at its end", () => {
    // ln(2^72 / 1e18) is 8.46: eight and a half years at 100 % a year if somebody accrues every month, and the drift to it takes
    // two weeks. In silence the growth is cut off after the third term, x + x² / 2 + x³ / 6 = 4,721 at x = 29.4, and the average of
    // start, middle and end is 4 × (4 + 2 × 25 + 25) / 4 = 79 % a year: 37.3 years.
    it("takes eight and a half years of everything lent out, if interest is booked every month", async () => {
      const { vault } = await networkHelpers.loadFixture(lentOut);
      let months = 0n;
      while ((await vault.state()).index < MAX_INDEX) {
        await clock.advance(YEAR / 12n);
        await vault.accrue();
        months++;
      }
      expect(months).to.be.within(102n, 103n);
    });

    it("takes 38 years of silence", async () => {
      const { vault } = await networkHelpers.loadFixture(lentOut);
      await clock.advance(37n * YEAR);
      expect((await vault.accruedState()).index).to.be.below(MAX_INDEX);
      await clock.advance(YEAR);
      expect((await vault.accruedState()).index).to.equal(MAX_INDEX);
    });

    it("stops interest, and no exit: repay in part and whole, liquidate, write off, release, withdraw", async () => {
      const market = await networkHelpers.loadFixture(lentOut);
      const { vault, book, borrower, keeper, stranger, lender, treasurer, feeds, id } = market;
      await vault.connect(stranger).deposit(usdc("2,000,000"), stranger);
      const other = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("10,000"), number: 2n });
      const last = await openLoan(market, { pledges: [[WETH, weth("1")]], amount: usdc("500"), number: 3n });
      // Without stops on the way the rate falls again: the million is a third of the supply now.
      await vault.connect(stranger).withdraw(usdc("1,989,500"), stranger, stranger);
      await waitWithLiveFeeds(market, 60n * YEAR);
      await vault.accrue();
      const state = await vault.state();
      expect(state.index).to.equal(MAX_INDEX);
      await waitWithLiveFeeds(market, YEAR);
      expect(await book.debtOf(id)).to.equal(debtOf(usdc("1,000,000"), MAX_INDEX));
      expect((await vault.accruedState()).reserves).to.equal(state.reserves);

      const all = 10n ** 12n * usdc("1");
      for (const actor of [borrower, keeper, stranger]) await market.usdc.mint(actor, all);
      const debt = await book.debtOf(other);
      await book.connect(stranger).repay(other, debt / 2n);
      const unit = MAX_INDEX / WAD + 1n; // what one unit of scaled debt has become: 4,723
      expect(await book.debtOf(other)).to.be.within(debt - debt / 2n, debt - debt / 2n + unit);
      const seized = await book
        .connect(keeper)
        .liquidate.staticCall({ id: other, listing: WETH, maxRepay: usdc("1,000"), minSeized: 0n }, "0x");
      expect(seized.repaid).to.equal(usdc("1,000"));
      const order = { id: other, listing: WETH, maxRepay: MaxUint256, minSeized: weth("10") };
      await expect(book.connect(keeper).liquidate(order, "0x")).to.emit(vault, "LossBooked");
      await feeds.weth.set(dollars("10")); // an ether is worth more than a twentieth of 100 dollars: no write-off
      await expect(book.connect(keeper).writeOff(last))
        .to.be.revertedWithCustomError(book, "NotWorthless")
        .withArgs(last, usdc("10"), usdc("5"));
      await book.connect(keeper).liquidate({ ...order, id: last, minSeized: weth("1") }, "0x");

      await book.connect(stranger).repay(id, MaxUint256);
      await book.connect(borrower).release(id, WETH, MaxUint256, borrower);
      if ((await vault.state()).reserves > 0n) await vault.connect(treasurer).sweepReserves();
      for (const actor of [lender, stranger]) {
        await vault.connect(actor).redeem(await vault.maxRedeem(actor), actor, actor);
        expect(await vault.balanceOf(actor)).to.equal(0n);
      }
      await expectInvariants(market, [id, other, last]);
    });
  });

  describe("block times around 2^32", () => {
    async function oldMarket(): Promise<Market & { id: bigint }> {
      const market = await standardMarket();
      const id = await openLoan(market, { pledges: [[WETH, weth("1,000")]], amount: usdc("100,000") });
      await waitWithLiveFeeds(market, LAST_SECOND - 10n * DAY - clock.now());
      await market.vault.accrue();
      return { ...market, id };
    }

    it("up to the last second all is as ever", async () => {
      const market = await networkHelpers.loadFixture(oldMarket);
      const { vault, book, borrower, id } = market;
      const before = await vault.state();
      await waitWithLiveFeeds(market, 10n * DAY);
      expect(clock.now()).to.equal(LAST_SECOND);
      await book.connect(borrower).borrow(id, usdc("100"), borrower);
      const state = await vault.state();
      expect(state.lastAccrual).to.equal(LAST_SECOND);
      const expected = accrue(before, 10n * DAY);
      expect(state.index).to.be.within(expected.index - 10n ** 6n, expected.index + 10n ** 6n);
      await expectInvariants(market, [id]);
    });

    // The stored time wraps: from then on every block books a whole 136 years. No exit closes.
    it("after it the index runs to its end, and every exit stays open", async () => {
      const market = await networkHelpers.loadFixture(oldMarket);
      const { vault, book, borrower, stranger, lender, id } = market;
      await waitWithLiveFeeds(market, 10n * DAY + 3n);
      await vault.accrue();
      expect((await vault.state()).lastAccrual).to.equal(2n);
      for (let n = 0; n < 50; n++) await vault.accrue();
      expect(await vault.debtIndex()).to.equal(MAX_INDEX);

      const debt = await book.debtOf(id);
      await market.usdc.mint(stranger, debt);
      await book.connect(stranger).repay(id, debt / 2n);
      await book.connect(stranger).repay(id, MaxUint256);
      await book.connect(borrower).close(id, 0n, borrower);
      await vault.connect(lender).redeem(await vault.maxRedeem(lender), lender, lender);
      expect(await vault.balanceOf(lender)).to.equal(0n);
      await expectInvariants(market, [id]);
    });
  });
});

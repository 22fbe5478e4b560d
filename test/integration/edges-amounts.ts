import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { networkHelpers } from "../helpers/chain.ts";
import { expectInvariants } from "../helpers/invariants.ts";
import { dollars, loanId, openLoan, shares, standardMarket, usdc, WETH, weth, type Market } from "../helpers/market.ts";

const MAX_AMOUNT = 2n ** 104n - 1n;
/** What no amount reaches: the end of 104 bits, the unit beyond, and the largest number. */
const BEYOND = [MAX_AMOUNT, MAX_AMOUNT + 1n, MaxUint256] as const;
const MIN_DEBT = usdc("100");
const CAP = weth("5,000");

interface Scene extends Market {
  /** 10 ether beside 15,000; it may borrow 600 more. */
  id: bigint;
}

async function oneLoan(): Promise<Scene> {
  const market = await standardMarket();
  const id = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("15,000") });
  return { ...market, id };
}

/** Nothing, one unit, everything, more than everything, and the ends of the number range, for each call that takes an amount. */
describe("Edges of amounts", () => {
  let scene: Scene;

  beforeEach(async () => {
    scene = await networkHelpers.loadFixture(oneLoan);
  });

  afterEach(async () => {
    const { borrower, id } = scene;
    await expectInvariants(scene, [id, loanId(borrower, 2n)]);
  });

  describe("in the vault", () => {
    it("deposit", async () => {
      const { vault, stranger, usdc: token } = scene;
      await expect(vault.connect(stranger).deposit(0n, stranger))
        .to.emit(vault, "Deposit")
        .withArgs(stranger.address, stranger.address, 0n, 0n);
      await vault.connect(stranger).deposit(1n, stranger);
      expect(await vault.balanceOf(stranger)).to.equal(10n ** 6n);
      const max = usdc("9,000,000") - 1n;
      expect(await vault.maxDeposit(stranger)).to.equal(max);
      for (const amount of [max + 1n, ...BEYOND]) {
        await expect(vault.connect(stranger).deposit(amount, stranger))
          .to.be.revertedWithCustomError(vault, "ERC4626ExceededMaxDeposit")
          .withArgs(stranger.address, amount, max);
      }
      await vault.connect(stranger).deposit(max, stranger);
      expect(await vault.balanceOf(stranger)).to.equal(shares("9,000,000"));
      expect(await token.balanceOf(stranger)).to.equal(usdc("12,000,000"));
    });

    it("mint", async () => {
      const { vault, stranger, usdc: token } = scene;
      const purse = await token.balanceOf(stranger);
      await vault.connect(stranger).mint(0n, stranger);
      expect(await token.balanceOf(stranger)).to.equal(purse);
      await vault.connect(stranger).mint(1n, stranger); // a millionth of a unit costs a unit
      expect(await token.balanceOf(stranger)).to.equal(purse - 1n);
      const max = await vault.maxMint(stranger);
      for (const amount of [max + 1n, ...BEYOND]) {
        await expect(vault.connect(stranger).mint(amount, stranger))
          .to.be.revertedWithCustomError(vault, "ERC4626ExceededMaxMint")
          .withArgs(stranger.address, amount, max);
      }
      await vault.connect(stranger).mint(max, stranger);
      expect(await vault.maxMint(stranger)).to.equal(0n);
      expect(await vault.totalAssets()).to.equal(usdc("10,000,000"));
    });

    it("withdraw", async () => {
      const { vault, lender } = scene;
      await expect(vault.connect(lender).withdraw(0n, lender, lender))
        .to.emit(vault, "Withdraw")
        .withArgs(lender.address, lender.address, lender.address, 0n, 0n);
      await vault.connect(lender).withdraw(1n, lender, lender);
      expect(await vault.balanceOf(lender)).to.equal(shares("1,000,000") - 10n ** 6n);
      const cash = usdc("985,000") - 1n;
      for (const amount of [cash + 1n, ...BEYOND]) {
        await expect(vault.connect(lender).withdraw(amount, lender, lender))
          .to.be.revertedWithCustomError(vault, "ERC4626ExceededMaxWithdraw")
          .withArgs(lender.address, amount, cash);
      }
      await vault.connect(lender).withdraw(cash, lender, lender);
      expect((await vault.state()).cash).to.equal(0n);
    });

    it("redeem", async () => {
      const { vault, book, lender, borrower, id, usdc: token } = scene;
      await vault.connect(lender).redeem(0n, lender, lender);
      const purse = await token.balanceOf(lender);
      await vault.connect(lender).redeem(1n, lender, lender); // a millionth of a unit is nothing
      expect(await token.balanceOf(lender)).to.equal(purse);
      const max = shares("985,000") - 1n; // what the cash covers, rounded down
      expect(await vault.maxRedeem(lender)).to.equal(max);
      for (const amount of [max + 1n, ...BEYOND]) {
        await expect(vault.connect(lender).redeem(amount, lender, lender))
          .to.be.revertedWithCustomError(vault, "ERC4626ExceededMaxRedeem")
          .withArgs(lender.address, amount, max);
      }
      await vault.connect(lender).redeem(max, lender, lender);
      await book.connect(borrower).repay(id, MaxUint256);
      await vault.connect(lender).redeem(shares("15,000"), lender, lender);
      expect(await vault.balanceOf(lender)).to.equal(0n);
      expect(await token.balanceOf(vault)).to.equal(1n); // the unit that the first share was a part of
    });

    it("transfer and approve", async () => {
      const { vault, lender, stranger, keeper } = scene;
      const all = shares("1,000,000");
      await vault.connect(lender).transfer(stranger, 0n);
      for (const amount of [all + 1n, MaxUint256]) {
        await expect(vault.connect(lender).transfer(stranger, amount))
          .to.be.revertedWithCustomError(vault, "ERC20InsufficientBalance")
          .withArgs(lender.address, all, amount);
      }
      await vault.connect(lender).approve(keeper, 1n);
      await expect(vault.connect(keeper).transferFrom(lender, keeper, 2n))
        .to.be.revertedWithCustomError(vault, "ERC20InsufficientAllowance")
        .withArgs(keeper.address, 1n, 2n);
      await vault.connect(keeper).transferFrom(lender, keeper, 1n);
      await vault.connect(lender).transfer(stranger, all - 1n);
      expect(await vault.balanceOf(lender)).to.equal(0n);
    });

    it("lowering the deposit cap", async () => {
      const { vault, guardian, lender } = scene;
      await vault.connect(guardian).lowerDepositCap(0n);
      expect(await vault.maxDeposit(lender)).to.equal(0n);
      expect(await vault.maxMint(lender)).to.equal(0n);
      await expect(vault.connect(lender).deposit(1n, lender))
        .to.be.revertedWithCustomError(vault, "ERC4626ExceededMaxDeposit")
        .withArgs(lender.address, 1n, 0n);
      await vault.connect(lender).withdraw(usdc("985,000"), lender, lender);
      await expect(vault.connect(guardian).lowerDepositCap(0n))
        .to.be.revertedWithCustomError(vault, "DepositCapNotLower")
        .withArgs(0n, 0n);
    });
  });

  describe("in the book", () => {
    it("open, what is borrowed", async () => {
      const { book, borrower } = scene;
      const id = loanId(borrower, 2n);
      const open = async (amount: bigint): Promise<unknown> =>
        book.connect(borrower).open(id, [{ listing: WETH, amount: weth("1") }], amount, borrower);
      await expect(open(0n)).to.be.revertedWithCustomError(book, "ZeroAmount").withArgs();
      for (const amount of [1n, MIN_DEBT - 1n]) {
        await expect(open(amount)).to.be.revertedWithCustomError(book, "DebtBelowMin").withArgs(amount, MIN_DEBT);
      }
      const limit = usdc("1,560");
      for (const amount of [limit + 1n, MAX_AMOUNT - usdc("15,000")]) {
        await expect(open(amount)).to.be.revertedWithCustomError(book, "AboveBorrowLimit").withArgs(amount, limit);
      }
      for (const amount of [MAX_AMOUNT + 1n, MaxUint256]) {
        await expect(open(amount)).to.be.revertedWithCustomError(book, "AmountTooLarge").withArgs(amount, MAX_AMOUNT);
      }
      await open(limit);
      expect(await book.debtOf(id)).to.equal(limit);
    });

    it("open, what is pledged", async () => {
      const { book, borrower } = scene;
      const id = loanId(borrower, 2n);
      const open = async (amounts: bigint[], borrowed = MIN_DEBT): Promise<unknown> => {
        const pledges = amounts.map((amount) => ({ listing: WETH, amount }));
        return book.connect(borrower).open(id, pledges, borrowed, borrower);
      };
      await expect(open([])).to.be.revertedWithCustomError(book, "AboveBorrowLimit").withArgs(MIN_DEBT, 0n);
      await expect(open([0n]))
        .to.be.revertedWithCustomError(book, "ZeroAmount")
        .withArgs();
      await expect(open([1n]))
        .to.be.revertedWithCustomError(book, "AboveBorrowLimit")
        .withArgs(MIN_DEBT, 0n);
      const room = CAP - weth("10");
      for (const amount of [room + 1n, ...BEYOND]) {
        const pledged = amount === MaxUint256 ? MaxUint256 : amount + weth("10");
        await expect(open([amount]))
          .to.be.revertedWithCustomError(book, "CapExceeded")
          .withArgs(WETH, pledged, CAP);
      }
      // Parts that fit each, but not together.
      await expect(open([room, 1n]))
        .to.be.revertedWithCustomError(book, "CapExceeded")
        .withArgs(WETH, CAP + 1n, CAP);
      // 128.205128 × 0.78 is 99.99999984: the value must be a unit more, which 0.0641025645 ether are worth.
      const least = weth("0.0641025645");
      await expect(open([least - 1n]))
        .to.be.revertedWithCustomError(book, "AboveBorrowLimit")
        .withArgs(MIN_DEBT, MIN_DEBT - 1n);
      await open([least]);
      await book.connect(borrower).close(id, MIN_DEBT, borrower);
      await open([room - 1n, 1n]);
      expect((await book.listings(WETH)).held).to.equal(CAP);
    });

    it("pledge", async () => {
      const { book, borrower, stranger, id } = scene;
      await expect(book.connect(stranger).pledge(id, WETH, 0n))
        .to.be.revertedWithCustomError(book, "ZeroAmount")
        .withArgs();
      await book.connect(stranger).pledge(id, WETH, 1n);
      const pledged = weth("10") + 1n;
      for (const amount of [CAP - pledged + 1n, ...BEYOND]) {
        const sum = amount === MaxUint256 ? MaxUint256 : amount + pledged;
        await expect(book.connect(borrower).pledge(id, WETH, amount))
          .to.be.revertedWithCustomError(book, "CapExceeded")
          .withArgs(WETH, sum, CAP);
      }
      await book.connect(borrower).pledge(id, WETH, CAP - pledged);
      expect(await book.pledgeOf(id, WETH)).to.equal(CAP);
      await expect(book.connect(borrower).pledge(id, WETH, 1n))
        .to.be.revertedWithCustomError(book, "CapExceeded")
        .withArgs(WETH, CAP + 1n, CAP);
    });

    it("release", async () => {
      const { book, borrower, id, weth: token } = scene;
      const release = async (amount: bigint): Promise<unknown> =>
        book.connect(borrower).release(id, WETH, amount, borrower);
      await expect(release(0n)).to.be.revertedWithCustomError(book, "ZeroAmount").withArgs();
      await release(1n);
      const pledged = weth("10") - 1n;
      await expect(release(pledged))
        .to.be.revertedWithCustomError(book, "AboveBorrowLimit")
        .withArgs(usdc("15,000"), 0n);
      for (const amount of [pledged + 1n, MAX_AMOUNT, MAX_AMOUNT + 1n, MaxUint256 - 1n]) {
        await expect(release(amount)).to.be.revertedWithCustomError(book, "PledgeTooSmall").withArgs(amount, pledged);
      }
      await book.connect(borrower).repay(id, MaxUint256);
      await release(MaxUint256); // all
      expect(await token.balanceOf(borrower)).to.equal(weth("10,000"));
      await expect(release(MaxUint256)).to.be.revertedWithCustomError(book, "NotPledged").withArgs(id, WETH);
    });

    it("borrow", async () => {
      const { book, vault, lender, borrower, id } = scene;
      const borrow = async (amount: bigint): Promise<unknown> => book.connect(borrower).borrow(id, amount, borrower);
      await expect(borrow(0n)).to.be.revertedWithCustomError(book, "ZeroAmount").withArgs();
      await borrow(1n);
      const left = usdc("600") - 1n;
      await expect(borrow(left + 1n))
        .to.be.revertedWithCustomError(book, "AboveBorrowLimit")
        .withArgs(usdc("15,600") + 1n, usdc("15,600"));
      for (const amount of [MAX_AMOUNT + 1n, MaxUint256]) {
        await expect(borrow(amount)).to.be.revertedWithCustomError(book, "AmountTooLarge").withArgs(amount, MAX_AMOUNT);
      }
      // The largest amount fits alone, not with the debt.
      await expect(borrow(MAX_AMOUNT))
        .to.be.revertedWithCustomError(book, "AmountTooLarge")
        .withArgs(MAX_AMOUNT + usdc("15,000") + 1n, MAX_AMOUNT);
      await vault.connect(lender).withdraw(usdc("985,000") - left, lender, lender);
      await expect(borrow(left))
        .to.be.revertedWithCustomError(vault, "InsufficientCash")
        .withArgs(left, left - 1n);
      await borrow(left - 1n); // all the cash
      await expect(borrow(1n)).to.be.revertedWithCustomError(vault, "InsufficientCash").withArgs(1n, 0n);
    });

    it("repay", async () => {
      const { book, stranger, id, usdc: token } = scene;
      const repay = async (amount: bigint): Promise<unknown> => book.connect(stranger).repay(id, amount);
      await expect(repay(0n)).to.be.revertedWithCustomError(book, "ZeroAmount").withArgs();
      await repay(1n);
      const debt = usdc("15,000") - 1n;
      for (const left of [1n, MIN_DEBT - 1n]) {
        await expect(repay(debt - left))
          .to.be.revertedWithCustomError(book, "DebtBelowMin")
          .withArgs(left, MIN_DEBT);
      }
      for (const amount of [debt, debt + 1n, ...BEYOND]) {
        expect(await book.connect(stranger).repay.staticCall(id, amount)).to.equal(debt);
      }
      const purse = await token.balanceOf(stranger);
      await repay(MaxUint256);
      expect(await token.balanceOf(stranger)).to.equal(purse - debt);
      await expect(repay(1n)).to.be.revertedWithCustomError(book, "NoDebt").withArgs(id);
    });

    it("close", async () => {
      const { book, borrower, id } = scene;
      const debt = usdc("15,000");
      for (const max of [0n, 1n, debt - 1n]) {
        await expect(book.connect(borrower).close(id, max, borrower))
          .to.be.revertedWithCustomError(book, "DebtAboveMax")
          .withArgs(debt, max);
      }
      for (const max of [debt, debt + 1n, ...BEYOND]) {
        expect(await book.connect(borrower).close.staticCall(id, max, borrower)).to.equal(debt);
      }
      await book.connect(borrower).close(id, debt, borrower);
      await expect(book.connect(borrower).close(id, MaxUint256, borrower))
        .to.be.revertedWithCustomError(book, "NoLoan")
        .withArgs(id);
    });

    it("liquidate", async () => {
      const { book, keeper, feeds, id } = scene;
      await feeds.weth.set(dollars("1,700")); // L is 14,620, the bonus half of 15,000 / 14,620 - 1: 1.2995896 %
      const order = { id, listing: WETH, maxRepay: 1n, minSeized: 0n };
      const liquidate = async (fields: Partial<typeof order>): Promise<unknown> =>
        book.connect(keeper).liquidate({ ...order, ...fields }, "0x");
      await expect(liquidate({ maxRepay: 0n }))
        .to.be.revertedWithCustomError(book, "ZeroAmount")
        .withArgs();
      // A unit buys 1e12 / 1,700 base units of ether and the bonus.
      const seized = 595_879_938n; // 588,235,294.1 × 1.012995896, down
      for (const minSeized of [seized + 1n, ...BEYOND]) {
        await expect(liquidate({ minSeized }))
          .to.be.revertedWithCustomError(book, "SeizedBelowMin")
          .withArgs(seized, minSeized);
      }
      await liquidate({ minSeized: seized });
      expect(await book.debtOf(id)).to.equal(usdc("15,000") - 1n);
      expect(await book.pledgeOf(id, WETH)).to.equal(weth("10") - seized);
      await expect(book.connect(keeper).liquidateBatch([], "0x"))
        .to.be.revertedWithCustomError(book, "NothingLiquidated")
        .withArgs(0n);
      await expect(book.connect(keeper).liquidateBatch([{ ...order, maxRepay: 0n }], "0x"))
        .to.be.revertedWithCustomError(book, "NothingLiquidated")
        .withArgs(1n);
      await liquidate({ maxRepay: MaxUint256 });
      const { debt, liquidationLine } = await book.healthOf(id);
      await expect(liquidate({}))
        .to.be.revertedWithCustomError(book, "NotLiquidatable")
        .withArgs(id, debt, liquidationLine);
    });

    it("lowering a listing's cap", async () => {
      const { book, guardian, borrower, id } = scene;
      await expect(book.connect(guardian).lowerCap(WETH, CAP))
        .to.be.revertedWithCustomError(book, "CapNotLower")
        .withArgs(WETH, CAP, CAP);
      await book.connect(guardian).lowerCap(WETH, 0n);
      await expect(book.connect(borrower).pledge(id, WETH, 1n))
        .to.be.revertedWithCustomError(book, "CapExceeded")
        .withArgs(WETH, weth("10") + 1n, 0n);
      await book.connect(borrower).close(id, MaxUint256, borrower);
      await expect(book.connect(guardian).lowerCap(WETH, 0n))
        .to.be.revertedWithCustomError(book, "CapNotLower")
        .withArgs(WETH, 0n, 0n);
    });

    it("a multicall of nothing, and of what is no call", async () => {
      const { book, borrower } = scene;
      expect(await book.connect(borrower).multicall.staticCall([])).to.deep.equal([]);
      // No function answers to these bytes, and a revert without a word is reported as such.
      for (const bytes of ["0x", "0x12345678"]) {
        await expect(book.connect(borrower).multicall([bytes]))
          .to.be.revertedWithCustomError(book, "FailedCall")
          .withArgs();
      }
    });
  });
});

import { expect } from "chai";
import { MaxUint256, parseUnits } from "ethers";

import { networkHelpers, YEAR } from "../helpers/chain.ts";
import {
  deployMarket,
  dollars,
  MAJOR_TERMS,
  openLoan,
  waitWithLiveFeeds,
  WETH,
  type Market,
} from "../helpers/market.ts";
import { accrue, debtOf, Fraction, liquidation, priceOf, type VaultFigures } from "../helpers/mathematics.ts";

interface Sized extends Market {
  /** Amounts of the loan asset, from whole tokens. */
  asset: (amount: bigint) => bigint;
  /** Amounts of the first collateral, from what is an ether elsewhere. */
  collateral: (amount: bigint) => bigint;
  /** Sets the price of an ether's worth of it. */
  setPrice: (price: string) => Promise<unknown>;
}

/** One fixture for each pair of decimals: the chain's snapshots are kept by function. */
function sizedMarket(loanAssetDecimals: number, wethDecimals: number): () => Promise<Sized> {
  const tokensPerEther = tokensIn(wethDecimals);
  return async function market() {
    const asset = (amount: bigint): bigint => parseUnits(String(amount), loanAssetDecimals);
    const collateral = (amount: bigint): bigint => parseUnits(String(amount * tokensPerEther), wethDecimals);
    const market = await deployMarket({ loanAssetDecimals, wethDecimals, tokensPerEther });
    const setPrice = async (price: string): Promise<unknown> => market.feeds.weth.set(dollars(price) / tokensPerEther);
    return { ...market, asset, collateral, setPrice };
  };
}

/** A token that cannot be divided into cents must be cheap, or it is not listed: 20 cents instead of 2,000 dollars. */
function tokensIn(wethDecimals: number): bigint {
  return wethDecimals < 2 ? 10_000n : 1n;
}

const PAIRS = [
  [0, 18],
  [2, 24],
  [6, 0],
  [6, 8],
  [18, 6],
  [18, 24],
] as const;

for (const [loanAssetDecimals, wethDecimals] of PAIRS) {
  const fixture = sizedMarket(loanAssetDecimals, wethDecimals);
  const decimals = BigInt(loanAssetDecimals);

  describe(`A loan asset of ${String(loanAssetDecimals)} decimals, collateral of ${String(wethDecimals)}`, () => {
    it("lives from open to close with a year's interest", async () => {
      const market = await networkHelpers.loadFixture(fixture);
      const { book, vault, borrower, asset, collateral } = market;
      const id = await openLoan(market, { pledges: [[WETH, collateral(1_000n)]], amount: asset(900_000n) });
      expect((await book.healthOf(id)).borrowLimit).to.equal(asset(1_560_000n));
      const before = await vault.state();
      await waitWithLiveFeeds(market, YEAR);

      const expected = debtOf(before.scaledDebt, accrue(before, YEAR, decimals).index);
      const debt = await book.debtOf(id);
      // The index has eighteen digits, so a debt of 24 digits is known to six fewer.
      const slack = expected / 10n ** 17n + 1n;
      expect(debt).to.be.within(expected - slack, expected + slack);

      await book.connect(borrower).repay(id, asset(36_000n));
      await book.connect(borrower).release(id, WETH, collateral(400n), borrower);
      const payment = await book.debtOf(id);
      await book.connect(borrower).close(id, payment, borrower);

      expect(await book.loan(id)).to.deep.equal([0n, 0n]);
      expect(await market.weth.balanceOf(borrower)).to.equal(collateral(10_000n));
      expect(await vault.totalDebt()).to.equal(0n);
      expect((await vault.state()).cash).to.equal(asset(100_000n) + asset(36_000n) + payment);
      expect(await market.usdc.balanceOf(vault)).to.equal((await vault.state()).cash);
      expect(await vault.totalAssets()).to.be.above(asset(1_033_000n));
    });

    it("is liquidated back to its borrow limit", async () => {
      const market = await networkHelpers.loadFixture(fixture);
      const { book, keeper, setPrice, asset, collateral } = market;
      const id = await openLoan(market, { pledges: [[WETH, collateral(100n)]], amount: asset(153_510n) });
      await setPrice("1,750");
      const price = priceOf(new Fraction(1_750n, tokensIn(wethDecimals)), BigInt(wethDecimals), decimals);
      const pledge = { amount: collateral(100n), price, terms: MAJOR_TERMS };
      const loan = { debt: asset(153_510n), pledges: [pledge] };
      const expected = liquidation(loan, pledge, { minDebt: asset(100n) });

      const order = { id, listing: WETH, maxRepay: MaxUint256, minSeized: 0n };
      const { repaid, seized } = await book.connect(keeper).liquidate.staticCall(order, "0x");
      // A unit of rounding, and with 24 digits the eighteenth digit of the bonus.
      const slack = expected.repaid / 10n ** 17n + 1n;
      expect(repaid).to.be.within(expected.repaid - slack, expected.repaid + slack);
      const tokens = new Fraction(slack + 1n).over(price).ceil();
      expect(seized).to.be.within(expected.seized - tokens, expected.seized + tokens);

      await book.connect(keeper).liquidate(order, "0x");
      expect(await market.weth.balanceOf(keeper)).to.equal(collateral(10_000n) + seized);
      // Tokens without decimals are taken in whole pieces: the loan keeps up to one more than it must.
      const { debt, borrowLimit, liquidationLine } = await book.healthOf(id);
      const piece = price.ceil() + 2n;
      expect(debt).to.be.below(liquidationLine);
      expect(borrowLimit - debt).to.be.within(-2n, piece);
    });

    it("ends in a loss that lenders bear, and the books agree to the unit", async () => {
      const market = await networkHelpers.loadFixture(fixture);
      const { book, vault, keeper, setPrice, asset, collateral } = market;
      const id = await openLoan(market, { pledges: [[WETH, collateral(100n)]], amount: asset(151_500n) });
      await setPrice("1,010");
      const before: VaultFigures = await vault.state();

      await book
        .connect(keeper)
        .liquidate({ id, listing: WETH, maxRepay: MaxUint256, minSeized: collateral(100n) }, "0x");

      // 101,000 / 1.01 is paid for all of the pledge; 51,500 is lost.
      expect((await vault.state()).cash).to.equal(before.cash + asset(100_000n));
      expect(await vault.totalDebt()).to.equal(0n);
      expect(await vault.totalAssets()).to.equal(asset(1_000_000n) - asset(51_500n));
    });

    it("takes deposits and pays them back", async () => {
      const { vault, stranger, usdc: token, asset } = await networkHelpers.loadFixture(fixture);
      const before = await token.balanceOf(stranger);
      await vault.connect(stranger).deposit(asset(1_234n), stranger);
      expect(await vault.balanceOf(stranger)).to.equal(asset(1_234n) * 10n ** 6n);
      await vault.connect(stranger).withdraw(asset(1_234n), stranger, stranger);
      expect(await token.balanceOf(stranger)).to.equal(before);
    });
  });
}

import { expect } from "chai";
import { ZeroAddress } from "ethers";

import { networkHelpers } from "../helpers/chain.ts";
import {
  DAY,
  debts,
  deployMarket,
  openLoan,
  shares,
  standardMarket,
  usdc,
  waitWithLiveFeeds,
  WETH,
  weth,
  type Market,
} from "../helpers/market.ts";
import { deployMock, type BlockingToken, type TestToken } from "../helpers/mocks.ts";
import { deployVault } from "../helpers/contracts.ts";

/** A market with 100,000 in cash of a million; its shares are worth a little more than a unit each. */
async function lentMarket(): Promise<Market> {
  const market = await standardMarket();
  await openLoan(market, { pledges: [[WETH, weth("1,000")]], amount: usdc("900,000") });
  await waitWithLiveFeeds(market, 10n * DAY);
  await market.vault.accrue();
  return market;
}

async function blockingMarket(): Promise<Market> {
  return deployMarket({ contracts: { usdc: "BlockingToken" } });
}

describe("Lending, refused", () => {
  it("a deposit beyond the cap", async () => {
    const { vault, stranger } = await networkHelpers.loadFixture(standardMarket);
    await expect(vault.connect(stranger).deposit(usdc("9,000,000.000001"), stranger))
      .to.be.revertedWithCustomError(vault, "ERC4626ExceededMaxDeposit")
      .withArgs(stranger.address, usdc("9,000,000.000001"), usdc("9,000,000"));
    await expect(vault.connect(stranger).mint(shares("9,000,000") + 1n, stranger))
      .to.be.revertedWithCustomError(vault, "ERC4626ExceededMaxMint")
      .withArgs(stranger.address, shares("9,000,000") + 1n, shares("9,000,000"));
    await vault.connect(stranger).deposit(usdc("9,000,000"), stranger);
    expect(await vault.maxDeposit(stranger)).to.equal(0n);
    expect(await vault.maxMint(stranger)).to.equal(0n);
  });

  it("a withdrawal beyond the cash, or beyond what the lender has", async () => {
    const { vault, lender, stranger } = await networkHelpers.loadFixture(lentMarket);
    await expect(vault.connect(lender).withdraw(usdc("100,000.000001"), lender, lender))
      .to.be.revertedWithCustomError(vault, "ERC4626ExceededMaxWithdraw")
      .withArgs(lender.address, usdc("100,000.000001"), usdc("100,000"));
    const max = await vault.maxRedeem(lender);
    await expect(vault.connect(lender).redeem(max + 1n, lender, lender))
      .to.be.revertedWithCustomError(vault, "ERC4626ExceededMaxRedeem")
      .withArgs(lender.address, max + 1n, max);
    await expect(vault.connect(stranger).withdraw(1n, stranger, stranger))
      .to.be.revertedWithCustomError(vault, "ERC4626ExceededMaxWithdraw")
      .withArgs(stranger.address, 1n, 0n);
  });

  it("a withdrawal to a receiver that could not use it", async () => {
    const { vault, book, lender } = await networkHelpers.loadFixture(standardMarket);
    for (const receiver of [ZeroAddress, await vault.getAddress(), await book.getAddress()]) {
      await expect(vault.connect(lender).withdraw(usdc("1"), receiver, lender))
        .to.be.revertedWithCustomError(vault, "InvalidReceiver")
        .withArgs(receiver);
    }
  });

  it("shares to or from nobody", async () => {
    const { vault, lender, stranger } = await networkHelpers.loadFixture(standardMarket);
    await expect(vault.connect(lender).transfer(ZeroAddress, 1n))
      .to.be.revertedWithCustomError(vault, "ERC20InvalidReceiver")
      .withArgs(ZeroAddress);
    await expect(vault.connect(stranger).deposit(usdc("1"), ZeroAddress))
      .to.be.revertedWithCustomError(vault, "ERC20InvalidReceiver")
      .withArgs(ZeroAddress);
    await expect(vault.connect(lender).approve(ZeroAddress, 1n))
      .to.be.revertedWithCustomError(vault, "ERC20InvalidSpender")
      .withArgs(ZeroAddress);
    await expect(vault.connect(stranger).transferFrom(ZeroAddress, stranger, 0n))
      .to.be.revertedWithCustomError(vault, "ERC20InvalidApprover")
      .withArgs(ZeroAddress);
    await expect(vault.connect(stranger).transfer(lender, 1n))
      .to.be.revertedWithCustomError(vault, "ERC20InsufficientBalance")
      .withArgs(stranger.address, 0n, 1n);
  });

  it("a deposit that the token does not let through", async () => {
    const market = await networkHelpers.loadFixture(blockingMarket);
    const { vault, stranger } = market;
    const blocking = market.usdc as BlockingToken;
    await blocking.setBlocked(stranger, true);
    await blocking.setQuiet(true);
    await expect(vault.connect(stranger).deposit(usdc("1"), stranger))
      .to.be.revertedWithCustomError(vault, "SafeERC20FailedOperation")
      .withArgs(await blocking.getAddress());
    expect(await vault.balanceOf(stranger)).to.equal(0n);
  });

  it("the book's own calls by anyone else", async () => {
    const { vault, book, stranger } = await networkHelpers.loadFixture(standardMarket);
    const bookAddress = await book.getAddress();
    const strangers = vault.connect(stranger);
    for (const call of [
      () => strangers.accrueDebt(),
      () => strangers.draw(stranger, 1n, debts({ scaled: 1n })),
      () => strangers.retire(debts({ scaled: 1n }), 1n, 0n),
      () => strangers.writeOff(debts({ scaled: 1n })),
    ]) {
      await expect(call())
        .to.be.revertedWithCustomError(vault, "CallerNotBook")
        .withArgs(stranger.address, bookAddress);
    }
  });
});

describe("Deploying a vault, refused", () => {
  interface Changes {
    asset?: TestToken;
    book?: string;
    treasury?: string;
    authority?: string;
    cap?: bigint;
  }

  async function deploy(market: Market, changes: Changes): Promise<unknown> {
    const { asset = market.usdc, book = market.treasury.address, treasury = market.treasury.address } = changes;
    const { authority = market.deployer.address, cap = 1n } = changes;
    return deployVault(market.deployer, [asset, book, treasury, authority, cap, "Vault", "V"]);
  }

  it("without book or treasury", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { vault } = market;
    await expect(deploy(market, { book: ZeroAddress })).to.be.revertedWithCustomError(vault, "InvalidBook");
    await expect(deploy(market, { treasury: ZeroAddress })).to.be.revertedWithCustomError(vault, "InvalidTreasury");
  });

  it("for a loan asset of more than 18 decimals", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { vault } = market;
    const fine = await deployMock<TestToken>("TestToken", "Too Fine", "FINE", 19);
    await expect(deploy(market, { asset: fine }))
      .to.be.revertedWithCustomError(vault, "LoanAssetDecimalsTooLarge")
      .withArgs(19n, 18n);
  });

  it("with a cap that does not fit its field", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { vault } = market;
    await expect(deploy(market, { cap: 2n ** 104n }))
      .to.be.revertedWithCustomError(vault, "AmountTooLarge")
      .withArgs(2n ** 104n, 2n ** 104n - 1n);
  });
});

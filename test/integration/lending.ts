import { expect } from "chai";

import { networkHelpers } from "../helpers/chain.ts";
import {
  DAY,
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
import { sharesPerAsset, whole } from "../helpers/mathematics.ts";
import { signPermit } from "../helpers/permits.ts";

/** A market whose shares have grown dearer by a year of interest on 900,000, all of it booked. */
async function grownMarket(): Promise<Market> {
  const market = await standardMarket();
  await openLoan(market, { pledges: [[WETH, weth("1,000")]], amount: usdc("900,000") });
  await waitWithLiveFeeds(market, 365n * DAY);
  await market.vault.accrue();
  return market;
}

/** A market that nobody has lent to. */
async function emptyMarket(): Promise<Market> {
  const market = await deployMarket();
  await market.vault.connect(market.lender).withdraw(usdc("1,000,000"), market.lender, market.lender);
  return market;
}

describe("Lending", () => {
  it("mints a million shares' units for each unit at first", async () => {
    const { vault, lender, stranger, usdc: asset } = await networkHelpers.loadFixture(emptyMarket);
    await expect(vault.connect(lender).deposit(usdc("5"), stranger))
      .to.emit(vault, "Deposit")
      .withArgs(lender.address, stranger.address, usdc("5"), shares("5"));
    expect(await vault.balanceOf(stranger)).to.equal(shares("5"));
    expect(await vault.decimals()).to.equal(12n);
    expect(await asset.balanceOf(vault)).to.equal(usdc("5"));
    expect((await vault.state()).cash).to.equal(usdc("5"));
  });

  it("gives back what was put in", async () => {
    const { vault, stranger, usdc: asset } = await networkHelpers.loadFixture(standardMarket);
    const before = await asset.balanceOf(stranger);
    await vault.connect(stranger).deposit(usdc("123.456789"), stranger);
    await vault.connect(stranger).redeem(await vault.balanceOf(stranger), stranger, stranger);
    expect(await asset.balanceOf(stranger)).to.equal(before);
    expect(await vault.balanceOf(stranger)).to.equal(0n);
  });

  it("mints shares at what they are worth, rounded against the one who calls", async () => {
    const { vault, stranger } = await networkHelpers.loadFixture(grownMarket);
    const price = sharesPerAsset(await vault.totalAssets(), await vault.totalSupply());
    const lender = vault.connect(stranger);

    const deposited = price.times(whole(usdc("1,000"))).floor();
    expect(await vault.previewDeposit(usdc("1,000"))).to.equal(deposited);
    expect(await lender.deposit.staticCall(usdc("1,000"), stranger)).to.equal(deposited);

    const paid = whole(shares("1,000")).over(price).ceil();
    expect(await vault.previewMint(shares("1,000"))).to.equal(paid);
    expect(await lender.mint.staticCall(shares("1,000"), stranger)).to.equal(paid);

    await lender.deposit(usdc("50,000"), stranger);
    const now = sharesPerAsset(await vault.totalAssets(), await vault.totalSupply());
    const burnt = now.times(whole(usdc("1,000"))).ceil();
    expect(await vault.previewWithdraw(usdc("1,000"))).to.equal(burnt);
    expect(await lender.withdraw.staticCall(usdc("1,000"), stranger, stranger)).to.equal(burnt);

    const received = whole(shares("1,000")).over(now).floor();
    expect(await vault.previewRedeem(shares("1,000"))).to.equal(received);
    expect(await lender.redeem.staticCall(shares("1,000"), stranger, stranger)).to.equal(received);
  });

  it("mints and withdraws exact amounts", async () => {
    const { vault, stranger, usdc: asset } = await networkHelpers.loadFixture(grownMarket);
    const before = await asset.balanceOf(stranger);
    const paid = await vault.previewMint(shares("777"));
    await expect(vault.connect(stranger).mint(shares("777"), stranger))
      .to.emit(vault, "Deposit")
      .withArgs(stranger.address, stranger.address, paid, shares("777"));
    expect(await asset.balanceOf(stranger)).to.equal(before - paid);

    const burnt = await vault.previewWithdraw(usdc("500"));
    await expect(vault.connect(stranger).withdraw(usdc("500"), stranger, stranger))
      .to.emit(vault, "Withdraw")
      .withArgs(stranger.address, stranger.address, stranger.address, usdc("500"), burnt);
    expect(await vault.balanceOf(stranger)).to.equal(shares("777") - burnt);
  });

  it("earns what borrowers pay, less a tenth for reserves", async () => {
    const { vault, lender } = await networkHelpers.loadFixture(grownMarket);
    // 900,000 at 4 % compounded: 36,729.6 (see the interest tests), of which 3,672.96 are reserves.
    expect(await vault.totalAssets()).to.equal(usdc("1,033,056.64"));
    expect(await vault.convertToAssets(await vault.balanceOf(lender))).to.be.within(
      usdc("1,033,056.639999"),
      usdc("1,033,056.64"),
    );
  });

  it("is not moved by donations", async () => {
    const { vault, lender, stranger, usdc: asset } = await networkHelpers.loadFixture(standardMarket);
    const worth = await vault.convertToAssets(shares("1,000"));
    await asset.connect(stranger).transfer(vault, usdc("500,000"));
    expect(await vault.convertToAssets(shares("1,000"))).to.equal(worth);
    expect(await vault.totalAssets()).to.equal(usdc("1,000,000"));
    expect(await vault.maxWithdraw(lender)).to.equal(usdc("1,000,000"));
  });

  it("gives the first lender's successor a fair share after a donation", async () => {
    const { vault, lender, stranger, usdc: asset } = await networkHelpers.loadFixture(emptyMarket);
    await vault.connect(lender).deposit(1n, lender);
    await asset.connect(lender).transfer(vault, usdc("10,000"));
    await vault.connect(stranger).deposit(usdc("9,999"), stranger);
    expect(await vault.maxWithdraw(stranger)).to.equal(usdc("9,999"));
  });

  it("can be withdrawn by someone else only with an allowance", async () => {
    const { vault, lender, stranger, usdc: asset } = await networkHelpers.loadFixture(standardMarket);
    await expect(vault.connect(stranger).withdraw(usdc("100"), stranger, lender))
      .to.be.revertedWithCustomError(vault, "ERC20InsufficientAllowance")
      .withArgs(stranger.address, 0n, shares("100"));
    await vault.connect(lender).approve(stranger, shares("100"));
    const before = await asset.balanceOf(stranger);
    await vault.connect(stranger).redeem(shares("100"), stranger, lender);
    expect(await asset.balanceOf(stranger)).to.equal(before + usdc("100"));
    expect(await vault.allowance(lender, stranger)).to.equal(0n);
  });

  describe("within the cash", () => {
    it("withdraws up to the last unit of it", async () => {
      const market = await networkHelpers.loadFixture(grownMarket);
      const { vault, lender, usdc: asset } = market;
      expect(await vault.maxWithdraw(lender)).to.equal(usdc("100,000"));
      const before = await asset.balanceOf(lender);
      await vault.connect(lender).withdraw(usdc("100,000"), lender, lender);
      expect(await asset.balanceOf(lender)).to.equal(before + usdc("100,000"));
      expect((await vault.state()).cash).to.equal(0n);
      expect(await vault.maxWithdraw(lender)).to.equal(0n);
      expect(await vault.maxRedeem(lender)).to.equal(0n);
    });

    it("redeems what the cash covers", async () => {
      const { vault, lender } = await networkHelpers.loadFixture(grownMarket);
      const max = await vault.maxRedeem(lender);
      const price = sharesPerAsset(await vault.totalAssets(), await vault.totalSupply());
      expect(max).to.equal(price.times(whole(usdc("100,000"))).floor());
      await vault.connect(lender).redeem(max, lender, lender);
      // A share is worth less than a unit: rounding the shares down leaves less than one unit of cash.
      expect((await vault.state()).cash).to.be.at.most(1n);
    });

    it("redeems all shares of a small lender", async () => {
      const { vault, stranger } = await networkHelpers.loadFixture(grownMarket);
      await vault.connect(stranger).deposit(usdc("10"), stranger);
      expect(await vault.maxRedeem(stranger)).to.equal(await vault.balanceOf(stranger));
    });
  });

  describe("with a signed permit (ERC-2612)", () => {
    it("a third party takes what the lender signed for", async () => {
      const { vault, lender, stranger } = await networkHelpers.loadFixture(standardMarket);
      const { deadline, signature } = await signPermit(vault, lender, stranger, shares("10"));
      const { v, r, s } = signature;
      await vault.connect(stranger).permit(lender, stranger, shares("10"), deadline, v, r, s);
      expect(await vault.allowance(lender, stranger)).to.equal(shares("10"));
      expect(await vault.nonces(lender)).to.equal(1n);
      await vault.connect(stranger).redeem(shares("10"), stranger, lender);
      expect(await vault.balanceOf(lender)).to.equal(shares("999,990"));
    });

    it("is refused a second time, too late, or from someone else", async () => {
      const { vault, lender, stranger } = await networkHelpers.loadFixture(standardMarket);
      const { deadline, signature } = await signPermit(vault, lender, stranger, shares("10"));
      const { v, r, s } = signature;

      await expect(vault.permit(stranger, stranger, shares("10"), deadline, v, r, s))
        .to.be.revertedWithCustomError(vault, "ERC2612InvalidSigner")
        .withArgs((signer: string) => signer !== stranger.address, stranger.address);
      await vault.permit(lender, stranger, shares("10"), deadline, v, r, s);
      await expect(vault.permit(lender, stranger, shares("10"), deadline, v, r, s))
        .to.be.revertedWithCustomError(vault, "ERC2612InvalidSigner")
        .withArgs((signer: string) => signer !== lender.address, lender.address);
      await expect(vault.permit(lender, stranger, shares("10"), 1n, v, r, s))
        .to.be.revertedWithCustomError(vault, "ERC2612ExpiredSignature")
        .withArgs(1n);
    });

    it("is refused with a signature that no key made", async () => {
      const { vault, lender, stranger } = await networkHelpers.loadFixture(standardMarket);
      const { deadline, signature } = await signPermit(vault, lender, stranger, shares("10"));
      const { v, r } = signature;
      const tooHigh = `0x${"f".repeat(64)}`;
      await expect(vault.permit(lender, stranger, shares("10"), deadline, v, r, tooHigh))
        .to.be.revertedWithCustomError(vault, "ECDSAInvalidSignatureS")
        .withArgs(tooHigh);
      const nothing = `0x${"0".repeat(64)}`;
      await expect(
        vault.permit(lender, stranger, shares("10"), deadline, 0, nothing, nothing),
      ).to.be.revertedWithCustomError(vault, "ECDSAInvalidSignature");
    });
  });
});

import { expect } from "chai";

import { clock, networkHelpers } from "../helpers/chain.ts";
import { DAY, openLoan, standardMarket, usdc, WETH, weth } from "../helpers/market.ts";

describe("Deposit cap", () => {
  it("is lowered at once, below what is deposited too", async () => {
    const { vault, owner, lender } = await networkHelpers.loadFixture(standardMarket);
    await expect(vault.connect(owner).lowerDepositCap(usdc("500,000")))
      .to.emit(vault, "DepositCapChanged")
      .withArgs(usdc("500,000"));
    expect(await vault.depositCap()).to.equal(usdc("500,000"));
    expect(await vault.maxDeposit(lender)).to.equal(0n);
    expect(await vault.maxWithdraw(lender)).to.equal(usdc("1,000,000"));
    await vault.connect(lender).withdraw(usdc("1,000,000"), lender, lender);
    expect(await vault.maxDeposit(lender)).to.equal(usdc("500,000"));
  });

  it("is raised after seven days", async () => {
    const { vault, owner } = await networkHelpers.loadFixture(standardMarket);
    const acceptableAt = clock.now() + 7n * DAY;
    await expect(vault.connect(owner).proposeDepositCap(usdc("50,000,000")))
      .to.emit(vault, "DepositCapProposed")
      .withArgs(usdc("50,000,000"), acceptableAt);
    expect(await vault.proposedDepositCap()).to.deep.equal([usdc("50,000,000"), acceptableAt]);

    await clock.advance(7n * DAY - 1n);
    await expect(vault.connect(owner).acceptDepositCap())
      .to.be.revertedWithCustomError(vault, "DepositCapNotYetAcceptable")
      .withArgs(acceptableAt, acceptableAt - 1n);
    expect(await vault.depositCap()).to.equal(usdc("10,000,000"));

    await clock.advance(1n);
    await expect(vault.connect(owner).acceptDepositCap())
      .to.emit(vault, "DepositCapChanged")
      .withArgs(usdc("50,000,000"));
    expect(await vault.depositCap()).to.equal(usdc("50,000,000"));
    expect(await vault.proposedDepositCap()).to.deep.equal([0n, 0n]);
  });

  it("waits anew when another is proposed", async () => {
    const { vault, owner } = await networkHelpers.loadFixture(standardMarket);
    await vault.connect(owner).proposeDepositCap(usdc("11,000,000"));
    await clock.advance(6n * DAY);
    await vault.connect(owner).proposeDepositCap(usdc("50,000,000"));
    const acceptableAt = clock.now() + 7n * DAY;
    await clock.advance(DAY);
    await expect(vault.connect(owner).acceptDepositCap())
      .to.be.revertedWithCustomError(vault, "DepositCapNotYetAcceptable")
      .withArgs(acceptableAt, acceptableAt - 6n * DAY);
  });

  it("drops a proposal when it is lowered", async () => {
    const { vault, owner } = await networkHelpers.loadFixture(standardMarket);
    await vault.connect(owner).proposeDepositCap(usdc("50,000,000"));
    await vault.connect(owner).lowerDepositCap(usdc("9,000,000"));
    await clock.advance(8n * DAY);
    await expect(vault.connect(owner).acceptDepositCap()).to.be.revertedWithCustomError(vault, "DepositCapNotProposed");
    expect(await vault.depositCap()).to.equal(usdc("9,000,000"));
  });

  it("counts interest: a full vault stays closed while it grows", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { vault, owner, lender } = market;
    await vault.connect(owner).lowerDepositCap(usdc("1,000,100"));
    await openLoan(market, { pledges: [[WETH, weth("1,000")]], amount: usdc("900,000") });
    expect(await vault.maxDeposit(lender)).to.equal(usdc("100"));
    await clock.advance(30n * DAY);
    expect(await vault.maxDeposit(lender)).to.equal(0n);
  });

  describe("refuses", () => {
    it("to be raised at once, or lowered slowly", async () => {
      const { vault, owner } = await networkHelpers.loadFixture(standardMarket);
      const cap = usdc("10,000,000");
      await expect(vault.connect(owner).lowerDepositCap(cap))
        .to.be.revertedWithCustomError(vault, "DepositCapNotLower")
        .withArgs(cap, cap);
      await expect(vault.connect(owner).proposeDepositCap(cap))
        .to.be.revertedWithCustomError(vault, "DepositCapNotHigher")
        .withArgs(cap, cap);
    });

    it("what was not proposed, or does not fit its field", async () => {
      const { vault, owner } = await networkHelpers.loadFixture(standardMarket);
      await expect(vault.connect(owner).acceptDepositCap()).to.be.revertedWithCustomError(
        vault,
        "DepositCapNotProposed",
      );
      await expect(vault.connect(owner).proposeDepositCap(2n ** 104n))
        .to.be.revertedWithCustomError(vault, "AmountTooLarge")
        .withArgs(2n ** 104n, 2n ** 104n - 1n);
    });

    it("anyone but the owner", async () => {
      const { vault, stranger } = await networkHelpers.loadFixture(standardMarket);
      const outsider = vault.connect(stranger);
      for (const call of [
        async () => outsider.lowerDepositCap(0n),
        async () => outsider.proposeDepositCap(usdc("50,000,000")),
        async () => outsider.acceptDepositCap(),
        async () => outsider.sweepReserves(),
      ]) {
        await expect(call())
          .to.be.revertedWithCustomError(vault, "OwnableUnauthorizedAccount")
          .withArgs(stranger.address);
      }
    });
  });
});

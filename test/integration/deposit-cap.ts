import { expect } from "chai";

import { clock, networkHelpers } from "../helpers/chain.ts";
import { carryOut, PROPOSAL_DELAY, raiseDepositCap } from "../helpers/governance.ts";
import { DAY, openLoan, standardMarket, usdc, WETH, weth } from "../helpers/market.ts";

describe("Deposit cap", () => {
  it("is lowered at once by the guardian, below what is deposited too", async () => {
    const { vault, guardian, lender } = await networkHelpers.loadFixture(standardMarket);
    await expect(vault.connect(guardian).lowerDepositCap(usdc("500,000")))
      .to.emit(vault, "DepositCapChanged")
      .withArgs(usdc("500,000"));
    expect(await vault.depositCap()).to.equal(usdc("500,000"));
    expect(await vault.maxDeposit(lender)).to.equal(0n);
    expect(await vault.maxWithdraw(lender)).to.equal(usdc("1,000,000"));
    await vault.connect(lender).withdraw(usdc("1,000,000"), lender, lender);
    expect(await vault.maxDeposit(lender)).to.equal(usdc("500,000"));
  });

  it("is raised by the curator after seven days", async () => {
    const { vault, curator } = await networkHelpers.loadFixture(standardMarket);
    const action = raiseDepositCap(usdc("50,000,000"));
    await vault.connect(curator).propose(action);

    await clock.advance(PROPOSAL_DELAY - 1n);
    await expect(vault.connect(curator).execute(action))
      .to.be.revertedWithCustomError(vault, "ProposalNotReady")
      .withArgs(PROPOSAL_DELAY - 1n, PROPOSAL_DELAY);
    expect(await vault.depositCap()).to.equal(usdc("10,000,000"));

    await clock.advance(1n);
    await expect(vault.connect(curator).execute(action))
      .to.emit(vault, "DepositCapChanged")
      .withArgs(usdc("50,000,000"));
    expect(await vault.depositCap()).to.equal(usdc("50,000,000"));
  });

  it("counts interest: a full vault stays closed while it grows", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { vault, guardian, lender } = market;
    await vault.connect(guardian).lowerDepositCap(usdc("1,000,100"));
    await openLoan(market, { pledges: [[WETH, weth("1,000")]], amount: usdc("900,000") });
    expect(await vault.maxDeposit(lender)).to.equal(usdc("100"));
    await clock.advance(30n * DAY);
    expect(await vault.maxDeposit(lender)).to.equal(0n);
  });

  describe("refuses", () => {
    it("to be raised at once, or lowered slowly", async () => {
      const { vault, guardian, curator } = await networkHelpers.loadFixture(standardMarket);
      const cap = usdc("10,000,000");
      await expect(vault.connect(guardian).lowerDepositCap(cap))
        .to.be.revertedWithCustomError(vault, "DepositCapNotLower")
        .withArgs(cap, cap);
      await expect(vault.connect(curator).propose(raiseDepositCap(cap)))
        .to.be.revertedWithCustomError(vault, "DepositCapNotHigher")
        .withArgs(cap, cap);
    });

    it("to be raised to what a later raise has passed", async () => {
      const market = await networkHelpers.loadFixture(standardMarket);
      const { vault, curator } = market;
      const modest = raiseDepositCap(usdc("11,000,000"));
      await vault.connect(curator).propose(modest);
      await carryOut(market, vault, raiseDepositCap(usdc("12,000,000")));
      await expect(vault.connect(curator).execute(modest))
        .to.be.revertedWithCustomError(vault, "DepositCapNotHigher")
        .withArgs(usdc("11,000,000"), usdc("12,000,000"));
    });

    it("a raise that was proposed before the guardian lowered it, however long it has waited", async () => {
      const market = await networkHelpers.loadFixture(standardMarket);
      const { vault, curator, guardian } = market;
      const action = raiseDepositCap(usdc("50,000,000"));
      await vault.connect(curator).propose(action);
      const proposedAt = clock.now();
      await clock.advance(PROPOSAL_DELAY);
      await vault.connect(guardian).lowerDepositCap(usdc("1"));
      await expect(vault.connect(curator).execute(action))
        .to.be.revertedWithCustomError(vault, "LoweredSince")
        .withArgs(clock.now(), proposedAt);
      await clock.advance(1n);
      await carryOut(market, vault, action);
      expect(await vault.depositCap()).to.equal(usdc("50,000,000"));
    });

    it("what does not fit its field", async () => {
      const { vault, curator } = await networkHelpers.loadFixture(standardMarket);
      await expect(vault.connect(curator).propose(raiseDepositCap(2n ** 104n)))
        .to.be.revertedWithCustomError(vault, "AmountTooLarge")
        .withArgs(2n ** 104n, 2n ** 104n - 1n);
    });
  });
});

import { expect } from "chai";

import { networkHelpers } from "../helpers/chain.ts";
import { standardMarket, usdc, WETH } from "../helpers/market.ts";

describe("Ownership of book and vault", () => {
  it("goes over in two steps: until it is accepted, nothing changes", async () => {
    const { book, vault, owner, stranger } = await networkHelpers.loadFixture(standardMarket);
    await book.connect(owner).transferOwnership(stranger);
    await vault.connect(owner).transferOwnership(stranger);
    expect(await book.owner()).to.equal(owner.address);
    expect(await book.pendingOwner()).to.equal(stranger.address);
    await expect(book.connect(stranger).setCap(WETH, 1n))
      .to.be.revertedWithCustomError(book, "OwnableUnauthorizedAccount")
      .withArgs(stranger.address);

    await book.connect(stranger).acceptOwnership();
    await vault.connect(stranger).acceptOwnership();

    await book.connect(stranger).setCap(WETH, 1n);
    await vault.connect(stranger).lowerDepositCap(usdc("1"));
    expect((await book.listings(WETH)).cap).to.equal(1n);
    await expect(vault.connect(owner).lowerDepositCap(0n))
      .to.be.revertedWithCustomError(vault, "OwnableUnauthorizedAccount")
      .withArgs(owner.address);
  });

  it("is taken by nobody else", async () => {
    const { book, owner, keeper, stranger } = await networkHelpers.loadFixture(standardMarket);
    await book.connect(owner).transferOwnership(stranger);
    await expect(book.connect(keeper).acceptOwnership())
      .to.be.revertedWithCustomError(book, "OwnableUnauthorizedAccount")
      .withArgs(keeper.address);
  });
});

import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { networkHelpers } from "../helpers/chain.ts";
import { AMPLE_GAS, deployActor, encode } from "../helpers/actor.ts";
import { dollars, loanId, openLoan, standardMarket, usdc, WETH, weth, type Market } from "../helpers/market.ts";
import type { CallbackActor } from "../helpers/mocks.ts";

const DATA = "0x01"; // any: it only has to be there

interface Scene extends Market {
  actor: CallbackActor;
  id: bigint;
}

/** A loan of 15,351 that can be liquidated for a bonus of 1 %, and a liquidator that is a contract without a cent. */
async function fallenLoan(): Promise<Scene> {
  const market = await standardMarket();
  const actor = await deployActor(market);
  const id = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("15,351") });
  await market.feeds.weth.set(dollars("1,750"));
  return { ...market, actor, id };
}

const order = (id: bigint): { id: bigint; listing: bigint; maxRepay: bigint; minSeized: bigint } => ({
  ...{ id, listing: WETH, maxRepay: MaxUint256, minSeized: 0n },
});

describe("Liquidation with a callback", () => {
  it("is paid from the proceeds of what it seized", async () => {
    const scene = await networkHelpers.loadFixture(fallenLoan);
    const { book, vault, actor, stranger, id } = scene;
    const repaid = usdc("8,016.022621");
    const seized = 4_626_390_198_405_714_285n;
    // The stranger buys the ether at 1,749, a dollar below the feed.
    const proceeds = (seized * usdc("1,749")) / weth("1");
    await scene.usdc.connect(stranger).approve(actor, proceeds);
    await actor.prepare([
      { target: scene.weth, data: encode(scene.weth, "transfer", [stranger.address, seized]) },
      {
        target: scene.usdc,
        data: encode(scene.usdc, "transferFrom", [stranger.address, await actor.getAddress(), proceeds]),
      },
    ]);

    await actor.run(book, encode(book, "liquidate", [order(id), DATA]));

    expect(await actor.repaidInCallback()).to.equal(repaid);
    expect(await scene.usdc.balanceOf(actor)).to.equal(proceeds - repaid);
    expect(await scene.weth.balanceOf(stranger)).to.equal(weth("10,000") + seized);
    expect(await book.debtOf(id)).to.equal(usdc("15,351") - repaid);
    expect(await scene.usdc.balanceOf(vault)).to.equal((await vault.state()).cash);
  });

  it("calls back once for a batch, with the sum", async () => {
    const scene = await networkHelpers.loadFixture(fallenLoan);
    const { book, actor, feeds, id } = scene;
    await feeds.weth.set(dollars("2,000"));
    const other = await openLoan(scene, { pledges: [[WETH, weth("10")]], amount: usdc("15,351"), number: 2n });
    await feeds.weth.set(dollars("1,750"));
    await scene.usdc.mint(actor, usdc("16,032.045242"));

    await actor.run(book, encode(book, "liquidateBatch", [[order(id), order(other)], DATA]));

    expect(await actor.callbacks()).to.equal(1n);
    expect(await actor.repaidInCallback()).to.equal(usdc("16,032.045242"));
    expect(await scene.usdc.balanceOf(actor)).to.equal(0n);
  });

  it("does not call back without data", async () => {
    const scene = await networkHelpers.loadFixture(fallenLoan);
    const { book, actor, id } = scene;
    await scene.usdc.mint(actor, usdc("10,000"));

    await actor.run(book, encode(book, "liquidate", [order(id), "0x"]));

    expect(await actor.callbacks()).to.equal(0n);
    expect(await book.debtOf(id)).to.equal(usdc("7,334.977379"));
  });

  it("is undone if the payment does not come", async () => {
    const scene = await networkHelpers.loadFixture(fallenLoan);
    const { book, actor, id } = scene;

    await expect(actor.run(book, encode(book, "liquidate", [order(id), DATA]))).to.be.revertedWithCustomError(
      scene.usdc,
      "ERC20InsufficientBalance",
    );
    expect(await book.debtOf(id)).to.equal(usdc("15,351"));
    expect(await scene.weth.balanceOf(actor)).to.equal(0n);
  });

  it("lets an owner repay its loan with its own collateral", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, vault, feeds, stranger } = market;
    const actor = await deployActor(market);
    const owner = await actor.getAddress();
    const id = loanId(owner);
    await market.weth.mint(actor, weth("10"));
    await actor.run(book, encode(book, "open", [id, [{ listing: WETH, amount: weth("10") }], usdc("15,351"), owner]));
    await actor.run(market.usdc, encode(market.usdc, "transfer", [stranger.address, usdc("15,351")]));
    await feeds.weth.set(dollars("1,750"));

    // In the callback it sells what it seized, and closes the rest of the loan with the same money.
    const seized = 4_626_390_198_405_714_285n;
    await market.usdc.connect(stranger).approve(actor, usdc("15,351"));
    await actor.prepare([
      { target: market.weth, data: encode(market.weth, "transfer", [stranger.address, seized]) },
      { target: market.usdc, data: encode(market.usdc, "transferFrom", [stranger.address, owner, usdc("15,351")]) },
      { target: book, data: encode(book, "close", [id, MaxUint256, owner]) },
    ]);
    await actor.run(book, encode(book, "liquidate", [order(id), DATA]), AMPLE_GAS);

    expect((await actor.outcomes()).map(({ success }) => success)).to.deep.equal([true, true, true]);
    expect(await book.debtOf(id)).to.equal(0n);
    expect(await market.weth.balanceOf(actor)).to.equal(weth("10") - seized);
    expect(await market.usdc.balanceOf(actor)).to.equal(0n);
    expect((await vault.state()).cash).to.equal(usdc("1,000,000"));
    expect(await market.usdc.balanceOf(vault)).to.equal(usdc("1,000,000"));
  });

  describe("called back into", () => {
    it("finds the loan already brought back", async () => {
      const scene = await networkHelpers.loadFixture(fallenLoan);
      const { book, actor, id } = scene;
      await scene.usdc.mint(actor, usdc("20,000"));
      await actor.prepare([{ target: book, data: encode(book, "liquidate", [order(id), "0x"]) }]);

      await actor.run(book, encode(book, "liquidate", [order(id), DATA]), AMPLE_GAS);

      const [inner] = await actor.outcomes();
      expect(inner?.success).to.equal(false);
      expect(book.interface.parseError(inner?.result ?? "0x")?.name).to.equal("NotLiquidatable");
      expect(await book.debtOf(id)).to.equal(usdc("7,334.977379"));
    });

    it("pays out no money that has not arrived yet", async () => {
      const scene = await networkHelpers.loadFixture(fallenLoan);
      const { book, vault, lender, actor, id } = scene;
      await vault.connect(lender).withdraw(usdc("984,649"), lender, lender); // the vault is empty
      expect(await scene.usdc.balanceOf(vault)).to.equal(0n);

      // The books say that 8,016 have been repaid, but the tokens are not there: a withdrawal in the callback must fail.
      await vault.connect(lender).transfer(actor, await vault.balanceOf(lender));
      const address = await actor.getAddress();
      await actor.prepare([
        { target: vault, data: encode(vault, "withdraw", [usdc("1,000"), address, address]) },
        { target: scene.usdc, data: encode(scene.usdc, "mint", [address, usdc("8,016.022621")]) },
      ]);
      await actor.run(book, encode(book, "liquidate", [order(id), DATA]), AMPLE_GAS);

      const [withdrawal] = await actor.outcomes();
      expect(withdrawal?.success).to.equal(false);
      expect(await scene.usdc.balanceOf(vault)).to.equal(usdc("8,016.022621"));
      expect((await vault.state()).cash).to.equal(usdc("8,016.022621"));
    });

    it("deposits and withdraws at the price that stands after the payment", async () => {
      const scene = await networkHelpers.loadFixture(fallenLoan);
      const { book, vault, actor, id } = scene;
      const address = await actor.getAddress();
      await scene.usdc.mint(actor, usdc("100,000"));
      const assetsBefore = await vault.totalAssets();
      await actor.prepare([
        { target: vault, data: encode(vault, "deposit", [usdc("50,000"), address]) },
        { target: vault, data: encode(vault, "withdraw", [usdc("49,999.999999"), address, address]) },
      ]);

      await actor.run(book, encode(book, "liquidate", [order(id), DATA]), AMPLE_GAS);

      expect((await actor.outcomes()).map(({ success }) => success)).to.deep.equal([true, true]);
      // Round trips lose a unit at most and win nothing.
      expect(await scene.usdc.balanceOf(actor)).to.equal(usdc("100,000") - usdc("8,016.022621") - 1n);
      expect(await vault.totalAssets()).to.equal(assetsBefore + 1n);
    });

    it("repays a stranger's loan and closes its own", async () => {
      const scene = await networkHelpers.loadFixture(fallenLoan);
      const { book, vault, actor, stranger, feeds, id } = scene;
      const owner = await actor.getAddress();
      const own = loanId(owner);
      await feeds.weth.set(dollars("2,000"));
      await scene.weth.mint(actor, weth("1"));
      await actor.run(book, encode(book, "open", [own, [{ listing: WETH, amount: weth("1") }], usdc("1,000"), owner]));
      const other = await openLoan(scene, { pledges: [[WETH, weth("1")]], amount: usdc("1,000"), owner: stranger });
      await feeds.weth.set(dollars("1,750"));
      await scene.usdc.mint(actor, usdc("20,000"));
      await actor.prepare([
        { target: book, data: encode(book, "repay", [other, MaxUint256]) },
        { target: book, data: encode(book, "close", [own, MaxUint256, owner]) },
      ]);

      await actor.run(book, encode(book, "liquidate", [order(id), DATA]), AMPLE_GAS);

      expect((await actor.outcomes()).map(({ success }) => success)).to.deep.equal([true, true]);
      expect(await book.debtOf(other)).to.equal(0n);
      expect(await book.debtOf(own)).to.equal(0n);
      expect(await scene.usdc.balanceOf(actor)).to.equal(
        usdc("1,000") + usdc("20,000") - usdc("2,000") - usdc("8,016.022621"),
      );
      expect(await scene.usdc.balanceOf(vault)).to.equal((await vault.state()).cash);
      expect(await scene.weth.balanceOf(book)).to.equal((await book.listings(WETH)).held);
    });
  });
});

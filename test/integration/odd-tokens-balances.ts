import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { networkHelpers } from "../helpers/chain.ts";
import { expectInvariants } from "../helpers/invariants.ts";
import { NO_LOAN } from "../helpers/loans.ts";
import { deployMarket, dollars, loanId, openLoan, usdc, WBTC, wbtc, WETH, weth } from "../helpers/market.ts";
import type { FeeToken, RebasingToken } from "../helpers/mocks.ts";
import { closeSound, COLLATERAL_MOVES, digest, LOAN_ASSET_MOVES, sceneWith, type Scene } from "../helpers/moves.ts";

const WAD = 10n ** 18n;

/** Tokens that move less than they are told to, or whose balances change by themselves. Loans pledge 20.1 ether. */
const PLEDGED = weth("20.1");

async function feeCollateral(): Promise<Scene> {
  return sceneWith({ weth: "FeeToken" });
}

async function rebasingCollateral(): Promise<Scene> {
  return sceneWith({ weth: "RebasingToken" });
}

async function feeLoanAsset(): Promise<Scene> {
  return sceneWith({ usdc: "FeeToken" });
}

async function rebasingLoanAsset(): Promise<Scene> {
  return sceneWith({ usdc: "RebasingToken" });
}

async function setFee(scene: Scene, fee: bigint): Promise<void> {
  await (scene.weth as FeeToken).setFee(fee);
}

async function rebase(scene: Scene, factor: bigint): Promise<void> {
  await (scene.weth as RebasingToken).rebase(factor);
}

describe("Tokens whose balances do not follow their transfers", () => {
  describe("as collateral that takes a fee", () => {
    it("are refused where they would be pledged, by a clear error, and nothing is lost", async () => {
      const scene = await networkHelpers.loadFixture(feeCollateral);
      const { book, borrower, id } = scene;
      await setFee(scene, 100n);
      const before = await digest(scene);

      const pledges = [{ listing: WETH, amount: weth("2") }];
      await expect(book.connect(borrower).open(loanId(borrower, 4n), pledges, usdc("1,000"), borrower))
        .to.be.revertedWithCustomError(book, "TokenShort")
        .withArgs(WETH, PLEDGED + weth("1.98"), PLEDGED + weth("2"));
      await expect(book.connect(borrower).pledge(id, WETH, weth("1")))
        .to.be.revertedWithCustomError(book, "TokenShort")
        .withArgs(WETH, PLEDGED + weth("0.99"), PLEDGED + weth("1"));
      await expect(book.connect(borrower).multicall([book.interface.encodeFunctionData("pledge", [id, WETH, 10_000n])]))
        .to.be.revertedWithCustomError(book, "TokenShort")
        .withArgs(WETH, PLEDGED + 9_900n, PLEDGED + 10_000n);

      expect(await digest(scene)).to.deep.equal(before);
    });

    it("pass where the fee rounds to nothing: the book has all it owes", async () => {
      const scene = await networkHelpers.loadFixture(feeCollateral);
      await setFee(scene, 100n);
      await scene.book.connect(scene.borrower).pledge(scene.id, WETH, 99n);
      await expectInvariants(scene, scene.loans);
    });

    it("switched on later: who receives bears it, the book and everybody else nothing", async () => {
      for (const { name, run, from } of COLLATERAL_MOVES) {
        if (from !== "book") continue;
        const scene = await networkHelpers.loadFixture(feeCollateral);
        await setFee(scene, 100n);
        const kept = await scene.weth.balanceOf(scene.weth);
        await run(scene);
        expect(await scene.weth.balanceOf(scene.weth), name).to.be.above(kept);
        await expectInvariants(scene, scene.loans);
      }
    });

    it("switched on later: loans are repaid, released, closed and liquidated to the last of them", async () => {
      const scene = await networkHelpers.loadFixture(feeCollateral);
      const { book, borrower, keeper, feeds, id, sound, small, weth: token } = scene;
      await setFee(scene, 100n);
      const before = await token.balanceOf(borrower);
      await closeSound(scene);
      expect((await token.balanceOf(borrower)) - before).to.equal(weth("9.9"));
      await feeds.weth.set(dollars("1,750"));
      const order = { id, listing: WETH, maxRepay: usdc("1,750"), minSeized: 0n };
      const { seized } = await book.connect(keeper).liquidate.staticCall(order, "0x");
      await book.connect(keeper).liquidate(order, "0x");
      // What the order names is what leaves the book; one who minds bounds it with the fee in mind.
      expect(await token.balanceOf(keeper)).to.equal(weth("10,000") + seized - seized / 100n);
      for (const loan of [id, small]) await book.connect(borrower).close(loan, MaxUint256, borrower);
      expect(await token.balanceOf(book)).to.equal(0n);
      expect(await book.loan(sound)).to.deep.equal(NO_LOAN);
      await expectInvariants(scene, scene.loans);
    });

    it("hidden by a donation harm nobody: the donation pays, as far as it goes", async () => {
      const scene = await networkHelpers.loadFixture(feeCollateral);
      const { book, borrower, stranger, id, weth: token } = scene;
      await token.connect(stranger).transfer(book, weth("0.015"));
      await setFee(scene, 100n);

      await book.connect(borrower).pledge(id, WETH, weth("1")); // the book gets 0.99 and had 0.015 to spare
      expect(await token.balanceOf(book)).to.equal(PLEDGED + weth("1.005"));
      await expect(book.connect(borrower).pledge(id, WETH, weth("1")))
        .to.be.revertedWithCustomError(book, "TokenShort")
        .withArgs(WETH, PLEDGED + weth("1.995"), PLEDGED + weth("2"));

      // Everybody still gets all of it out, and nobody more.
      const loans = [id, scene.sound, scene.small];
      for (const loan of loans) await book.connect(borrower).close(loan, MaxUint256, borrower);
      expect((await book.listings(WETH)).held).to.equal(0n);
      expect(await token.balanceOf(book)).to.equal(weth("0.005"));
    });
  });

  describe("as collateral that shrinks by itself", () => {
    it("take no more pledges from anyone, whatever the amount", async () => {
      const scene = await networkHelpers.loadFixture(rebasingCollateral);
      const { book, borrower, stranger, id, sound } = scene;
      await rebase(scene, (WAD * 9n) / 10n);
      const left = weth("18.09");
      for (const [payer, loan, amount] of [
        [borrower, id, weth("0.9")],
        [stranger, sound, weth("1.8")],
      ] as const) {
        const before = await digest(scene);
        await expect(book.connect(payer).pledge(loan, WETH, amount))
          .to.be.revertedWithCustomError(book, "TokenShort")
          .withArgs(WETH, left + amount, PLEDGED + amount);
        expect(await digest(scene)).to.deep.equal(before);
      }
      const pledges = [
        { listing: WBTC, amount: wbtc("1") },
        { listing: WETH, amount: weth("0.9") },
      ];
      await expect(book.connect(borrower).open(loanId(borrower, 4n), pledges, usdc("1,000"), borrower))
        .to.be.revertedWithCustomError(book, "TokenShort")
        .withArgs(WETH, left + weth("0.9"), PLEDGED + weth("0.9"));
    });

    it("let standing loans repay, release what is there, and be liquidated", async () => {
      const scene = await networkHelpers.loadFixture(rebasingCollateral);
      const { book, borrower, keeper, feeds, id, sound, weth: token, wbtc: bitcoin } = scene;
      await rebase(scene, (WAD * 9n) / 10n);
      await book.connect(borrower).repay(sound, usdc("9,000"));
      const held = await token.balanceOf(borrower);
      await book.connect(borrower).release(sound, WETH, weth("9"), borrower);
      expect((await token.balanceOf(borrower)) - held).to.equal(weth("9"));
      await feeds.weth.set(dollars("1,750"));
      const order = { id, listing: WETH, maxRepay: usdc("1,750"), minSeized: weth("1") };
      const purse = await token.balanceOf(keeper);
      const { seized } = await book.connect(keeper).liquidate.staticCall(order, "0x");
      await book.connect(keeper).liquidate(order, "0x");
      // The token rounds what it moves to its inner shares.
      expect((await token.balanceOf(keeper)) - purse).to.be.within(seized - 1n, seized);

      // About 8.08 are left for 10.09 that are pledged. Who comes for what is not there keeps the claim, and gets the rest.
      const chest = await bitcoin.balanceOf(borrower);
      await book.connect(borrower).close(sound, MaxUint256, borrower);
      expect((await bitcoin.balanceOf(borrower)) - chest).to.equal(wbtc("0.5"));
      const claim = weth("10") - seized;
      await expect(book.connect(borrower).close(id, MaxUint256, borrower))
        .to.emit(book, "ReleaseFailed")
        .withArgs(id, WETH, claim);
      expect(await book.debtOf(id)).to.equal(0n);
      const left = await token.balanceOf(book);
      expect(left).to.be.below(claim);
      await book.connect(borrower).release(id, WETH, left, borrower);
      expect(await book.pledgeOf(id, WETH)).to.equal(claim - left);
      expect(await token.balanceOf(book)).to.be.at.most(1n);
    });

    it("touch nobody else's asset, and work again once somebody makes up for it", async () => {
      const scene = await networkHelpers.loadFixture(rebasingCollateral);
      const { book, borrower, stranger, id, weth: token, wbtc: bitcoin, loans } = scene;
      await rebase(scene, WAD / 2n);
      const other = await openLoan(scene, { pledges: [[WBTC, wbtc("1")]], amount: usdc("1,000"), number: 5n });
      await book.connect(borrower).pledge(scene.sound, WBTC, wbtc("0.5"));
      expect(await bitcoin.balanceOf(book)).to.equal((await book.listings(WBTC)).held);

      await token.connect(stranger).transfer(book, weth("10.05"));
      await book.connect(borrower).pledge(id, WETH, weth("0.5"));
      await expectInvariants(scene, [...loans, other]);
    });

    it("by the units that a rounded transfer loses, as stETH's, are refused until somebody makes up for them", async () => {
      const market = await deployMarket({ contracts: { weth: "RebasingToken" } });
      const { book, borrower, stranger, weth: token } = market;
      await (token as RebasingToken).rebase(3n * WAD);
      const id = await openLoan(market, { pledges: [[WETH, weth("3")]], amount: usdc("1,000") });
      // 1.000…001 are 333…333 inner shares, which are 0.999…999.
      await expect(book.connect(borrower).pledge(id, WETH, WAD + 1n))
        .to.be.revertedWithCustomError(book, "TokenShort")
        .withArgs(WETH, weth("4") - 1n, weth("4") + 1n);
      await book.connect(borrower).pledge(id, WETH, weth("1.2"));
      await token.connect(stranger).transfer(book, 3n);
      await book.connect(borrower).pledge(id, WETH, WAD + 1n);
      expect((await token.balanceOf(book)) - (await book.listings(WETH)).held).to.equal(1n);
    });
  });

  it("as collateral that grows by itself lend on what was pledged; the rest stays in the book", async () => {
    const scene = await networkHelpers.loadFixture(rebasingCollateral);
    const { book, borrower, id, sound, small, weth: token } = scene;
    await rebase(scene, WAD * 2n);
    await book.connect(borrower).pledge(id, WETH, weth("1"));
    expect(await book.pledgeOf(id, WETH)).to.equal(weth("11"));
    for (const loan of [id, sound, small]) await book.connect(borrower).close(loan, MaxUint256, borrower);
    expect((await book.listings(WETH)).held).to.equal(0n);
    expect(await token.balanceOf(book)).to.equal(PLEDGED); // what came by itself
  });

  // Such a loan asset is an error of whoever deploys the market: the vault counts what it is told, and measures nothing. These
  // tests say what it costs, and whom.
  describe("as loan asset that takes a fee", () => {
    it("leave the vault short of its cash by the fees, to the unit", async () => {
      const scene = await networkHelpers.loadFixture(feeLoanAsset);
      const { vault, usdc: token } = scene;
      await (token as FeeToken).setFee(100n);
      let short = 0n;
      for (const { name, run, to } of LOAN_ASSET_MOVES) {
        const snapshot = await networkHelpers.takeSnapshot();
        const kept = await token.balanceOf(token);
        await run(scene);
        const fee = (await token.balanceOf(token)) - kept;
        expect(fee, name).to.be.above(0n);
        short = (await vault.state()).cash - (await token.balanceOf(vault));
        // What is sent costs the receiver; what is pulled costs the vault.
        expect(short, name).to.equal(to === "vault" ? fee : 0n);
        await snapshot.restore();
      }
    });

    it("keep the last lender waiting for what is missing, and nobody else; a donation makes it good", async () => {
      const scene = await networkHelpers.loadFixture(feeLoanAsset);
      const { vault, book, borrower, lender, stranger, usdc: token, sound } = scene;
      const fee = token as FeeToken;
      await fee.setFee(100n);
      await vault.connect(stranger).deposit(usdc("100,000"), stranger);
      await fee.setFee(0n);
      await vault.connect(stranger).redeem(await vault.balanceOf(stranger), stranger, stranger);
      await book.connect(borrower).repay(sound, usdc("1,000"));

      const { cash } = await vault.state();
      const balance = await token.balanceOf(vault);
      expect(cash - balance).to.equal(usdc("1,000"));
      await expect(vault.connect(lender).withdraw(cash, lender, lender))
        .to.be.revertedWithCustomError(token, "ERC20InsufficientBalance")
        .withArgs(await vault.getAddress(), balance, cash);
      await vault.connect(lender).withdraw(balance, lender, lender);
      await token.connect(stranger).transfer(vault, usdc("1,000"));
      await vault.connect(lender).withdraw(usdc("1,000"), lender, lender);
      expect((await vault.state()).cash).to.equal(0n);
      await expectInvariants(scene, scene.loans);
    });
  });

  describe("as loan asset that shrinks or grows by itself", () => {
    it("leave the vault short by what is gone, and every exit within the rest open", async () => {
      const scene = await networkHelpers.loadFixture(rebasingLoanAsset);
      const { vault, book, borrower, lender, usdc: token, weth: collateral } = scene;
      await (token as RebasingToken).rebase((WAD * 9n) / 10n);
      const { cash } = await vault.state();
      const balance = await token.balanceOf(vault);
      expect(cash - balance).to.be.within(cash / 10n, cash / 10n + 1n);
      const before = await collateral.balanceOf(borrower);
      await closeSound(scene);
      expect((await collateral.balanceOf(borrower)) - before).to.equal(weth("10"));
      expect(await book.debtOf(scene.sound)).to.equal(0n);
      await vault.connect(lender).withdraw(balance, lender, lender);
      expect(await token.balanceOf(vault)).to.be.above(0n); // what the loan brought
    });

    it("are nobody's where they grow: shares do not rise with them", async () => {
      const scene = await networkHelpers.loadFixture(rebasingLoanAsset);
      const { vault, usdc: token } = scene;
      const assets = await vault.totalAssets();
      const { cash } = await vault.state();
      await (token as RebasingToken).rebase(2n * WAD);
      expect(await vault.totalAssets()).to.equal(assets);
      expect(await token.balanceOf(vault)).to.equal(2n * cash);
    });
  });
});

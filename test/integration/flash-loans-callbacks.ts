import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { AMPLE_GAS, deployActor, encode } from "../helpers/actor.ts";
import { DAY, networkHelpers } from "../helpers/chain.ts";
import { flash, oldMarket, planned, planOf, type OldScene, type PlannedCall } from "../helpers/flash-loans.ts";
import { expectInvariants } from "../helpers/invariants.ts";
import { dollars, usdc, WETH, type Market } from "../helpers/market.ts";
import { termMarket, useMarket } from "../helpers/terms.ts";

/** The actor borrows as much, and does this with it. */
async function flashTo(scene: OldScene, amount: bigint, ...calls: PlannedCall[]): Promise<unknown> {
  return flash(scene, scene.actor, amount, planOf(...calls));
}

/** The plan fails because somebody has not the tokens. */
async function expectShort(scene: OldScene, run: Promise<unknown>, ...args: [who: string, has: bigint, needs: bigint]) {
  await expect(run)
    .to.be.revertedWithCustomError(scene.usdc, "ERC20InsufficientBalance")
    .withArgs(...args);
}

/** What a share is worth: assets and one over shares and their virtual million. */
async function sharePrice({ vault }: Market): Promise<[assets: bigint, supply: bigint]> {
  return [(await vault.totalAssets()) + 1n, (await vault.totalSupply()) + 10n ** 6n];
}

/** No share lost anything, and none won more than the wei that a caller lost. */
async function expectSamePrice(scene: OldScene, before: [bigint, bigint]): Promise<void> {
  const after = await sharePrice(scene);
  expect(after[0] * before[1]).to.be.at.least(before[0] * after[1]);
  expect(after[0] - before[0]).to.be.within(0n, 2n);
  expect(after[1]).to.equal(before[1]);
}

describe("In the callback of a flash loan", () => {
  describe("a deposit of what was lent", () => {
    it("makes shares, but then it cannot be paid back, and they never were", async () => {
      const scene = await networkHelpers.loadFixture(oldMarket);
      const { vault, self, cash } = scene;
      const supply = await vault.totalSupply();
      for (const amount of [1n, cash]) {
        const deposit = await planned(vault, "deposit", [amount, self]);
        await expectShort(scene, flashTo(scene, amount, deposit), self, 0n, amount);
      }
      expect(await vault.totalSupply()).to.equal(supply);
      expect(await vault.balanceOf(self)).to.equal(0n);
      await expectInvariants(scene, [scene.id, scene.own]);
    });

    it("is a deposit like any other for one who pays with other money", async () => {
      const scene = await networkHelpers.loadFixture(oldMarket);
      const { vault, self, cash } = scene;
      const shares = await vault.previewDeposit(cash);
      await scene.usdc.mint(self, cash);
      await flashTo(scene, cash, await planned(vault, "deposit", [cash, self]));
      expect(await vault.balanceOf(self)).to.equal(shares);
      expect(await vault.maxFlashLoan(scene.usdc)).to.equal(2n * cash);
      expect(await scene.usdc.balanceOf(self)).to.equal(0n);
      await expectInvariants(scene, [scene.id, scene.own]);
    });

    it("and its withdrawal cost a unit, which the lenders have", async () => {
      const scene = await networkHelpers.loadFixture(oldMarket);
      const { vault, self, cash } = scene;
      const before = await sharePrice(scene);
      const shares = await vault.previewDeposit(cash);
      const trip = [
        await planned(vault, "deposit", [cash, self]),
        await planned(vault, "redeem", [shares, self, self]),
      ];
      await expectShort(scene, flashTo(scene, cash, ...trip), self, cash - 1n, cash);
      await scene.usdc.mint(self, 1n);
      await flashTo(scene, cash, ...trip);
      expect(await scene.usdc.balanceOf(self)).to.equal(0n);
      await expectSamePrice(scene, before);
    });

    it("again and again makes no room for more: each loan has to be paid back", async () => {
      const scene = await networkHelpers.loadFixture(oldMarket);
      const { vault, self, cash } = scene;
      const asset = await scene.usdc.getAddress();
      const deposit = await planned(vault, "deposit", [cash, self]);
      const inner = await planned(vault, "flashLoan", [self, asset, cash, planOf(deposit)]);
      await scene.usdc.mint(self, cash); // one of them
      await expectShort(scene, flashTo(scene, cash, deposit, inner), self, 0n, cash);
      expect(await vault.balanceOf(self)).to.equal(0n);
    });
  });

  describe("what is not there", () => {
    it("is withdrawn by nobody, though the books count it; the rest is", async () => {
      const scene = await networkHelpers.loadFixture(oldMarket);
      const { vault, lender, self, cash, usdc: asset } = scene;
      await vault.connect(lender).approve(self, MaxUint256);
      const source = await vault.getAddress();
      const withdrawal = async (amount: bigint) => planned(vault, "withdraw", [amount, lender.address, lender.address]);
      const [lent, rest] = [cash - usdc("9,000"), usdc("9,000")];
      const owned = await asset.balanceOf(lender);
      await expectShort(scene, flashTo(scene, lent, await withdrawal(rest + 1n)), source, rest, rest + 1n);
      await flashTo(scene, lent, await withdrawal(rest));
      expect(await asset.balanceOf(lender)).to.equal(owned + rest);
      expect((await vault.state()).cash).to.equal(lent);
      await expectInvariants(scene, [scene.id, scene.own]);
    });

    it("is drawn by nobody; the rest is", async () => {
      const scene = await networkHelpers.loadFixture(oldMarket);
      const { vault, book, stranger, own, cash } = scene;
      const source = await vault.getAddress();
      const drawing = async (amount: bigint) => planned(book, "borrow", [own, amount, stranger.address]);
      const [lent, rest] = [cash - usdc("9,000"), usdc("9,000")];
      const debt = await book.debtOf(own);
      await expectShort(scene, flashTo(scene, lent, await drawing(rest + 1n)), source, rest, rest + 1n);
      await flashTo(scene, lent, await drawing(rest));
      expect(await book.debtOf(own)).to.be.within(debt + rest, debt + rest + 1n);
      await expectInvariants(scene, [scene.id, own]);
    });

    it("is swept by nobody; reserves above their target wait for the next call", async () => {
      const scene = await networkHelpers.loadFixture(oldMarket);
      const { vault, book, borrower, manager, deployer, self, cash, id, usdc: asset } = scene;
      await manager.connect(deployer).getFunction("grantRole")(3n, self, 0n);
      await book.connect(borrower).repay(id, await book.debtOf(id)); // the target falls with the debt
      const all = (await vault.state()).cash;
      expect(all).to.be.above(cash);
      const sweep = await planned(vault, "sweepReserves", []);
      await expect(flashTo(scene, all, sweep)).to.be.revertedWithCustomError(asset, "ERC20InsufficientBalance");
      const amount = await vault.connect(scene.treasurer).sweepReserves.staticCall();
      await flashTo(scene, all - amount, sweep);
      expect(await asset.balanceOf(scene.treasury)).to.equal(amount);
      await expectInvariants(scene, [id, scene.own]);
    });

    it("is lent by no second flash loan; the rest is", async () => {
      const scene = await networkHelpers.loadFixture(oldMarket);
      const { vault, self, cash } = scene;
      const asset = await scene.usdc.getAddress();
      const source = await vault.getAddress();
      const inner = async (amount: bigint) => planned(vault, "flashLoan", [self, asset, amount, "0x"]);
      const [lent, rest] = [cash - usdc("9,000"), usdc("9,000")];
      await expectShort(scene, flashTo(scene, lent, await inner(rest + 1n)), source, rest, rest + 1n);
      await expect(flashTo(scene, lent, await inner(cash + 1n)))
        .to.be.revertedWithCustomError(vault, "InsufficientCash")
        .withArgs(cash + 1n, cash);
      const both = await flash(scene, self, lent, planOf(await inner(rest)));
      await expect(both).to.emit(vault, "FlashLoan").withArgs(scene.stranger.address, self, lent);
      await expect(both).to.emit(vault, "FlashLoan").withArgs(self, self, rest);
      await expectInvariants(scene, [scene.id, scene.own]);
    });
  });

  it("a repayment of what was lent is one, and must be found again: by drawing it anew, for instance", async () => {
    const scene = await networkHelpers.loadFixture(oldMarket);
    const { book, self, own } = scene;
    const debt = await book.debtOf(own);
    const repayment = await planned(book, "repay", [own, MaxUint256]);
    await expectShort(scene, flashTo(scene, debt, repayment), self, 0n, debt);
    expect(await book.debtOf(own)).to.equal(debt);

    const before = await sharePrice(scene);
    await flashTo(scene, debt, repayment, await planned(book, "borrow", [own, debt, self]));
    expect(await book.debtOf(own)).to.be.within(debt, debt + 1n);
    await expectSamePrice(scene, before);
    await expectInvariants(scene, [scene.id, own]);
  });

  it("pledges are as bound by the debt as ever: what was lent frees none of them", async () => {
    const scene = await networkHelpers.loadFixture(oldMarket);
    const { book, self, own, cash } = scene;
    const debt = await book.debtOf(own);
    const release = await planned(book, "release", [own, WETH, MaxUint256, self]);
    await expect(flashTo(scene, cash, release))
      .to.be.revertedWithCustomError(book, "AboveBorrowLimit")
      .withArgs(debt, 0n);
  });

  it("nobody gets a lower rate: neither a deposit nor a repayment for the moment moves the quote of a term", async () => {
    const market = await networkHelpers.loadFixture(termMarket);
    const { vault, book, whale, usdc: asset } = market;
    await useMarket(market, 8_500n); // with 100,000 more it is above the target of 90 %
    const actor = await deployActor(market);
    const self = await actor.getAddress();
    await asset.mint(actor, usdc("1,000,000")); // it can pay back whatever it does
    const wanted = [usdc("100,000"), usdc("100,000"), 90n * DAY] as const;
    const expected = await vault.quoteTerm(...wanted);
    const quote = { target: vault, data: encode(vault, "quoteTerm", wanted) };
    await actor.prepare([
      quote,
      { target: vault, data: encode(vault, "deposit", [usdc("500,000"), self]) },
      quote,
      { target: book, data: encode(book, "repay", [whale, usdc("300,000")]) },
      quote,
    ]);
    await vault.flashLoan(actor, asset, (await vault.state()).cash, "0x", AMPLE_GAS);

    const outcomes = await actor.outcomes();
    const quotes = [0, 2, 4].map((step) => BigInt(outcomes[step]?.result ?? "0x"));
    expect(quotes).to.deep.equal([expected, expected, expected]);
    expect([outcomes[1]?.success, outcomes[3]?.success]).to.deep.equal([true, true]);
    // Whoever does the same and leaves it there has another quote next time.
    expect(await vault.quoteTerm(...wanted)).to.be.below(expected);
  });

  it("of a liquidation the vault lends what it has, and not what the liquidator has yet to pay", async () => {
    const scene = await networkHelpers.loadFixture(oldMarket);
    const { vault, book, feeds, actor, self, id, cash, usdc: asset } = scene;
    await feeds.weth.set(dollars("1,400")); // 560,000 beside 500,000 and their interest
    await asset.mint(actor, usdc("600,000"));
    const order = { id, listing: WETH, maxRepay: usdc("100,000"), minSeized: 0n };
    const liquidation = async (lent: bigint): Promise<PlannedCall> => {
      const inner = await planned(vault, "flashLoan", [self, await asset.getAddress(), lent, "0x"]);
      return planned(book, "liquidate", [order, planOf(inner)]);
    };
    const source = await vault.getAddress();
    await expectShort(scene, actor.run([await liquidation(cash + 1n)]), source, cash, cash + 1n);
    await expect(actor.run([await liquidation(cash)]))
      .to.emit(vault, "FlashLoan")
      .withArgs(self, self, cash);
    expect((await vault.state()).cash).to.equal(cash + usdc("100,000"));
    await expectInvariants(scene, [id, scene.own]);
  });
});

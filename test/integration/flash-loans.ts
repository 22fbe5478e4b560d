import { expect } from "chai";
import { MaxUint256, ZeroAddress, type AddressLike } from "ethers";

import { AMPLE_GAS, deployActor, encode } from "../helpers/actor.ts";
import { clock, DAY, ethers, networkHelpers, YEAR } from "../helpers/chain.ts";
import { deployFlashActor, flash, planned, planOf, type FlashActor } from "../helpers/flash-loans.ts";
import { expectInvariants } from "../helpers/invariants.ts";
import { openLoan, standardMarket, usdc, WETH, weth, type Market } from "../helpers/market.ts";
import type { CallbackActor } from "../helpers/mocks.ts";
import { expectTermInvariants, openTermLoan, termMarket, type TermMarket } from "../helpers/terms.ts";

interface Scene extends Market {
  actor: FlashActor;
  id: bigint;
}

/** 990,000 of cash beside a loan of 10,000. */
async function oneLoan(): Promise<Scene> {
  const market = await standardMarket();
  const id = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("10,000") });
  return { ...market, actor: await deployFlashActor(market), id };
}

interface BusyScene extends TermMarket {
  actor: FlashActor;
  observer: CallbackActor;
  term: bigint;
}

/** A market with open and fixed terms, and with interest that nobody has booked for a month. */
async function unbookedMonth(): Promise<BusyScene> {
  const market = await termMarket();
  const term = await openTermLoan(market, { amount: usdc("50,000"), duration: 90n * DAY });
  const [actor, observer] = [await deployFlashActor(market), await deployActor(market)];
  await clock.advance(30n * DAY);
  return { ...market, actor, observer, term };
}

/** The vault's views, with what they are asked. */
const VIEWS: [name: string, args: unknown[]][] = [
  ["state", []],
  ["accruedState", []],
  ["totalAssets", []],
  ["totalSupply", []],
  ["convertToAssets", [10n ** 24n]],
  ["totalDebt", []],
  ["termDebt", []],
  ["utilisation", []],
  ["borrowRate", []],
  ["lendRate", []],
  ["quoteTerm", [usdc("1,000"), usdc("1,000"), 30n * DAY]],
  ["maxDeposit", [ZeroAddress]],
];

async function viewsOf({ vault }: Market): Promise<string[]> {
  const to = await vault.getAddress();
  return Promise.all(VIEWS.map(async ([view, args]) => ethers.provider.call({ to, data: encode(vault, view, args) })));
}

describe("Flash loans", () => {
  it("are of the cash, all of it, and of nothing else", async () => {
    const scene = await networkHelpers.loadFixture(oneLoan);
    const { vault } = scene;
    expect(await vault.maxFlashLoan(scene.usdc)).to.equal(usdc("990,000"));
    const others: AddressLike[] = [scene.weth, vault, ZeroAddress];
    for (const token of others) expect(await vault.maxFlashLoan(token)).to.equal(0n);
  });

  it("cost nothing, whatever the amount", async () => {
    const { vault, usdc: asset } = await networkHelpers.loadFixture(oneLoan);
    for (const amount of [0n, 1n, usdc("990,000"), MaxUint256]) {
      expect(await vault.flashFee(asset, amount)).to.equal(0n);
    }
  });

  it("lend all the cash to whom the caller names, who learns who asked and what for, and take it back", async () => {
    const scene = await networkHelpers.loadFixture(oneLoan);
    const { vault, stranger, actor, usdc: asset, id } = scene;
    const [lender, receiver, token] = [await vault.getAddress(), await actor.getAddress(), await asset.getAddress()];
    const amount = usdc("990,000");
    const data = planOf(await planned(asset, "approve", [stranger.address, 0n]));
    expect(await vault.connect(stranger).flashLoan.staticCall(actor, asset, amount, data)).to.equal(true);

    const loan = await flash(scene, actor, amount, data);
    await expect(loan).to.emit(vault, "FlashLoan").withArgs(stranger.address, receiver, amount);
    await expect(loan).to.emit(actor, "CalledBack").withArgs(lender, stranger.address, token, amount, 0n, data);
    await expect(loan).to.emit(asset, "Transfer").withArgs(lender, receiver, amount);
    await expect(loan).to.emit(asset, "Transfer").withArgs(receiver, lender, amount);
    expect(await asset.balanceOf(actor)).to.equal(0n);
    expect((await vault.state()).cash).to.equal(amount);
    await expectInvariants(scene, [id]);
  });

  for (const amount of [0n, 1n]) {
    it(`may be of ${amount}`, async () => {
      const scene = await networkHelpers.loadFixture(oneLoan);
      const { vault, stranger, actor } = scene;
      await expect(flash(scene, actor, amount))
        .to.emit(vault, "FlashLoan")
        .withArgs(stranger.address, await actor.getAddress(), amount);
      await expectInvariants(scene, [scene.id]);
    });
  }

  it("are not of what was donated, and leave it where it is", async () => {
    const scene = await networkHelpers.loadFixture(oneLoan);
    const { vault, stranger, actor, usdc: asset } = scene;
    await asset.connect(stranger).transfer(vault, usdc("5,000"));
    const cash = usdc("990,000");
    expect(await vault.maxFlashLoan(asset)).to.equal(cash);
    await expect(flash(scene, actor, cash + 1n))
      .to.be.revertedWithCustomError(vault, "InsufficientCash")
      .withArgs(cash + 1n, cash);
    await flash(scene, actor, cash);
    expect(await asset.balanceOf(vault)).to.equal(usdc("995,000"));
  });

  it("change nothing that the vault says or stores, not even the interest that nobody has booked", async () => {
    const scene = await networkHelpers.loadFixture(unbookedMonth);
    const { vault, actor, usdc: asset, whale, term } = scene;
    const before = await viewsOf(scene);
    const { lastAccrual, cash } = await vault.state();
    expect(clock.now() - lastAccrual).to.equal(30n * DAY);
    for (const amount of [cash, 1n, cash / 2n]) await flash(scene, actor, amount);
    expect(await viewsOf(scene)).to.deep.equal(before);
    expect(await asset.balanceOf(vault)).to.equal(cash);
    await expectTermInvariants(scene, [whale, term]);
  });

  it("change no share price in the year after", async () => {
    const scene = await networkHelpers.loadFixture(unbookedMonth);
    const { vault, actor } = scene;
    const snapshot = await networkHelpers.takeSnapshot();
    await clock.advance(YEAR);
    const without = await viewsOf(scene);
    await snapshot.restore();
    await flash(scene, actor, (await vault.state()).cash);
    await clock.advance(YEAR);
    expect(await viewsOf(scene)).to.deep.equal(without);
  });

  it("let the vault say in the callback what it says without them: the money counts as if it were there", async () => {
    const scene = await networkHelpers.loadFixture(unbookedMonth);
    const { vault, observer, usdc: asset } = scene;
    const before = await viewsOf(scene);
    const { cash } = await vault.state();
    const watched = [...VIEWS, ["maxFlashLoan", [await asset.getAddress()]] as const];
    await observer.prepare([
      ...watched.map(([view, args]) => ({ target: vault, data: encode(vault, view, args) })),
      { target: asset, data: encode(asset, "balanceOf", [await vault.getAddress()]) },
    ]);
    await vault.flashLoan(observer, asset, cash, "0x", AMPLE_GAS);

    const seen = (await observer.outcomes()).map(({ result }) => result);
    expect(seen.slice(0, VIEWS.length)).to.deep.equal(before);
    expect(seen.slice(VIEWS.length).map(BigInt)).to.deep.equal([cash, 0n]);
  });
});

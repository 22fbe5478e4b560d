import { expect } from "chai";
import { id as keccakOfText, MaxUint256, toBeHex, ZeroAddress, ZeroHash, type AddressLike } from "ethers";

import { clock, DAY, ethers, networkHelpers } from "../helpers/chain.ts";
import { deployFlashActor, flash, planned, planOf, type FlashActor } from "../helpers/flash-loans.ts";
import { deployMarket, usdc, type Market } from "../helpers/market.ts";
import { FalseMode, type BlockingToken, type FalseToken, type FeeToken } from "../helpers/mocks.ts";

const CASH = usdc("1,000,000");
const ACCEPTED = keccakOfText("ERC3156FlashBorrower.onFlashLoan");
const FLASH_LOAN = 2n;

interface Scene extends Market {
  actor: FlashActor;
}

async function enter(contract?: string): Promise<Scene> {
  const market = await deployMarket(contract === undefined ? {} : { contracts: { usdc: contract } });
  return { ...market, actor: await deployFlashActor(market) };
}

/** A million in the vault, nothing lent. */
const idle = async (): Promise<Scene> => enter();
const blocking = async (): Promise<Scene> => enter("BlockingToken");
const silent = async (): Promise<Scene> => enter("SilentToken");
const untrue = async (): Promise<Scene> => enter("FalseToken");
const charging = async (): Promise<Scene> => enter("FeeToken");

/** The receiver has nothing, and the vault all it had. */
async function expectAllThere({ vault, actor, usdc: asset }: Scene): Promise<void> {
  expect(await asset.balanceOf(vault)).to.equal(CASH);
  expect(await asset.balanceOf(actor)).to.equal(0n);
  expect((await vault.state()).cash).to.equal(CASH);
}

describe("Flash loans, refused", () => {
  it("of anything but the loan asset, where not even a fee is told", async () => {
    const scene = await networkHelpers.loadFixture(idle);
    const { vault, actor } = scene;
    const asset = await scene.usdc.getAddress();
    for (const token of [await scene.weth.getAddress(), await vault.getAddress(), ZeroAddress]) {
      await expect(vault.flashLoan(actor, token, 1n, "0x"))
        .to.be.revertedWithCustomError(vault, "NotLoanAsset")
        .withArgs(token, asset);
      await expect(vault.flashFee(token, 1n))
        .to.be.revertedWithCustomError(vault, "NotLoanAsset")
        .withArgs(token, asset);
    }
  });

  it("of more than the cash", async () => {
    const scene = await networkHelpers.loadFixture(idle);
    const { vault, actor } = scene;
    for (const amount of [CASH + 1n, 2n ** 104n + 1n, MaxUint256]) {
      await expect(flash(scene, actor, amount))
        .to.be.revertedWithCustomError(vault, "InsufficientCash")
        .withArgs(amount, CASH);
    }
  });

  it("where everything is lent out or withdrawn", async () => {
    const scene = await networkHelpers.loadFixture(idle);
    const { vault, lender, actor } = scene;
    await vault.connect(lender).withdraw(CASH, lender, lender);
    expect(await vault.maxFlashLoan(scene.usdc)).to.equal(0n);
    await expect(flash(scene, actor, 1n))
      .to.be.revertedWithCustomError(vault, "InsufficientCash")
      .withArgs(1n, 0n);
    await expect(flash(scene, actor, 0n)).to.emit(vault, "FlashLoan");
  });

  it("while they are paused, to the second", async () => {
    const scene = await networkHelpers.loadFixture(idle);
    const { vault, guardian, actor, usdc: asset } = scene;
    await vault.connect(guardian).pause(FLASH_LOAN);
    const until = clock.now() + 14n * DAY;
    for (const wait of [0n, 14n * DAY - 1n]) {
      await clock.advance(wait);
      expect(await vault.maxFlashLoan(asset)).to.equal(0n);
      await expect(flash(scene, actor, 0n))
        .to.be.revertedWithCustomError(vault, "Paused")
        .withArgs(FLASH_LOAN, until);
    }
    expect(await vault.flashFee(asset, 1n)).to.equal(0n);
    await clock.advance(1n);
    expect(await vault.maxFlashLoan(asset)).to.equal(CASH);
    await flash(scene, actor, CASH);
  });

  describe("to a receiver that answers", () => {
    const ANSWERS: Record<string, string> = {
      nothing: ZeroHash,
      yes: toBeHex(1n, 32),
      "with another word": keccakOfText("ERC3156FlashBorrower.onFlashLoan "),
      "with the word, one bit off": toBeHex(BigInt(ACCEPTED) ^ 1n, 32),
    };
    for (const [name, answer] of Object.entries(ANSWERS)) {
      it(name, async () => {
        const scene = await networkHelpers.loadFixture(idle);
        const { vault, actor } = scene;
        await actor.setAnswer(answer);
        for (const amount of [0n, CASH]) {
          await expect(flash(scene, actor, amount))
            .to.be.revertedWithCustomError(vault, "FlashLoanNotAccepted")
            .withArgs(await actor.getAddress());
        }
        await expectAllThere(scene);
        await actor.setAnswer(ACCEPTED);
        await flash(scene, actor, CASH);
      });
    }
  });

  it("to a key, even one that has approved the vault and has the money: nobody is made to borrow", async () => {
    const scene = await networkHelpers.loadFixture(idle);
    for (const receiver of [scene.lender, scene.keeper]) {
      for (const amount of [0n, CASH]) await expect(flash(scene, receiver, amount)).to.be.revertedWithoutReason(ethers);
    }
    await expectAllThere(scene);
  });

  it("to contracts that know no flash loans, the market's own above all", async () => {
    const scene = await networkHelpers.loadFixture(idle);
    const contracts: AddressLike[] = [scene.vault, scene.book, scene.usdc, scene.feeds.weth];
    for (const receiver of contracts) {
      for (const amount of [0n, 1n]) await expect(flash(scene, receiver, amount)).to.be.revertedWithoutReason(ethers);
    }
    await expectAllThere(scene);
  });

  it("with the receiver's own words, if it fails", async () => {
    const scene = await networkHelpers.loadFixture(idle);
    const { book, actor, borrower } = scene;
    const id = (BigInt(borrower.address) << 96n) | 1n;
    const data = planOf(await planned(book, "close", [id, 0n, await actor.getAddress()]));
    await expect(flash(scene, actor, CASH, data))
      .to.be.revertedWithCustomError(book, "NotOwnerOrOperator")
      .withArgs(id, await actor.getAddress());
  });
});

describe("Flash loans, not paid back", () => {
  it("because a unit is missing", async () => {
    const scene = await networkHelpers.loadFixture(idle);
    const { actor, stranger, usdc: asset } = scene;
    const data = planOf(await planned(asset, "transfer", [stranger.address, 1n]));
    await expect(flash(scene, actor, CASH, data))
      .to.be.revertedWithCustomError(asset, "ERC20InsufficientBalance")
      .withArgs(await actor.getAddress(), CASH - 1n, CASH);
    await expectAllThere(scene);
    await asset.mint(actor, 1n);
    await flash(scene, actor, CASH, data);
    await expectAllThere(scene);
  });

  it("because the receiver does not let the vault take it", async () => {
    const scene = await networkHelpers.loadFixture(idle);
    const { vault, actor, usdc: asset } = scene;
    const lender = await vault.getAddress();
    const data = planOf(await planned(asset, "approve", [lender, CASH - 1n]));
    await expect(flash(scene, actor, CASH, data))
      .to.be.revertedWithCustomError(asset, "ERC20InsufficientAllowance")
      .withArgs(lender, CASH - 1n, CASH);
    await expectAllThere(scene);
    await flash(scene, actor, CASH, planOf(await planned(asset, "approve", [lender, CASH])));
    await expectAllThere(scene);
  });

  it("by sending it: that is a donation, and the debt stands", async () => {
    const scene = await networkHelpers.loadFixture(idle);
    const { vault, actor, usdc: asset } = scene;
    const data = planOf(await planned(asset, "transfer", [await vault.getAddress(), CASH]));
    await expect(flash(scene, actor, CASH, data))
      .to.be.revertedWithCustomError(asset, "ERC20InsufficientBalance")
      .withArgs(await actor.getAddress(), 0n, CASH);
    await asset.mint(actor, CASH);
    await flash(scene, actor, CASH, data);
    expect(await asset.balanceOf(vault)).to.equal(2n * CASH);
    expect((await vault.state()).cash).to.equal(CASH);
  });
});

describe("Flash loans of an odd loan asset", () => {
  it("that blocks accounts are refused to whom it blocks, before or in the callback", async () => {
    const scene = await networkHelpers.loadFixture(blocking);
    const { actor } = scene;
    const token = scene.usdc as BlockingToken;
    const receiver = await actor.getAddress();
    const data = planOf(await planned(token, "setBlocked", [receiver, true]));
    await expect(flash(scene, actor, CASH, data))
      .to.be.revertedWithCustomError(token, "Blocked")
      .withArgs(receiver);
    await token.setQuiet(true);
    await expect(flash(scene, actor, CASH, data))
      .to.be.revertedWithCustomError(scene.vault, "SafeERC20FailedOperation")
      .withArgs(await token.getAddress());
    await token.setBlocked(receiver, true);
    await expect(flash(scene, actor, CASH))
      .to.be.revertedWithCustomError(scene.vault, "SafeERC20FailedOperation")
      .withArgs(await token.getAddress());
    await expectAllThere(scene);
  });

  it("that returns nothing are as of any other, but for nothing: it refuses to move that", async () => {
    const scene = await networkHelpers.loadFixture(silent);
    await flash(scene, scene.actor, CASH);
    await expectAllThere(scene);
    await expect(flash(scene, scene.actor, 0n))
      .to.be.revertedWithCustomError(scene.usdc, "NothingMoved")
      .withArgs();
  });

  it("that returns false are refused, though it has moved", async () => {
    const scene = await networkHelpers.loadFixture(untrue);
    await (scene.usdc as FalseToken).setMode(FalseMode.denies);
    await expect(flash(scene, scene.actor, CASH))
      .to.be.revertedWithCustomError(scene.vault, "SafeERC20FailedOperation")
      .withArgs(await scene.usdc.getAddress());
    await expectAllThere(scene);
  });

  // Such a loan asset is an error of whoever deploys the market, see docs/known-issues.md. The guardian can pause what hurts.
  it("that takes a fee are paid back whole by the receiver, and leave the vault short by a fee, as deposits do", async () => {
    const scene = await networkHelpers.loadFixture(charging);
    const { vault, actor, guardian } = scene;
    const token = scene.usdc as FeeToken;
    await token.setFee(100n);
    const fee = CASH / 100n;
    await expect(flash(scene, actor, CASH))
      .to.be.revertedWithCustomError(token, "ERC20InsufficientBalance")
      .withArgs(await actor.getAddress(), CASH - 2n * fee, CASH - fee); // the token takes its part first
    await token.mint(actor, fee);
    await flash(scene, actor, CASH);
    expect(await token.balanceOf(actor)).to.equal(0n);
    expect(await token.balanceOf(vault)).to.equal(CASH - fee);
    expect((await vault.state()).cash).to.equal(CASH);
    await vault.connect(guardian).pause(FLASH_LOAN);
    await expect(flash(scene, actor, 1n)).to.be.revertedWithCustomError(vault, "Paused");
  });
});

import { expect } from "chai";
import { MaxUint256, type BaseContract } from "ethers";

import { networkHelpers } from "../helpers/chain.ts";
import { expectInvariants } from "../helpers/invariants.ts";
import { NO_LOAN, openTermLoan } from "../helpers/loans.ts";
import { usdc, WETH, weth } from "../helpers/market.ts";
import { FalseMode, type BlockingToken, type FalseToken, type PausableToken } from "../helpers/mocks.ts";
import {
  closeSound,
  COLLATERAL_MOVES,
  digest,
  LOAN_ASSET_MOVES,
  partyOf,
  sceneWith,
  type Move,
  type Scene,
} from "../helpers/moves.ts";

type Side = "usdc" | "weth";

const SIDES: [title: string, side: Side, moves: Move[]][] = [
  ["as loan asset", "usdc", LOAN_ASSET_MOVES],
  ["as collateral", "weth", COLLATERAL_MOVES],
];

/** One fixture for each token and side: the chain's snapshots are kept by function. */
function fixturesFor(contract: string): Record<Side, () => Promise<Scene>> {
  return {
    usdc: async () => sceneWith({ usdc: contract }),
    weth: async () => sceneWith({ weth: contract }),
  };
}

/** The move fails and changes nothing. `token` knows the error. */
async function expectRefused(
  scene: Scene,
  move: Move,
  { token, error, args }: { token: BaseContract; error: string; args: unknown[] },
): Promise<void> {
  const before = await digest(scene);
  await expect(move.run(scene))
    .to.be.revertedWithCustomError(token, error)
    .withArgs(...args);
  expect(await digest(scene)).to.deep.equal(before);
}

async function expectDone(scene: Scene, { run }: Move): Promise<void> {
  const before = await digest(scene);
  await run(scene);
  expect(await digest(scene)).not.to.deep.equal(before);
  await expectInvariants(scene, scene.loans);
}

describe("Odd tokens", () => {
  describe("that return nothing, and revert when nothing is moved", () => {
    const fixtures = fixturesFor("SilentToken");
    for (const [title, side, moves] of SIDES) {
      for (const move of moves) {
        it(`${title} take part in ${move.name}`, async () => {
          await expectDone(await networkHelpers.loadFixture(fixtures[side]), move);
        });
      }
    }

    it("as collateral are paid out when a loan is closed, with debt and without", async () => {
      const scene = await networkHelpers.loadFixture(fixtures.weth);
      await closeSound(scene);
      expect(await scene.weth.balanceOf(scene.borrower)).to.equal(weth("9,989.9"));
      await scene.book.connect(scene.keeper).repay(scene.id, usdc("20,000"));
      await scene.book.connect(scene.borrower).close(scene.id, 0n, scene.borrower);
      expect(await scene.weth.balanceOf(scene.borrower)).to.equal(weth("9,999.9"));
      await expectInvariants(scene, scene.loans);
    });

    it("as loan asset refuse to be moved by nothing, and no more than that", async () => {
      const scene = await networkHelpers.loadFixture(fixtures.usdc);
      const { vault, lender, usdc: token } = scene;
      const before = await digest(scene);
      for (const call of [
        vault.connect(lender).deposit(0n, lender),
        vault.connect(lender).mint(0n, lender),
        vault.connect(lender).withdraw(0n, lender, lender),
        vault.connect(lender).redeem(0n, lender, lender),
      ]) {
        await expect(call).to.be.revertedWithCustomError(token, "NothingMoved").withArgs();
      }
      expect(await digest(scene)).to.deep.equal(before);
    });

    it("as loan asset are not swept where there is no cash", async () => {
      const scene = await networkHelpers.loadFixture(fixtures.usdc);
      const { vault, lender, treasurer, usdc: token } = scene;
      await vault.connect(lender).withdraw((await vault.state()).cash, lender, lender);
      await expect(vault.connect(treasurer).sweepReserves())
        .to.be.revertedWithCustomError(token, "NothingMoved")
        .withArgs();
    });
  });

  describe("that can be paused", () => {
    const fixtures = fixturesFor("PausableToken");
    for (const [title, side, moves] of SIDES) {
      for (const move of moves) {
        it(`${title} stop ${move.name} while they are, and lose nothing`, async () => {
          const scene = await networkHelpers.loadFixture(fixtures[side]);
          const token = scene[side] as PausableToken;
          await token.setPaused(true);
          await expectRefused(scene, move, { token, error: "TransfersPaused", args: [] });
          await token.setPaused(false);
          await expectDone(scene, move);
        });
      }
    }

    it("as collateral stop nobody from repaying, lending or releasing something else", async () => {
      const scene = await networkHelpers.loadFixture(fixtures.weth);
      await (scene.weth as PausableToken).setPaused(true);
      for (const move of LOAN_ASSET_MOVES.filter(
        ({ name }) => !["open", "openTerm", "liquidate", "liquidateBatch"].includes(name),
      )) {
        const snapshot = await networkHelpers.takeSnapshot();
        if (move.name !== "close") await expectDone(scene, move);
        await snapshot.restore();
      }
      const { book, borrower, sound } = scene;
      await expect(book.connect(borrower).close(sound, MaxUint256, borrower))
        .to.emit(book, "ReleaseFailed")
        .withArgs(sound, WETH, weth("10"));
      expect(await book.debtOf(sound)).to.equal(0n);
      await expectInvariants(scene, scene.loans);
    });
  });

  describe("that block accounts", () => {
    const fixtures = fixturesFor("BlockingToken");
    for (const [title, side, moves] of SIDES) {
      for (const move of moves) {
        for (const party of [move.from, move.to]) {
          it(`${title}, when the ${party} is blocked, stop ${move.name} and lose nothing`, async () => {
            const scene = await networkHelpers.loadFixture(fixtures[side]);
            const token = scene[side] as BlockingToken;
            const account = await partyOf(scene, party).getAddress();
            await token.setBlocked(account, true);
            await expectRefused(scene, move, { token, error: "Blocked", args: [account] });
            await token.setBlocked(account, false);
            await expectDone(scene, move);
          });
        }
      }
    }

    it("as loan asset: anyone repays for a borrower who is blocked, who then takes the pledges out", async () => {
      const scene = await networkHelpers.loadFixture(fixtures.usdc);
      const { book, borrower, stranger, sound } = scene;
      await (scene.usdc as BlockingToken).setBlocked(borrower, true);
      await book.connect(stranger).repay(sound, MaxUint256);
      await book.connect(borrower).close(sound, 0n, borrower);
      expect(await book.loan(sound)).to.deep.equal(NO_LOAN);
      expect(await scene.weth.balanceOf(borrower)).to.equal(weth("9,989.9"));
    });

    it("as loan asset: a lender who is blocked withdraws to another account", async () => {
      const scene = await networkHelpers.loadFixture(fixtures.usdc);
      const { vault, lender, treasury, usdc: token } = scene;
      await (token as BlockingToken).setBlocked(lender, true);
      await vault.connect(lender).withdraw(usdc("1,000"), treasury, lender);
      expect(await token.balanceOf(treasury)).to.equal(usdc("1,000"));
    });

    it("as collateral: a blocked owner releases to another account, and a blocked book keeps only its own asset", async () => {
      const scene = await networkHelpers.loadFixture(fixtures.weth);
      const { book, borrower, stranger, sound, weth: token } = scene;
      const blocking = token as BlockingToken;
      await blocking.setBlocked(borrower, true);
      await book.connect(borrower).release(sound, WETH, weth("1"), stranger);
      expect(await token.balanceOf(stranger)).to.equal(weth("10,001"));

      await blocking.setBlocked(await book.getAddress(), true);
      await expect(closeSound(scene)).to.emit(book, "ReleaseFailed").withArgs(sound, WETH, weth("9"));
      expect(await book.loan(sound)).to.deep.equal(openTermLoan(0n, 1n << WETH));
      await blocking.setBlocked(await book.getAddress(), false);
      await book.connect(borrower).close(sound, 0n, stranger);
      expect(await token.balanceOf(stranger)).to.equal(weth("10,010"));
      await expectInvariants(scene, scene.loans);
    });

    it("as collateral: while the book is blocked its other pledges are liquidated", async () => {
      const scene = await networkHelpers.loadFixture(fixtures.weth);
      const { book, keeper, feeds, sound } = scene;
      await (scene.weth as BlockingToken).setBlocked(await book.getAddress(), true);
      await feeds.wbtc.set(1_000n * 10n ** 8n);
      await feeds.weth.set(1_050n * 10n ** 8n); // 10,500 + 500 beside 10,000
      const order = { id: sound, listing: 1n, maxRepay: usdc("10,000"), minSeized: 0n };
      await expect(book.connect(keeper).liquidate(order, "0x")).to.emit(book, "Liquidated");
      expect((await book.loan(sound)).pledged).to.equal(1n << WETH);
      await expectInvariants(scene, scene.loans);
    });
  });

  describe("that return false", () => {
    const fixtures = fixturesFor("FalseToken");
    for (const [title, side, moves] of SIDES) {
      for (const move of moves) {
        it(`${title} stop ${move.name}, and lose nothing`, async () => {
          const scene = await networkHelpers.loadFixture(fixtures[side]);
          const token = scene[side] as FalseToken;
          await token.setMode(FalseMode.denies);
          const args = [await token.getAddress()];
          await expectRefused(scene, move, { token: scene.vault, error: "SafeERC20FailedOperation", args });
          await token.setMode(FalseMode.honest);
          await expectDone(scene, move);
        });
      }
    }

    it("because the payer has not enough, are believed", async () => {
      const scene = await networkHelpers.loadFixture(fixtures.usdc);
      const { vault, book, keeper, deployer, usdc: token, sound } = scene;
      const args = [await token.getAddress()] as const;
      await expect(vault.connect(deployer).deposit(1n, deployer))
        .to.be.revertedWithCustomError(vault, "SafeERC20FailedOperation")
        .withArgs(...args);
      await token.connect(keeper).approve(book, 0n);
      await expect(book.connect(keeper).repay(sound, usdc("1,000")))
        .to.be.revertedWithCustomError(book, "SafeERC20FailedOperation")
        .withArgs(...args);
    });

    // None of these can be pledged in the first place; a token would have to change.
    it("as collateral stay in a loan that is closed", async () => {
      const scene = await networkHelpers.loadFixture(fixtures.weth);
      const { book, sound, weth: token } = scene;
      const held = await token.balanceOf(book);
      await (token as FalseToken).setMode(FalseMode.denies);
      // This token has moved although it says that it has not: what it says stands, and the book is short by it.
      await expect(closeSound(scene)).to.emit(book, "ReleaseFailed").withArgs(sound, WETH, weth("10"));
      expect(await book.pledgeOf(sound, WETH)).to.equal(weth("10"));
      expect(await token.balanceOf(book)).to.equal(held - weth("10"));
    });

    it("as collateral, or true without moving, are never credited", async () => {
      const scene = await networkHelpers.loadFixture(fixtures.weth);
      const { book, borrower, id, weth: token } = scene;
      await (token as FalseToken).setMode(FalseMode.feigns);
      const held = await token.balanceOf(book);
      await expect(book.connect(borrower).pledge(id, WETH, weth("1")))
        .to.be.revertedWithCustomError(book, "TokenShort")
        .withArgs(WETH, held, held + weth("1"));
    });
  });
});

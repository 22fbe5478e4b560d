import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { deployActor } from "../helpers/actor.ts";
import { clock, ethers, networkHelpers, YEAR } from "../helpers/chain.ts";
import { expectCureAndLiquidation, expectExits, openStanding, type Standing } from "../helpers/exits.ts";
import {
  DAY,
  dollars,
  FEED_AGE,
  loanId,
  marketWithoutPeg,
  shares,
  standardMarket,
  usdc,
  waitWithLiveFeeds,
  WETH,
  weth,
  type Market,
} from "../helpers/market.ts";
import { DEAD_MODES, FeedMode } from "../helpers/mocks.ts";

const DEPOSIT = 0n;
const BORROW = 1n;
const FLASH_LOAN = 2n;
const FORTNIGHT = 14n * DAY;

type Scene = Market & Standing;

async function standing(): Promise<Scene> {
  const market = await standardMarket();
  return { ...market, ...(await openStanding(market)) };
}

async function standingWithoutPeg(): Promise<Scene> {
  const market = await marketWithoutPeg();
  return { ...market, ...(await openStanding(market)) };
}

const PAUSES: Record<string, readonly bigint[]> = {
  nothing: [],
  deposits: [DEPOSIT],
  borrowing: [BORROW],
  "flash loans": [FLASH_LOAN],
  everything: [DEPOSIT, BORROW, FLASH_LOAN],
};

describe("Pauses", () => {
  it("of deposits refuse deposit and mint, and nothing else", async () => {
    const scene = await networkHelpers.loadFixture(standing);
    const { vault, book, guardian, lender, borrower, id } = scene;
    const until = clock.now() + FORTNIGHT;
    await expect(vault.connect(guardian).pause(DEPOSIT)).to.emit(vault, "PauseSet").withArgs(DEPOSIT, until);
    expect(await vault.pausedUntil(DEPOSIT)).to.equal(until);
    expect(await vault.pausedUntil(BORROW)).to.equal(0n);
    for (const call of [
      async () => vault.connect(lender).deposit(usdc("1"), lender),
      async () => vault.connect(lender).deposit(0n, lender),
      async () => vault.connect(lender).mint(shares("1"), lender),
    ]) {
      await expect(call()).to.be.revertedWithCustomError(vault, "Paused").withArgs(DEPOSIT, until);
    }
    expect(await vault.maxDeposit(lender)).to.equal(0n);
    expect(await vault.maxMint(lender)).to.equal(0n);
    await book.connect(borrower).borrow(id, usdc("100"), borrower);
    await book
      .connect(borrower)
      .open(loanId(borrower, 7n), [{ listing: WETH, amount: weth("1") }], usdc("100"), borrower);
    await vault.connect(lender).transfer(borrower, 1n);
    await expectExits(scene, scene);
    await expectCureAndLiquidation(scene, scene);
  });

  it("of borrowing refuse whatever draws, alone and in a multicall, and nothing else", async () => {
    const scene = await networkHelpers.loadFixture(standing);
    const { vault, book, guardian, lender, borrower, id } = scene;
    await waitWithLiveFeeds(scene, DAY); // no term is sold in a new market
    const until = clock.now() + FORTNIGHT;
    await expect(vault.connect(guardian).pause(BORROW)).to.emit(vault, "PauseSet").withArgs(BORROW, until);
    const borrow = book.interface.encodeFunctionData("borrow", [id, usdc("100"), borrower.address]);
    const pledges = [{ listing: WETH, amount: weth("1") }];
    const term = { duration: 30n * DAY, maxRate: MaxUint256 };
    const more = { term, amount: usdc("100"), maxFee: 0n, addFee: false, receiver: borrower };
    for (const call of [
      async () => book.connect(borrower).borrow(id, usdc("100"), borrower),
      async () => book.connect(borrower).openTerm(loanId(borrower, 7n), pledges, usdc("100"), term, borrower),
      async () => book.connect(borrower).refinance(id, more),
      async () => book.connect(borrower).open(loanId(borrower, 7n), pledges, usdc("100"), borrower),
      async () => book.connect(borrower).multicall([borrow]),
    ]) {
      await expect(call()).to.be.revertedWithCustomError(vault, "Paused").withArgs(BORROW, until);
    }
    await vault.connect(lender).deposit(usdc("1"), lender);
    await vault.connect(lender).mint(shares("1"), lender);
    expect(await vault.maxDeposit(lender)).to.be.above(0n);
    await book.connect(borrower).pledge(id, WETH, weth("1"));
    await book.connect(borrower).release(id, WETH, weth("1"), borrower); // with debt, within the borrow limit
    await book.connect(borrower).pledge(loanId(borrower, 8n), WETH, weth("1"));
    await expectExits(scene, scene);
    await expectCureAndLiquidation(scene, scene);
    await book.connect(borrower).refinance(id, { ...more, amount: 0n });
    await expectCureAndLiquidation(scene, scene);
    await book.connect(borrower).close(id, MaxUint256, borrower);
  });

  it("of flash loans refuse them, and nothing else; those of other things do not", async () => {
    const scene = await networkHelpers.loadFixture(standing);
    const { vault, book, guardian, lender, borrower, id, usdc: asset } = scene;
    const actor = await deployActor(scene);
    const borrowed = [actor, asset, usdc("990,000"), "0x"] as const; // all the cash
    for (const activity of [DEPOSIT, BORROW]) await vault.connect(guardian).pause(activity);
    await vault.flashLoan(...borrowed);
    for (const activity of [DEPOSIT, BORROW]) await vault.connect(guardian).unpause(activity);

    const until = clock.now() + FORTNIGHT;
    await expect(vault.connect(guardian).pause(FLASH_LOAN)).to.emit(vault, "PauseSet").withArgs(FLASH_LOAN, until);
    expect(await vault.pausedUntil(FLASH_LOAN)).to.equal(until);
    for (const amount of [usdc("1"), 0n]) {
      await expect(vault.flashLoan(actor, asset, amount, "0x"))
        .to.be.revertedWithCustomError(vault, "Paused")
        .withArgs(FLASH_LOAN, until);
    }
    expect(await vault.maxFlashLoan(asset)).to.equal(0n);
    await vault.connect(lender).deposit(usdc("1"), lender);
    await book.connect(borrower).borrow(id, usdc("1"), borrower);
    await expectExits(scene, scene);
    await expectCureAndLiquidation(scene, scene);

    await waitWithLiveFeeds(scene, FORTNIGHT);
    expect(await vault.maxFlashLoan(asset)).to.equal(usdc("990,000"));
    await vault.flashLoan(...borrowed);
    expect(await actor.callbacks()).to.equal(2n);
  });

  it("end by themselves after 14 days, to the second", async () => {
    const scene = await networkHelpers.loadFixture(standing);
    const { vault, book, guardian, lender, borrower, id } = scene;
    for (const activity of [DEPOSIT, BORROW]) await vault.connect(guardian).pause(activity);
    const until = clock.now() + FORTNIGHT;
    expect(await vault.PAUSE_DURATION()).to.equal(FORTNIGHT);
    await waitWithLiveFeeds(scene, FORTNIGHT - 1n);
    await expect(vault.connect(lender).deposit(usdc("1"), lender))
      .to.be.revertedWithCustomError(vault, "Paused")
      .withArgs(DEPOSIT, until);
    await expect(book.connect(borrower).borrow(id, usdc("1"), borrower))
      .to.be.revertedWithCustomError(vault, "Paused")
      .withArgs(BORROW, until);
    await clock.advance(1n);
    await vault.connect(lender).deposit(usdc("1"), lender);
    await book.connect(borrower).borrow(id, usdc("1"), borrower);
    expect(await vault.pausedUntil(DEPOSIT)).to.equal(0n);
    expect(await vault.maxDeposit(lender)).to.be.above(0n);
  });

  it("are renewed from the moment of the renewal, before and after their end", async () => {
    const { vault, guardian, lender } = await networkHelpers.loadFixture(standing);
    await vault.connect(guardian).pause(DEPOSIT);
    for (const wait of [3n * DAY, FORTNIGHT - 1n, FORTNIGHT, YEAR]) {
      await clock.advance(wait);
      const until = clock.now() + FORTNIGHT;
      await expect(vault.connect(guardian).pause(DEPOSIT)).to.emit(vault, "PauseSet").withArgs(DEPOSIT, until);
      expect(await vault.pausedUntil(DEPOSIT)).to.equal(until);
      expect(await vault.maxDeposit(lender)).to.equal(0n);
    }
  });

  it("are lifted by the guardian, one at a time", async () => {
    const { vault, guardian, lender } = await networkHelpers.loadFixture(standing);
    for (const activity of [DEPOSIT, BORROW]) await vault.connect(guardian).pause(activity);
    await expect(vault.connect(guardian).unpause(DEPOSIT)).to.emit(vault, "PauseSet").withArgs(DEPOSIT, 0n);
    expect(await vault.pausedUntil(DEPOSIT)).to.equal(0n);
    expect(await vault.pausedUntil(BORROW)).to.equal(clock.now() + FORTNIGHT);
    await vault.connect(lender).deposit(usdc("1"), lender);
  });

  it("that are not there, or are over, cannot be lifted", async () => {
    const { vault, guardian } = await networkHelpers.loadFixture(standing);
    await vault.connect(guardian).pause(BORROW);
    await expect(vault.connect(guardian).unpause(DEPOSIT))
      .to.be.revertedWithCustomError(vault, "NotPaused")
      .withArgs(DEPOSIT);
    await clock.advance(FORTNIGHT);
    await expect(vault.connect(guardian).unpause(BORROW))
      .to.be.revertedWithCustomError(vault, "NotPaused")
      .withArgs(BORROW);
    await vault.connect(guardian).pause(BORROW);
    await vault.connect(guardian).unpause(BORROW);
    await expect(vault.connect(guardian).unpause(BORROW))
      .to.be.revertedWithCustomError(vault, "NotPaused")
      .withArgs(BORROW);
  });

  it("are a flag each in the vault's hot slot, which calls keep and only the guardian clears", async () => {
    const { vault, book, guardian, lender, borrower, id } = await networkHelpers.loadFixture(standing);
    expect((await vault.state()).flags).to.equal(0n);
    await vault.connect(guardian).pause(BORROW);
    expect((await vault.state()).flags).to.equal(2n);
    await vault.connect(guardian).pause(DEPOSIT);
    expect((await vault.state()).flags).to.equal(3n);
    await vault.connect(guardian).pause(FLASH_LOAN);
    expect((await vault.state()).flags).to.equal(7n);
    await vault.connect(guardian).unpause(FLASH_LOAN);
    await clock.advance(1n);
    await vault.accrue();
    await vault.connect(lender).withdraw(usdc("1"), lender, lender);
    await book.connect(borrower).repay(id, usdc("100"));
    expect((await vault.state()).flags).to.equal(3n);
    await vault.connect(guardian).unpause(BORROW);
    expect((await vault.state()).flags).to.equal(1n);
    await clock.advance(FORTNIGHT);
    await vault.connect(lender).deposit(usdc("1"), lender);
    expect((await vault.state()).flags).to.equal(1n); // over, and not swept up
  });

  it("are of activities that exist", async () => {
    const { vault, guardian } = await networkHelpers.loadFixture(standing);
    const calldata = vault.interface.encodeFunctionData("pause", [DEPOSIT]).replace(/0$/, "3");
    await expect(guardian.sendTransaction({ to: vault, data: calldata })).to.be.revertedWithoutReason(ethers);
    expect((await vault.state()).flags).to.equal(0n);
  });

  it("stop no interest: debt and shares grow as if nothing were paused", async () => {
    const scene = await networkHelpers.loadFixture(standing);
    const { vault, book, guardian, id } = scene;
    const figures = async (): Promise<bigint[]> =>
      Promise.all([book.debtOf(id), vault.totalAssets(), vault.borrowRate(), vault.lendRate()]);
    const snapshot = await networkHelpers.takeSnapshot();
    await waitWithLiveFeeds(scene, 10n * DAY);
    const expected = await figures();
    await snapshot.restore();
    for (const activity of [DEPOSIT, BORROW, FLASH_LOAN]) await vault.connect(guardian).pause(activity);
    await waitWithLiveFeeds(scene, 10n * DAY);
    expect(await figures()).to.deep.equal(expected);
    expect(await book.debtOf(id)).to.be.above(usdc("10,000"));
  });
});

describe("Exits (INV-09)", () => {
  const states: Record<string, (scene: Scene) => Promise<unknown>> = {
    "all feeds live": async () => Promise.resolve(),
    "ether at a tenth": async ({ feeds }) => feeds.weth.set(dollars("200")),
    "ether beyond its bounds": async ({ feeds }) => feeds.weth.set(dollars("9")),
    "all feeds too old": async () => clock.advance(30n * DAY),
    "the loan asset at half": async ({ feeds }) => feeds.usdc.set(dollars("0.5")),
    "the loan asset at two": async ({ feeds }) => feeds.usdc.set(dollars("2")),
    "feeds of the future": async ({ feeds }) => {
      for (const feed of Object.values(feeds)) await feed.setAt(1n, clock.now() + FEED_AGE);
    },
    "retired and capped at 0": async ({ book, vault, guardian }) => {
      for (const listing of [0n, 1n, 2n]) {
        await book.connect(guardian).retire(listing);
        await book.connect(guardian).lowerCap(listing, 0n);
      }
      await vault.connect(guardian).lowerDepositCap(0n);
    },
  };
  for (const mode of DEAD_MODES) {
    states[`all feeds dead (${mode})`] = async ({ feeds }) => {
      for (const feed of Object.values(feeds)) await feed.setMode(FeedMode[mode]);
    };
  }

  for (const [paused, activities] of Object.entries(PAUSES)) {
    for (const [state, enter] of Object.entries(states)) {
      it(`all work with ${paused} paused and ${state}, with a peg and without`, async () => {
        for (const fixture of [standing, standingWithoutPeg]) {
          const scene = await networkHelpers.loadFixture(fixture);
          await enter(scene);
          for (const activity of activities) await scene.vault.connect(scene.guardian).pause(activity);
          await expectExits(scene, scene);
          // More of what is held, within the cap, reads no price.
          if (!state.includes("capped")) {
            await scene.book.connect(scene.borrower).pledge(scene.id, WETH, weth("1"));
            expect(await scene.book.pledgeOf(scene.id, WETH)).to.equal(weth("11"));
          }
          await scene.book.connect(scene.borrower).repay(scene.id, MaxUint256);
          expect(await scene.book.debtOf(scene.id)).to.equal(0n);
        }
      });
    }
    it(`cures and liquidations work with ${paused} paused`, async () => {
      const scene = await networkHelpers.loadFixture(standing);
      for (const activity of activities) await scene.vault.connect(scene.guardian).pause(activity);
      await expectCureAndLiquidation(scene, scene);
    });
  }
});

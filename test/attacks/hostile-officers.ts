import { expect } from "chai";
import { MaxUint256, ZeroAddress } from "ethers";

import { clock, YEAR } from "../helpers/chain.ts";
import {
  ADMIN,
  assignRoles,
  bookAction,
  carryOut,
  CURATOR,
  deployManager,
  GUARDIAN,
  idOfAction,
  NO_FEED,
  TREASURER,
} from "../helpers/governance.ts";
import {
  DAY,
  dollars,
  FEED_AGE,
  fund,
  LINK,
  loanId,
  openLoan,
  usdc,
  waitWithLiveFeeds,
  WETH,
  weth,
} from "../helpers/market.ts";
import { deployMock, FeedMode, type TestFeed } from "../helpers/mocks.ts";
import { ADMIN_DELAY, announceAsAdmin, carryOutAsAdmin, instruct } from "../helpers/officers.ts";
import {
  BORROW,
  DEPOSIT,
  drain,
  expectBusinessAsUsual,
  expectLinesToStay,
  LISTINGS,
  lowerAll,
  pauseAll,
  playWorstCases,
  proposeListing,
  retireAll,
  worthlessListing,
} from "./officers-scene.ts";

describe("A hostile guardian", () => {
  playWorstCases("guardian", {
    pauses: async (scene) => {
      const { vault, book, borrower, lender, id } = scene;
      for (let fortnight = 0; fortnight < 10; fortnight++) {
        await expectLinesToStay(scene, async () => pauseAll(scene));
        const until = clock.now() + 14n * DAY;
        await waitWithLiveFeeds(scene, 14n * DAY - 1n);
        await expect(book.connect(borrower).borrow(id, 1n, borrower))
          .to.be.revertedWithCustomError(vault, "Paused")
          .withArgs(BORROW, until);
        await expect(vault.connect(lender).deposit(1n, lender))
          .to.be.revertedWithCustomError(vault, "Paused")
          .withArgs(DEPOSIT, until);
      }
      await expectBusinessAsUsual(scene);
    },
    retirements: async (scene) => {
      const { book, guardian, borrower, curator, id } = scene;
      await expectLinesToStay(scene, async () => retireAll(scene));
      for (const listing of LISTINGS) {
        await expect(book.connect(guardian).retire(listing))
          .to.be.revertedWithCustomError(book, "ListingRetired")
          .withArgs(listing);
      }
      const debt = (await book.debtOf(id)) + usdc("1");
      await expect(book.connect(borrower).borrow(id, usdc("1"), borrower))
        .to.be.revertedWithCustomError(book, "AboveBorrowLimit")
        .withArgs(debt, 0n);
      await expect(
        book.connect(borrower).open(loanId(borrower, 3n), [{ listing: WETH, amount: 1n }], usdc("100"), borrower),
      )
        .to.be.revertedWithCustomError(book, "ListingRetired")
        .withArgs(WETH);
      // Nothing that can be proposed brings one back: a listing of the same token is another one.
      await carryOut(scene, book, bookAction("raiseCap", [WETH, weth("6,000")]));
      expect((await book.listings(WETH)).isRetired).to.equal(true);
      expect(await book.connect(curator).listingCount()).to.equal(3n);
      await expectBusinessAsUsual(scene);
    },
    caps: async (scene) => {
      const { vault, book, borrower, lender, id } = scene;
      await expectLinesToStay(scene, async () => lowerAll(scene));
      await expect(book.connect(borrower).pledge(id, WETH, 1n))
        .to.be.revertedWithCustomError(book, "CapExceeded")
        .withArgs(WETH, weth("10") + 1n, 0n);
      expect(await vault.maxDeposit(lender)).to.equal(0n);
      await expectBusinessAsUsual(scene);
      await clock.advance(1n); // what was proposed in the same second is void
      const start = clock.now();
      await carryOut(scene, book, bookAction("raiseCap", [WETH, weth("11")]));
      expect(clock.now() - start).to.equal(7n * DAY);
      await book.connect(borrower).pledge(id, WETH, weth("1"));
    },
    cancellations: async (scene) => {
      const { vault, book, curator, guardian, feeds } = scene;
      await feeds.link.setMode(FeedMode.revert);
      const fresh = await deployMock<TestFeed>("TestFeed", 8, dollars("15"));
      const limits = { maxAge: FEED_AGE, minAnswer: dollars("0.1"), maxAnswer: dollars("10,000") };
      const feed = { ...limits, feed: await fresh.getAddress() };
      const { candidate } = await worthlessListing();
      await proposeListing(scene, candidate);
      const actions = [
        bookAction("raiseCap", [WETH, weth("6,000")]),
        bookAction("replaceFeeds", [LINK, feed, { ...NO_FEED, feed: ZeroAddress }]),
      ];
      for (const action of actions) {
        await fresh.set(dollars("15"));
        await book.connect(curator).propose(action);
        await book.connect(guardian).cancel(idOfAction(action));
        await waitWithLiveFeeds(scene, 30n * DAY);
        await expect(book.connect(curator).execute(action))
          .to.be.revertedWithCustomError(book, "NotProposed")
          .withArgs(idOfAction(action));
      }
      expect((await book.listings(LINK)).feed.feed).to.equal(await feeds.link.getAddress());
      expect((await vault.state()).cash).to.equal(usdc("990,000"));
      await expectBusinessAsUsual(scene);
    },
    dismissal: async (scene) => {
      const { vault, book, guardian, borrower, lender, id } = scene;
      await announceAsAdmin(scene, "revokeRole", [GUARDIAN, guardian]);
      await waitWithLiveFeeds(scene, ADMIN_DELAY - 1n);
      await pauseAll(scene); // the last time
      await clock.advance(1n);
      await instruct(scene, scene.admin, "revokeRole", [GUARDIAN, guardian]);
      await expect(vault.connect(guardian).pause(BORROW))
        .to.be.revertedWithCustomError(vault, "AccessManagedUnauthorized")
        .withArgs(guardian.address);
      await waitWithLiveFeeds(scene, 14n * DAY);
      await book.connect(borrower).borrow(id, usdc("1"), borrower);
      await vault.connect(lender).deposit(usdc("1"), lender);
    },
    goneGuardian: async (scene) => {
      const { book, curator, guardian } = scene;
      const { token, feed, candidate } = await worthlessListing();
      const action = await proposeListing(scene, candidate);
      await announceAsAdmin(scene, "grantRole", [GUARDIAN, scene.admin, 0n]);
      await waitWithLiveFeeds(scene, 7n * DAY);
      await feed.set(await feed.answer());
      const grant = instruct(scene, scene.admin, "grantRole", [GUARDIAN, scene.admin, 0n]);
      await expect(grant).to.be.revertedWithCustomError(scene.manager, "AccessManagerNotReady");
      await book.connect(curator).execute(action);
      await drain(scene, token);
      expect(guardian.address).not.to.equal(curator.address);
    },
  });
});

describe("A hostile treasurer", () => {
  playWorstCases("treasurer", {
    sweep: async (scene) => {
      const { vault, book, borrower, treasurer, treasury } = scene;
      const big = await openLoan(scene, { number: 5n, pledges: [[WETH, weth("1,000")]], amount: usdc("900,000") });
      await waitWithLiveFeeds(scene, YEAR);
      await fund(borrower, book, [[scene.usdc, usdc("1,000,000")]]);
      await book.connect(borrower).repay(big, MaxUint256);
      const { reserves } = await vault.accruedState();
      const target = ((await vault.totalDebt()) * 200n + 9_999n) / 10_000n;
      const assets = await vault.totalAssets();
      await expectLinesToStay(scene, async () => vault.connect(treasurer).sweepReserves());
      expect(await scene.usdc.balanceOf(treasury)).to.equal(reserves - target);
      expect(await vault.TREASURY()).to.equal(treasury.address);
      expect(await scene.usdc.balanceOf(treasurer)).to.equal(0n);
      expect(await vault.totalAssets()).to.equal(assets);
      await expect(vault.connect(treasurer).sweepReserves())
        .to.be.revertedWithCustomError(vault, "NothingToSweep")
        .withArgs(target, target);
      await expectBusinessAsUsual(scene);
    },
  });
});

describe("A hostile admin", () => {
  playWorstCases("admin", {
    everything: async (scene) => {
      const { book, admin } = scene;
      const start = clock.now();
      for (const role of [CURATOR, GUARDIAN, TREASURER]) await announceAsAdmin(scene, "grantRole", [role, admin, 0n]);
      await waitWithLiveFeeds(scene, ADMIN_DELAY - 1n);
      await expect(instruct(scene, admin, "grantRole", [CURATOR, admin, 0n])).to.be.revertedWithCustomError(
        scene.manager,
        "AccessManagerNotReady",
      );
      await clock.advance(1n);
      for (const role of [CURATOR, GUARDIAN, TREASURER]) await instruct(scene, admin, "grantRole", [role, admin, 0n]);

      const { token, feed, candidate } = await worthlessListing();
      const asAdmin = { ...scene, curator: admin };
      const action = await proposeListing(asAdmin, candidate);
      await waitWithLiveFeeds(scene, 7n * DAY - 1n);
      await feed.set(await feed.answer());
      await expect(book.connect(admin).execute(action))
        .to.be.revertedWithCustomError(book, "ProposalNotReady")
        .withArgs(7n * DAY - 1n, 7n * DAY);
      await expectBusinessAsUsual(scene);
      await clock.advance(1n);
      await book.connect(admin).execute(action);
      await drain(asAdmin, token);
      expect(clock.now() - start).to.equal(21n * DAY);
    },
    ownAuthority: async (scene) => {
      const { vault, book, admin } = scene;
      const own = await deployManager(admin);
      const targets = [vault, book];
      await expectLinesToStay(scene, async () => {
        for (const target of targets) await announceAsAdmin(scene, "updateAuthority", [target, own]);
        await waitWithLiveFeeds(scene, ADMIN_DELAY);
        for (const target of targets) await instruct(scene, admin, "updateAuthority", [target, own]);
      });
      expect(await book.authority()).to.equal(await own.getAddress());
      await assignRoles(own, { vault, book, curator: admin, guardian: admin, treasurer: admin });
      const { feed, candidate } = await worthlessListing();
      const action = await proposeListing({ ...scene, curator: admin }, candidate);
      await waitWithLiveFeeds(scene, 7n * DAY - 1n);
      await feed.set(await feed.answer());
      await expect(book.connect(admin).execute(action))
        .to.be.revertedWithCustomError(book, "ProposalNotReady")
        .withArgs(7n * DAY - 1n, 7n * DAY);
      const unknown = book.interface.encodeFunctionData("repay", [1n, 1n]);
      await expect(book.connect(admin).propose(unknown))
        .to.be.revertedWithCustomError(book, "InvalidAction")
        .withArgs(unknown.slice(0, 10));
      await expectBusinessAsUsual(scene);
    },
    closedContracts: async (scene) => {
      const { vault, book, curator, guardian, borrower, lender, id } = scene;
      for (const target of [vault, book]) await announceAsAdmin(scene, "setTargetClosed", [target, true]);
      await waitWithLiveFeeds(scene, ADMIN_DELAY);
      for (const target of [vault, book]) await instruct(scene, scene.admin, "setTargetClosed", [target, true]);
      for (const [officer, call] of [
        [curator, async () => book.connect(curator).propose(bookAction("raiseCap", [WETH, weth("6,000")]))],
        [guardian, async () => book.connect(guardian).retire(WETH)],
        [guardian, async () => vault.connect(guardian).pause(BORROW)],
      ] as const) {
        await expect(call())
          .to.be.revertedWithCustomError(vault, "AccessManagedUnauthorized")
          .withArgs(officer.address);
      }
      await vault.connect(lender).deposit(usdc("1"), lender);
      await book.connect(borrower).borrow(id, usdc("1"), borrower);
      await expectBusinessAsUsual(scene);
    },
    lapses: async (scene) => {
      const { manager, admin } = scene;
      const grant = [CURATOR, admin, 0n];
      await announceAsAdmin(scene, "grantRole", grant);
      await waitWithLiveFeeds(scene, ADMIN_DELAY + 7n * DAY - 1n);
      const data = manager.interface.encodeFunctionData("grantRole", [CURATOR, admin.address, 0n]);
      expect(await admin.call({ to: manager, data })).to.equal("0x"); // it still could
      await clock.advance(1n);
      await expect(instruct(scene, admin, "grantRole", grant)).to.be.revertedWithCustomError(
        manager,
        "AccessManagerExpired",
      );
      await carryOutAsAdmin(scene, "grantRole", grant);
      await scene.book.connect(admin).propose(bookAction("raiseCap", [WETH, weth("6,000")]));
    },
    shorterDelay: async (scene) => {
      const { manager, admin, stranger } = scene;
      const grant = [ADMIN, stranger, 0n];
      await expect(instruct(scene, admin, "grantRole", grant)).to.be.revertedWithCustomError(
        manager,
        "AccessManagerNotScheduled",
      );
      const data = manager.interface.encodeFunctionData("grantRole", [ADMIN, stranger.address, 0n]);
      const early = clock.now() + ADMIN_DELAY - 1n;
      await expect(instruct(scene, admin, "schedule", [manager, data, early])).to.be.revertedWithCustomError(
        manager,
        "AccessManagerUnauthorizedCall",
      );
      // Its own delay, lowered after 14 days, stays what it was for 14 days more.
      await carryOutAsAdmin(scene, "grantRole", [ADMIN, admin, 0n]);
      const access: unknown = await manager.getFunction("getAccess").staticCall(ADMIN, admin);
      expect(access).to.deep.equal([clock.now() - ADMIN_DELAY, ADMIN_DELAY, 0n, clock.now() + ADMIN_DELAY]);
      await carryOutAsAdmin(scene, "grantRole", grant);
      await instruct(scene, stranger, "grantRole", [CURATOR, stranger, 0n]);
    },
  });
});

import { expect } from "chai";
import { MaxUint256, ZeroAddress } from "ethers";

import { clock, networkHelpers, YEAR } from "../helpers/chain.ts";
import { expectCureAndLiquidation, expectExits, openStanding } from "../helpers/exits.ts";
import {
  bookAction,
  carryOut,
  CURATOR,
  idOfAction,
  NO_FEED,
  PROPOSAL_DELAY,
  raiseDepositCap,
  setCap,
} from "../helpers/governance.ts";
import {
  DAY,
  dollars,
  FEED_AGE,
  fund,
  loanAssetFeedConfig,
  loanId,
  marketWithoutPeg,
  usdc,
  waitWithLiveFeeds,
  WBTC,
  WETH,
  weth,
  type Market,
} from "../helpers/market.ts";
import { deployMock, FeedMode, type TestFeed } from "../helpers/mocks.ts";
import { announceAsAdmin, instruct } from "../helpers/officers.ts";
import {
  expectLinesToStay,
  playWorstCases,
  proposeListing,
  worthlessListing,
  type HostileScene,
} from "./officers-scene.ts";
import { greedyOrder } from "./scene.ts";

const WIDE = { maxAge: FEED_AGE, minAnswer: dollars("0.01"), maxAnswer: dollars("10,000") };

/** The action that gives ether a feed of the curator's own, which answers this for now. */
async function ownFeed(answer: bigint): Promise<{ feed: TestFeed; action: string }> {
  const feed = await deployMock<TestFeed>("TestFeed", 8, answer);
  const none = { ...NO_FEED, feed: ZeroAddress };
  const config = { ...WIDE, feed: await feed.getAddress() };
  return { feed, action: bookAction("replaceFeeds", [WETH, config, none]) };
}

/** Ether's feed is the curator's, and lies from now on. */
async function lyingFeed(scene: HostileScene, lie: bigint): Promise<TestFeed> {
  const { feed, action } = await ownFeed(dollars("2,000"));
  await expectLinesToStay(scene, async () =>
    carryOut({ ...scene, feeds: { ...scene.feeds, feed } }, scene.book, action, 14n * DAY),
  );
  await feed.set(lie);
  return feed;
}

/** The loan asset's feed is the curator's, and may lie from now on. */
async function lyingLoanAssetFeed(market: Market): Promise<TestFeed> {
  const feed = await deployMock<TestFeed>("TestFeed", 8, dollars("1"));
  const config = { ...loanAssetFeedConfig(feed), feed: await feed.getAddress() };
  const feeds = { ...market.feeds, feed };
  await carryOut({ ...market, feeds }, market.book, bookAction("replaceLoanAssetFeed", [config]), 14n * DAY);
  return feed;
}

describe("A hostile curator", () => {
  playWorstCases("curator", {
    worthlessListing: async (scene) => {
      const { vault, book, curator, lender, id } = scene;
      const { token, feed, candidate } = await worthlessListing();
      const action = await proposeListing(scene, candidate);
      await waitWithLiveFeeds(scene, PROPOSAL_DELAY - 1n);
      await feed.set(dollars("1,000"));
      await expect(book.connect(curator).execute(action))
        .to.be.revertedWithCustomError(book, "ProposalNotReady")
        .withArgs(PROPOSAL_DELAY - 1n, PROPOSAL_DELAY);
      expect(await vault.maxWithdraw(lender)).to.equal(usdc("990,000"));

      await clock.advance(1n);
      await expectLinesToStay(scene, async () => book.connect(curator).execute(action));
      await fund(curator, book, [[token, weth("10,000")]]);
      const own = loanId(curator);
      await book.connect(curator).open(own, [{ listing: 3n, amount: weth("10,000") }], usdc("990,000"), curator);
      expect(await scene.usdc.balanceOf(curator)).to.equal(usdc("990,001"));
      expect(await vault.maxWithdraw(lender)).to.equal(0n);

      // The loss shows when it is booked; borrowers' repayments are all that lenders get.
      await feed.set(dollars("1"));
      const assets = await vault.totalAssets();
      await book.connect(scene.keeper).liquidate(greedyOrder(own, 3n), "0x");
      expect(await vault.totalAssets()).to.be.below(assets - usdc("980,000"));
      await expectExits(scene, scene);
      expect(await book.debtOf(id)).to.be.above(0n);
    },
    cancelledListing: async (scene) => {
      const { vault, book, curator, guardian, lender } = scene;
      const { candidate } = await worthlessListing();
      const action = await proposeListing(scene, candidate);
      const proposals = await book.queryFilter(book.filters.Proposed(idOfAction(action)));
      expect(proposals.map(({ args }) => args.action)).to.deep.equal([action]);

      const snapshot = await networkHelpers.takeSnapshot();
      await book.connect(guardian).cancel(idOfAction(action));
      await waitWithLiveFeeds(scene, PROPOSAL_DELAY);
      await expect(book.connect(curator).execute(action))
        .to.be.revertedWithCustomError(book, "NotProposed")
        .withArgs(idOfAction(action));
      await snapshot.restore();

      await waitWithLiveFeeds(scene, PROPOSAL_DELAY - 1n);
      await vault.connect(lender).withdraw(await vault.maxWithdraw(lender), lender, lender);
      expect((await vault.state()).cash).to.equal(0n);
    },
    floodOfProposals: async (scene) => {
      const { book, curator, guardian, admin } = scene;
      const { feed, candidate } = await worthlessListing();
      const action = await proposeListing(scene, candidate);
      const flood = [action, ...[1, 2, 3, 4, 5].map((bytes) => action + "00".repeat(bytes))];
      for (const another of flood) await book.connect(curator).propose(another);
      await announceAsAdmin(scene, "revokeRole", [CURATOR, curator]);
      await waitWithLiveFeeds(scene, 7n * DAY - 1n);
      await book.connect(guardian).cancelAll();
      await clock.advance(1n);
      await feed.set(await feed.answer());
      for (const another of flood) {
        await expect(book.connect(curator).execute(another))
          .to.be.revertedWithCustomError(book, "NotProposed")
          .withArgs(idOfAction(another));
        await book.connect(curator).propose(another);
      }
      // Seven days more are the admin's fourteen.
      await clock.advance(7n * DAY);
      await instruct(scene, admin, "revokeRole", [CURATOR, curator]);
      await feed.set(await feed.answer());
      await expect(book.connect(curator).execute(action))
        .to.be.revertedWithCustomError(book, "AccessManagedUnauthorized")
        .withArgs(curator.address);
      expect(await book.listingCount()).to.equal(3n);
    },
    agreeingFeed: async (scene) => {
      const { vault, book, curator, lender, id } = scene;
      await lyingFeed(scene, dollars("0.01"));
      const assets = await vault.totalAssets();
      await book.connect(curator).liquidate(greedyOrder(id), "0x");
      expect(await scene.weth.balanceOf(curator)).to.equal(weth("11"));
      expect(await scene.usdc.balanceOf(curator)).to.be.above(usdc("0.89")); // of the one dollar it had
      expect(await book.debtOf(id)).to.equal(0n);
      expect(await vault.totalAssets()).to.be.below(assets - usdc("9,900"));
      // Other assets have their own feeds.
      await book.connect(scene.borrower).release(scene.debtFree, WBTC, MaxUint256, scene.borrower);
      await vault.connect(lender).withdraw(usdc("900,000"), lender, lender);
    },
    lyingFeed: async (scene) => {
      const { book, curator, borrower, id } = scene;
      const { feed, action } = await ownFeed(dollars("0.01"));
      await book.connect(curator).propose(action);
      await waitWithLiveFeeds(scene, 30n * DAY - 1n);
      await feed.set(dollars("0.01"));
      await expect(book.connect(curator).execute(action))
        .to.be.revertedWithCustomError(book, "ProposalNotReady")
        .withArgs(30n * DAY - 1n, 30n * DAY);
      await expectExits(scene, scene);
      await book.connect(borrower).close(id, MaxUint256, borrower);
      await clock.advance(1n);
      await book.connect(curator).execute(action);
      expect((await book.listings(WETH)).feed.feed).to.equal(await feed.getAddress());
      expect((await book.listings(WETH)).held).to.equal(0n);
    },
    deadFeed: async (scene) => {
      const { book, curator, feeds, id } = scene;
      await feeds.weth.setMode(FeedMode.revert);
      const { feed, action } = await ownFeed(dollars("2,000"));
      await book.connect(curator).propose(action);
      await waitWithLiveFeeds(scene, 3n * DAY - 1n);
      await feed.set(dollars("0.01"));
      await expect(book.connect(curator).execute(action))
        .to.be.revertedWithCustomError(book, "ProposalNotReady")
        .withArgs(3n * DAY - 1n, 3n * DAY);
      await expectExits(scene, scene);
      await clock.advance(1n);
      await book.connect(curator).execute(action);
      await book.connect(curator).liquidate(greedyOrder(id), "0x");
      expect(await scene.weth.balanceOf(curator)).to.equal(weth("11"));
    },
    generousFeed: async (scene) => {
      const { vault, book, curator, lender } = scene;
      await setCap(scene, WETH, weth("11"));
      await lyingFeed(scene, dollars("10,000"));
      // Five times what the ether is worth to the book, and four times what it is worth.
      const pledges = [{ listing: WETH, amount: weth("1") }];
      await book.connect(curator).open(loanId(curator), pledges, usdc("7,799"), curator);
      expect(await scene.usdc.balanceOf(curator)).to.equal(usdc("7,800"));
      await expect(book.connect(curator).pledge(loanId(curator), WETH, 1n))
        .to.be.revertedWithCustomError(book, "CapExceeded")
        .withArgs(WETH, weth("11") + 1n, weth("11"));
      expect(await vault.maxWithdraw(lender)).to.equal(usdc("982,201"));
      await expectExits(scene, scene);
    },
    loanAssetFeed: async (scene) => {
      const { book, curator } = scene;
      const feed = await scene.feeds.usdc.getAddress();
      const beyond = { ...loanAssetFeedConfig(scene.feeds.usdc), feed, maxAnswer: dollars("2.0001") };
      await expect(book.connect(curator).propose(bookAction("replaceLoanAssetFeed", [beyond])))
        .to.be.revertedWithCustomError(book, "InvalidBounds")
        .withArgs(dollars("0.5"), dollars("2.0001"));

      const before = await book.healthOf(scene.id);
      const lie = await lyingLoanAssetFeed(scene);
      await lie.set(dollars("2"));
      const dear = await book.healthOf(scene.id);
      expect(dear.liquidationLine).to.equal(before.liquidationLine);
      expect(dear.borrowLimit).to.equal(before.borrowLimit / 2n);
      await expectExits(scene, scene);
      await expectCureAndLiquidation(scene, scene);
      await lie.set(dollars("0.5"));
      const cheap = await book.healthOf(scene.id);
      expect(cheap.liquidationLine).to.equal(before.liquidationLine * 2n);
      expect(cheap.borrowLimit).to.equal(before.borrowLimit);
      await expectExits(scene, scene);

      const other = await networkHelpers.loadFixture(marketWithoutPeg);
      const standing = { ...other, ...(await openStanding(other)) };
      expect((await other.book.healthOf(standing.id)).liquidationLine).to.equal(before.liquidationLine);
      await (await lyingLoanAssetFeed(standing)).set(dollars("2"));
      expect((await other.book.healthOf(standing.id)).liquidationLine).to.equal(before.liquidationLine / 2n);
      await expectExits(other, standing);
    },
    raisedCaps: async (scene) => {
      const { vault, book } = scene;
      const [mostTokens, most] = [2n ** 96n - 1n, 2n ** 104n - 1n];
      await expectLinesToStay(scene, async () => {
        for (const listing of [WETH, WBTC]) await carryOut(scene, book, bookAction("raiseCap", [listing, mostTokens]));
        await carryOut(scene, vault, raiseDepositCap(most));
      });
      expect((await book.listings(WETH)).cap).to.equal(mostTokens);
      expect(await vault.depositCap()).to.equal(most);
      await expectExits(scene, scene);
      await expectCureAndLiquidation(scene, scene);
    },
    goneCurator: async (scene) => {
      const { book, feeds, borrower, id } = scene;
      await feeds.weth.setMode(FeedMode.revert);
      await waitWithLiveFeeds(scene, YEAR);
      expect(await book.listingCount()).to.equal(3n);
      expect((await book.listings(WETH)).feed.feed).to.equal(await feeds.weth.getAddress());
      await expectExits(scene, scene);
      await book.connect(borrower).pledge(id, WETH, weth("1"));
      await expect(book.connect(scene.keeper).liquidate(greedyOrder(id), "0x"))
        .to.be.revertedWithCustomError(book, "NotLiquidatable")
        .withArgs(id, await book.debtOf(id), (await book.healthOf(id)).liquidationLine);
    },
  });
});

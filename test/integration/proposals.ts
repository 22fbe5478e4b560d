import { expect } from "chai";
import { keccak256 } from "ethers";

import { clock, ethers, networkHelpers } from "../helpers/chain.ts";
import {
  addListingAction,
  bookAction,
  carryOut,
  idOfAction,
  PROPOSAL_DELAY,
  raiseDepositCap,
} from "../helpers/governance.ts";
import {
  DAY,
  dollars,
  FEED_AGE,
  MAJOR_TERMS,
  standardMarket,
  usdc,
  WETH,
  weth,
  WBTC,
  wbtc,
} from "../helpers/market.ts";
import { deployMock, type TestFeed, type TestToken } from "../helpers/mocks.ts";

const LIFETIME = 37n * DAY;

const raiseWeth = bookAction("raiseCap", [WETH, weth("6,000")]);
const raiseWbtc = bookAction("raiseCap", [WBTC, wbtc("600")]);
const raiseDeposits = raiseDepositCap(usdc("20,000,000"));
const ID = idOfAction(raiseWeth);

describe("Proposals", () => {
  it("have their action's hash as id, and say all of it when they begin", async () => {
    const { book, vault, curator } = await networkHelpers.loadFixture(standardMarket);
    expect(await book.connect(curator).propose.staticCall(raiseWeth)).to.equal(keccak256(raiseWeth));
    await expect(book.connect(curator).propose(raiseWeth))
      .to.emit(book, "Proposed")
      .withArgs(ID, raiseWeth.slice(0, 10), raiseWeth);
    await expect(vault.connect(curator).propose(raiseDeposits))
      .to.emit(vault, "Proposed")
      .withArgs(idOfAction(raiseDeposits), raiseDeposits.slice(0, 10), raiseDeposits);
    expect(await book.proposedAt(ID)).to.equal(clock.now());
    expect(await vault.proposedAt(idOfAction(raiseDeposits))).to.equal(clock.now());
    expect(await vault.proposedAt(ID)).to.equal(0n);
  });

  it("wait seven days and last until day 37: constants of both contracts", async () => {
    const { book, vault } = await networkHelpers.loadFixture(standardMarket);
    for (const target of [book, vault]) {
      expect(await target.PROPOSAL_DELAY()).to.equal(7n * DAY);
      expect(await target.PROPOSAL_LIFETIME()).to.equal(LIFETIME);
    }
  });

  it("are carried out from the second on which they are seven days old, once", async () => {
    const { book, vault, curator } = await networkHelpers.loadFixture(standardMarket);
    await book.connect(curator).propose(raiseWeth);
    await vault.connect(curator).propose(raiseDeposits);
    await clock.advance(PROPOSAL_DELAY - 1n);
    await expect(book.connect(curator).execute(raiseWeth))
      .to.be.revertedWithCustomError(book, "ProposalNotReady")
      .withArgs(PROPOSAL_DELAY - 1n, PROPOSAL_DELAY);
    await expect(vault.connect(curator).execute(raiseDeposits))
      .to.be.revertedWithCustomError(vault, "ProposalNotReady")
      .withArgs(PROPOSAL_DELAY - 1n, PROPOSAL_DELAY);

    await clock.advance(1n);
    const call = book.connect(curator).execute(raiseWeth);
    await expect(call).to.emit(book, "Executed").withArgs(ID);
    await expect(call).to.emit(book, "CapChanged").withArgs(WETH, weth("6,000"));
    await expect(vault.connect(curator).execute(raiseDeposits)).to.emit(vault, "Executed");
    expect((await book.listings(WETH)).cap).to.equal(weth("6,000"));
    expect(await vault.depositCap()).to.equal(usdc("20,000,000"));
    expect(await book.proposedAt(ID)).to.equal(0n);

    await expect(book.connect(curator).execute(raiseWeth))
      .to.be.revertedWithCustomError(book, "NotProposed")
      .withArgs(ID);
    await expect(vault.connect(curator).execute(raiseDeposits))
      .to.be.revertedWithCustomError(vault, "NotProposed")
      .withArgs(idOfAction(raiseDeposits));
  });

  it("can be carried out in the last second before day 37, not at day 37", async () => {
    const { book, vault, curator } = await networkHelpers.loadFixture(standardMarket);
    await book.connect(curator).propose(raiseWeth);
    await vault.connect(curator).propose(raiseDeposits);
    await clock.advance(LIFETIME - 1n);
    await book.connect(curator).execute.staticCall(raiseWeth);
    await vault.connect(curator).execute.staticCall(raiseDeposits);
    await clock.advance(1n);
    await expect(book.connect(curator).execute(raiseWeth))
      .to.be.revertedWithCustomError(book, "ProposalLapsed")
      .withArgs(LIFETIME, LIFETIME);
    await expect(vault.connect(curator).execute(raiseDeposits))
      .to.be.revertedWithCustomError(vault, "ProposalLapsed")
      .withArgs(LIFETIME, LIFETIME);
    await clock.advance(100n * DAY);
    await expect(book.connect(curator).execute(raiseWeth))
      .to.be.revertedWithCustomError(book, "ProposalLapsed")
      .withArgs(137n * DAY, LIFETIME);
  });

  it("begin again when they are proposed again, lapsed or not", async () => {
    const { book, curator } = await networkHelpers.loadFixture(standardMarket);
    await book.connect(curator).propose(raiseWeth);
    for (const wait of [PROPOSAL_DELAY - 1n, LIFETIME + 1n]) {
      await clock.advance(wait);
      await book.connect(curator).propose(raiseWeth);
      expect(await book.proposedAt(ID)).to.equal(clock.now());
      await expect(book.connect(curator).execute(raiseWeth))
        .to.be.revertedWithCustomError(book, "ProposalNotReady")
        .withArgs(0n, PROPOSAL_DELAY);
    }
    await clock.advance(PROPOSAL_DELAY);
    await book.connect(curator).execute(raiseWeth);
    expect((await book.listings(WETH)).cap).to.equal(weth("6,000"));
  });

  it("are cancelled by the guardian, whether young, ripe or lapsed, and can be proposed anew", async () => {
    const { book, vault, curator, guardian } = await networkHelpers.loadFixture(standardMarket);
    for (const wait of [0n, PROPOSAL_DELAY, LIFETIME]) {
      await book.connect(curator).propose(raiseWeth);
      await clock.advance(wait);
      await expect(book.connect(guardian).cancel(ID)).to.emit(book, "ProposalCancelled").withArgs(ID);
      expect(await book.proposedAt(ID)).to.equal(0n);
      for (const call of [
        async () => book.connect(curator).execute(raiseWeth),
        async () => book.connect(guardian).cancel(ID),
      ]) {
        await expect(call()).to.be.revertedWithCustomError(book, "NotProposed").withArgs(ID);
      }
    }
    const id = idOfAction(raiseDeposits);
    await vault.connect(curator).propose(raiseDeposits);
    await expect(vault.connect(guardian).cancel(id)).to.emit(vault, "ProposalCancelled").withArgs(id);
    await clock.advance(PROPOSAL_DELAY);
    await expect(vault.connect(curator).execute(raiseDeposits))
      .to.be.revertedWithCustomError(vault, "NotProposed")
      .withArgs(id);
  });

  it("stand beside each other, each with its own time", async () => {
    const { book, curator, guardian } = await networkHelpers.loadFixture(standardMarket);
    await book.connect(curator).propose(raiseWeth);
    await clock.advance(3n * DAY);
    await book.connect(curator).propose(raiseWbtc);
    await clock.advance(4n * DAY);
    await expect(book.connect(curator).execute(raiseWbtc))
      .to.be.revertedWithCustomError(book, "ProposalNotReady")
      .withArgs(4n * DAY, PROPOSAL_DELAY);
    await book.connect(curator).execute(raiseWeth);
    await clock.advance(3n * DAY);
    await book.connect(guardian).cancel.staticCall(idOfAction(raiseWbtc));
    await book.connect(curator).execute(raiseWbtc);
    expect((await book.listings(WETH)).cap).to.equal(weth("6,000"));
    expect((await book.listings(WBTC)).cap).to.equal(wbtc("600"));
  });

  it("of the book mean nothing to the vault, and the other way round", async () => {
    const { book, vault, curator } = await networkHelpers.loadFixture(standardMarket);
    await expect(vault.connect(curator).propose(raiseWeth))
      .to.be.revertedWithCustomError(vault, "InvalidAction")
      .withArgs(raiseWeth.slice(0, 10));
    await expect(book.connect(curator).propose(raiseDeposits))
      .to.be.revertedWithCustomError(book, "InvalidAction")
      .withArgs(raiseDeposits.slice(0, 10));
  });

  it("leave no way in for who proposes and lets another execute: both are the curator's", async () => {
    const { book, vault, curator, guardian, deployer, stranger } = await networkHelpers.loadFixture(standardMarket);
    await book.connect(curator).propose(raiseWeth);
    await clock.advance(PROPOSAL_DELAY);
    for (const caller of [guardian, deployer, stranger]) {
      for (const call of [
        async () => book.connect(caller).propose(raiseWeth),
        async () => book.connect(caller).execute(raiseWeth),
      ]) {
        await expect(call()).to.be.revertedWithCustomError(book, "AccessManagedUnauthorized").withArgs(caller.address);
      }
      await expect(vault.connect(caller).propose(raiseDeposits))
        .to.be.revertedWithCustomError(vault, "AccessManagedUnauthorized")
        .withArgs(caller.address);
    }
    await expect(book.connect(curator).cancel(ID))
      .to.be.revertedWithCustomError(book, "AccessManagedUnauthorized")
      .withArgs(curator.address);
  });
});

describe("Proposals, malformed", () => {
  it("of fewer than four bytes, or with a selector of nothing", async () => {
    const { book, vault, curator } = await networkHelpers.loadFixture(standardMarket);
    for (const [action, selector] of [
      ["0x", "0x00000000"],
      ["0x12", "0x12000000"],
      [raiseWeth.slice(0, 8), `${raiseWeth.slice(0, 8)}00`],
      ["0x12345678", "0x12345678"],
    ] as const) {
      await expect(book.connect(curator).propose(action))
        .to.be.revertedWithCustomError(book, "InvalidAction")
        .withArgs(selector);
      await expect(vault.connect(curator).propose(action))
        .to.be.revertedWithCustomError(vault, "InvalidAction")
        .withArgs(selector);
      // What was never proposed is not looked at.
      await expect(book.connect(curator).execute(action))
        .to.be.revertedWithCustomError(book, "NotProposed")
        .withArgs(keccak256(action));
    }
  });

  it("whose arguments end too early", async () => {
    const { book, vault, curator } = await networkHelpers.loadFixture(standardMarket);
    for (const action of [raiseWeth.slice(0, 10), raiseWeth.slice(0, -2)]) {
      await expect(book.connect(curator).propose(action)).to.be.revertedWithoutReason(ethers);
    }
    await expect(vault.connect(curator).propose(raiseDeposits.slice(0, -2))).to.be.revertedWithoutReason(ethers);
  });

  it("with bytes after the arguments are other proposals, of the same deed", async () => {
    const { book, curator, guardian } = await networkHelpers.loadFixture(standardMarket);
    const longer = `${raiseWeth}00`;
    await book.connect(curator).propose(raiseWeth);
    await book.connect(curator).propose(longer);
    await book.connect(guardian).cancel(ID);
    await clock.advance(PROPOSAL_DELAY);
    // Cancelling one does not cancel the other: a guardian cancels ids, and each has told its action.
    await expect(book.connect(curator).execute(raiseWeth))
      .to.be.revertedWithCustomError(book, "NotProposed")
      .withArgs(ID);
    await book.connect(curator).execute(longer);
    expect((await book.listings(WETH)).cap).to.equal(weth("6,000"));
  });

  it("with an argument that does not fit its type", async () => {
    const { book, curator } = await networkHelpers.loadFixture(standardMarket);
    const token = await book.LOAN_ASSET();
    const limits = { maxAge: FEED_AGE, minAnswer: 1n, maxAnswer: 2n };
    const feed = { feed: token, ...limits };
    const listing = bookAction("addListing", [{ token, terms: MAJOR_TERMS, feed, secondFeed: feed, cap: 1n }]);
    const ltv = MAJOR_TERMS.borrowLtv.toString(16).padStart(64, "0");
    const wide = listing.replace(ltv, ltv.replace("0000", "ffff"));
    expect(wide).not.to.equal(listing);
    await expect(book.connect(curator).propose(wide)).to.be.revertedWithoutReason(ethers);
  });
});

describe("All proposals", () => {
  it("are cancelled at once, those of the same second too, and later ones stand", async () => {
    const { book, vault, curator, guardian } = await networkHelpers.loadFixture(standardMarket);
    const other = bookAction("raiseCap", [WETH, weth("7,000")]);
    await book.connect(curator).propose(raiseWeth);
    await clock.advance(PROPOSAL_DELAY);
    await book.connect(curator).propose(other);
    await vault.connect(curator).propose(raiseDepositCap(usdc("50,000,000")));
    await expect(book.connect(guardian).cancelAll()).to.emit(book, "AllProposalsCancelled").withArgs();
    for (const action of [raiseWeth, other]) {
      const id = idOfAction(action);
      expect(await book.proposedAt(id)).to.equal(0n);
      for (const call of [
        async () => book.connect(curator).execute(action),
        async () => book.connect(guardian).cancel(id),
      ]) {
        await expect(call()).to.be.revertedWithCustomError(book, "NotProposed").withArgs(id);
      }
    }
    // The vault has proposals of its own.
    expect(await vault.proposedAt(idOfAction(raiseDepositCap(usdc("50,000,000"))))).to.equal(clock.now());

    await clock.advance(1n);
    await book.connect(curator).propose(raiseWeth);
    await clock.advance(PROPOSAL_DELAY);
    await book.connect(curator).execute(raiseWeth);
    expect((await book.listings(WETH)).cap).to.equal(weth("6,000"));
  });
});

describe("Proposals that were fine once", () => {
  it("are refused when the world has changed, until they are proposed anew", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, curator, guardian } = market;
    await book.connect(curator).propose(raiseWeth);
    await carryOut(market, book, bookAction("raiseCap", [WETH, weth("7,000")]));
    await expect(book.connect(curator).execute(raiseWeth))
      .to.be.revertedWithCustomError(book, "CapNotHigher")
      .withArgs(WETH, weth("6,000"), weth("7,000"));
    expect(await book.proposedAt(ID)).to.equal(clock.now() - PROPOSAL_DELAY);
    const proposedAt = await book.proposedAt(ID);
    await book.connect(guardian).lowerCap(WETH, weth("1"));
    // Lower it is, but by somebody who wants it lower: the proposal is void.
    await expect(book.connect(curator).execute(raiseWeth))
      .to.be.revertedWithCustomError(book, "LoweredSince")
      .withArgs(clock.now(), proposedAt);
    await clock.advance(1n);
    await carryOut(market, book, raiseWeth);
    expect((await book.listings(WETH)).cap).to.equal(weth("6,000"));
  });

  it("a listing whose feed has died meanwhile", async () => {
    const { book, curator } = await networkHelpers.loadFixture(standardMarket);
    const token = await deployMock<TestToken>("TestToken", "Solana", "SOL", 9);
    const feed = await deployMock<TestFeed>("TestFeed", 8, dollars("150"));
    const limits = { maxAge: FEED_AGE, minAnswer: dollars("1"), maxAnswer: dollars("10,000") };
    const action = await addListingAction({ token, terms: MAJOR_TERMS, feed: { feed, ...limits }, cap: 1n });
    await book.connect(curator).propose(action);
    await clock.advance(PROPOSAL_DELAY);
    await expect(book.connect(curator).execute(action))
      .to.be.revertedWithCustomError(book, "InvalidFeed")
      .withArgs(await feed.getAddress());
    await feed.set(dollars("150"));
    await book.connect(curator).execute(action);
    expect(await book.listingCount()).to.equal(4n);
    await expect(book.connect(curator).execute(action))
      .to.be.revertedWithCustomError(book, "NotProposed")
      .withArgs(idOfAction(action));
  });
});

import { expect } from "chai";
import type { Interface, LogDescription } from "ethers";

import { ethers, networkHelpers } from "../helpers/chain.ts";
import {
  addListing,
  bookAction,
  carryOut,
  idOfAction,
  NO_FEED,
  raiseDepositCap,
  setCap,
  type FeedConfig,
} from "../helpers/governance.ts";
import {
  clock,
  DAY,
  dollars,
  FEED_AGE,
  LINK,
  link,
  loanAssetFeedConfig,
  MINOR_TERMS,
  ONE_DOLLAR,
  standardMarket,
  usdc,
  WBTC,
  WETH,
  weth,
  type Market,
} from "../helpers/market.ts";
import { deployMock, type TestFeed, type TestToken } from "../helpers/mocks.ts";

const DEPOSIT = 0n;
const BORROW = 1n;
const FLASH_LOAN = 2n;

/** What an indexer keeps of the officers' deeds. It sees events and their blocks' times: no calls, no storage. */
class OfficersLedger {
  public readonly listings = new Map<bigint, Record<string, unknown>>();
  public readonly proposals = new Map<string, bigint>();
  public readonly actions = new Map<string, string>();
  public readonly pausedUntil = new Map<bigint, bigint>();
  public readonly authorized = new Map<string, boolean>();
  public loanAssetFeed: unknown;
  public depositCap = 0n;

  public read({ name, args }: LogDescription, time: bigint): void {
    const values = plain(args) as unknown[];
    const key = args[0] as bigint;
    if (name === "ListingAdded") this.listings.set(key, { token: values[1], terms: values[2], isRetired: false });
    if (name === "CapChanged") this.change(key, { cap: values[1] });
    if (name === "FeedsSet") this.change(key, { feed: values[1], secondFeed: values[3] });
    if (name === "Retired") this.change(key, { isRetired: true });
    if (name === "LoanAssetFeedSet") this.loanAssetFeed = values[0];
    if (name === "DepositCapChanged") this.depositCap = key;
    if (name === "PauseSet") this.pausedUntil.set(key, args[1] as bigint);
    if (name === "AuthorizationSet") this.authorized.set(`${String(args[0])}/${String(args[1])}`, args[2] as boolean);
    if (name === "Proposed") {
      this.proposals.set(String(args[0]), time);
      this.actions.set(String(args[0]), String(args[2]));
    }
    if (name === "Executed" || name === "ProposalCancelled") this.proposals.set(String(args[0]), 0n);
  }

  private change(listing: bigint, fields: Record<string, unknown>): void {
    this.listings.set(listing, { ...this.listings.get(listing), ...fields });
  }
}

function plain(value: unknown): unknown {
  return Array.isArray(value) ? Array.from<unknown>(value).map(plain) : value;
}

async function feedAt(answer: string): Promise<{ feed: TestFeed; config: FeedConfig }> {
  const feed = await deployMock<TestFeed>("TestFeed", 8, dollars(answer));
  const limits = { maxAge: FEED_AGE, minAnswer: dollars("0.5"), maxAnswer: dollars("50,000") };
  return { feed, config: { feed: await feed.getAddress(), ...limits } };
}

/** Every deed of every officer, and some that came to nothing. Returns the actions that were proposed. */
async function deeds(market: Market): Promise<string[]> {
  const { vault, book, feeds, curator, guardian, borrower, stranger } = market;
  const [first, second, third] = [await feedAt("15"), await feedAt("15"), await feedAt("7")];
  const dollar = await deployMock<TestFeed>("TestFeed", 8, ONE_DOLLAR);
  const kept = { ...feeds, first: first.feed, second: second.feed, third: third.feed, dollar };
  const scene = { ...market, feeds: kept };

  const void1 = bookAction("raiseCap", [WETH, weth("9,000")]);
  const void2 = raiseDepositCap(usdc("90,000,000"));
  await book.connect(curator).propose(void1);
  await vault.connect(curator).propose(void2);
  await clock.advance(1n);
  await book.connect(guardian).lowerCap(WETH, weth("1,000"));
  await vault.connect(guardian).lowerDepositCap(usdc("5,000,000"));
  await vault.connect(guardian).cancel(idOfAction(void2));
  await vault.connect(guardian).pause(DEPOSIT);
  await vault.connect(guardian).pause(BORROW);
  await vault.connect(guardian).pause(FLASH_LOAN);
  await vault.connect(guardian).unpause(DEPOSIT);
  await book.connect(borrower).setAuthorization(stranger, true);
  await book.connect(stranger).setAuthorization(borrower, true);
  await book.connect(borrower).setAuthorization(stranger, false);

  await setCap(scene, LINK, link("2,000,000"));
  const raise = raiseDepositCap(usdc("6,000,000"));
  await carryOut(scene, vault, raise);
  const token = await deployMock<TestToken>("TestToken", "Other", "OTH", 18);
  await addListing(scene, { token, terms: MINOR_TERMS, feed: { ...third.config, feed: third.feed }, cap: link("7") });
  await book.connect(guardian).retire(LINK);
  const pair = bookAction("replaceFeeds", [LINK, first.config, second.config]);
  await carryOut(scene, book, pair, 14n * DAY);
  const single = bookAction("replaceFeeds", [LINK, second.config, NO_FEED]);
  await carryOut(scene, book, single, 14n * DAY);
  const asset = bookAction("replaceLoanAssetFeed", [
    { ...loanAssetFeedConfig(dollar), feed: await dollar.getAddress(), maxAge: FEED_AGE },
  ]);
  await carryOut(scene, book, asset, 14n * DAY);
  await book.connect(guardian).retire(WBTC);
  const twice = bookAction("raiseCap", [WETH, weth("2,000")]);
  await book.connect(curator).propose(twice);
  await clock.advance(DAY);
  await book.connect(curator).propose(twice);
  await vault.connect(guardian).pause(BORROW);
  return [void1, void2, raise, pair, single, asset, twice];
}

describe("An indexer that sees nothing but the officers' events", () => {
  it("rebuilds listings, feeds, caps, retirement, proposals, pauses and authorizations", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { vault, book, borrower, stranger } = market;
    const actions = await deeds(market);

    const contracts = new Map<string, Interface>([
      [await vault.getAddress(), vault.interface],
      [await book.getAddress(), book.interface],
    ]);
    const ledgers = new Map([...contracts.keys()].map((address) => [address, new OfficersLedger()]));
    for (const log of await ethers.provider.getLogs({ address: [...contracts.keys()], fromBlock: 0 })) {
      const event = contracts.get(log.address)?.parseLog(log);
      const block = await log.getBlock();
      if (event) ledgers.get(log.address)?.read(event, BigInt(block.timestamp));
    }
    const ofVault = ledgers.get(await vault.getAddress()) ?? expect.fail();
    const ofBook = ledgers.get(await book.getAddress()) ?? expect.fail();

    expect(BigInt(ofBook.listings.size)).to.equal(await book.listingCount());
    for (const [number, told] of ofBook.listings) {
      const stored = await book.listings(number);
      const { token, terms, feed, secondFeed, cap, isRetired } = stored;
      expect(told, `listing ${String(number)}`).to.deep.equal({
        ...{ token, cap, isRetired },
        ...{ terms: plain(terms), feed: plain(feed), secondFeed: plain(secondFeed) },
      });
    }
    expect(ofBook.loanAssetFeed).to.deep.equal(plain(await book.loanAssetFeed()));
    expect(ofVault.depositCap).to.equal(await vault.depositCap());
    for (const activity of [DEPOSIT, BORROW, FLASH_LOAN]) {
      const until = ofVault.pausedUntil.get(activity) ?? 0n;
      expect(until > clock.now() ? until : 0n).to.equal(await vault.pausedUntil(activity));
    }
    for (const [owner, operator] of [
      [borrower, stranger],
      [stranger, borrower],
    ] as const) {
      const told = ofBook.authorized.get(`${owner.address}/${operator.address}`);
      expect(told).to.equal(await book.isAuthorized(owner, operator));
    }
    for (const action of actions) {
      const id = idOfAction(action);
      expect(ofBook.proposals.get(id) ?? 0n, "of the book").to.equal(await book.proposedAt(id));
      expect(ofVault.proposals.get(id) ?? 0n, "of the vault").to.equal(await vault.proposedAt(id));
      expect(ofBook.actions.get(id) ?? ofVault.actions.get(id)).to.equal(action);
    }
  });
});

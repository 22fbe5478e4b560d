import { expect } from "chai";
import { getCreateAddress, ZeroAddress } from "ethers";

import { clock, networkHelpers } from "../helpers/chain.ts";
import { deployBook } from "../helpers/contracts.ts";
import {
  addListing,
  addListingAction,
  bookAction,
  carryOut,
  type FeedConfig,
  type ListedCandidate,
} from "../helpers/governance.ts";
import {
  DAY,
  deployCore,
  dollars,
  FEED_AGE,
  LINK,
  link,
  loanAssetFeedConfig,
  MAJOR_TERMS,
  MINOR_TERMS,
  ONE_DOLLAR,
  standardMarket,
  usdc,
  WETH,
  weth,
  type Core,
  type Market,
} from "../helpers/market.ts";
import { deployMock, FeedMode, type TestFeed, type TestToken } from "../helpers/mocks.ts";

interface Scene extends Market {
  token: TestToken;
  feed: TestFeed;
  second: TestFeed;
  candidate: ListedCandidate;
}

/** A market and a token with a feed that would make a good listing. */
async function scene(): Promise<Scene> {
  const market = await standardMarket();
  const token = await deployMock<TestToken>("TestToken", "Solana", "SOL", 9);
  const feed = await deployMock<TestFeed>("TestFeed", 8, dollars("150"));
  const second = await deployMock<TestFeed>("TestFeed", 18, 150n * 10n ** 18n);
  const limits = { maxAge: FEED_AGE, minAnswer: dollars("1"), maxAnswer: dollars("65,535") };
  const candidate = { token, terms: MAJOR_TERMS, feed: { feed, ...limits }, cap: 12_345n };
  return { ...market, token, feed, second, candidate };
}

/** The second source of the scene with its limits. */
function secondConfig({ second }: Scene): FeedConfig {
  return { feed: second, maxAge: FEED_AGE, minAnswer: 10n ** 18n, maxAnswer: 65_535n * 10n ** 18n };
}

describe("Listings", () => {
  it("are added with a number, their terms, feed and cap", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, curator, feed, candidate } = market;
    const action = await addListingAction({ ...candidate, terms: MINOR_TERMS });
    await book.connect(curator).propose(action);
    await clock.advance(7n * DAY);
    await feed.set(dollars("150"));

    const call = book.connect(curator).execute(action);
    const address = await market.token.getAddress();
    const terms = [6_500n, 6_800n, 7_500n, 500n, 5_000n, 200n];
    const config = [await feed.getAddress(), FEED_AGE, dollars("1"), dollars("65,535")];
    const none = [ZeroAddress, 0n, 0n, 0n];
    await expect(call).to.emit(book, "ListingAdded").withArgs(3n, address, terms);
    await expect(call).to.emit(book, "CapChanged").withArgs(3n, 12_345n);
    // 36 + 6 + 8 decimals of loan asset and feed, less 9 and 8 of token and feed.
    await expect(call).to.emit(book, "FeedsSet").withArgs(3n, config, 33n, none, 0n);

    expect(await book.listingCount()).to.equal(4n);
    expect(await book.listings(3n)).to.deep.equal([address, terms, config, 33n, none, 0n, 12_345n, 0n, false]);
    await market.feeds.usdc.set(ONE_DOLLAR);
    // 150 dollars for 1e9 base units: 0.15 units for each, times 1e36.
    expect((await book.pricesOf(3n)).forBorrowing).to.equal(15n * 10n ** 34n);
  });

  it("may have a second source, of other decimals", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, curator, feed, second, candidate } = market;
    const action = await addListingAction({ ...candidate, secondFeed: secondConfig(market) });
    await book.connect(curator).propose(action);
    await clock.advance(7n * DAY);
    await feed.set(dollars("150"));
    await second.set(149n * 10n ** 18n);

    const config = [await second.getAddress(), FEED_AGE, 10n ** 18n, 65_535n * 10n ** 18n];
    await expect(book.connect(curator).execute(action))
      .to.emit(book, "FeedsSet")
      .withArgs(3n, [await feed.getAddress(), FEED_AGE, dollars("1"), dollars("65,535")], 33n, config, 23n);
    expect((await book.listings(3n)).secondFeed).to.deep.equal(config);
    await market.feeds.usdc.set(ONE_DOLLAR);
    expect(await book.pricesOf(3n)).to.deep.equal([149n * 10n ** 33n, 150n * 10n ** 33n, 150n * 10n ** 33n]);
  });

  it("have their cap lowered at once, and raised after seven days; standing pledges stay", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, guardian } = market;
    await expect(book.connect(guardian).lowerCap(WETH, weth("1")))
      .to.emit(book, "CapChanged")
      .withArgs(WETH, weth("1"));
    await carryOut(market, book, bookAction("raiseCap", [LINK, link("9,000,000")]));
    expect((await book.listings(WETH)).cap).to.equal(weth("1"));
    expect((await book.listings(LINK)).cap).to.equal(link("9,000,000"));
  });

  it("may list one token twice, with different terms", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, candidate } = market;
    await addListing(market, { ...candidate, terms: MINOR_TERMS });
    await addListing(market, candidate);
    expect((await book.listings(3n)).token).to.equal((await book.listings(4n)).token);
    expect((await book.listings(4n)).terms.borrowLtv).to.equal(7_800n);
  });

  it("take terms just inside the limit", async () => {
    const market = await networkHelpers.loadFixture(scene);
    // 8,866 × 1.05 / 0.98 = 9,499.3, rounded up 9,500.
    const terms = { ...MAJOR_TERMS, borrowLtv: 1n, callLtv: 2n, liquidationLtv: 8_866n };
    const listing = await addListing(market, { ...market.candidate, terms });
    expect((await market.book.listings(listing)).terms.liquidationLtv).to.equal(8_866n);
  });

  it("are there from the beginning if the book was created with them", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { deployer, treasury, usdc: asset, feeds, candidate } = market;
    const { book } = await deployCore({
      ...{ deployer, treasury, asset, depositCap: 1n, minDebt: usdc("100"), peg: ONE_DOLLAR },
      feed: loanAssetFeedConfig(feeds.usdc),
      listings: [candidate, { ...candidate, secondFeed: secondConfig(market), cap: 7n }],
    });
    expect(await book.listingCount()).to.equal(2n);
    expect((await book.listings(1n)).cap).to.equal(7n);
    expect((await book.listings(1n)).secondFeed.feed).to.equal(await market.second.getAddress());
  });

  it("report the market's constants", async () => {
    const { manager, book, vault, usdc: asset, feeds } = await networkHelpers.loadFixture(standardMarket);
    expect(await book.VAULT()).to.equal(await vault.getAddress());
    expect(await vault.BOOK()).to.equal(await book.getAddress());
    expect(await book.authority()).to.equal(await manager.getAddress());
    expect(await vault.authority()).to.equal(await manager.getAddress());
    expect(await book.LOAN_ASSET()).to.equal(await asset.getAddress());
    expect(await book.MIN_DEBT()).to.equal(usdc("100"));
    expect(await book.PEG()).to.equal(ONE_DOLLAR);
    expect(await book.MAX_PLEDGES()).to.equal(4n);
    expect(await book.MAX_LISTINGS()).to.equal(40n);
    expect(await book.SEQUENCER_GRACE()).to.equal(3_600n);
    expect(await book.sequencerFeed()).to.equal(ZeroAddress);
    const { feed, ...limits } = loanAssetFeedConfig(feeds.usdc);
    expect(feed).to.equal(feeds.usdc);
    expect(await book.loanAssetFeed()).to.deep.equal([await feeds.usdc.getAddress(), ...Object.values(limits)]);
  });
});

describe("Listings, refused when they are proposed", () => {
  /** Proposes a listing like the candidate but for some changes. */
  async function proposing(market: Scene, changes: object): Promise<unknown> {
    return market.book.connect(market.curator).propose(await addListingAction({ ...market.candidate, ...changes }));
  }

  it("of the loan asset, or of what is no contract", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, stranger, usdc: asset } = market;
    for (const token of [await asset.getAddress(), stranger.address, ZeroAddress]) {
      await expect(proposing(market, { token })).to.be.revertedWithCustomError(book, "InvalidToken").withArgs(token);
    }
  });

  it("with LTVs that do not rise", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book } = market;
    for (const [borrowLtv, callLtv, liquidationLtv] of [
      [0n, 8_000n, 8_600n],
      [8_000n, 8_000n, 8_600n],
      [7_800n, 8_600n, 8_600n],
      [8_600n, 8_000n, 7_800n],
    ] as const) {
      await expect(proposing(market, { terms: { ...MAJOR_TERMS, borrowLtv, callLtv, liquidationLtv } }))
        .to.be.revertedWithCustomError(book, "InvalidTerms")
        .withArgs(borrowLtv, callLtv, liquidationLtv);
    }
  });

  it("with too little between the liquidation line and the full value", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book } = market;
    // 8,867 × 1.05 / 0.98 = 9,500.4, rounded up.
    await expect(proposing(market, { terms: { ...MAJOR_TERMS, liquidationLtv: 8_867n } }))
      .to.be.revertedWithCustomError(book, "LiquidationTooTight")
      .withArgs(9_501n, 9_500n);
  });

  it("with sources that may not differ at all, or by everything", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book } = market;
    for (const maxDeviation of [0n, 10_000n, 65_535n]) {
      await expect(proposing(market, { terms: { ...MAJOR_TERMS, maxDeviation } }))
        .to.be.revertedWithCustomError(book, "InvalidDeviation")
        .withArgs(maxDeviation);
    }
  });

  it("with bounds that are empty or cannot be stored exactly", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, candidate } = market;
    for (const [minAnswer, maxAnswer] of [
      [dollars("10"), dollars("10")],
      [dollars("11"), dollars("10")],
      [0n, dollars("10")],
    ] as const) {
      await expect(proposing(market, { feed: { ...candidate.feed, minAnswer, maxAnswer } }))
        .to.be.revertedWithCustomError(book, "InvalidBounds")
        .withArgs(minAnswer, maxAnswer);
    }
    for (const bound of [65_536n, dollars("65,536"), dollars("65,535") + 1n]) {
      await expect(proposing(market, { feed: { ...candidate.feed, minAnswer: 1n, maxAnswer: bound } }))
        .to.be.revertedWithCustomError(book, "BoundNotRepresentable")
        .withArgs(bound);
    }
  });

  it("with a feed that is not live, or not there", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, stranger, feed, candidate } = market;
    const address = await feed.getAddress();
    await clock.advance(FEED_AGE + 1n);
    await expect(proposing(market, {})).to.be.revertedWithCustomError(book, "InvalidFeed").withArgs(address);
    await feed.set(dollars("0.9"));
    await expect(proposing(market, {})).to.be.revertedWithCustomError(book, "InvalidFeed").withArgs(address);
    await expect(proposing(market, { feed: { ...candidate.feed, feed: stranger } }))
      .to.be.revertedWithCustomError(book, "InvalidFeed")
      .withArgs(stranger.address);
  });

  it("with a second source that is not live, or the first one again", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, feed, second, candidate } = market;
    await expect(proposing(market, { secondFeed: candidate.feed }))
      .to.be.revertedWithCustomError(book, "InvalidFeed")
      .withArgs(await feed.getAddress());
    await second.setMode(FeedMode.revert);
    await expect(proposing(market, { secondFeed: secondConfig(market) }))
      .to.be.revertedWithCustomError(book, "InvalidFeed")
      .withArgs(await second.getAddress());
  });

  it("whose prices would not fit, or have too few digits", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, candidate } = market;
    const grain = await deployMock<TestToken>("TestToken", "Grain", "GRAIN", 43);
    await expect(proposing(market, { token: grain }))
      .to.be.revertedWithCustomError(book, "PriceScaleOutOfRange")
      .withArgs(-1n); // 36 + 6 + 8 - 43 - 8
    // 10^60 × 10^33 / (0.5 × 10^8) has more than 256 bits.
    await expect(proposing(market, { feed: { ...candidate.feed, maxAnswer: 10n ** 60n } }))
      .to.be.revertedWithCustomError(book, "PriceScaleOutOfRange")
      .withArgs(33n);
    const fine = await deployMock<TestToken>("TestToken", "Fine", "FINE", 30);
    // 19 × 10^12 / (2 × 10^8) is 95,000: six digits do not do.
    await expect(proposing(market, { token: fine, feed: { ...candidate.feed, minAnswer: 19n } }))
      .to.be.revertedWithCustomError(book, "PriceScaleOutOfRange")
      .withArgs(12n);
  });

  it("of a token whose base unit is worth more than a hundredth of the smallest loan", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, candidate } = market;
    const piece = await deployMock<TestToken>("TestToken", "Piece", "PIECE", 2);
    // At the highest price and the lowest of the loan asset: 51 / 0.5 / 100 is more than 1.
    await expect(proposing(market, { token: piece, feed: { ...candidate.feed, maxAnswer: dollars("51") } }))
      .to.be.revertedWithCustomError(book, "UnitTooValuable")
      .withArgs(usdc("1.02"), usdc("1"));
  });

  it("beyond the fortieth", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { deployer, curator, treasury, usdc: asset, feeds, candidate } = market;
    const core = { deployer, treasury, asset, depositCap: 1n, minDebt: usdc("100"), peg: ONE_DOLLAR };
    const listings = Array<ListedCandidate>(40).fill(candidate);
    const feed = loanAssetFeedConfig(feeds.usdc);
    const { book, manager } = await deployCore({ ...core, feed, listings });
    expect((await book.listings(39n)).cap).to.equal(12_345n);
    await manager.getFunction("setTargetFunctionRole")(book, [book.interface.getFunction("propose").selector], 9n);
    await manager.getFunction("grantRole")(9n, curator, 0n);
    await expect(book.connect(curator).propose(await addListingAction(candidate)))
      .to.be.revertedWithCustomError(book, "TooManyListings")
      .withArgs(40n);
    await expect(deployCore({ ...core, feed, listings: [...listings, candidate] }))
      .to.be.revertedWithCustomError(book, "TooManyListings")
      .withArgs(40n);
  });

  it("with a cap that does not fit its field, or is not higher", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, curator } = market;
    for (const call of [
      async () => proposing(market, { cap: 2n ** 96n }),
      async () => book.connect(curator).propose(bookAction("raiseCap", [WETH, 2n ** 96n])),
    ]) {
      await expect(call())
        .to.be.revertedWithCustomError(book, "AmountTooLarge")
        .withArgs(2n ** 96n, 2n ** 96n - 1n);
    }
    const cap = weth("5,000");
    await expect(book.connect(curator).propose(bookAction("raiseCap", [WETH, cap])))
      .to.be.revertedWithCustomError(book, "CapNotHigher")
      .withArgs(WETH, cap, cap);
  });

  it("a raise that was proposed before the guardian lowered the cap, however long it has waited", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, curator, guardian } = market;
    const action = bookAction("raiseCap", [WETH, weth("9,000")]);
    await book.connect(curator).propose(action);
    const proposedAt = clock.now();
    await clock.advance(8n * DAY);
    await book.connect(guardian).lowerCap(WETH, weth("1"));
    await expect(book.connect(curator).execute(action))
      .to.be.revertedWithCustomError(book, "LoweredSince")
      .withArgs(clock.now(), proposedAt);
    await clock.advance(1n);
    await carryOut(market, book, action);
    expect((await book.listings(WETH)).cap).to.equal(weth("9,000"));
  });

  it("when their cap is lowered to what it is", async () => {
    const { book, guardian } = await networkHelpers.loadFixture(standardMarket);
    const cap = weth("5,000");
    await expect(book.connect(guardian).lowerCap(WETH, cap))
      .to.be.revertedWithCustomError(book, "CapNotLower")
      .withArgs(WETH, cap, cap);
  });

  it("where there is none", async () => {
    const { book, guardian, curator, feeds } = await networkHelpers.loadFixture(standardMarket);
    const config = { ...loanAssetFeedConfig(feeds.weth), feed: await feeds.weth.getAddress() };
    const calls = [
      async () => book.listings(3n),
      async () => book.pricesOf(3n),
      async () => book.connect(guardian).lowerCap(3n, 1n),
      async () => book.connect(guardian).retire(3n),
      async () => book.connect(curator).propose(bookAction("raiseCap", [3n, 1n])),
      async () => book.connect(curator).propose(bookAction("replaceFeeds", [3n, config, config])),
    ];
    for (const call of calls) {
      await expect(call()).to.be.revertedWithCustomError(book, "ListingNotFound").withArgs(3n, 3n);
    }
  });
});

describe("Deploying a book, refused", () => {
  it("for a vault that belongs to another book", async () => {
    const { book, vault, deployer, feeds } = await networkHelpers.loadFixture(standardMarket);
    const loanAssetFeed = loanAssetFeedConfig(feeds.usdc);
    const address = getCreateAddress({ from: deployer.address, nonce: await deployer.getNonce() });
    const config = {
      vault,
      authority: deployer,
      minDebt: 1n,
      loanAssetFeed,
      peg: ONE_DOLLAR,
      sequencerFeed: ZeroAddress,
    };
    await expect(deployBook(deployer, [config, []]))
      .to.be.revertedWithCustomError(book, "InvalidVault")
      .withArgs(await vault.getAddress(), address);
  });

  describe("with parameters that cannot be", () => {
    async function deploy(market: Market, changes: Partial<Core>): Promise<unknown> {
      const { deployer, treasury, usdc: asset, feeds } = market;
      const feed = loanAssetFeedConfig(feeds.usdc);
      return deployCore({
        ...{ deployer, treasury, asset, depositCap: 1n, minDebt: 1n, feed, peg: ONE_DOLLAR },
        ...changes,
      });
    }

    it("a loan asset feed whose bounds begin at nothing", async () => {
      const market = await networkHelpers.loadFixture(standardMarket);
      const { book } = market;
      await expect(deploy(market, { feed: { ...loanAssetFeedConfig(market.feeds.usdc), minAnswer: 0n } }))
        .to.be.revertedWithCustomError(book, "InvalidBounds")
        .withArgs(0n, dollars("2"));
    });

    it("a peg outside its feed's bounds", async () => {
      const market = await networkHelpers.loadFixture(standardMarket);
      for (const peg of [dollars("0.49"), dollars("2.01")]) {
        await expect(deploy(market, { peg }))
          .to.be.revertedWithCustomError(market.book, "InvalidBounds")
          .withArgs(dollars("0.5"), dollars("2"));
      }
    });

    it("a smallest loan that does not fit its field", async () => {
      const market = await networkHelpers.loadFixture(standardMarket);
      await expect(deploy(market, { minDebt: 2n ** 104n }))
        .to.be.revertedWithCustomError(market.book, "AmountTooLarge")
        .withArgs(2n ** 104n, 2n ** 104n - 1n);
    });

    it("a dead feed, or none", async () => {
      const market = await networkHelpers.loadFixture(standardMarket);
      const { book, feeds, stranger } = market;
      await expect(deploy(market, { feed: { ...loanAssetFeedConfig(feeds.usdc), feed: stranger } }))
        .to.be.revertedWithCustomError(book, "InvalidFeed")
        .withArgs(stranger.address);
      await feeds.usdc.setMode(FeedMode.revert);
      await expect(deploy(market, {}))
        .to.be.revertedWithCustomError(market.book, "InvalidFeed")
        .withArgs(await feeds.usdc.getAddress());
    });

    it("a sequencer feed that says nothing", async () => {
      const market = await networkHelpers.loadFixture(standardMarket);
      const { book, feeds } = market;
      await expect(deploy(market, { sequencerFeed: feeds.weth })) // which answers 2,000 dollars
        .to.be.revertedWithCustomError(book, "InvalidFeed")
        .withArgs(await feeds.weth.getAddress());
    });
  });
});

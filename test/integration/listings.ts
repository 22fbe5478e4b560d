import { expect } from "chai";
import { getCreateAddress, ZeroAddress } from "ethers";

import { clock, networkHelpers } from "../helpers/chain.ts";
import { deployBook, deployVault } from "../helpers/contracts.ts";
import {
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
  type Market,
} from "../helpers/market.ts";
import { deployMock, FeedMode, type TestFeed, type TestToken } from "../helpers/mocks.ts";

interface Candidate extends Market {
  token: TestToken;
  feed: TestFeed;
  config: { feed: string; maxAge: bigint; minAnswer: bigint; maxAnswer: bigint };
}

/** A market and a token with a feed that would make a good listing. */
async function candidate(): Promise<Candidate> {
  const market = await standardMarket();
  const token = await deployMock<TestToken>("TestToken", "Solana", "SOL", 9);
  const feed = await deployMock<TestFeed>("TestFeed", 8, dollars("150"));
  const config = {
    feed: await feed.getAddress(),
    maxAge: FEED_AGE,
    minAnswer: dollars("1"),
    maxAnswer: dollars("65,535"),
  };
  return { ...market, token, feed, config };
}

describe("Listings", () => {
  it("are added with a number, their terms, feed and cap", async () => {
    const { book, owner, token, config } = await networkHelpers.loadFixture(candidate);
    const address = await token.getAddress();

    const call = book.connect(owner).addListing(token, MINOR_TERMS, config, 12_345n);
    // 36 + 6 + 8 decimals of loan asset and feed, less 9 and 8 of token and feed.
    await expect(call)
      .to.emit(book, "ListingAdded")
      .withArgs(3n, address, [6_500n, 6_800n, 7_500n, 500n, 5_000n], Object.values(config), 33n);
    await expect(call).to.emit(book, "CapChanged").withArgs(3n, 12_345n);

    expect(await book.listingCount()).to.equal(4n);
    expect(await book.listings(3n)).to.deep.equal([
      address,
      [6_500n, 6_800n, 7_500n, 500n, 5_000n],
      [config.feed, FEED_AGE, dollars("1"), dollars("65,535")],
      12_345n,
      0n,
    ]);
    // 150 dollars for 1e9 base units: 0.15 units for each, times 1e36.
    expect((await book.pricesOf(3n)).forBorrowing).to.equal(15n * 10n ** 34n);
  });

  it("change their cap at once, both ways; standing pledges stay", async () => {
    const { book, owner } = await networkHelpers.loadFixture(standardMarket);
    await expect(book.connect(owner).setCap(WETH, weth("1")))
      .to.emit(book, "CapChanged")
      .withArgs(WETH, weth("1"));
    await book.connect(owner).setCap(LINK, link("9,000,000"));
    expect((await book.listings(WETH)).cap).to.equal(weth("1"));
    expect((await book.listings(LINK)).cap).to.equal(link("9,000,000"));
  });

  it("may list one token twice, with different terms", async () => {
    const { book, owner, token, config } = await networkHelpers.loadFixture(candidate);
    await book.connect(owner).addListing(token, MINOR_TERMS, config, 1n);
    await book.connect(owner).addListing(token, MAJOR_TERMS, config, 1n);
    expect((await book.listings(3n)).token).to.equal((await book.listings(4n)).token);
    expect((await book.listings(4n)).terms.borrowLtv).to.equal(7_800n);
  });

  it("take terms just inside the limit", async () => {
    const { book, owner, token, config } = await networkHelpers.loadFixture(candidate);
    // 9,047 × 1.05 = 9,499.35, rounded up 9,500.
    const terms = { ...MAJOR_TERMS, borrowLtv: 1n, callLtv: 2n, liquidationLtv: 9_047n };
    await book.connect(owner).addListing(token, terms, config, 1n);
    expect((await book.listings(3n)).terms.liquidationLtv).to.equal(9_047n);
  });

  it("report the market's constants", async () => {
    const { book, vault, usdc: asset, feeds } = await networkHelpers.loadFixture(standardMarket);
    expect(await book.VAULT()).to.equal(await vault.getAddress());
    expect(await vault.BOOK()).to.equal(await book.getAddress());
    expect(await book.LOAN_ASSET()).to.equal(await asset.getAddress());
    expect(await book.MIN_DEBT()).to.equal(usdc("100"));
    expect(await book.PEG()).to.equal(ONE_DOLLAR);
    expect(await book.MAX_PLEDGES()).to.equal(4n);
    expect(await book.MAX_LISTINGS()).to.equal(40n);
    expect(await book.loanAssetFeed()).to.deep.equal(Object.values(await loanAssetFeedConfig(feeds.usdc)));
  });
});

describe("Listings, refused", () => {
  it("by anyone but the owner", async () => {
    const { book, stranger, token, config } = await networkHelpers.loadFixture(candidate);
    for (const call of [
      async () => book.connect(stranger).addListing(token, MAJOR_TERMS, config, 1n),
      async () => book.connect(stranger).setCap(WETH, 1n),
    ]) {
      await expect(call()).to.be.revertedWithCustomError(book, "OwnableUnauthorizedAccount").withArgs(stranger.address);
    }
  });

  it("of the loan asset, or of what is no contract", async () => {
    const { book, owner, stranger, usdc: asset, config } = await networkHelpers.loadFixture(candidate);
    for (const token of [await asset.getAddress(), stranger.address, ZeroAddress]) {
      await expect(book.connect(owner).addListing(token, MAJOR_TERMS, config, 1n))
        .to.be.revertedWithCustomError(book, "InvalidToken")
        .withArgs(token);
    }
  });

  it("with LTVs that do not rise", async () => {
    const { book, owner, token, config } = await networkHelpers.loadFixture(candidate);
    for (const [borrowLtv, callLtv, liquidationLtv] of [
      [0n, 8_000n, 8_600n],
      [8_000n, 8_000n, 8_600n],
      [7_800n, 8_600n, 8_600n],
      [8_600n, 8_000n, 7_800n],
    ] as const) {
      await expect(
        book.connect(owner).addListing(token, { ...MAJOR_TERMS, borrowLtv, callLtv, liquidationLtv }, config, 1n),
      )
        .to.be.revertedWithCustomError(book, "InvalidTerms")
        .withArgs(borrowLtv, callLtv, liquidationLtv);
    }
  });

  it("with too little between the liquidation line and the full value", async () => {
    const { book, owner, token, config } = await networkHelpers.loadFixture(candidate);
    // 9,048 × 1.05 = 9,500.4, rounded up.
    await expect(book.connect(owner).addListing(token, { ...MAJOR_TERMS, liquidationLtv: 9_048n }, config, 1n))
      .to.be.revertedWithCustomError(book, "LiquidationTooTight")
      .withArgs(9_501n, 9_500n);
  });

  it("with bounds that are empty or cannot be stored exactly", async () => {
    const { book, owner, token, config } = await networkHelpers.loadFixture(candidate);
    for (const [minAnswer, maxAnswer] of [
      [dollars("10"), dollars("10")],
      [dollars("11"), dollars("10")],
      [0n, dollars("10")],
    ] as const) {
      await expect(book.connect(owner).addListing(token, MAJOR_TERMS, { ...config, minAnswer, maxAnswer }, 1n))
        .to.be.revertedWithCustomError(book, "InvalidBounds")
        .withArgs(minAnswer, maxAnswer);
    }
    for (const bound of [65_536n, dollars("65,536"), dollars("65,535") + 1n]) {
      await expect(
        book.connect(owner).addListing(token, MAJOR_TERMS, { ...config, minAnswer: 1n, maxAnswer: bound }, 1n),
      )
        .to.be.revertedWithCustomError(book, "BoundNotRepresentable")
        .withArgs(bound);
    }
  });

  it("with a feed that is not live, or not there", async () => {
    const { book, owner, stranger, token, feed, config } = await networkHelpers.loadFixture(candidate);
    await clock.advance(FEED_AGE + 1n);
    await expect(book.connect(owner).addListing(token, MAJOR_TERMS, config, 1n))
      .to.be.revertedWithCustomError(book, "InvalidFeed")
      .withArgs(config.feed);
    await feed.set(dollars("0.9"));
    await expect(book.connect(owner).addListing(token, MAJOR_TERMS, config, 1n))
      .to.be.revertedWithCustomError(book, "InvalidFeed")
      .withArgs(config.feed);
    await expect(book.connect(owner).addListing(token, MAJOR_TERMS, { ...config, feed: stranger.address }, 1n))
      .to.be.revertedWithCustomError(book, "InvalidFeed")
      .withArgs(stranger.address);
  });

  it("whose prices would not fit, or have too few digits", async () => {
    const { book, owner, token, config } = await networkHelpers.loadFixture(candidate);
    const grain = await deployMock<TestToken>("TestToken", "Grain", "GRAIN", 43);
    await expect(book.connect(owner).addListing(grain, MAJOR_TERMS, config, 1n))
      .to.be.revertedWithCustomError(book, "PriceScaleOutOfRange")
      .withArgs(-1n); // 36 + 6 + 8 - 43 - 8
    // 10^60 × 10^33 / (0.5 × 10^8) has more than 256 bits.
    await expect(book.connect(owner).addListing(token, MAJOR_TERMS, { ...config, maxAnswer: 10n ** 60n }, 1n))
      .to.be.revertedWithCustomError(book, "PriceScaleOutOfRange")
      .withArgs(33n);
    const fine = await deployMock<TestToken>("TestToken", "Fine", "FINE", 30);
    // 19 × 10^12 / (2 × 10^8) is 95,000: six digits do not do.
    await expect(book.connect(owner).addListing(fine, MAJOR_TERMS, { ...config, minAnswer: 19n }, 1n))
      .to.be.revertedWithCustomError(book, "PriceScaleOutOfRange")
      .withArgs(12n);
  });

  it("of a token whose base unit is worth more than a hundredth of the smallest loan", async () => {
    const { book, owner, config } = await networkHelpers.loadFixture(candidate);
    const piece = await deployMock<TestToken>("TestToken", "Piece", "PIECE", 2);
    // At the highest price and the lowest of the loan asset: 51 / 0.5 / 100 is more than 1.
    await expect(book.connect(owner).addListing(piece, MAJOR_TERMS, { ...config, maxAnswer: dollars("51") }, 1n))
      .to.be.revertedWithCustomError(book, "UnitTooValuable")
      .withArgs(usdc("1.02"), usdc("1"));
  });

  it("beyond the fortieth", async () => {
    const { book, owner, token, config } = await networkHelpers.loadFixture(candidate);
    for (let listing = 3; listing < 40; listing++) {
      await book.connect(owner).addListing(token, MAJOR_TERMS, config, 1n);
    }
    expect((await book.listings(39n)).cap).to.equal(1n);
    await expect(book.connect(owner).addListing(token, MAJOR_TERMS, config, 1n))
      .to.be.revertedWithCustomError(book, "TooManyListings")
      .withArgs(40n);
  });

  it("with a cap that does not fit its field", async () => {
    const { book, owner, token, config } = await networkHelpers.loadFixture(candidate);
    for (const call of [
      async () => book.connect(owner).addListing(token, MAJOR_TERMS, config, 2n ** 104n),
      async () => book.connect(owner).setCap(WETH, 2n ** 104n),
    ]) {
      await expect(call())
        .to.be.revertedWithCustomError(book, "AmountTooLarge")
        .withArgs(2n ** 104n, 2n ** 104n - 1n);
    }
  });

  it("where there is none", async () => {
    const { book, owner } = await networkHelpers.loadFixture(standardMarket);
    const calls = [
      async () => book.listings(3n),
      async () => book.pricesOf(3n),
      async () => book.connect(owner).setCap(3n, 1n),
    ];
    for (const call of calls) {
      await expect(call()).to.be.revertedWithCustomError(book, "ListingNotFound").withArgs(3n, 3n);
    }
  });
});

describe("Deploying a book, refused", () => {
  it("for a vault that belongs to another book", async () => {
    const { book, vault, owner, feeds } = await networkHelpers.loadFixture(standardMarket);
    const feed = await loanAssetFeedConfig(feeds.usdc);
    const address = getCreateAddress({ from: owner.address, nonce: await owner.getNonce() });
    await expect(deployBook(owner, [vault, owner, 1n, feed, ONE_DOLLAR]))
      .to.be.revertedWithCustomError(book, "InvalidVault")
      .withArgs(await vault.getAddress(), address);
  });

  describe("with parameters that cannot be", () => {
    async function deploy(
      market: Market,
      changes: { peg?: bigint; minDebt?: bigint; owner?: string },
    ): Promise<unknown> {
      const { owner, treasury, usdc: asset, feeds } = market;
      const { peg = ONE_DOLLAR, minDebt = 1n } = changes;
      if (changes.owner === undefined) {
        const feed = await loanAssetFeedConfig(feeds.usdc);
        return deployCore({ owner, treasury, asset, depositCap: 1n, minDebt, feed, peg });
      }
      const predicted = getCreateAddress({ from: owner.address, nonce: (await owner.getNonce()) + 1 });
      const vault = await deployVault(owner, [asset, predicted, treasury, owner, 1n, "Vault", "V"]);
      const feed = await loanAssetFeedConfig(feeds.usdc);
      return deployBook(owner, [vault, changes.owner, minDebt, feed, peg]);
    }

    it("a loan asset feed whose bounds begin at nothing", async () => {
      const { book, owner, treasury, usdc: asset, feeds } = await networkHelpers.loadFixture(standardMarket);
      const feed = { ...(await loanAssetFeedConfig(feeds.usdc)), minAnswer: 0n };
      await expect(deployCore({ owner, treasury, asset, depositCap: 1n, minDebt: 1n, feed, peg: ONE_DOLLAR }))
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

    it("a dead feed, or no owner", async () => {
      const market = await networkHelpers.loadFixture(standardMarket);
      await expect(deploy(market, { owner: ZeroAddress }))
        .to.be.revertedWithCustomError(market.book, "OwnableInvalidOwner")
        .withArgs(ZeroAddress);
      await market.feeds.usdc.setMode(FeedMode.revert);
      await expect(deploy(market, {}))
        .to.be.revertedWithCustomError(market.book, "InvalidFeed")
        .withArgs(await market.feeds.usdc.getAddress());
    });
  });
});

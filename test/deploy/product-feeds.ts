import { expect } from "chai";
import { network } from "hardhat";

import { deployLocalMarket, usd, type LocalMarket } from "../../deploy/local-market.ts";
import { deployMarket } from "../../deploy/market.ts";
import type { FeedParameters, ListingParameters, MarketParameters } from "../../deploy/parameters.ts";
import { readParameters } from "../../deploy/parameters.ts";
import { productOf, type PlainFeedParameters } from "../../deploy/product-feeds.ts";
import type { Connection } from "../../deploy/session.ts";
import { messageOf } from "./served-chain.ts";

const RATE = 12n * 10n ** 17n;

describe("Products of two feeds", () => {
  describe("on a local chain", () => {
    let connection: Connection;
    let market: LocalMarket;

    before(async () => {
      connection = await network.create();
      market = await deployLocalMarket(connection, { WETH: usd("2000") }, { listed: new Set(["WETH", "wstETH"]) });
    });
    after(() => connection.close());

    it("list what was asked for, in the order of the parameters", async () => {
      expect(market.listings.map(({ symbol, number }) => [symbol, number])).to.deep.equal([
        ["WETH", 0],
        ["wstETH", 1],
      ]);
      expect(await market.book.listingCount()).to.equal(2n);
      expect(market.localFeeds.map(({ symbol }) => symbol)).to.deep.equal(["USDC", "WETH", "wstETH_rate"]);
    });

    it("stand over the feed of the rate and that of the other listing", async () => {
      const feed = market.listings[1]?.feed;
      const contract = await connection.ethers.getContractAt("ProductFeed", feed?.address ?? "");
      const rate = market.feedOf("wstETH_rate").proxy;
      const price = market.feedOf("WETH").proxy;
      expect(await contract.getFunction("RATE_FEED").staticCall()).to.equal(rate);
      expect(await contract.getFunction("PRICE_FEED").staticCall()).to.equal(price);
      expect(await contract.getFunction("description").staticCall()).to.equal("wstETH / stETH x ETH / USD");
      expect(feed?.product).to.deep.equal({
        rate: { address: rate, description: "wstETH / stETH", decimals: 18 },
        price: { address: price, description: "ETH / USD", decimals: 8 },
      });
    });

    it("are live for the book, which gives each feed 150,000 gas, and follow both feeds", async () => {
      const dollars = async (): Promise<unknown> => (await market.book.pricesOf(1)).forBorrowing / 10n ** 24n;
      expect(await dollars()).to.equal(2_400n);
      await market.feedOf("WETH").submit(usd("3000"));
      expect(await dollars()).to.equal(3_600n);
      await market.feedOf("wstETH_rate").submit(RATE * 2n);
      expect(await dollars()).to.equal(7_200n);
      expect((await market.book.pricesOf(1)).forSeizure / 10n ** 24n).to.equal(7_200n);
    });
  });

  describe("over feeds that stand already", () => {
    let connection: Connection;
    let parameters: MarketParameters;
    let product: ListingParameters;

    /** The local market's parameters with feeds at given addresses, as they are given on a public chain. */
    before(async () => {
      connection = await network.create();
      const local = await readParameters(31337);
      const market = await deployLocalMarket(connection, {}, { listed: new Set(["WETH", "wstETH"]) });
      const weth = local.listings[0];
      const wsteth = local.listings.find(({ token }) => token.symbol === "wstETH");
      const source = wsteth?.feed.source;
      if (weth === undefined || wsteth === undefined || typeof source !== "object" || !("rate" in source)) {
        throw new Error("The local market does not list wstETH as a product.");
      }
      const rate = { ...source.rate, source: market.feedOf("wstETH_rate").proxy };
      const price = { ...source.price, source: market.feedOf("WETH").proxy };
      product = { ...wsteth, feed: { ...wsteth.feed, source: { rate, price, priceOf: undefined } } };
      parameters = { ...local, listings: [product] };
    });
    after(() => connection.close());

    const changed = (part: "rate" | "price", change: Partial<PlainFeedParameters>): MarketParameters => {
      const source = product.feed.source;
      if (typeof source !== "object" || !("rate" in source)) throw new Error("This is no product.");
      const feed: FeedParameters = { ...product.feed, source: { ...source, [part]: { ...source[part], ...change } } };
      return { ...parameters, listings: [{ ...product, feed }] };
    };

    it("are created over the feeds that stand there", async () => {
      const { listings, book, localFeeds } = await deployMarket(connection, parameters);
      expect(localFeeds.map(({ symbol }) => symbol)).to.deep.equal(["USDC"]);
      expect((await book.listings(0)).feed.feed).to.equal(listings[0]?.feed.address);
      expect((await book.pricesOf(0)).forBorrowing).to.equal(productOf(RATE, 18, 2_500n) * 10n ** 24n);
    });

    const mistakes: [title: string, mistaken: () => MarketParameters, message: RegExp][] = [
      [
        "a rate of something else",
        () => changed("rate", { description: "weETH / eETH" }),
        /^The feed weETH \/ eETH at 0x\w+ describes itself as wstETH \/ stETH, not as weETH \/ eETH: check its address\.$/,
      ],
      [
        "a rate with other decimals",
        () => changed("rate", { decimals: 8 }),
        /^The feed wstETH \/ stETH at 0x\w+ has 18 decimals, not 8: /,
      ],
      [
        "a rate out of its bounds",
        () => changed("rate", { maxAnswer: RATE - 1n }),
        /^The feed wstETH \/ stETH at 0x\w+ answers 1200000000000000000, outside its minPrice and maxPrice\.$/,
      ],
      [
        "a price that is too old",
        () => changed("price", { maxAge: 0 }),
        /^The feed ETH \/ USD at 0x\w+ answered \d+ s ago, longer than its maxAge of 0 s\.$/,
      ],
      [
        "a price where nothing is",
        () => changed("price", { source: `0x${"12".repeat(20)}` }),
        /^The feed ETH \/ USD at 0x\w+ does not exist: there is no contract at this address on this chain\.$/,
      ],
      [
        "a product out of bounds",
        () => ({ ...parameters, listings: [{ ...product, feed: { ...product.feed, maxAnswer: usd("2999") } }] }),
        /^The feed wstETH \/ stETH x ETH \/ USD at 0x\w+ answers 300000000000, outside its minPrice and maxPrice\.$/,
      ],
    ];
    for (const [title, mistaken, message] of mistakes) {
      it(`refuses ${title}`, async () => {
        await connection.ethers.provider.send("evm_mine", []);
        expect(await messageOf(deployMarket(connection, mistaken()))).to.match(message);
      });
    }
  });
});

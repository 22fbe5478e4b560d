import { expect } from "chai";
import { network } from "hardhat";

import { encodeSubmission, latestRound } from "../../deploy/local-feeds.ts";
import { openLocalMarket, usd, type LocalMarket } from "../../deploy/local-market.ts";
import { deployMarket } from "../../deploy/market.ts";
import { readParameters } from "../../deploy/parameters.ts";
import type { Connection } from "../../deploy/session.ts";

/** What the proxy puts above the aggregator's round: its phase, 1. */
const PHASE = 1n << 64n;

describe("Local feeds", () => {
  let connection: Connection;
  let market: LocalMarket;

  before(async () => {
    connection = await network.create();
    const parameters = await readParameters(31337);
    const [weth, ...others] = parameters.listings;
    if (weth === undefined) throw new Error("The local market has no listing.");
    const source = { oracles: 3, firstAnswer: usd("2000") };
    const listings = [{ ...weth, feed: { ...weth.feed, source } }, ...others];
    market = await openLocalMarket(connection, await deployMarket(connection, { ...parameters, listings }));
  });

  after(() => connection.close());

  it("publish a submitted price through the proxy, with a phase in the round id", async () => {
    const feed = market.feedOf("WBTC");
    await feed.submit(usd("61234.5"));
    const proxy = await connection.ethers.getContractAt("EACAggregatorProxy", feed.proxy);
    const now = (await connection.ethers.provider.getBlock("latest"))?.timestamp ?? 0;
    const round = PHASE + 2n;
    expect(feed.round).to.equal(2);
    expect(await proxy.getFunction("latestRoundData").staticCall()).to.deep.equal([
      round,
      usd("61234.5"),
      BigInt(now),
      BigInt(now),
      round,
    ]);
    expect((await market.book.pricesOf(1)).forBorrowing).to.equal(612_345n * 10n ** 33n);
  });

  it("answer when all oracles have submitted, with the median", async () => {
    const feed = market.feedOf("WETH");
    expect(feed.oracles).to.have.lengthOf(3);
    const aggregator = await connection.ethers.getContractAt("FluxAggregator", feed.aggregator);
    const answers = [usd("2200"), usd("1900"), usd("2100")];
    for (const [index, from] of feed.oracles.entries()) {
      expect(await aggregator.getFunction("latestAnswer").staticCall()).to.equal(usd("2000"));
      const signer = await connection.ethers.getSigner(from);
      await signer.sendTransaction({ to: feed.aggregator, data: encodeSubmission(2, answers[index] ?? 0n) });
    }
    expect(await aggregator.getFunction("latestAnswer").staticCall()).to.equal(usd("2100"));
  });

  it("count rounds on from where the chain is when taken in hand again", async () => {
    const again = await openLocalMarket(connection, market);
    const feed = again.feedOf("WETH");
    expect(feed.round).to.equal(2);
    await feed.submit(usd("2050"));
    await feed.submit(usd("2060"));
    expect(await latestRound(connection.ethers.provider, feed.aggregator)).to.equal(4);
  });

  it("are described and scaled as on a public chain", async () => {
    const proxy = await connection.ethers.getContractAt("EACAggregatorProxy", market.feedOf("LINK").proxy);
    expect(await proxy.getFunction("description").staticCall()).to.equal("LINK / USD");
    expect(await proxy.getFunction("decimals").staticCall()).to.equal(8n);
  });
});

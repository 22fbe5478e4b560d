import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { network } from "hardhat";

import { deployTo } from "../../deploy/command.ts";
import { checkParameters, deployMarket } from "../../deploy/market.ts";
import {
  parseParameters,
  PARAMETERS_DIRECTORY,
  type FeedParameters,
  type MarketParameters,
  type TokenParameters,
} from "../../deploy/parameters.ts";
import type { Connection } from "../../deploy/session.ts";
import type { PlainFeedParameters } from "../../deploy/product-feeds.ts";
import { plainFeed } from "./plain-feed.ts";
import { messageOf, serveChain } from "./served-chain.ts";

const SEPOLIA = 11155111;

/** A chain with Sepolia's id on which tokens and feeds stand that answer as the parameters say. */
describe("Deployment to a public chain", () => {
  let connection: Connection;
  let parameters: MarketParameters;
  let sequencer: string;
  let usdcFeed: string;

  before(async () => {
    connection = await network.create({ override: { chainId: SEPOLIA } });
    const text = await readFile(join(PARAMETERS_DIRECTORY, `${String(SEPOLIA)}.json`), "utf8");
    const sepolia = parseParameters("sepolia.json", text, SEPOLIA);
    const { loanAsset, listings } = sepolia;
    sequencer = await (await connection.ethers.deployContract("TestFeed", [0, 0])).getAddress();
    parameters = {
      ...sepolia,
      loanAsset: { ...loanAsset, token: await standIn(loanAsset.token), feed: await standInFeed(loanAsset.feed, 1n) },
      listings: await Promise.all(
        listings.map(async (listing) => ({
          ...listing,
          token: await standIn(listing.token),
          feed: await standInFeed(listing.feed, 20n),
        })),
      ),
    };
  });

  before(() => {
    const { source } = parameters.loanAsset.feed;
    if (typeof source === "string") usdcFeed = source;
  });

  after(() => connection.close());

  it("uses the tokens and feeds that stand there", async () => {
    const market = await deployMarket(connection, parameters);
    expect(market.loanAsset.token).to.equal(parameters.loanAsset.token.address);
    expect(market.listings.map(({ feed }) => feed.address)).to.deep.equal(
      parameters.listings.map(({ feed }) => feed.source),
    );
    expect(market.localFeeds).to.deep.equal([]);
    expect((await market.book.pricesOf(0)).forBorrowing).to.equal(20n * 10n ** 24n);
  });

  const token = (change: Partial<TokenParameters>): MarketParameters => {
    const { loanAsset } = parameters;
    return { ...parameters, loanAsset: { ...loanAsset, token: { ...loanAsset.token, ...change } } };
  };
  const feed = (change: Partial<FeedParameters>): MarketParameters => {
    const { loanAsset } = parameters;
    return { ...parameters, loanAsset: { ...loanAsset, feed: { ...loanAsset.feed, ...change } } };
  };
  const second = (change: Partial<PlainFeedParameters>): MarketParameters => {
    const [weth, ...others] = parameters.listings;
    if (weth === undefined) throw new Error("There is no listing.");
    return { ...parameters, listings: [{ ...weth, secondFeed: { ...plainFeed(weth.feed), ...change } }, ...others] };
  };
  const sequenced = (address: string): MarketParameters => {
    return { ...parameters, sequencerFeed: { address, description: "TEST / USD" } };
  };
  const mistakes: [title: string, mistaken: () => MarketParameters, message: RegExp][] = [
    ["a token with another symbol", () => token({ symbol: "EURC" }), /^The token EURC at 0x\w+ calls itself USDC: /],
    ["a token with other decimals", () => token({ decimals: 18 }), /^The token USDC at 0x\w+ has 6 decimals, not 18: /],
    [
      "an address without a token",
      () => token({ address: `0x${"12".repeat(20)}` }),
      /^The token USDC at 0x\w+ does not exist: there is no contract at this address on this chain\.$/,
    ],
    [
      "a contract that is no token",
      () => token({ address: sequencer }),
      /^The token USDC at 0x\w+ does not answer symbol\(\): check its address\.$/,
    ],
    [
      "an address without a feed",
      () => feed({ source: `0x${"12".repeat(20)}` }),
      /^The feed USDC \/ USD at 0x\w+ does not exist: there is no contract at this address on this chain\.$/,
    ],
    [
      "a token in place of a feed",
      () => feed({ source: parameters.loanAsset.token.address ?? "" }),
      /^The feed USDC \/ USD at 0x\w+ does not answer description\(\): check its address\.$/,
    ],
    [
      "a feed of something else",
      () => feed({ description: "EUR / USD" }),
      /^The feed EUR \/ USD at 0x\w+ describes itself as USDC \/ USD, not as EUR \/ USD: check its address\.$/,
    ],
    [
      "a feed with other decimals",
      () => feed({ decimals: 18 }),
      /^The feed USDC \/ USD at 0x\w+ has 8 decimals, not 18: /,
    ],
    [
      "an answer out of bounds",
      () => feed({ minAnswer: 200_000_000n }),
      / answers 100000000, outside its minPrice and maxPrice\.$/,
    ],
    [
      "a second feed of something else",
      () => second({ description: "BTC / USD" }),
      /^The feed BTC \/ USD at 0x\w+ describes itself as ETH \/ USD, not as BTC \/ USD: check its address\.$/,
    ],
    [
      "a second feed whose answer is out of bounds",
      () => second({ maxAnswer: 20n }),
      /^The feed ETH \/ USD at 0x\w+ answers 2000000000, outside its minPrice and maxPrice\.$/,
    ],
    [
      "a sequencer feed without code",
      () => sequenced(`0x${"12".repeat(20)}`),
      /^The sequencer feed at 0x\w+ does not exist: there is no contract at this address on this chain\.$/,
    ],
    [
      "a price feed in place of the sequencer's",
      () => sequenced(usdcFeed),
      /^The sequencer feed at 0x\w+ describes itself as USDC \/ USD, not as TEST \/ USD: check its address\.$/,
    ],
    ["an answer that is too old", () => feed({ maxAge: 0 }), / answered \d+ s ago, longer than its maxAge of 0 s\.$/],
  ];
  for (const [title, mistaken, message] of mistakes) {
    it(`refuses ${title}`, async () => {
      const blocks = await connection.ethers.provider.getBlockNumber();
      expect(await messageOf(deployMarket(connection, mistaken()))).to.match(message);
      expect(await connection.ethers.provider.getBlockNumber()).to.equal(blocks);
    });
  }

  it("hears from the sequencer's feed whether the sequencer is up, and since when", async () => {
    const { ethers } = connection;
    const feed = await ethers.getContractAt("TestFeed", sequencer);
    const refusal = (): Promise<string> => messageOf(deployMarket(connection, sequenced(sequencer)));
    await feed.getFunction("set")(2);
    expect(await refusal()).to.match(/ answers 2, neither 0 for up nor 1 for down: check its address\.$/);
    await feed.getFunction("setAt")(1, 0);
    expect(await refusal()).to.match(/ says that the sequencer is down since 0 s, which cannot be\.$/);
    await feed.getFunction("setAt")(0, 2n ** 40n);
    expect(await refusal()).to.match(/ says that the sequencer is up since 1099511627776 s, which cannot be\.$/);
    await feed.getFunction("set")(0);
    const { book } = await deployMarket(connection, sequenced(sequencer));
    expect(await book.sequencerFeed()).to.equal(sequencer);
  });

  it("checks without sending anything", async () => {
    const { provider } = connection.ethers;
    const blocks = await provider.getBlockNumber();
    await checkParameters(provider, parameters);
    expect(await messageOf(checkParameters(provider, token({ decimals: 18 })))).to.match(/ has 6 decimals, not 18: /);
    expect(await messageOf(checkParameters(provider, { ...parameters, chainId: 1 }))).to.equal(
      "The parameters are for chain 1, but the network is 11155111.",
    );
    expect(await provider.getBlockNumber()).to.equal(blocks);
  });

  it("refuses a deployer without enough ether, and leaves nothing behind", async () => {
    const privateKey = `0x${"12".repeat(32)}`;
    const chain = await serveChain(SEPOLIA, undefined, [{ privateKey, balance: "1000000000000000" }]);
    try {
      expect(await messageOf(deployTo(chain.connection, () => undefined, chain.options))).to.match(
        /^0x\w+ has 0\.001 ETH on localhost, and the deployment takes up to 0\.\d+ ETH at the present gas price: send it some\.$/,
      );
      expect(existsSync(chain.journal)).to.equal(false);
    } finally {
      await chain.close();
    }
  });

  it("refuses a chain without parameters", async () => {
    const directory = await mkdtemp(join(tmpdir(), "ballast-parameters-"));
    try {
      const run = (): Promise<unknown> => deployTo(connection, () => undefined, { parametersDirectory: directory });
      expect(await messageOf(run())).to.match(
        /^There are no parameters for chain 11155111: write .*11155111\.json first\.$/,
      );
      await writeFile(join(directory, "11155111.json"), "[]");
      expect(await messageOf(run())).to.match(/11155111\.json: the file is \[\], but must be an object\.$/);
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  async function standIn({ symbol, decimals }: TokenParameters): Promise<TokenParameters> {
    const contract = await connection.ethers.deployContract("TestToken", [symbol, symbol, decimals]);
    return { symbol, decimals, address: await contract.getAddress() };
  }

  /** A real aggregator of the first account, answering a price in whole units. */
  async function standInFeed(expected: FeedParameters, price: bigint): Promise<FeedParameters> {
    const { ethers } = connection;
    const [account] = await ethers.getSigners();
    const { decimals, description } = expected;
    const [none, limits] = [ethers.ZeroAddress, [1n, 2n ** 191n - 1n]];
    const aggregator = await ethers.deployContract("FluxAggregator", [
      none,
      0,
      600,
      none,
      ...limits,
      decimals,
      description,
    ]);
    await aggregator.getFunction("changeOracles")([], [account], [account], 1, 1, 0);
    await aggregator.getFunction("submit")(1, price * 10n ** BigInt(decimals));
    return { ...expected, source: await aggregator.getAddress() };
  }
});

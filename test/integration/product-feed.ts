import { expect } from "chai";
import { parseUnits, ZeroAddress, type BaseContract } from "ethers";

import type { ProductFeed } from "../../typechain-types/index.ts";
import { deployChainlinkFeed } from "../helpers/chainlink.ts";
import { clock, ethers, HOUR } from "../helpers/chain.ts";
import { deployProductFeed } from "../helpers/contracts.ts";
import { DEAD_MODES, deployMock, FeedMode, type TestFeed } from "../helpers/mocks.ts";

/** What a call costs before the feed runs: 21,000 and its four bytes. */
const CALL_GAS = 21_064n;
/** What a book grants a feed. */
const GAS_BUDGET = 150_000n;
/** The account of the feed itself is cold when a book reads it. */
const COLD_ACCOUNT = 2_600n;
/** The largest answer that is multiplied. */
const MAX_ANSWER = 2n ** 127n - 1n;

const RATE = "1.234567890123456789";
const PRICE = "2345.67891234";

interface Sources {
  product: ProductFeed;
  rateFeed: TestFeed;
  priceFeed: TestFeed;
}

/** A rate of 1.2 and a price of 2,500 dollars. */
async function productOf(rateDecimals = 18, priceDecimals = 8): Promise<Sources> {
  const rateFeed = await deployMock<TestFeed>("TestFeed", rateDecimals, parseUnits("1.2", rateDecimals));
  const priceFeed = await deployMock<TestFeed>("TestFeed", priceDecimals, parseUnits("2500", priceDecimals));
  return { product: await deployProductFeed(rateFeed, priceFeed), rateFeed, priceFeed };
}

describe("A product feed", () => {
  describe("over test feeds", () => {
    for (const [rateDecimals, priceDecimals] of [
      [8, 8],
      [8, 18],
      [18, 8],
      [18, 18],
    ] as const) {
      it(`of ${String(rateDecimals)} and ${String(priceDecimals)} decimals answers rate × price, rounded down`, async () => {
        const { product, rateFeed, priceFeed } = await productOf(rateDecimals, priceDecimals);
        expect(await product.decimals()).to.equal(priceDecimals);
        expect((await product.latestRoundData()).answer).to.equal(parseUnits("3000", priceDecimals));
        const rate = parseUnits(RATE.slice(0, 2 + rateDecimals), rateDecimals);
        const price = parseUnits(PRICE, priceDecimals);
        await rateFeed.set(rate);
        await priceFeed.set(price);
        expect((await product.latestRoundData()).answer).to.equal((rate * price) / 10n ** BigInt(rateDecimals));
      });
    }

    it("names its sources, in code and in words", async () => {
      const { product, rateFeed, priceFeed } = await productOf();
      expect(await product.RATE_FEED()).to.equal(await rateFeed.getAddress());
      expect(await product.PRICE_FEED()).to.equal(await priceFeed.getAddress());
      expect(await product.description()).to.equal("TEST / USD x TEST / USD");
      expect([await product.version(), await product.MAX_DECIMALS(), await product.MAX_ANSWER()]).to.deep.equal([
        ...[1n, 18n, MAX_ANSWER],
      ]);
    });

    it("is as old as the older source, whichever that is", async () => {
      const { product, rateFeed, priceFeed } = await productOf();
      const now = clock.now();
      const times = async (): Promise<bigint[]> => {
        const { startedAt, updatedAt } = await product.latestRoundData();
        return [startedAt, updatedAt];
      };
      for (const [rateTime, priceTime, older] of [
        [now - 20n * HOUR, now - HOUR, now - 20n * HOUR],
        [now - 60n, now - HOUR, now - HOUR],
        [now, now, now],
        [0n, now, 0n],
        [now, 0n, 0n],
      ] as const) {
        await rateFeed.setAt(parseUnits("1.2", 18), rateTime);
        await priceFeed.setAt(parseUnits("2500", 8), priceTime);
        expect(await times()).to.deep.equal([older, older]);
      }
    });

    it("is in the future if a source is, so that no reader takes it for live", async () => {
      const { product, rateFeed, priceFeed } = await productOf();
      const now = clock.now();
      await rateFeed.setAt(parseUnits("1.2", 18), now + 1n);
      expect((await product.latestRoundData()).updatedAt).to.equal(now + 1n);
      await priceFeed.setAt(parseUnits("2500", 8), now + 2n);
      expect((await product.latestRoundData()).updatedAt).to.equal(now + 2n);
      await rateFeed.setAt(parseUnits("1.2", 18), now);
      expect((await product.latestRoundData()).updatedAt).to.equal(now + 2n);
    });

    it("answers 0 when a source answers 0 or less", async () => {
      const { product, rateFeed, priceFeed } = await productOf();
      const [rate, price] = [parseUnits("1.2", 18), parseUnits("2500", 8)];
      for (const dead of [0n, -1n, -(2n ** 255n)]) {
        for (const [rateAnswer, priceAnswer] of [
          [dead, price],
          [rate, dead],
          [dead, dead],
        ] as const) {
          await rateFeed.set(rateAnswer);
          await priceFeed.set(priceAnswer);
          expect((await product.latestRoundData()).answer).to.equal(0n);
        }
      }
    });

    it("multiplies answers up to 127 bits, and refuses larger ones with both", async () => {
      const { product, rateFeed, priceFeed } = await productOf();
      await rateFeed.set(MAX_ANSWER);
      await priceFeed.set(MAX_ANSWER);
      expect((await product.latestRoundData()).answer).to.equal((MAX_ANSWER * MAX_ANSWER) / 10n ** 18n);
      for (const [rate, price] of [
        [MAX_ANSWER + 1n, 1n],
        [1n, MAX_ANSWER + 1n],
        [2n ** 255n - 1n, 2n ** 255n - 1n],
      ] as const) {
        await rateFeed.set(rate);
        await priceFeed.set(price);
        await expect(product.latestRoundData())
          .to.be.revertedWithCustomError(product, "AnswerTooLarge")
          .withArgs(rate, price, MAX_ANSWER);
      }
    });

    for (const mode of DEAD_MODES) {
      it(`reverts when either source gives no answer (${mode})`, async () => {
        const { product, rateFeed, priceFeed } = await productOf();
        const read = async (): Promise<unknown> => product.latestRoundData({ gasLimit: CALL_GAS + GAS_BUDGET });
        await read();
        for (const feed of [rateFeed, priceFeed]) {
          await feed.setMode(FeedMode[mode]);
          await expect(read()).to.be.revert(ethers);
          await feed.setMode(FeedMode.answer);
        }
      });
    }

    it("keeps no rounds", async () => {
      const { product } = await productOf();
      await expect(product.getRoundData(7n)).to.be.revertedWithCustomError(product, "RoundsNotKept").withArgs(7n);
    });
  });

  describe("is not created", () => {
    const create = async (rateFeed: BaseContract | string, priceFeed: BaseContract | string): Promise<unknown> =>
      deployProductFeed(rateFeed, priceFeed);

    it("over an address without a contract", async () => {
      const { product, rateFeed } = await productOf();
      const nobody = `0x${"12".repeat(20)}`;
      for (const missing of [ZeroAddress, nobody]) {
        for (const [rate, price] of [
          [missing, rateFeed],
          [rateFeed, missing],
        ] as const) {
          await expect(create(rate, price)).to.be.revertedWithCustomError(product, "InvalidFeed").withArgs(missing);
        }
      }
    });

    it("over a feed with more than 18 decimals", async () => {
      const { product, rateFeed } = await productOf();
      const fine = await deployMock<TestFeed>("TestFeed", 19, 1n);
      const address = await fine.getAddress();
      for (const [rate, price] of [
        [fine, rateFeed],
        [rateFeed, fine],
      ] as const) {
        await expect(create(rate, price))
          .to.be.revertedWithCustomError(product, "TooManyDecimals")
          .withArgs(address, 19n, 18n);
      }
    });

    it("over a contract that has no decimals", async () => {
      const { rateFeed } = await productOf();
      const actor = await deployMock("CallbackActor");
      await expect(create(actor, rateFeed)).to.be.revert(ethers);
      await expect(create(rateFeed, actor)).to.be.revert(ethers);
    });
  });

  describe("over Chainlink's own contracts", () => {
    it("tells of the wrapper in dollars, with the price feed's round", async () => {
      const rate = await deployChainlinkFeed("wstETH / stETH", 18, "1.2");
      const price = await deployChainlinkFeed("ETH / USD", 8, "2500");
      const product = await deployProductFeed(rate.proxy, price.proxy);
      const rateTime = clock.now();
      await clock.advance(HOUR);
      await price.submit("2600.5");
      const round = (1n << 64n) + 2n; // the proxy puts its phase, 1, above the aggregator's round
      expect(await product.latestRoundData()).to.deep.equal([round, 312_060_000_000n, rateTime, rateTime, round]);
      expect(await product.description()).to.equal("wstETH / stETH x ETH / USD");
    });

    it("takes a third of the gas that a book grants a feed, every slot cold", async () => {
      const rate = await deployChainlinkFeed("wstETH / stETH", 18, "1.2");
      const price = await deployChainlinkFeed("ETH / USD", 8, "2500");
      const product = await deployProductFeed(rate.proxy, price.proxy);
      const gas = (await product.latestRoundData.estimateGas()) - CALL_GAS + COLD_ACCOUNT;
      expect(gas).to.be.below(GAS_BUDGET / 3n);
      // An estimate is what suffices, so a third of the budget does.
      const answer = await product.latestRoundData({ gasLimit: CALL_GAS + GAS_BUDGET / 3n });
      expect(answer.answer).to.equal(parseUnits("3000", 8));
    });
  });
});

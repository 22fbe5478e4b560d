import { expect } from "chai";
import { MaxUint256, type ContractTransactionResponse } from "ethers";

import { networkHelpers } from "../helpers/chain.ts";
import { setCap, type Candidate, type FeedConfig } from "../helpers/governance.ts";
import {
  deployMarket,
  dollars,
  FEED_AGE,
  link,
  MAJOR_TERMS,
  MINOR_TERMS,
  openLoan,
  usdc,
  wbtc,
  weth,
  type Market,
} from "../helpers/market.ts";
import { deployMock, FeedMode, type TestFeed } from "../helpers/mocks.ts";
import { greedyOrder } from "./scene.ts";

/** The most gas that a transaction may bring (EIP-7825). */
const MOST_GAS = 2n ** 24n;

/** What a feed that burns its budget costs a call. */
const BUDGET = 150_000n;

/** Four listings with two sources each; the last is the first's token once more. */
const ETHER = 3n;
const BITCOIN = 4n;
const CHAIN = 5n;
const ETHER_AGAIN = 6n;

interface Scene extends Market {
  twins: TestFeed[];
  id: bigint;
}

/** A loan of 30,000 on four assets with two sources each: 45,000 dollars. */
async function fullLoan(): Promise<Scene> {
  const twins: TestFeed[] = [];
  for (const price of ["2,000", "60,000", "15", "2,000"]) {
    twins.push(await deployMock<TestFeed>("TestFeed", 8, dollars(price)));
  }
  const source = (feed: TestFeed | undefined, least: string, most: string): FeedConfig => {
    if (feed === undefined) throw new Error("There are four twins.");
    return { feed, maxAge: FEED_AGE, minAnswer: dollars(least), maxAnswer: dollars(most) };
  };
  const market = await deployMarket({
    more: ({ weth: ether, wbtc: bitcoin, link: chain, feeds }): Candidate[] =>
      [
        { token: ether, terms: MAJOR_TERMS, feed: feeds.weth, least: "10", most: "100,000" },
        { token: bitcoin, terms: MAJOR_TERMS, feed: feeds.wbtc, least: "100", most: "5,000,000" },
        { token: chain, terms: MINOR_TERMS, feed: feeds.link, least: "0.1", most: "10,000" },
        { token: ether, terms: MINOR_TERMS, feed: feeds.weth, least: "10", most: "100,000" },
      ].map(({ token, terms, feed, least, most }, i) => ({
        token,
        terms,
        feed: source(feed, least, most),
        secondFeed: source(twins[i], least, most),
        cap: 2n ** 95n,
      })),
  });
  const pledges: [bigint, bigint][] = [
    [ETHER, weth("5")],
    [BITCOIN, wbtc("0.5")],
    [CHAIN, link("100")],
    [ETHER_AGAIN, weth("1.75")],
  ];
  const id = await openLoan(market, { pledges, amount: usdc("30,000") });
  return { ...market, twins, id };
}

async function gasOf(call: Promise<ContractTransactionResponse>): Promise<bigint> {
  const receipt = await (await call).wait();
  return receipt?.gasUsed ?? expect.fail("no receipt");
}

describe("Attacks on exits", () => {
  // Feeds as a gas bomb: eight of them under one loan, and the loan asset's.
  it("nine feeds that burn all they get cost an exit nothing: none of them is asked", async () => {
    const { book, borrower, stranger, feeds, twins, id } = await networkHelpers.loadFixture(fullLoan);
    const all = [...Object.values(feeds), ...twins];
    const exits = async (): Promise<bigint[]> => {
      const snapshot = await networkHelpers.takeSnapshot();
      const spent = [
        await gasOf(book.connect(stranger).pledge(id, ETHER, 1n)),
        await gasOf(book.connect(stranger).repay(id, usdc("29,900"))),
        await gasOf(book.connect(borrower).repay(id, MaxUint256)),
        await gasOf(book.connect(borrower).release(id, ETHER_AGAIN, MaxUint256, borrower)),
        await gasOf(book.connect(borrower).close(id, 0n, borrower)),
      ];
      await snapshot.restore();
      return spent;
    };
    const before = await exits();
    for (const feed of all) await feed.setMode(FeedMode.burnGas);
    expect(await exits()).to.deep.equal(before);
    for (const spent of before) expect(spent).to.be.lt(300_000n);
  });

  it("what has to ask feeds that burn all fits a transaction many times over, and is decided on what is left", async () => {
    const scene = await networkHelpers.loadFixture(fullLoan);
    const { book, borrower, keeper, feeds, twins, id } = scene;
    const [, , ...rest] = twins;
    for (const feed of [feeds.wbtc, feeds.link, twins[1], ...rest]) await feed?.setMode(FeedMode.burnGas);
    const limit = 9n * ((BUDGET * 64n) / 63n + 25_000n) + 300_000n; // eight sources and the loan asset's
    expect(limit).to.be.lt(MOST_GAS / 8n);
    const brought = { gasLimit: limit };

    // Bitcoin at its bound is worth half of 5,000,000: no line of this loan is near, and only ether carries a draw.
    expect((await book.healthOf(id, brought)).borrowLimit).to.equal(usdc("7,800"));
    await expect(book.connect(borrower).borrow(id, 1n, borrower, brought)).to.be.revertedWithCustomError(
      book,
      "AboveBorrowLimit",
    );
    await expect(book.connect(keeper).liquidate(greedyOrder(id, ETHER), "0x", brought)).to.be.revertedWithCustomError(
      book,
      "NotLiquidatable",
    );
    await book.connect(borrower).repay(id, usdc("25,000"));
    const released = await gasOf(book.connect(borrower).release(id, BITCOIN, wbtc("0.1"), borrower, brought));
    expect(released).to.be.within(6n * BUDGET, limit);
  });

  it("a cure beyond a full cap fits too, beside feeds that burn all", async () => {
    const scene = await networkHelpers.loadFixture(fullLoan);
    const { book, borrower, feeds, twins, id } = scene;
    await setCap(scene, BITCOIN, 1n);
    // One source of each is silent, the other tells of a crash: the live one counts.
    const [ether, bitcoin, chain, etherAgain] = twins;
    for (const feed of [feeds.weth, feeds.wbtc, feeds.link]) await feed.setMode(FeedMode.burnGas);
    for (const feed of [ether, etherAgain]) await feed?.set(dollars("1,200"));
    await bitcoin?.set(dollars("30,000"));
    await chain?.set(dollars("8"));
    expect((await book.healthOf(id)).callLine).to.be.lt(usdc("30,000"));

    const spent = await gasOf(book.connect(borrower).pledge(id, BITCOIN, wbtc("100")));

    const { debt, callLine } = await book.healthOf(id);
    expect(callLine).to.be.within(debt, debt + 240n); // a satoshi more of line
    expect(spent).to.be.within(3n * BUDGET, MOST_GAS / 8n);
  });
});

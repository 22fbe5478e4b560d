/** What `readMarket` and `readLoan` say, against what the contracts say of themselves in the same block. */
import { expect } from "chai";
import { toBeHex } from "ethers";

import { Random } from "../../scripts/play/random.ts";
import { connect, loansOf, readLoan, readMarket, type MarketConnection } from "../../sdk/src/calls/index.ts";
import { InvalidInputError, MissingContractError, WrongChainError } from "../../sdk/src/errors/index.ts";
import { numberOf, ownerOf, loanId as idOf } from "../../sdk/src/market/loan-id.ts";
import { viewOf, type ListingSnapshot } from "../../sdk/src/market/market-snapshot.ts";
import { marginCallOf } from "../../sdk/src/math/loan-lens.ts";
import { healthOf } from "../../sdk/src/math/loan-lines.ts";
import { AFTER_GRACE, SEQUENCER_GRACE } from "../../sdk/src/math/margin-call-record.ts";
import { clock, DAY, ethers, HOUR, networkHelpers } from "../helpers/chain.ts";
import { deployMarket, dollars, loanId, openLoan, usdc, waitWithLiveFeeds, WETH, weth } from "../helpers/market.ts";
import { deployMock, FeedMode, type TestFeed } from "../helpers/mocks.ts";
import { addressesOf, addressesWith, callsScene, thrownBy } from "./calls-scene.ts";
import {
  bookFeeds,
  loanOf,
  loanScene,
  misfortunes,
  movePrices,
  pass,
  randomLoans,
  type LoanScene,
} from "./loan-scene.ts";
import { storedVault } from "../helpers/stored-vault.ts";

const HERE = "0x000000000000000000000000000000000000dEaD";

async function sixListings(): Promise<LoanScene> {
  return loanScene({ assetDecimals: 6, hasPeg: true, hasSequencer: true });
}

describe("SDK: reading a market", () => {
  it("reads vault, listings, feeds and loans as the contracts have them, whatever the feeds do", async () => {
    const scene = await networkHelpers.loadFixture(sixListings);
    const { book, vault, borrower, keeper, listings } = scene;
    const loanAsset = { symbol: "USD", decimals: 6, token: HERE, feed: HERE, secondFeed: null };
    const connection = connect(await addressesWith(scene, loanAsset), ethers.provider);
    const random = new Random(5);
    const ids = await randomLoans(scene, random);
    const looks: (() => Promise<unknown>)[] = [
      () => Promise.resolve(),
      async () => movePrices(scene, random, 0.9),
      async () => misfortunes(scene, random, false),
      async () => misfortunes(scene, random, true),
    ];
    for (const [place, prepare] of looks.entries()) {
      await pass(scene, 3n * DAY);
      await prepare();
      const market = await readMarket(connection);
      expect(market.now).to.equal(clock.now());
      const { vault: stored, limits } = await storedVault(vault);
      expect(market.vault).to.deep.equal(stored);
      expect(market.depositCap).to.equal(limits.depositCap);
      expect(market.minDebt).to.equal(await book.MIN_DEBT());
      const feeds = await bookFeeds(scene);
      expect({ ...market.book, listings: [] }, `${place}`).to.deep.equal({ ...feeds, listings: [] });
      const listed: readonly ListingSnapshot[] = market.book.listings;
      for (const [number, { token, cap, held, ...listing }] of listed.entries()) {
        expect(listing, `${place}: listing ${number}`).to.deep.equal(feeds.listings[number]);
        expect(token).to.equal(await listings[number]?.token.getAddress());
        const told = await book.listings(number);
        expect([cap, held]).to.deep.equal([told.cap, told.held]);
      }
      const { board, debtIndex } = viewOf(market);
      for (const [number, { prices }] of board.listings.entries()) {
        const { forBorrowing, forLiquidation, forSeizure } = await book.pricesOf(number);
        expect(prices, `${place}: prices ${number}`).to.deep.equal({ forBorrowing, forLiquidation, forSeizure });
      }
      for (const id of ids) {
        const loan = await readLoan(connection, id);
        expect(loan).to.deep.equal(await loanOf(scene, id));
        const { debt, borrowLimit, callLine, liquidationLine } = await book.healthOf(id);
        expect(healthOf(loan, board, debtIndex)).to.deep.equal({ debt, borrowLimit, callLine, liquidationLine });
      }
    }
    const owned = await loansOf(connection, borrower.address, { count: 8 });
    expect(owned.map(({ id }) => id)).to.deep.equal(ids);
    const second = await loansOf(connection, borrower.address, { from: 1n, count: 1 });
    expect(second.map(({ id }) => numberOf(id))).to.deep.equal([1n]);
    expect((await loansOf(connection, keeper.address, { count: 2 })).map(({ id }) => id)).to.deep.equal([
      loanId(keeper),
    ]);
  });

  it("hears from a feed what the book hears: the budget of gas and the length of an answer decide", async () => {
    const scene = await networkHelpers.loadFixture(sixListings);
    const loanAsset = { symbol: "USD", decimals: 6, token: HERE, feed: HERE, secondFeed: null };
    const connection = connect(await addressesWith(scene, loanAsset), ethers.provider);
    const [feed] = scene.listings[2]?.feeds ?? [];
    const heard: string[] = [];
    for (const [name, mode] of Object.entries(FeedMode)) {
      if (name === "returnRaw") await feed?.contract.setRaw(toBeHex(7n, 159));
      await feed?.contract.setMode(mode);
      const snapshot = await readMarket(connection);
      const { forBorrowing } = await scene.book.pricesOf(2);
      expect(viewOf(snapshot).board.listings[2]?.prices.forBorrowing, name).to.equal(forBorrowing);
      if (snapshot.book.listings[2]?.source.round !== undefined) heard.push(name);
    }
    expect(heard).to.deep.equal(["answer", "returnLong", "returnPadded", "answerLate"]);
  });

  it("reads at an earlier block, and looks at it from a later time", async () => {
    const { market, addresses } = await callsScene();
    const id = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("10,000") });
    const block = await ethers.provider.getBlockNumber();
    const then = clock.now();
    await waitWithLiveFeeds(market, 9n * DAY);
    await market.book.connect(market.borrower).repay(id, usdc("5,000"));
    const connection = connect(addresses, ethers.provider);
    const before = await readMarket(connection, { block, at: clock.now() });
    expect([before.now, before.vault.lastAccrual]).to.deep.equal([clock.now(), then]);
    expect(before.vault.cash).to.equal(usdc("990,000"));
    expect((await readMarket(connection, { block })).now).to.equal(then);
    expect((await readLoan(connection, id, { block })).base).to.equal(usdc("10,000"));
    expect((await readMarket(connection)).vault.cash).to.equal(usdc("995,000"));
    for (const [field, options] of [["at", { at: then }] as const, ["block", { block: 1_000_000 }] as const]) {
      const refusal = await thrownBy(readMarket(connection, options));
      expect(refusal, field).to.be.instanceOf(InvalidInputError);
      expect(refusal).to.have.property("field", field);
    }
  });

  it("reads what is paused, and until when", async () => {
    const { market, addresses } = await callsScene();
    await market.vault.connect(market.guardian).pause(1n);
    const { pauses } = await readMarket(connect(addresses, ethers.provider));
    expect(pauses).to.deep.equal({ deposit: 0n, borrow: clock.now() + 14n * DAY, flashLoan: 0n });
  });

  it("reads a margin call as it is stored, which a sequencer that came up does not change", async () => {
    const sequencer = await deployMock<TestFeed>("TestFeed", 0, 0n);
    await sequencer.setRound(0n, clock.now() - DAY, clock.now() - DAY);
    const market = await deployMarket({ sequencerFeed: sequencer });
    const connection = connect(await addressesOf(market), ethers.provider);
    const id = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("15,500") });
    await market.feeds.weth.set(dollars("1,900"));
    await market.book.connect(market.keeper).callMargin(id);
    const calledAt = clock.now();
    await clock.advance(23n * HOUR);
    await sequencer.setRound(0n, clock.now(), clock.now());
    const [loan, snapshot] = [await readLoan(connection, id), await readMarket(connection)];
    const caller = market.keeper.address;
    expect(loan.call).to.deep.equal({ caller, calledAt, deadline: calledAt + DAY });
    const { deadline, lapse } = await market.book.marginCallOf(id);
    expect(deadline).to.equal(clock.now() + SEQUENCER_GRACE + AFTER_GRACE);
    const { board } = viewOf(snapshot);
    expect(marginCallOf(board, loan)).to.deep.equal({ caller, calledAt, deadline, lapse });
  });

  it("makes ids of owners and numbers, and owners and numbers of ids", async () => {
    const { borrower } = (await callsScene()).market;
    const most = 2n ** 96n - 1n;
    for (const number of [0n, 1n, most]) {
      const id = idOf(borrower.address, number);
      expect(id).to.equal(loanId(borrower, number));
      expect([ownerOf(id), numberOf(id)]).to.deep.equal([borrower.address, number]);
    }
    expect(ownerOf(idOf(HERE, 5n))).to.equal(HERE);
    expect(() => idOf(borrower.address, most + 1n)).to.throw(InvalidInputError, /^number is /);
    expect(() => idOf("0x12", 1n)).to.throw(InvalidInputError, /^owner is /);
    expect(() => ownerOf(5n)).to.throw(InvalidInputError, /^id is 5n; expected a loan's id/);
  });
});

describe("SDK: connecting", () => {
  it("refuses another chain and addresses without code, and looks again when asked again", async () => {
    const { addresses } = await callsScene();
    const elsewhere = connect({ ...addresses, chainId: 8453 }, ethers.provider);
    const refusal = await thrownBy(readMarket(elsewhere));
    expect(refusal).to.be.instanceOf(WrongChainError);
    expect((refusal as Error).message).to.equal(
      "The market is on chain 8453, but the connection is to chain 31337: switch to chain 8453.",
    );
    const nobody = connect({ ...addresses, book: HERE }, ethers.provider);
    const missing = await thrownBy(readMarket(nobody));
    expect(missing).to.be.instanceOf(MissingContractError);
    expect(missing).to.include({ contract: "book", address: HERE, chainId: 31337n });
    await networkHelpers.setCode(HERE, await ethers.provider.getCode(addresses.book));
    expect(await (await nobody.provider()).getBlockNumber()).to.equal(await ethers.provider.getBlockNumber());
  });

  it("looks once", async () => {
    const { addresses } = await callsScene();
    const asked: string[] = [];
    const connection = connect(addresses, {
      request: async ({ method, params }: { method: string; params?: unknown[] }): Promise<unknown> => {
        asked.push(method);
        return ethers.provider.send(method, params ?? []);
      },
    });
    await readMarket(connection);
    await readLoan(connection, idOf(HERE, 0n));
    expect(asked.filter((method) => method === "eth_getCode")).to.have.lengthOf(2);
  });

  it("refuses signers that are connected to nothing, and to send without a signer", async () => {
    const { market, addresses } = await callsScene();
    expect(() => connect(addresses, market.borrower.connect(null))).to.throw(InvalidInputError, /^runner is /);
    const reading: MarketConnection = connect(addresses, ethers.provider);
    expect(await thrownBy(reading.signer())).to.have.property("field", "runner");
  });
});

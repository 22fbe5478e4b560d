import { expect } from "chai";
import { dataSlice, MaxInt256, MaxUint256, MinInt256 } from "ethers";

import { clock, networkHelpers } from "../helpers/chain.ts";
import { setCap } from "../helpers/governance.ts";
import { NO_LOAN } from "../helpers/loans.ts";
import { DAY, dollars, HOUR, loanId, openLoan, usdc, WETH, weth } from "../helpers/market.ts";
import { encodedRound, SILENCES } from "../helpers/misbehaviour.ts";
import { FeedMode, type TestFeed } from "../helpers/mocks.ts";
import { tell } from "../helpers/pairs.ts";
import { DOWN, sequencedMarket, tellSequencer, UP, type SequencedMarket } from "../helpers/sequencer.ts";

type Scene = SequencedMarket & { id: bigint };

/** A loan of 10,000 on ten ether. */
async function scene(): Promise<Scene> {
  const market = await sequencedMarket();
  const id = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("10,000") });
  return { ...market, id };
}

/** What the sequencer gates. */
function gatedCalls({ book, borrower, id }: Scene): (() => Promise<unknown>)[] {
  const pledges = [{ listing: WETH, amount: weth("10") }];
  return [
    async () => book.connect(borrower).borrow(id, usdc("100"), borrower),
    async () => book.connect(borrower).open(loanId(borrower, 2n), pledges, usdc("100"), borrower),
    async () => book.connect(borrower).release(id, WETH, weth("1"), borrower),
  ];
}

/** Every gated call is refused, with what is known of the sequencer. */
async function expectGated(market: Scene, upSince: bigint): Promise<void> {
  const { book } = market;
  for (const call of gatedCalls(market)) {
    await expect(call()).to.be.revertedWithCustomError(book, "SequencerNotReady").withArgs(upSince, HOUR);
  }
}

/** Every gated call goes through, and changes what it should. */
async function expectOpen(market: Scene): Promise<void> {
  const { book, borrower, usdc: asset, id } = market;
  const before = await asset.balanceOf(borrower);
  for (const call of gatedCalls(market)) await call();
  expect(await asset.balanceOf(borrower)).to.equal(before + usdc("200"));
  expect(await book.pledgeOf(id, WETH)).to.equal(weth("9"));
}

type Ailment = [name: string, infect: (sequencer: TestFeed) => Promise<unknown>];

const longAgo = (): bigint => clock.now() - DAY;

/** Nothing that can be understood: as good as down. */
const AILMENTS: Ailment[] = [
  ...SILENCES.map(({ name, infect }): Ailment => {
    // A feed without limits: an uptime feed has none.
    const limits = { answer: UP, minAnswer: 0n, maxAnswer: 0n, maxAge: 0n };
    return [name, async (feed) => infect({ feed, ...limits })];
  }),
  ["returns 159 bytes of an old round", async (feed) => feed.setRaw(dataSlice(encodedRound(UP, 1n, 1n), 0, 159))],
  ["returns 160 bytes of 0xff", async (feed) => feed.setRaw(`0x${"ff".repeat(160)}`)],
  ["returns 100,000 zeros", async (feed) => feed.setMode(FeedMode.returnLong)],
  ["answers 2", async (feed) => feed.setRound(2n, longAgo(), longAgo())],
  ["answers -1", async (feed) => feed.setRound(-1n, longAgo(), longAgo())],
  ["answers the least integer", async (feed) => feed.setRound(MinInt256, longAgo(), longAgo())],
  ["answers the largest integer", async (feed) => feed.setRound(MaxInt256, longAgo(), longAgo())],
  ["never started", async (feed) => feed.setRound(UP, 0n, longAgo())],
  ["started a second from now", async (feed) => feed.setRound(UP, clock.now() + 1n, clock.now())],
  ["started at the end of time", async (feed) => feed.setRound(UP, MaxUint256, clock.now())],
];

/** Odd, and yet up. */
const ODDITIES: Ailment[] = [
  ["was never updated since it started", async (feed) => feed.setRound(UP, longAgo(), 0n)],
  ["was updated at the end of time", async (feed) => feed.setRound(UP, longAgo(), MaxUint256)],
  ["started in 1970", async (feed) => feed.setRound(UP, 1n, 1n)],
  ["returns 160 bytes exactly", async (feed) => feed.setRaw(encodedRound(UP, longAgo(), 0n))],
  ["returns its round and 100,000 bytes more", async (feed) => feed.setMode(FeedMode.returnPadded)],
  ["answers when nearly all its gas is gone", async (feed) => feed.setMode(FeedMode.answerLate)],
];

describe("A market with a sequencer", () => {
  it("says which feed it heeds", async () => {
    const { book, sequencer } = await networkHelpers.loadFixture(scene);
    expect(await book.sequencerFeed()).to.equal(await sequencer.getAddress());
  });

  it("lends while it is up", async () => {
    await expectOpen(await networkHelpers.loadFixture(scene));
  });

  it("lends when it has been up for an hour exactly, not a second less", async () => {
    const market = await networkHelpers.loadFixture(scene);
    await tellSequencer(market.sequencer, UP, HOUR - 1n);
    await expectGated(market, clock.now() - HOUR + 1n);
    await clock.advance(1n);
    await expectOpen(market);
  });

  it("does not lend in the second in which it comes up", async () => {
    const market = await networkHelpers.loadFixture(scene);
    await tellSequencer(market.sequencer, UP, 0n);
    await expectGated(market, clock.now());
  });

  for (const [name, ago] of [
    ["just now", 0n],
    ["for a month", 30n * DAY],
  ] as const) {
    it(`does not lend while it is down, ${name}`, async () => {
      const market = await networkHelpers.loadFixture(scene);
      await tellSequencer(market.sequencer, DOWN, ago);
      await expectGated(market, 0n);
    });
  }

  for (const [name, infect] of AILMENTS) {
    it(`does not lend while its feed ${name}`, async () => {
      const market = await networkHelpers.loadFixture(scene);
      await infect(market.sequencer);
      await expectGated(market, 0n);
    });
  }

  for (const [name, infect] of ODDITIES) {
    it(`lends though its feed ${name}`, async () => {
      const market = await networkHelpers.loadFixture(scene);
      await infect(market.sequencer);
      await expectOpen(market);
    });
  }

  it("is asked before the loan asset's feed, which must be live as well", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, borrower, feeds, sequencer, id } = market;
    await feeds.usdc.setMode(FeedMode.revert);
    await tellSequencer(sequencer, DOWN, HOUR);
    await expectGated(market, 0n);
    await tellSequencer(sequencer, UP, HOUR);
    await expect(book.connect(borrower).borrow(id, 1n, borrower))
      .to.be.revertedWithCustomError(book, "LoanAssetFeedNotLive")
      .withArgs(await feeds.usdc.getAddress());
  });

  // What it does not gate, in each of its states that refuse a borrow.
  for (const [name, silence] of [
    ["down", async (feed: TestFeed) => tellSequencer(feed, DOWN, HOUR)],
    ["up for a minute", async (feed: TestFeed) => tellSequencer(feed, UP, 60n)],
    ["dead", async (feed: TestFeed) => feed.setMode(FeedMode.burnGas)],
  ] as const) {
    describe(`while its sequencer is ${name}`, () => {
      async function ungated(): Promise<Scene> {
        const market = await scene();
        await silence(market.sequencer);
        return market;
      }

      it("takes repayments and pledges, first ones too, and lets go what owes nothing", async () => {
        const market = await networkHelpers.loadFixture(ungated);
        const { book, borrower, stranger, pairs, id } = market;
        await book.connect(stranger).repay(id, usdc("1,000"));
        await book.connect(stranger).pledge(id, WETH, weth("1"));
        await book.connect(borrower).pledge(id, pairs.fine.listing, weth("1"));
        await book.connect(borrower).pledge(loanId(borrower, 2n), WETH, weth("2"));
        await book.connect(borrower).release(loanId(borrower, 2n), WETH, weth("1"), borrower);
        await book.connect(borrower).close(loanId(borrower, 2n), 0n, borrower);
        await book.connect(borrower).close(id, MaxUint256, borrower);
        expect(await market.weth.balanceOf(borrower)).to.equal(weth("10,001")); // one was the stranger's
        expect(await book.loan(id)).to.deep.equal(NO_LOAN);
      });

      it("lets a full cap make room for a cure", async () => {
        const market = await networkHelpers.loadFixture(ungated);
        const { book, borrower, feeds, id } = market;
        await setCap(market, WETH, 0n);
        await feeds.weth.set(dollars("1,000")); // a call line of 8,000: 2,000 / 0.8 / 1,000 are missing
        await book.connect(borrower).pledge(id, WETH, weth("5"));
        expect(await book.pledgeOf(id, WETH)).to.equal(weth("12.5"));
      });

      it("liquidates what is above its line, alone and in a batch", async () => {
        const market = await networkHelpers.loadFixture(ungated);
        const { book, keeper, feeds, id } = market;
        await feeds.weth.set(dollars("1,150"));
        const order = { id, listing: WETH, maxRepay: usdc("100"), minSeized: 0n };
        await expect(book.connect(keeper).liquidate(order, "0x")).to.emit(book, "Liquidated");
        await expect(book.connect(keeper).liquidateBatch([order], "0x")).to.emit(book, "Liquidated");
        expect(await book.debtOf(id)).to.equal(usdc("9,800"));
      });

      it("writes off what is worthless", async () => {
        const market = await networkHelpers.loadFixture(ungated);
        const { book, keeper, stranger, pairs, sequencer } = market;
        await tellSequencer(sequencer, UP, DAY);
        await sequencer.setMode(FeedMode.answer);
        const { listing } = pairs.fine;
        const id = await openLoan(market, { pledges: [[listing, weth("0.1")]], amount: usdc("150"), owner: stranger });
        await silence(sequencer);
        await tell(pairs.fine, "10", "49.99"); // 4.999 dollars
        await expect(book.connect(keeper).writeOff(id))
          .to.emit(book, "WrittenOff")
          .withArgs(id, keeper.address, usdc("150"));
      });

      it("shows prices and health as ever", async () => {
        const { book, pairs, id } = await networkHelpers.loadFixture(ungated);
        const health = [usdc("10,000"), usdc("15,600"), usdc("16,000"), usdc("17,200")];
        expect(await book.healthOf(id)).to.deep.equal(health);
        expect((await book.pricesOf(pairs.fine.listing)).forBorrowing).to.equal(2_000n * 10n ** 24n);
      });
    });
  }
});

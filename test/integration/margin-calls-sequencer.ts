import { expect } from "chai";

import type { LoanLens } from "../../typechain-types/index.ts";
import { clock, networkHelpers } from "../helpers/chain.ts";
import { CallState, deployLens } from "../helpers/loan-lens.ts";
import {
  CURE,
  DEBT,
  etherPledge,
  expectCall,
  expectNoCall,
  expectSale,
  figures,
  goTo,
  HALF_WAY,
  LAPSE,
  orderFor,
  SOFT_RAMP,
  type Scene,
} from "../helpers/margin-calls.ts";
import { dollars, HOUR, openLoan, usdc, WETH, weth } from "../helpers/market.ts";
import { FeedMode, type TestFeed } from "../helpers/mocks.ts";
import { DOWN, sequencedMarket, tellSequencer, UP } from "../helpers/sequencer.ts";

/** An hour of grace, and four after it. [s] */
const NOTICE = 5n * HOUR;

type SequencedScene = Scene & { sequencer: TestFeed; lens: LoanLens };
type CalledScene = SequencedScene & { calledAt: bigint; deadline: bigint };

/** A loan half way between its lines, on a chain whose sequencer has long been up. */
async function callable(): Promise<SequencedScene> {
  const market = await sequencedMarket();
  const id = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: DEBT });
  await market.feeds.weth.set(dollars(HALF_WAY));
  return { ...market, id, lens: await deployLens() };
}

/** The same, called by the stranger, an hour before the sequencer goes down. */
async function outage(): Promise<CalledScene> {
  const scene = await callable();
  await scene.book.connect(scene.stranger).callMargin(scene.id);
  const calledAt = clock.now();
  await goTo(scene, calledAt + HOUR);
  await tellSequencer(scene.sequencer, DOWN, 0n);
  return { ...scene, calledAt, deadline: calledAt + CURE };
}

/** The same, up again some seconds after the deadline. */
async function upAfter(seconds: bigint): Promise<CalledScene> {
  const scene = await networkHelpers.loadFixture(outage);
  await goTo(scene, scene.deadline + seconds);
  await tellSequencer(scene.sequencer, UP, 0n);
  return scene;
}

/** The call of an outage, with the deadline as it counts now; and what the lens makes of it. */
async function expectStands(scene: CalledScene, deadline: bigint, state: bigint): Promise<void> {
  const { book, stranger, calledAt, lens, id } = scene;
  await expectCall(book, id, { caller: stranger, calledAt, deadline });
  expect(await lens.marginCallState(book, id)).to.equal(state);
}

/** The keeper cannot buy, and the lens says why before. */
async function expectRefused({ book, lens, keeper, id }: SequencedScene, error: string, args: bigint[]): Promise<void> {
  await expect(book.connect(keeper).liquidate(orderFor(id), "0x"))
    .to.be.revertedWithCustomError(book, error)
    .withArgs(...args);
  const preview = await lens.previewLiquidation(book, orderFor(id));
  expect(preview.refusal).to.equal(book.interface.encodeErrorResult(error, args));
  expect([preview.isLiquidatable, preview.isSoft]).to.deep.equal([false, false]);
  expect(await lens.liquidatable(book, [id])).to.deep.equal([]);
}

/** The keeper can. */
async function expectDue({ book, lens, keeper, id }: SequencedScene): Promise<void> {
  const order = orderFor(id, WETH, usdc("100"));
  const preview = await lens.previewLiquidation(book, order);
  expect([preview.isLiquidatable, preview.isSoft, preview.refusal]).to.deep.equal([true, true, "0x"]);
  expect(await lens.liquidatable(book, [id])).to.deep.equal([id]);
  await expect(book.connect(keeper).liquidate(order, "0x")).to.emit(book, "Liquidated");
}

describe("A margin call on a chain with a sequencer", () => {
  // Notice harms nobody: only what needs a price of the moment is gated, see section 7 of the design.
  for (const [name, silence] of [
    ["down", async (feed: TestFeed) => tellSequencer(feed, DOWN, HOUR)],
    ["up for a minute", async (feed: TestFeed) => tellSequencer(feed, UP, 60n)],
    ["dead", async (feed: TestFeed) => feed.setMode(FeedMode.burnGas)],
  ] as const) {
    it(`is made, cured and cleared while it is ${name}, with a day's notice`, async () => {
      const scene = await networkHelpers.loadFixture(callable);
      const { book, borrower, stranger, sequencer, lens, feeds, id } = scene;
      await silence(sequencer);
      expect(await lens.callable(book, [id])).to.deep.equal([id]);
      for (const call of [
        async () => book.connect(stranger).callMargin(id),
        async () => book.connect(stranger).callMarginBatch([id]),
      ]) {
        await call();
        await expectCall(book, id, { caller: stranger, calledAt: clock.now() });
        const snapshot = await networkHelpers.takeSnapshot();
        await book.connect(borrower).repay(id, usdc("540"));
        await expectNoCall(book, id);
        await snapshot.restore();
        await feeds.weth.set(dollars("1,916"));
        await book.connect(stranger).clearMarginCall(id);
        await expectNoCall(book, id);
        await feeds.weth.set(dollars(HALF_WAY));
      }
    });
  }

  it("made while it is down has its day, and more only if that leaves less than five hours", async () => {
    const scene = await networkHelpers.loadFixture(callable);
    const { book, stranger, sequencer, id } = scene;
    await tellSequencer(sequencer, DOWN, 0n);
    await book.connect(stranger).callMargin(id);
    const calledAt = clock.now();
    for (const [after, deadline] of [
      [1n, CURE],
      [CURE - NOTICE, CURE],
      [CURE - 60n, CURE - 60n + NOTICE],
    ] as const) {
      await goTo(scene, calledAt + after);
      await tellSequencer(sequencer, UP, 0n);
      await expectCall(book, id, { caller: stranger, calledAt, deadline: calledAt + deadline });
    }
  });

  describe("leaves its owner five hours after an outage:", () => {
    for (const [seconds, moved] of [
      [-CURE + HOUR + 1n, 0n],
      [-NOTICE - 1n, 0n],
      [-NOTICE, 0n],
      [-NOTICE + 1n, 1n],
      [-1n, NOTICE - 1n],
      [0n, NOTICE],
      [LAPSE - 1n, NOTICE + LAPSE - 1n],
    ] as const) {
      it(`up ${String(seconds)} s past the deadline moves it by ${String(moved)} s, and the lapse with it`, async () => {
        const scene = await upAfter(seconds);
        const { book, keeper, id } = scene;
        const upSince = clock.now();
        const deadline = scene.deadline + moved;
        await expectStands(scene, deadline, CallState.curing);
        await expectRefused(scene, "SequencerNotReady", [upSince, HOUR]);
        await goTo(scene, upSince + HOUR - 1n);
        await expectRefused(scene, "SequencerNotReady", [upSince, HOUR]);
        await goTo(scene, upSince + HOUR);
        await expectRefused(scene, "InCurePeriod", [id, deadline]);
        await goTo(scene, deadline);
        await expectRefused(scene, "InCurePeriod", [id, deadline]);
        await goTo(scene, deadline + 1n);
        await expectStands(scene, deadline, CallState.due);
        await expectDue(scene);
        await goTo(scene, deadline + LAPSE - 1n);
        await expectStands(scene, deadline, CallState.due);
        await expect(book.connect(keeper).callMargin(id))
          .to.be.revertedWithCustomError(book, "AlreadyCalled")
          .withArgs(id, deadline);
        await expectDue(scene);
        await goTo(scene, deadline + LAPSE);
        await expectStands(scene, deadline, CallState.lapsed);
        await expectRefused(scene, "MarginCallLapsed", [id, deadline + LAPSE]);
      });
    }
  });

  it("has its bonus reckoned from the moved deadline", async () => {
    const scene = await upAfter(2n * HOUR);
    const { book, stranger, id } = scene;
    await goTo(scene, scene.deadline + 2n * HOUR + NOTICE + HOUR);
    const taken = etherPledge(weth("10"), HALF_WAY);
    const loan = figures(await book.debtOf(id), taken);
    await expectSale(scene, loan, taken, { id, overdue: HOUR, caller: stranger.address });
  });

  it("is refused a sale while it is down, before its deadline and after", async () => {
    const scene = await networkHelpers.loadFixture(outage);
    for (const [seconds, state] of [
      [0n, CallState.curing],
      [1n, CallState.due],
      [LAPSE - 1n, CallState.due],
    ] as const) {
      await goTo(scene, scene.deadline + seconds);
      await expectStands(scene, scene.deadline, state);
      await expectRefused(scene, "SequencerNotReady", [0n, HOUR]);
    }
  });

  describe("does not come back to life", () => {
    for (const seconds of [LAPSE, LAPSE + 1n, 30n * CURE]) {
      it(`when it is up ${String(seconds)} s past the deadline: it lapsed in the outage`, async () => {
        const scene = await upAfter(seconds);
        const { book, keeper, id, deadline } = scene;
        await expectStands(scene, deadline, CallState.lapsed);
        await expectRefused(scene, "MarginCallLapsed", [id, deadline + LAPSE]);
        await goTo(scene, clock.now() + HOUR);
        await expectRefused(scene, "MarginCallLapsed", [id, deadline + LAPSE]);
        await book.connect(keeper).callMargin(id);
        await expectCall(book, id, { caller: keeper, calledAt: clock.now() });
      });
    }

    it("when a second outage ends past the stored lapse: it counts what is stored, not what the first has moved", async () => {
      const scene = await upAfter(LAPSE - 1n);
      const { sequencer, deadline } = scene;
      await expectStands(scene, deadline + LAPSE - 1n + NOTICE, CallState.curing);
      await goTo(scene, deadline + LAPSE + HOUR);
      await tellSequencer(sequencer, DOWN, 0n);
      await expectStands(scene, deadline, CallState.lapsed);
      await goTo(scene, deadline + LAPSE + 2n * HOUR);
      await tellSequencer(sequencer, UP, 0n);
      await expectStands(scene, deadline, CallState.lapsed);
    });

    it("when a second outage ends before it: the notice is that of the second", async () => {
      const scene = await upAfter(HOUR);
      const { sequencer, deadline } = scene;
      await goTo(scene, deadline + 2n * HOUR);
      await tellSequencer(sequencer, DOWN, 0n);
      await goTo(scene, deadline + LAPSE - 1n);
      await tellSequencer(sequencer, UP, 0n);
      await expectStands(scene, deadline + LAPSE - 1n + NOTICE, CallState.curing);
    });
  });

  // Nobody knows then since when it is up; what it said before counts again when it answers.
  it("counts as stored while the uptime feed is dead", async () => {
    const scene = await upAfter(0n);
    const { sequencer, deadline } = scene;
    await goTo(scene, deadline + NOTICE + 1n);
    await sequencer.setMode(FeedMode.revert);
    await expectStands(scene, deadline, CallState.due);
    await expectRefused(scene, "SequencerNotReady", [0n, HOUR]);
    await sequencer.setMode(FeedMode.answer);
    await expectStands(scene, deadline + NOTICE, CallState.due);
    await expectDue(scene);
  });

  it("reads as lapsed past the stored lapse while the uptime feed is dead, and can be replaced", async () => {
    const scene = await upAfter(LAPSE - 1n);
    const { book, keeper, sequencer, deadline, id } = scene;
    await goTo(scene, deadline + LAPSE);
    await sequencer.setMode(FeedMode.revert);
    await expectStands(scene, deadline, CallState.lapsed);
    const snapshot = await networkHelpers.takeSnapshot();
    await sequencer.setMode(FeedMode.answer);
    await expectStands(scene, deadline + LAPSE - 1n + NOTICE, CallState.curing);
    await snapshot.restore();
    await book.connect(keeper).callMargin(id);
    const calledAt = clock.now();
    await sequencer.setMode(FeedMode.answer);
    await expectCall(book, id, { caller: keeper, calledAt });
  });

  for (const [name, silence] of [
    ["down", async (feed: TestFeed) => tellSequencer(feed, DOWN, HOUR)],
    ["up for a minute", async (feed: TestFeed) => tellSequencer(feed, UP, 60n)],
    ["dead", async (feed: TestFeed) => feed.setMode(FeedMode.revert)],
  ] as const) {
    it(`does not touch a hard liquidation while it is ${name}: no soft bonus, the credit as ever`, async () => {
      const scene = await networkHelpers.loadFixture(callable);
      const { book, stranger, sequencer, feeds, id } = scene;
      await book.connect(stranger).callMargin(id);
      await goTo(scene, clock.now() + CURE + SOFT_RAMP);
      await feeds.weth.set(dollars("1,730"));
      await silence(sequencer);
      const taken = etherPledge(weth("10"), "1,730");
      const loan = figures(await book.debtOf(id), taken);
      await expectSale(scene, loan, taken, { id, overdue: 0n, caller: stranger.address });
    });
  }
});

import { expect } from "chai";

import { clock, networkHelpers } from "../helpers/chain.ts";
import { CURE, DEBT, expectCall, HALF_WAY, LAPSE } from "../helpers/margin-calls.ts";
import { dollars, HOUR, openLoan, usdc, waitWithLiveFeeds, WETH, weth } from "../helpers/market.ts";
import { DOWN, sequencedMarket, tellSequencer, UP, type SequencedMarket } from "../helpers/sequencer.ts";
import { greedyOrder } from "./scene.ts";

type Scene = SequencedMarket & { id: bigint; deadline: bigint };

/** A called loan on a chain whose sequencer has been up for a month. */
async function called(): Promise<Scene> {
  const market = await sequencedMarket();
  const id = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: DEBT });
  await market.feeds.weth.set(dollars(HALF_WAY));
  await market.book.connect(market.stranger).callMargin(id);
  return { ...market, id, deadline: clock.now() + CURE };
}

/** Why the loan cannot be sold now; empty if it can. */
async function refusal({ book, keeper, id }: Scene): Promise<string> {
  try {
    await book.connect(keeper).liquidate.staticCall(greedyOrder(id), "0x");
    return "";
  } catch (error) {
    return book.interface.parseError((error as { data: string }).data)?.name ?? "unknown";
  }
}

describe("Attacks with the sequencer's word", () => {
  /**
   * An owner has five hours after each outage, so that a sequencer that fails every four hours keeps soft sales away as long as it does.
   * It moves one call by less than 17 hours, and what is above the liquidation line is sold all the while.
   */
  it("one that fails every four hours puts off a soft sale, never a hard one, and each call by 13 hours", async () => {
    const scene = await networkHelpers.loadFixture(called);
    const { book, stranger, sequencer, feeds, id } = scene;
    let [calls, latest] = [1, 0n];
    for (let round = 0; round < 30; round++) {
      await waitWithLiveFeeds(scene, 4n * HOUR - 60n);
      expect(await refusal(scene)).to.be.oneOf(["InCurePeriod", "MarginCallLapsed"]);
      await tellSequencer(sequencer, DOWN, 0n);
      await waitWithLiveFeeds(scene, 60n);
      await tellSequencer(sequencer, UP, 0n);
      expect(await refusal(scene)).to.be.oneOf(["SequencerNotReady", "MarginCallLapsed"]);

      const { deadline, calledAt, lapse } = await book.marginCallOf(id);
      if (deadline - calledAt - CURE > latest) latest = deadline - calledAt - CURE;
      if (clock.now() >= lapse) {
        await book.connect(stranger).callMargin(id);
        calls++;
      }
      await feeds.weth.set(dollars("1,730"));
      expect(await refusal(scene)).to.equal("");
      await feeds.weth.set(dollars(HALF_WAY));
    }
    expect(calls).to.equal(4); // in five days: one in 36 hours
    expect(latest).to.equal(13n * HOUR); // the last outage before a lapse ends four hours before it

    // Once it holds, the call that stands is due after its day, or five hours after the last outage.
    const { deadline } = await book.marginCallOf(id);
    await waitWithLiveFeeds(scene, deadline - clock.now());
    expect(await refusal(scene)).to.equal("InCurePeriod");
    await waitWithLiveFeeds(scene, 1n);
    expect(await refusal(scene)).to.equal("");
  });

  /**
   * What the feed says of an outage arrives later than the outage. If it tells of one that ended before a lapse only after it, the call,
   * which read as lapsed, stands again: its owner has the five hours less the delay.
   */
  it("late news of an outage before the lapse bring a call back, with the five hours less the delay; what was done meanwhile stays", async () => {
    const scene = await networkHelpers.loadFixture(called);
    const { book, borrower, keeper, sequencer, id, deadline } = scene;
    const delay = 600n;
    await waitWithLiveFeeds(scene, CURE + LAPSE + delay - 60n);
    expect(await refusal(scene)).to.equal("MarginCallLapsed");
    const snapshot = await networkHelpers.takeSnapshot();

    await tellSequencer(sequencer, UP, delay - 59n); // a second before the lapse
    const moved = deadline + LAPSE - 1n + 5n * HOUR;
    expect((await book.marginCallOf(id)).deadline).to.equal(moved);
    expect(moved - clock.now()).to.equal(5n * HOUR - delay + 59n);
    expect(await refusal(scene)).to.equal("SequencerNotReady");
    await waitWithLiveFeeds(scene, moved - clock.now());
    expect(await refusal(scene)).to.equal("InCurePeriod");
    await book.connect(borrower).repay(id, usdc("545"));
    expect(await refusal(scene)).to.equal("NotLiquidatable");

    for (const replace of [true, false]) {
      await snapshot.restore();
      await book.connect(keeper).clearMarginCall(id);
      if (replace) await book.connect(keeper).callMargin(id);
      const calledAt = clock.now();
      await tellSequencer(sequencer, UP, delay - 59n);
      if (replace) await expectCall(book, id, { caller: keeper, calledAt });
      expect(await refusal(scene)).to.equal(replace ? "SequencerNotReady" : "NotLiquidatable");
    }
  });

  it("an outage that the feed dates after the lapse, or in the future, brings nothing back", async () => {
    const scene = await networkHelpers.loadFixture(called);
    const { book, sequencer, id, deadline } = scene;
    await waitWithLiveFeeds(scene, CURE + LAPSE + HOUR);
    for (const ago of [HOUR, 1n, 0n]) {
      await tellSequencer(sequencer, UP, ago);
      expect((await book.marginCallOf(id)).deadline, String(ago)).to.equal(deadline);
      expect(await refusal(scene), String(ago)).to.equal("MarginCallLapsed");
    }
    await sequencer.setRound(UP, clock.now() + 1n, clock.now());
    expect(await refusal(scene)).to.equal("MarginCallLapsed");
  });
});

import { expect } from "chai";

import { clock, networkHelpers } from "../helpers/chain.ts";
import { refusalOf } from "../helpers/lens.ts";
import { CallState, withLens, type LensScene } from "../helpers/loan-lens.ts";
import {
  calledWithoutPeg,
  callableLoan,
  CURE,
  expectCall,
  expectNoCall,
  fixedLoan,
  goTo,
  LAPSE,
  orderFor,
} from "../helpers/margin-calls.ts";
import { DAY, dollars, HOUR, loanId, openLoan, usdc, WBTC, wbtc, WETH, weth } from "../helpers/market.ts";
import { FeedMode } from "../helpers/mocks.ts";

/** A loan half way between its lines. */
const oneLoan = async (): Promise<LensScene> => withLens(await callableLoan());

/** A loan of two assets, 37 odd days old, called by the stranger. */
async function twoPledges(): Promise<LensScene> {
  const scene = await callableLoan();
  const { book, stranger, feeds } = scene;
  await feeds.weth.set(dollars("2,000"));
  const pledges: [bigint, bigint][] = [
    [WETH, weth("5.123456789012345678")],
    [WBTC, wbtc("0.15432109")],
  ];
  const id = await openLoan(scene, { pledges, amount: usdc("15,077.654321"), number: 2n });
  await goTo(scene, clock.now() + 37n * DAY + 12_345n);
  await feeds.weth.set(dollars("1,777.77777777"));
  await feeds.wbtc.set(dollars("59,111.11111111"));
  await book.connect(stranger).callMargin(id);
  return withLens({ ...scene, id });
}

/** A loan with a fixed rate and three weeks to go, called by the stranger: ending it early costs a fee. */
async function fixedTerm(): Promise<LensScene> {
  const scene = await fixedLoan();
  await goTo(scene, clock.now() + 9n * DAY + 77n);
  await scene.feeds.weth.set(dollars("1,777.77777777"));
  await scene.book.connect(scene.stranger).callMargin(scene.id);
  return withLens(scene);
}

/** What the lens says of a call is what the book says, in this state. */
async function expectState({ lens, book, id }: LensScene, state: bigint): Promise<void> {
  expect(await lens.marginCallState(book, id)).to.equal(state);
  const { callState, marginCall } = await lens.loanDetails(book, id);
  expect(callState).to.equal(state);
  expect(marginCall).to.deep.equal(await book.marginCallOf(id));
}

describe("Lens: margin calls", () => {
  it("where one stands: none, curing to the deadline, due to the lapse, lapsed until it is cleared", async () => {
    const scene = await networkHelpers.loadFixture(oneLoan);
    const { book, stranger, id } = scene;
    await expectState(scene, CallState.none);
    await book.connect(stranger).callMargin(id);
    const calledAt = clock.now();
    for (const [age, state] of [
      [0n, CallState.curing],
      [CURE, CallState.curing],
      [CURE + 1n, CallState.due],
      [CURE + LAPSE - 1n, CallState.due],
      [CURE + LAPSE, CallState.lapsed],
      [9n * CURE, CallState.lapsed],
    ] as const) {
      await goTo(scene, calledAt + age);
      await expectState(scene, state);
      await expectCall(book, id, { caller: stranger, calledAt });
    }
    await book.connect(stranger).clearMarginCall(id);
    await expectState(scene, CallState.none);
  });

  for (const [kind, fixture] of [
    ["an open-term loan of two assets", twoPledges],
    ["a fixed-term loan, its fee included", fixedTerm],
  ] as const) {
    it(`what cures ${kind}: exactly that, by any one of its ways, and not a unit less`, async () => {
      const scene = await networkHelpers.loadFixture(fixture);
      const { lens, book, vault, borrower, keeper, stranger, id } = scene;
      const calledAt = clock.now();
      const [repayment, additions] = await lens.amountToCure(book, id);
      expect(additions.map(({ listing }) => listing)).to.deep.equal(fixture === fixedTerm ? [WETH] : [WETH, WBTC]);
      const ways: [amount: bigint, pay: (amount: bigint) => Promise<unknown>][] = [
        [repayment, async (amount) => book.connect(keeper).repay(id, amount)],
        ...additions.map(({ listing, amount }): [bigint, (more: bigint) => Promise<unknown>] => {
          return [amount, async (more) => book.connect(borrower).pledge(id, listing, more)];
        }),
      ];
      const snapshot = await networkHelpers.takeSnapshot();
      for (const [amount, pay] of ways) {
        expect(amount).to.be.above(0n);
        await pay(amount - 1n);
        await expectCall(book, id, { caller: stranger, calledAt });
        expect((await lens.amountToCure(book, id)).repayment).to.be.above(0n);
        await snapshot.restore();
        await expect(pay(amount)).to.emit(book, "MarginCallCleared").withArgs(id);
        await expectNoCall(book, id);
        expect((await lens.amountToCure(book, id)).repayment).to.equal(0n);
        await snapshot.restore();
      }
      if (fixture === fixedTerm) {
        const { reserves } = await vault.accruedState();
        await book.connect(keeper).repay(id, repayment);
        expect((await vault.state()).reserves).to.be.above(reserves);
      }
    });
  }

  it("what cures is nothing where the price has cured, though the call stands", async () => {
    const { lens, book, feeds, id } = await networkHelpers.loadFixture(twoPledges);
    await feeds.weth.set(dollars("2,000"));
    expect(await lens.amountToCure(book, id)).to.deep.equal([
      0n,
      [
        [WETH, 0n],
        [WBTC, 0n],
      ],
    ]);
    expect(await lens.marginCallState(book, id)).to.equal(CallState.curing);
  });

  it("what cures an example: 540 dollars, or 0.375 ether", async () => {
    const { lens, book, id } = await networkHelpers.loadFixture(oneLoan);
    expect(await lens.amountToCure(book, id)).to.deep.equal([usdc("540"), [[WETH, weth("0.375")]]]);
  });

  describe("what can be called", () => {
    it("is what the book accepts, alone and in a batch, whatever the state of each loan", async () => {
      const scene = await networkHelpers.loadFixture(manyLoans);
      const { lens, book, stranger, feeds, ids } = scene;
      for (const [price, found] of [
        ["2,000", 0],
        ["1,800", 6], // above 14,400, in two of the four groups
        ["1,700", 12], // all of two groups
      ] as const) {
        await feeds.weth.set(dollars(price));
        const accepted: bigint[] = [];
        for (const id of ids) {
          if ((await refusalOf(async () => book.connect(stranger).callMargin.staticCall(id))) === "0x")
            accepted.push(id);
        }
        expect(await lens.callable(book, ids)).to.deep.equal(accepted);
        expect(accepted).to.have.lengthOf(found);
        if (found === 0) continue;
        expect(await book.connect(stranger).callMarginBatch.staticCall(ids)).to.equal(found);
      }
    });

    it("is nothing any more once it is called; a loan that is named twice is found twice", async () => {
      const { lens, book, stranger, feeds, ids } = await networkHelpers.loadFixture(manyLoans);
      await feeds.weth.set(dollars("1,700"));
      const found = await lens.callable(book, [...ids, ...ids]);
      expect(found).to.have.lengthOf(24);
      await book.connect(stranger).callMarginBatch([...found]);
      expect(await lens.callable(book, ids)).to.deep.equal([]);
    });
  });

  it("without a price of the loan asset: the call stands, nothing can be sold or called, nothing is asked for", async () => {
    const scene = await withLens(await calledWithoutPeg());
    const { lens, book, feeds, id } = scene;
    await goTo(scene, clock.now() + CURE + HOUR);
    expect(await lens.liquidatable(book, [id])).to.deep.equal([id]);
    await feeds.usdc.setMode(FeedMode.revert);
    await expectState(scene, CallState.due);
    expect(await lens.liquidatable(book, [id])).to.deep.equal([]);
    expect(await lens.amountToCure(book, id)).to.deep.equal([0n, [[WETH, 0n]]]);
    const preview = await lens.previewLiquidation(book, orderFor(id));
    expect([preview.isLiquidatable, preview.isSoft]).to.deep.equal([false, false]);
    expect(preview.refusal).to.equal(
      book.interface.encodeErrorResult("LoanAssetFeedNotLive", [await feeds.usdc.getAddress()]),
    );
    await goTo(scene, clock.now() + LAPSE);
    await expectState(scene, CallState.lapsed);
    expect(await lens.callable(book, [id])).to.deep.equal([]);
    await feeds.usdc.setMode(FeedMode.answer);
    expect(await lens.callable(book, [id])).to.deep.equal([id]);
  });
});

/** Four groups of six loans, and two ids without a debt: not called, called just now, due, and lapsed. */
async function manyLoans(): Promise<LensScene & { ids: bigint[] }> {
  const scene = await callableLoan();
  const { book, borrower, stranger, feeds } = scene;
  await feeds.weth.set(dollars("2,000"));
  const free = loanId(borrower, 90n);
  await book.connect(borrower).pledge(free, WETH, weth("1"));
  const pledges: [bigint, bigint][] = [[WETH, weth("10")]];
  const groups: bigint[][] = [];
  for (let group = 0n; group < 4n; group++) {
    const ids: bigint[] = [];
    for (const amount of ["14,000", "14,300", "14,390", "14,410", "15,480", "15,599"]) {
      ids.push(await openLoan(scene, { pledges, amount: usdc(amount), number: 10n * group + BigInt(ids.length) + 2n }));
    }
    groups.push(ids);
  }
  await feeds.weth.set(dollars("1,700"));
  for (const [ids, wait] of [
    [groups[3], LAPSE - 1n],
    [groups[2], CURE + 1n],
    [groups[1], 0n],
  ] as const) {
    await book.connect(stranger).callMarginBatch(ids ?? []);
    await goTo(scene, clock.now() + wait);
  }
  const { lens } = await withLens(scene);
  return { ...scene, lens, ids: [loanId(borrower, 91n), free, ...groups.flat()] };
}

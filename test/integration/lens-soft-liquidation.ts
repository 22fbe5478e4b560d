import { expect } from "chai";
import { anyUint } from "@nomicfoundation/hardhat-ethers-chai-matchers/withArgs";

import type { ILoanBook } from "../../typechain-types/LoanBook.ts";
import type { ILoanLens } from "../../typechain-types/periphery/LoanLens.ts";
import { clock, networkHelpers } from "../helpers/chain.ts";
import { refusalOf } from "../helpers/lens.ts";
import { withLens, type LensScene } from "../helpers/loan-lens.ts";
import { callableLoan, CREDIT_AGE, CURE, goTo, LAPSE, orderFor, SOFT_RAMP } from "../helpers/margin-calls.ts";
import { dollars, HOUR, usdc, WBTC, WETH } from "../helpers/market.ts";
import { FeedMode } from "../helpers/mocks.ts";

/** A loan half way between its lines. */
const oneLoan = async (): Promise<LensScene> => withLens(await callableLoan());

describe("Lens: liquidations while a margin call stands", () => {
  const orders = [orderFor(0n), orderFor(0n, WETH, usdc("500")), orderFor(0n, WETH, 0n), orderFor(0n, WBTC)];

  for (const price of ["1,870", "1,800", "1,730", "1,500"]) {
    it(`is what it does, with ether at ${price}, in every state of the call`, async () => {
      const scene = await networkHelpers.loadFixture(oneLoan);
      const { lens, book, stranger, feeds, id } = scene;
      for (const age of [undefined, 0n, CREDIT_AGE, CURE, CURE + 1n, CURE + SOFT_RAMP, CURE + LAPSE]) {
        const snapshot = await networkHelpers.takeSnapshot();
        if (age !== undefined) await book.connect(stranger).callMargin(id);
        await goTo(scene, clock.now() + (age ?? 0n));
        await feeds.weth.set(dollars(price));
        const { debt, callLine, liquidationLine } = await book.healthOf(id);
        const isDue = age !== undefined && age > CURE && age < CURE + LAPSE;
        const isSoft = isDue && debt > callLine && debt <= liquidationLine;
        const isHard = debt > liquidationLine;
        expect(await lens.liquidatable(book, [id])).to.deep.equal(isSoft || isHard ? [id] : []);
        for (const order of orders) {
          const preview = await lens.previewLiquidation(book, { ...order, id });
          expect([preview.isLiquidatable, preview.isSoft]).to.deep.equal([isSoft || isHard, isSoft]);
          await expectPreviewed(scene, { ...order, id }, preview);
        }
        await snapshot.restore();
      }
    });
  }

  it("tells the credit that is not the liquidator's", async () => {
    const scene = await networkHelpers.loadFixture(oneLoan);
    const { lens, book, stranger, id } = scene;
    await book.connect(stranger).callMargin(id);
    await goTo(scene, clock.now() + CURE + HOUR);
    const { seized, credit, bonus } = await lens.previewLiquidation(book, orderFor(id));
    expect(bonus).to.be.within(3_750_000_000_000_000n, 3_800_000_000_000_000n); // a quarter of 1.5 %, and a day of interest
    expect(credit).to.equal(((seized + credit) * bonus) / ((10n ** 18n + bonus) * 10n));
  });

  it("is refused where the pledge's feed gives no answer, and so counts its upper bound", async () => {
    const scene = await networkHelpers.loadFixture(oneLoan);
    const { lens, book, stranger, feeds, id } = scene;
    await book.connect(stranger).callMargin(id);
    await goTo(scene, clock.now() + CURE + HOUR);
    await feeds.weth.setMode(FeedMode.revert);
    const preview = await lens.previewLiquidation(book, orderFor(id));
    expect([preview.isLiquidatable, preview.isSoft]).to.deep.equal([false, false]);
    await expectPreviewed(scene, orderFor(id), preview);
    expect(await lens.liquidatable(book, [id])).to.deep.equal([]);
  });
});

/** The keeper's real call does what was said, to the unit. It is taken back. */
async function expectPreviewed(
  { book, usdc: asset, weth: ether, keeper, stranger }: LensScene,
  order: ILoanBook.OrderStruct,
  preview: ILoanLens.LiquidationPreviewStructOutput,
): Promise<void> {
  const refusal = await refusalOf(async () => book.connect(keeper).liquidate.staticCall(order, "0x"));
  expect(preview.refusal).to.equal(refusal);
  const { repaid, seized, credit, bonus, isSoft } = preview;
  if (refusal !== "0x") {
    expect([repaid, seized, credit, bonus]).to.deep.equal([0n, 0n, 0n, 0n]);
    return;
  }
  const snapshot = await networkHelpers.takeSnapshot();
  const [paid, got] = [await asset.balanceOf(keeper), await ether.balanceOf(keeper)];
  await expect(book.connect(keeper).liquidate(order, "0x"))
    .to.emit(book, "Liquidated")
    .withArgs(order.id, WETH, keeper.address, repaid, seized + credit, anyUint, isSoft);
  expect(paid - (await asset.balanceOf(keeper))).to.equal(repaid);
  expect((await ether.balanceOf(keeper)) - got).to.equal(seized);
  expect(await book.creditOf(stranger, WETH)).to.equal(credit);
  await snapshot.restore();
}

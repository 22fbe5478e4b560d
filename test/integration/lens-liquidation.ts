import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { Random } from "../../scripts/play/random.ts";
import { clock, DAY, networkHelpers } from "../helpers/chain.ts";
import {
  amountBetween,
  at,
  BITCOIN,
  ETHER,
  FEED_AGE,
  idOf,
  lensMarket,
  LINK,
  openAt,
  refusalOf,
  someLoans,
  stir,
  type Collateral,
  type LensMarket,
  type LensOptions,
} from "../helpers/lens.ts";
import { FeedMode } from "../helpers/mocks.ts";

const VARIANTS: LensOptions[] = [
  { assetDecimals: 0, etherDecimals: 18, hasSecond: true },
  { assetDecimals: 6, etherDecimals: 0, hasSecond: true },
  { assetDecimals: 6, etherDecimals: 18, hasSecond: true },
  { assetDecimals: 18, etherDecimals: 6, hasSecond: true, hasPeg: false },
];
const ROUNDS = 6;
const FALLEN: [number, number] = [0.35, 0.75];
const WHOLE_ETHER = 10n ** 18n;

const standardMarket = async (): Promise<LensMarket> => lensMarket();
const doubleMarket = async (): Promise<LensMarket> => lensMarket({ hasSecond: true });
const peglessMarket = async (): Promise<LensMarket> => lensMarket({ hasPeg: false });

interface Order {
  id: bigint;
  listing: bigint;
  maxRepay: bigint;
  minSeized: bigint;
}

/**
 * Compares what the lens says of an order with the keeper's real call, which is taken back. Returns the error's name, or
 * nothing if the order was filled.
 */
async function compare(market: LensMarket, order: Order): Promise<string> {
  const { lens, book, keeper, asset, collateral } = market;
  const preview = await lens.previewLiquidation(book, order);
  const { debt, liquidationLine } = await book.healthOf(order.id);
  expect(preview.isLiquidatable).to.equal(debt > liquidationLine);

  const refusal = await refusalOf(async () => book.connect(keeper).liquidate.staticCall(order, "0x"));
  expect(preview.refusal).to.equal(refusal);
  if (refusal !== "0x") {
    expect([preview.repaid, preview.seized, preview.bonus]).to.deep.equal([0n, 0n, 0n]);
    return book.interface.parseError(refusal)?.name ?? refusal;
  }
  const { token } = at(collateral, Number(order.listing));
  const snapshot = await networkHelpers.takeSnapshot();
  const [paidBefore, heldBefore] = [await asset.balanceOf(keeper), await token.balanceOf(keeper)];
  await book.connect(keeper).liquidate(order, "0x");
  expect(paidBefore - (await asset.balanceOf(keeper))).to.equal(preview.repaid);
  expect((await token.balanceOf(keeper)) - heldBefore).to.equal(preview.seized);
  await snapshot.restore();
  return "";
}

/** The answers of a listing's feeds are too old. */
async function age(pledge: Collateral | undefined): Promise<void> {
  for (const feed of [pledge?.feed, pledge?.second]) {
    await feed?.setMode(FeedMode.answer);
    await feed?.setAt(await feed.answer(), clock.now() - FEED_AGE - 1n);
  }
}

describe("Lens: liquidations before they happen", () => {
  for (const [position, options] of VARIANTS.entries()) {
    const { assetDecimals = 6, etherDecimals = 18 } = options;
    const fixture = async (): Promise<LensMarket> => lensMarket(options);

    it(`a preview is the call, to the unit: ${String(assetDecimals)} and ${String(etherDecimals)} decimals`, async () => {
      const outcomes = new Map<string, number>();
      for (let round = 0; round < ROUNDS; round++) {
        const random = new Random(6_700 * (position + 1) + round);
        const market = await networkHelpers.loadFixture(fixture);
        const { book, collateral } = market;
        const ids = await someLoans(market, random);
        await stir(market, random, FALLEN);
        if (round % 3 === 0) await age(collateral[round % 2]);
        for (const id of ids) {
          const debt = await book.debtOf(id);
          for (const { listing } of collateral) {
            const pledged = await book.pledgeOf(id, listing);
            if (pledged === 0n) {
              const order = { id, listing, maxRepay: MaxUint256, minSeized: 0n };
              expect(await compare(market, order)).to.equal("NotPledged");
              continue;
            }
            for (const [maxRepay, minSeized] of [
              [MaxUint256, 0n],
              [MaxUint256, pledged / 2n],
              [amountBetween(random, 1n, debt), 0n],
              [debt - amountBetween(random, 0n, market.unit * 120n), 0n],
              [1n, 0n],
              [0n, 0n],
            ] as const) {
              const outcome = await compare(market, { id, listing, maxRepay, minSeized });
              outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
            }
          }
        }
      }
      expect(outcomes.get("")).to.be.above(10);
      expect([...outcomes.keys()]).to.include.members([
        "NotLiquidatable",
        "FeedNotLive",
        "ZeroAmount",
        "SeizedBelowMin",
      ]);
    });

    it(`lists are the book's lines: ${String(assetDecimals)} and ${String(etherDecimals)} decimals`, async () => {
      let [above, below] = [0, 0];
      for (let round = 0; round < ROUNDS; round++) {
        const random = new Random(7_000 * (position + 1) + round);
        const market = await networkHelpers.loadFixture(fixture);
        const { lens, book, borrower } = market;
        const ids = [...(await someLoans(market, random)), idOf(borrower, 99n)];
        await stir(market, random, round % 2 === 0 ? FALLEN : [0.8, 1.1]);
        const healths = await Promise.all(ids.map(async (id) => ({ id, health: await book.healthOf(id) })));
        const overLine = healths.filter(({ health }) => health.debt > health.liquidationLine).map(({ id }) => id);
        const overCall = healths.filter(({ health }) => health.debt > health.callLine).map(({ id }) => id);
        expect(await lens.liquidatable(book, ids)).to.deep.equal(overLine);
        expect(await lens.callable(book, ids)).to.deep.equal(overCall);
        above += overLine.length;
        below += ids.length - overCall.length - 1;
      }
      expect(above).to.be.above(1);
      expect(below).to.be.above(1);
    });
  }

  it("a preview tells the bonus: one percent at a depth of two", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { lens, book, unit, collateral } = market;
    const id = await openAt(market, 0n, [[ETHER, 10n * WHOLE_ETHER]], 15_351n * unit);
    await collateral[0].feed.set(collateral[0].answer("1750")); // 15,351 / 15,050 - 1 = 2 %, half of it
    const preview = await lens.previewLiquidation(book, { id, listing: ETHER, maxRepay: MaxUint256, minSeized: 0n });
    expect(preview.bonus).to.equal(10n ** 16n);
    expect(preview.repaid).to.equal(8_016_022_621n); // (15,351 - 13,650) / (1 - 0.78 × 1.01)
    expect(preview.seized).to.equal((8_016_022_621n * 10n ** 12n * 101n) / (1_750n * 100n));
    expect(preview.refusal).to.equal("0x");
  });

  it("a preview of pledges whose sources are apart takes them at the lower price", async () => {
    const market = await networkHelpers.loadFixture(doubleMarket);
    const { lens, book, unit, collateral } = market;
    const id = await openAt(market, 0n, [[ETHER, 10n * WHOLE_ETHER]], 15_351n * unit);
    await collateral[0].feed.set(collateral[0].answer("1750"));
    await collateral[0].second?.set(collateral[0].answer("1600"));
    const order = { id, listing: ETHER, maxRepay: MaxUint256, minSeized: 0n };
    expect((await lens.previewLiquidation(book, order)).bonus).to.equal((101n * 10n ** 18n) / 98n - 10n ** 18n);
    expect(await compare(market, order)).to.equal("");
  });

  it("a preview tells what may not remain: a small debt, or pledges worth too little", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, unit, collateral } = market;
    const id = await openAt(market, 0n, [[ETHER, WHOLE_ETHER]], 1_500n * unit);
    // Worth 1.04 of the debt, so all of it may be repaid, for a bonus of the 4 % that are left.
    await collateral[0].feed.set(collateral[0].answer("1560"));
    const debt = await book.debtOf(id);
    const order = { id, listing: ETHER, minSeized: 0n };
    expect(await compare(market, { ...order, maxRepay: debt - 50n * unit })).to.equal("DebtBelowMin");
    await collateral[0].feed.set(collateral[0].answer("1000"));
    expect(await compare(market, { ...order, maxRepay: 988n * unit })).to.equal("RemainderTooSmall");
    expect(await compare(market, { ...order, maxRepay: 980n * unit })).to.equal("");
    expect(await compare(market, { ...order, maxRepay: 980n * unit, minSeized: WHOLE_ETHER })).to.equal(
      "SeizedBelowMin",
    );
    expect(await compare(market, { ...order, maxRepay: MaxUint256, minSeized: WHOLE_ETHER })).to.equal("");
  });

  it("a preview without a price of the loan asset, of no loan, or of no listing", async () => {
    const market = await networkHelpers.loadFixture(peglessMarket);
    const { borrower, unit, collateral, loanFeed } = market;
    const id = await openAt(market, 0n, [[ETHER, WHOLE_ETHER]], 1_500n * unit);
    await collateral[0].feed.set(collateral[0].answer("1600"));
    const order = { id, listing: ETHER, maxRepay: MaxUint256, minSeized: 0n };
    expect(await compare(market, order)).to.equal("");
    expect(await compare(market, { ...order, listing: 3n })).to.equal("NotPledged");
    expect(await compare(market, { ...order, listing: MaxUint256 })).to.equal("NotPledged");
    expect(await compare(market, { ...order, id: idOf(borrower, 7n) })).to.equal("NotPledged");
    await loanFeed.setMode(FeedMode.revert);
    expect(await compare(market, order)).to.equal("LoanAssetFeedNotLive");
  });

  it("lists are empty without a price of the loan asset", async () => {
    const market = await networkHelpers.loadFixture(peglessMarket);
    const { lens, book, unit, collateral, loanFeed } = market;
    const id = await openAt(market, 0n, [[ETHER, WHOLE_ETHER]], 1_500n * unit);
    await collateral[0].feed.set(collateral[0].answer("1600"));
    expect(await lens.liquidatable(book, [id, id])).to.deep.equal([id, id]);
    expect(await lens.callable(book, [id])).to.deep.equal([id]);
    await loanFeed.setAt(10n ** 8n, clock.now() - 26n * 3_600n);
    expect(await lens.liquidatable(book, [id])).to.deep.equal([]);
    expect(await lens.callable(book, [id])).to.deep.equal([]);
  });

  it("lists judge a dead feed by its last answer, as the book does", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { lens, book, unit, collateral } = market;
    const id = await openAt(market, 0n, [[ETHER, WHOLE_ETHER]], 1_500n * unit);
    await collateral[0].feed.setAt(collateral[0].answer("1600"), clock.now() - FEED_AGE - 1n);
    expect(await lens.liquidatable(book, [id])).to.deep.equal([id]);
    const order = { id, listing: ETHER, maxRepay: MaxUint256, minSeized: 0n };
    expect(await compare(market, order)).to.equal("FeedNotLive");
    await collateral[0].feed.setMode(FeedMode.revert); // no answer: the upper bound
    expect(await lens.liquidatable(book, [id])).to.deep.equal([]);
  });

  it("a loan more in a list costs little, and a listing is read once", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { lens, book, unit, collateral } = market;
    const single: bigint[] = [];
    for (let number = 0n; number < 100n; number++) {
      single.push(await openAt(market, number, [[ETHER, WHOLE_ETHER]], 1_000n * unit + number));
    }
    const triple: bigint[] = [];
    const pledges: [bigint, bigint][] = [
      [ETHER, WHOLE_ETHER],
      [BITCOIN, 1_000_000n],
      [LINK, WHOLE_ETHER],
    ];
    for (let number = 100n; number < 120n; number++) triple.push(await openAt(market, number, pledges, 1_960n * unit));
    await clock.advance(DAY / 48n);
    // Feeds want 155,000 gas at hand when they are read, so an estimate tells of lists that take more than that afterwards.
    const gasOf = async (ids: bigint[]): Promise<number> => Number(await lens.liquidatable.estimateGas(book, ids));
    const few = single.slice(0, 40);
    const perLoan = async (): Promise<number> => ((await gasOf(single)) - (await gasOf(few))) / 60;

    const healthy = await perLoan();
    const several = ((await gasOf([...few, ...triple])) - (await gasOf(few))) / triple.length;
    const once = (await gasOf(few)) - few.length * healthy;
    await collateral[0].feed.set(collateral[0].answer("1000"));
    const fallen = await perLoan();
    // With about 600 for each id in the call's data, and six fields of each loan.
    expect(healthy).to.be.within(8_000, 13_000);
    expect(fallen).to.be.within(8_000, 13_000);
    expect(several).to.be.below(20_000);
    expect(once).to.be.below(250_000);
  });
});

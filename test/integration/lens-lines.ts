import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { Random } from "../../scripts/play/random.ts";
import { DAY, ethers, networkHelpers } from "../helpers/chain.ts";
import {
  at,
  BITCOIN,
  ETHER,
  lensMarket,
  LINK,
  openAt,
  outcomeOf,
  someLoans,
  stir,
  wait,
  type Collateral,
  type LensMarket,
  type LensOptions,
} from "../helpers/lens.ts";
import { FeedMode } from "../helpers/mocks.ts";

const VARIANTS: LensOptions[] = [
  { assetDecimals: 0, etherDecimals: 18, hasSecond: true },
  { assetDecimals: 6, etherDecimals: 0, hasSecond: true },
  { assetDecimals: 6, etherDecimals: 18 },
  { assetDecimals: 18, etherDecimals: 6, hasSecond: true },
];
const ROUNDS = 6;
const WAD = 10n ** 18n;
const ONE_DOLLAR = 10n ** 8n;
const FALLEN: [number, number] = [0.45, 0.85];

const standardMarket = async (): Promise<LensMarket> => lensMarket();
const fineMarket = async (): Promise<LensMarket> => lensMarket({ isFine: true });
const doubleMarket = async (): Promise<LensMarket> => lensMarket({ hasSecond: true });
const peglessMarket = async (): Promise<LensMarket> => lensMarket({ hasPeg: false });

const decimalsOf = ({ assetDecimals = 6, etherDecimals = 18 }: LensOptions): string =>
  `${String(assetDecimals)} and ${String(etherDecimals)} decimals`;

/** Whether the book lets a keeper liquidate the loan: asked of a listing whose feeds are live. */
async function isLiquidatable(market: LensMarket, id: bigint, listing: bigint): Promise<boolean> {
  const { book, keeper } = market;
  const order = { id, listing, maxRepay: MaxUint256, minSeized: 0n };
  const outcome = await outcomeOf(market, async () => book.connect(keeper).liquidate.staticCall(order, "0x"));
  expect(outcome).to.be.oneOf(["", "NotLiquidatable"]);
  const { debt, liquidationLine } = await book.healthOf(id);
  expect(debt > liquidationLine).to.equal(outcome === "");
  return outcome === "";
}

/** All sources of a listing answer this now. */
async function setAll({ feed, second }: Collateral, answer: bigint): Promise<void> {
  for (const source of second === undefined ? [feed] : [feed, second]) {
    await source.setMode(FeedMode.answer);
    await source.set(answer);
  }
}

/** Within the bounds of the listing's feed, so that it counts. */
async function isInBounds({ book }: LensMarket, { listing }: Collateral, answer: bigint): Promise<boolean> {
  const { minAnswer, maxAnswer } = (await book.listings(listing)).feed;
  return minAnswer <= answer && answer <= maxAnswer;
}

/** Runs `act` and takes back what it did. */
async function tentatively(act: () => Promise<void>): Promise<void> {
  const snapshot = await networkHelpers.takeSnapshot();
  await act();
  await snapshot.restore();
}

const pledgedOf = async ({ book, collateral }: LensMarket, id: bigint): Promise<Collateral[]> => {
  const { pledged } = await book.loan(id);
  return collateral.filter(({ listing }) => (pledged >> listing) & 1n);
};

describe("Lens: the prices at which a loan is liquidated", () => {
  for (const [position, options] of VARIANTS.entries()) {
    const fine = async (): Promise<LensMarket> => lensMarket({ ...options, isFine: true });
    const coarse = async (): Promise<LensMarket> => lensMarket(options);

    it(`one listing's, to the unit of a price: ${decimalsOf(options)}`, async () => {
      let [tried, carried] = [0, 0];
      for (let round = 0; round < ROUNDS; round++) {
        const random = new Random(2_000 * (position + 1) + round);
        const market = await networkHelpers.loadFixture(fine);
        const { lens, book, loanFeed } = market;
        const ids = await someLoans(market, random);
        await stir(market, random);
        await loanFeed.set(ONE_DOLLAR); // so that an answer is a price
        for (const id of ids) {
          for (const pledge of await pledgedOf(market, id)) {
            const price = await lens.liquidationPrice(book, id, pledge.listing);
            const lowest = (await book.listings(pledge.listing)).feed.minAnswer;
            await tentatively(async () => {
              if (price === 0n) {
                carried++;
                await setAll(pledge, lowest);
                expect(await isLiquidatable(market, id, pledge.listing)).to.equal(false);
              } else if (price > lowest && (await isInBounds(market, pledge, price))) {
                tried++;
                await setAll(pledge, price);
                expect((await book.pricesOf(pledge.listing)).forLiquidation).to.equal(price);
                expect(await isLiquidatable(market, id, pledge.listing)).to.equal(false);
                await setAll(pledge, price - 1n);
                expect(await isLiquidatable(market, id, pledge.listing)).to.equal(true);
              }
            });
          }
        }
      }
      expect(tried).to.be.above(10);
      expect(carried).to.be.above(0);
    });

    it(`in the units of its feeds, rounded to the safe side: ${decimalsOf(options)}`, async () => {
      let tried = 0;
      for (let round = 0; round < ROUNDS; round++) {
        const random = new Random(3_000 * (position + 1) + round);
        const market = await networkHelpers.loadFixture(coarse);
        const { lens, book } = market;
        const ids = await someLoans(market, random);
        await stir(market, random);
        for (const id of ids) {
          for (const pledge of await pledgedOf(market, id)) {
            const price = await lens.liquidationPrice(book, id, pledge.listing);
            const [answer, second] = await lens.answersAt(book, pledge.listing, price);
            if (answer <= 1n || !(await isInBounds(market, pledge, answer - 1n))) continue;
            tried++;
            expect(second).to.equal(pledge.second === undefined ? 0n : answer);
            await tentatively(async () => {
              await setAll(pledge, answer);
              expect(await isLiquidatable(market, id, pledge.listing)).to.equal(false);
              await setAll(pledge, answer - 1n);
              expect(await isLiquidatable(market, id, pledge.listing)).to.equal(true);
              for (const source of [pledge.feed, pledge.second]) {
                await setAll(pledge, answer - 1n);
                await source?.set(answer); // of two live sources the higher counts
                expect(await isLiquidatable(market, id, pledge.listing)).to.equal(source === undefined);
              }
            });
          }
        }
      }
      expect(tried).to.be.above(10);
    });

    it(`all together, to 1e-18 of their fall: ${decimalsOf(options)}`, async () => {
      let [tried, there] = [0, 0];
      for (let round = 0; round < ROUNDS; round++) {
        const random = new Random(4_000 * (position + 1) + round);
        const market = await networkHelpers.loadFixture(fine);
        const { lens, book, loanFeed } = market;
        const ids = await someLoans(market, random);
        await (round % 2 === 0 ? stir(market, random) : stir(market, random, FALLEN));
        await loanFeed.set(ONE_DOLLAR);
        for (const id of ids) {
          const drop = await lens.liquidationDrop(book, id);
          const { debt, liquidationLine } = await book.healthOf(id);
          if (debt > liquidationLine) {
            there++;
            expect(drop).to.equal(0n);
            continue;
          }
          const pledges = await pledgedOf(market, id);
          const after = async ({ listing }: Collateral, fall: bigint): Promise<bigint> =>
            ((await book.pricesOf(listing)).forLiquidation * (WAD - fall) + WAD - 1n) / WAD;
          const lowest = await Promise.all(
            pledges.map(async (pledge) => isInBounds(market, pledge, await after(pledge, drop + 1n))),
          );
          if (lowest.includes(false)) continue;
          tried++;
          for (const [fall, expected] of [
            [drop, false],
            [drop + 1n, true],
          ] as const) {
            await tentatively(async () => {
              for (const pledge of pledges) await setAll(pledge, await after(pledge, fall));
              expect(await isLiquidatable(market, id, at(pledges, 0).listing)).to.equal(expected);
            });
          }
        }
      }
      expect(tried).to.be.above(5);
      expect(there).to.be.above(0);
    });

    it(`what cures does, a unit less does not: ${decimalsOf(options)}`, async () => {
      let [repaid, refused, added, healthy] = [0, 0, 0, 0];
      for (let round = 0; round < ROUNDS; round++) {
        const random = new Random(5_000 * (position + 1) + round);
        const market = await networkHelpers.loadFixture(coarse);
        const { lens, book, keeper } = market;
        const ids = await someLoans(market, random);
        await stir(market, random, FALLEN);
        const isCured = async (id: bigint): Promise<boolean> => {
          const { debt, callLine } = await book.healthOf(id);
          return debt <= callLine;
        };
        for (const id of ids) {
          const [repayment, additions] = await lens.amountToCure(book, id);
          expect(additions.map(({ listing }) => listing)).to.deep.equal(
            (await pledgedOf(market, id)).map(({ listing }) => listing),
          );
          if (await isCured(id)) {
            healthy++;
            expect([repayment, ...additions.map(({ amount }) => amount)].every((amount) => amount === 0n)).to.equal(
              true,
            );
            continue;
          }
          await tentatively(async () => {
            repaid++;
            await book.connect(keeper).repay(id, repayment);
            expect(await isCured(id)).to.equal(true);
          });
          const repayLess = async (): Promise<unknown> => book.connect(keeper).repay(id, repayment - 1n);
          await tentatively(async () => {
            const outcome = await outcomeOf(market, repayLess);
            if (outcome !== "") refused++;
            expect(outcome).to.be.oneOf(["", "DebtBelowMin"]);
            expect(await isCured(id)).to.equal(false);
          });
          for (const { listing, amount } of additions) {
            await tentatively(async () => {
              added++;
              await book.connect(keeper).pledge(id, listing, amount - 1n);
              expect(await isCured(id)).to.equal(false);
              await book.connect(keeper).pledge(id, listing, 1n);
              expect(await isCured(id)).to.equal(true);
            });
          }
        }
      }
      expect(repaid).to.be.above(2);
      expect(refused).to.be.below(repaid);
      expect(added).to.be.above(repaid);
      expect(healthy).to.be.above(0);
    });
  }

  it("examples: 15,351 against ten ether at 2,000", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { lens, book, unit, collateral } = market;
    const id = await openAt(market, 0n, [[ETHER, 10n * 10n ** 18n]], 15_351n * unit);
    // 0.86 × 17,850 = 15,351: ether at 1,785, which is 1,785e6 units for 1e18, × 1e36.
    const price = await lens.liquidationPrice(book, id, ETHER);
    expect(price).to.equal(1_785n * 10n ** 24n);
    expect(await lens.answersAt(book, ETHER, price)).to.deep.equal([collateral[0].answer("1785"), 0n]);
    expect(await lens.liquidationDrop(book, id)).to.equal(107_500_000_000_000_000n); // 1 - 1,785 / 2,000
    expect(await lens.amountToCure(book, id)).to.deep.equal([0n, [[ETHER, 0n]]]);

    await collateral[0].feed.set(collateral[0].answer("1800"));
    // The call line is 14,400: 951 above it, or 951 / 0.8 / 1,800 ether.
    expect(await lens.amountToCure(book, id)).to.deep.equal([951n * unit, [[ETHER, 660_416_666_666_666_667n]]]);
    await collateral[0].feed.set(collateral[0].answer("1785"));
    expect(await lens.liquidationDrop(book, id)).to.equal(0n);
    await collateral[0].feed.set(collateral[0].answer("1784"));
    expect(await lens.liquidationDrop(book, id)).to.equal(0n);
  });

  it("a payment that would leave too little must be the whole", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { lens, book, unit, collateral, keeper } = market;
    const id = await openAt(market, 0n, [[ETHER, 10n ** 17n]], 110n * unit);
    await collateral[0].feed.set(collateral[0].answer("1200")); // the call line is 96
    expect((await lens.amountToCure(book, id)).repayment).to.equal(110n * unit);
    const refused = await outcomeOf(market, async () => book.connect(keeper).repay.staticCall(id, 110n * unit - 1n));
    expect(refused).to.equal("DebtBelowMin");

    await collateral[0].feed.set(collateral[0].answer("1250")); // 100
    expect((await lens.amountToCure(book, id)).repayment).to.equal(10n * unit);
  });

  it("what cures is accepted above a full cap", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { lens, book, admin, unit, collateral, keeper } = market;
    const id = await openAt(market, 0n, [[BITCOIN, 10n ** 8n]], 45_000n * unit);
    await wait(market, 10n * DAY);
    await book.connect(admin).lowerCap(BITCOIN, 1n);
    await collateral[1].feed.set(collateral[1].answer("55000.12"));
    const { amount } = at((await lens.amountToCure(book, id)).additions, 0);
    expect(amount).to.be.above(0n);
    expect(await book.connect(keeper).pledge.staticCall(id, BITCOIN, amount)).to.equal(amount);
    await book.connect(keeper).pledge(id, BITCOIN, amount);
    const { debt, callLine } = await book.healthOf(id);
    expect(debt).to.be.within(1n, callLine);

    await collateral[1].feed.setMode(FeedMode.revert);
    const outcome = await outcomeOf(market, async () => book.connect(keeper).pledge.staticCall(id, BITCOIN, 1n));
    expect(outcome).to.equal("CapExceeded");
  });

  it("of a listing that the loan does not pledge", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { lens, book, unit, collateral } = market;
    const id = await openAt(market, 0n, [[ETHER, 10n * 10n ** 18n]], 15_000n * unit);
    expect(await lens.liquidationPrice(book, id, LINK)).to.equal(0n); // none lets the loan be liquidated
    expect(await lens.maxRelease(book, id, LINK)).to.equal(0n);
    await collateral[0].feed.set(collateral[0].answer("1500"));
    expect(await lens.liquidationPrice(book, id, LINK)).to.equal(MaxUint256); // none prevents it
    // A feed of eight decimals gives prices in steps of 1e16; this one is beyond any feed's bounds.
    expect(await lens.answersAt(book, LINK, MaxUint256)).to.deep.equal([(MaxUint256 - 1n) / 10n ** 16n + 1n, 0n]);
  });

  it("without a price of the loan asset there are none", async () => {
    const market = await networkHelpers.loadFixture(peglessMarket);
    const { lens, book, unit, collateral, loanFeed } = market;
    const id = await openAt(market, 0n, [[ETHER, 10n * 10n ** 18n]], 15_000n * unit);
    await collateral[0].feed.set(collateral[0].answer("1500"));
    expect(await lens.liquidationPrice(book, id, ETHER)).to.be.above(1_700n * 10n ** 24n);
    await loanFeed.setMode(FeedMode.revert);

    expect(await lens.liquidationPrice(book, id, ETHER)).to.equal(0n);
    expect(await lens.liquidationPrice(book, id, LINK)).to.equal(0n);
    expect(await lens.answersAt(book, ETHER, 1_700n * 10n ** 24n)).to.deep.equal([0n, 0n]);
    expect(await lens.liquidationDrop(book, id)).to.equal(WAD);
    expect(await lens.amountToCure(book, id)).to.deep.equal([0n, [[ETHER, 0n]]]);
  });

  it("answers a price that a feed of another exponent gives, and the largest number where none can", async () => {
    const market = await networkHelpers.loadFixture(fineMarket);
    const { lens, book, loanFeed, collateral } = market;
    const price = 1_785n * 10n ** 24n + 1n;
    expect(await lens.answersAt(book, ETHER, price)).to.deep.equal([price, 0n]);
    expect(await lens.answersAt(book, ETHER, 0n)).to.deep.equal([0n, 0n]);
    expect(await lens.answersAt(book, ETHER, 1n)).to.deep.equal([1n, 0n]);
    await loanFeed.set(97_000_000n);
    // ⌊(p - 1) × 0.97⌋ + 1
    expect(await lens.answersAt(book, ETHER, price)).to.deep.equal([((price - 1n) * 97n) / 100n + 1n, 0n]);
    expect(await lens.answersAt(book, ETHER, MaxUint256)).to.deep.equal([((MaxUint256 - 1n) * 97n) / 100n + 1n, 0n]);
    await loanFeed.set(ONE_DOLLAR);
    // The ether feed's 24 decimals leave a scale of 1e8, so a price of 2^256 - 1 needs an answer of as many bits.
    expect(await lens.answersAt(book, ETHER, MaxUint256)).to.deep.equal([MaxUint256, 0n]);

    // A feed that has become another contract, without decimals.
    await networkHelpers.setCode(await collateral[0].feed.getAddress(), await ethers.provider.getCode(lens));
    expect(await lens.answersAt(book, ETHER, price)).to.deep.equal([MaxUint256, 0n]);
    expect(await lens.answersAt(book, LINK, price)).not.to.deep.equal([MaxUint256, 0n]);
  });

  it("of two sources, for each its own", async () => {
    const market = await networkHelpers.loadFixture(doubleMarket);
    const { lens, book, unit } = market;
    const id = await openAt(market, 0n, [[ETHER, 10n * 10n ** 18n]], 15_351n * unit);
    const price = await lens.liquidationPrice(book, id, ETHER);
    expect(await lens.answersAt(book, ETHER, price)).to.deep.equal([1_785n * ONE_DOLLAR, 1_785n * ONE_DOLLAR]);
  });
});

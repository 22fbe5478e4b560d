import { expect } from "chai";
import { MaxUint256, ZeroAddress } from "ethers";

import { Random } from "../../scripts/play/random.ts";
import { clock, networkHelpers } from "../helpers/chain.ts";
import {
  at,
  BITCOIN,
  ETHER,
  feedsOf,
  idOf,
  lensMarket,
  LINK,
  openAt,
  someLoans,
  stir,
  type LensMarket,
} from "../helpers/lens.ts";
import { FeedMode } from "../helpers/mocks.ts";

const NUMBERS = 2n ** 96n;
const WAD = 10n ** 18n;
const WHOLE_ETHER = 10n ** 18n;

const standardMarket = async (): Promise<LensMarket> => lensMarket();
const doubleMarket = async (): Promise<LensMarket> => lensMarket({ hasSecond: true });
const peglessMarket = async (): Promise<LensMarket> => lensMarket({ hasPeg: false });

describe("Lens: loans", () => {
  it("are found by their numbers, page by page", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { lens, book, borrower, keeper, unit } = market;
    const numbers = [0n, 1n, 2n, 5n, 7n, NUMBERS - 1n];
    for (const number of numbers) await openAt(market, number, [[ETHER, WHOLE_ETHER]], 200n * unit + (number % 10n));
    await book.connect(keeper).pledge(idOf(keeper, 3n), LINK, 1n); // without debt, of another owner
    const page = async (from: bigint, count: bigint): Promise<{ found: bigint[]; next: bigint }> => {
      const { loans, next } = await lens.loansOf(book, borrower, from, count);
      return { found: loans.map(({ id }) => id - idOf(borrower, 0n)), next };
    };

    expect(await page(0n, 10n)).to.deep.equal({ found: [0n, 1n, 2n, 5n, 7n], next: 10n });
    expect(await page(0n, 5n)).to.deep.equal({ found: [0n, 1n, 2n], next: 5n });
    expect(await page(5n, 3n)).to.deep.equal({ found: [5n, 7n], next: 8n });
    expect(await page(3n, 2n)).to.deep.equal({ found: [], next: 5n });
    expect(await page(3n, 0n)).to.deep.equal({ found: [], next: 3n });
    expect(await page(NUMBERS - 4n, 3n)).to.deep.equal({ found: [], next: NUMBERS - 1n });
    expect(await page(NUMBERS - 4n, 4n)).to.deep.equal({ found: [NUMBERS - 1n], next: NUMBERS });
    expect(await page(NUMBERS - 4n, MaxUint256)).to.deep.equal({ found: [NUMBERS - 1n], next: NUMBERS });

    const { loans } = await lens.loansOf(book, keeper, 0n, 10n);
    expect(loans).to.deep.equal([[idOf(keeper, 3n), await book.healthOf(idOf(keeper, 3n)), [[LINK, 1n]]]]);
    await book.connect(borrower).close(idOf(borrower, 1n), MaxUint256, borrower);
    expect((await page(0n, 3n)).found).to.deep.equal([0n, 2n]);
  });

  it("stand where the book says, with all that it says of their pledges", async () => {
    for (let round = 0; round < 8; round++) {
      const random = new Random(8_000 + round);
      const market = await networkHelpers.loadFixture(round % 2 === 0 ? doubleMarket : peglessMarket);
      const { lens, book, borrower } = market;
      const ids = await someLoans(market, random);
      await stir(market, random);
      const { loans } = await lens.loansOf(book, borrower, 0n, 5n);
      expect(loans.map(({ id }) => id)).to.deep.equal(ids);
      for (const { id, health, pledges } of loans) {
        expect(health).to.deep.equal(await book.healthOf(id));
        const details = await lens.loanDetails(book, id);
        expect(details.owner).to.equal(borrower.address);
        expect(details.health).to.deep.equal(health);
        expect(details.pledges.map(({ listing, amount }) => [listing, amount])).to.deep.equal(pledges);

        let [value, pledged] = [0n, 0n];
        for (const pledge of details.pledges) {
          const { listing, amount } = pledge;
          const prices = await book.pricesOf(listing);
          expect(amount).to.equal(await book.pledgeOf(id, listing));
          expect(pledge.prices).to.deep.equal(prices);
          expect(pledge.value).to.equal((amount * prices.forLiquidation) / 10n ** 36n);
          expect(pledge.isRetired).to.equal((await book.listings(listing)).isRetired);
          expect(pledge.isSeizable).to.equal(prices.forSeizure > 0n);
          value += pledge.value;
          pledged |= 1n << listing;
        }
        expect(details.value).to.equal(value);
        expect((await book.loan(id)).pledged).to.equal(pledged);
      }
    }
  });

  it("that do not exist have nothing, and no view reverts", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { lens, book, borrower } = market;
    const id = idOf(borrower, 4n);
    const answers = async (): Promise<void> => {
      expect(await lens.loansOf(book, borrower, 0n, 10n)).to.deep.equal([[], 10n]);
      const noCall = [0n, [ZeroAddress, 0n, 0n, 0n]];
      const details = [borrower.address, await book.healthOf(id), ...[0n, 0n, 0n], ...noCall, 0n, []];
      expect(await lens.loanDetails(book, id)).to.deep.equal(details);
      expect(await lens.marginCallState(book, id)).to.equal(0n);
      expect(await lens.maxBorrow(book, id)).to.equal(0n);
      expect(await lens.maxRelease(book, id, ETHER)).to.equal(0n);
      expect(await lens.liquidationPrice(book, id, ETHER)).to.equal(0n);
      expect(await lens.liquidationDrop(book, id)).to.equal(WAD);
      expect(await lens.amountToCure(book, id)).to.deep.equal([0n, []]);
      expect(await lens.liquidatable(book, [id, id])).to.deep.equal([]);
      expect(await lens.callable(book, [id])).to.deep.equal([]);
      expect(await lens.callable(book, [])).to.deep.equal([]);
      const preview = await lens.previewLiquidation(book, { id, listing: ETHER, maxRepay: 1n, minSeized: 0n });
      const refusal = book.interface.encodeErrorResult("NotPledged", [id, ETHER]);
      expect(preview).to.deep.equal([false, false, 0n, 0n, 0n, 0n, refusal]);
    };
    await answers();
    for (const feed of feedsOf(market)) await feed.setMode(FeedMode.revert);
    await answers();
  });

  it("are still told about when every feed is dead", async () => {
    for (const [hasPeg, fixture] of [
      [true, standardMarket],
      [false, peglessMarket],
    ] as const) {
      const market = await networkHelpers.loadFixture(fixture);
      const { lens, book, borrower, unit } = market;
      const pledges: [bigint, bigint][] = [
        [ETHER, WHOLE_ETHER],
        [BITCOIN, 10n ** 8n],
      ];
      const id = await openAt(market, 0n, pledges, 20_000n * unit);
      for (const mode of [FeedMode.answer, FeedMode.burnGas, FeedMode.returnShort, FeedMode.returnLong]) {
        for (const feed of feedsOf(market)) {
          await feed.setMode(mode);
          if (mode === FeedMode.returnLong) await feed.setAt(0n, 0n);
          else await feed.setAt(await feed.answer(), clock.now() - 26n * 3_600n);
        }
        const health = await book.healthOf(id);
        expect(health.borrowLimit).to.equal(0n);
        expect(health.liquidationLine === MaxUint256).to.equal(!hasPeg);
        expect(at((await lens.loansOf(book, borrower, 0n, 1n)).loans, 0).health).to.deep.equal(health);
        const details = await lens.loanDetails(book, id);
        expect(details.health).to.deep.equal(health);
        expect(details.pledges.map(({ isSeizable }) => isSeizable)).to.deep.equal([false, false]);
        expect(details.value > 0n).to.equal(hasPeg);
        expect(await lens.maxBorrow(book, id)).to.equal(0n);
        expect(await lens.maxRelease(book, id, BITCOIN)).to.equal(0n);
        expect((await lens.liquidationPrice(book, id, BITCOIN)) > 0n).to.equal(hasPeg);
        expect((await lens.liquidationDrop(book, id)) < WAD).to.equal(hasPeg);
        expect((await lens.amountToCure(book, id)).repayment).to.equal(0n);
        expect(await lens.liquidatable(book, [id])).to.deep.equal([]);
      }
    }
  });

  it("and listings that the book does not have are refused by name", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { lens, book, unit } = market;
    const id = await openAt(market, 0n, [[ETHER, WHOLE_ETHER]], 200n * unit);
    for (const unknown of [3n, 40n, MaxUint256]) {
      for (const call of [
        lens.maxRelease(book, id, unknown),
        lens.liquidationPrice(book, id, unknown),
        lens.answersAt(book, unknown, 1n),
      ]) {
        await expect(call).to.be.revertedWithCustomError(lens, "ListingNotFound").withArgs(unknown, 3n);
      }
    }
  });

  it("need gas for feeds to be told about", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { lens, book, unit } = market;
    const id = await openAt(market, 0n, [[ETHER, WHOLE_ETHER]], 200n * unit);
    const needed = (150_000n * 64n) / 63n + 3_000n;
    const isLow = (gas: bigint): boolean => gas < needed;
    for (const gasLimit of [120_000n, 180_000n]) {
      await expect(lens.maxBorrow(book, id, { gasLimit }))
        .to.be.revertedWithCustomError(lens, "InsufficientGas")
        .withArgs(isLow, needed);
    }
    expect(await lens.maxBorrow(book, id, { gasLimit: 500_000n })).to.be.above(0n);
  });
});

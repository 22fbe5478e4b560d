import { expect } from "chai";

import { clock, networkHelpers } from "../helpers/chain.ts";
import { dollars, FEED_AGE, LOAN_ASSET_FEED_AGE, MAJOR_TERMS, ONE_DOLLAR } from "../helpers/market.ts";
import { Fraction, pairPrices, priceOf, whole, type PriceFigures } from "../helpers/mathematics.ts";
import { FeedMode } from "../helpers/mocks.ts";
import {
  answerOf,
  deployPairs,
  ETHER_PAIRS,
  pairedMarket,
  tell,
  tellStale,
  type Pair,
  type PairedMarket,
  type PairedSource,
} from "../helpers/pairs.ts";

const PRICE_ONE = 10n ** 36n;

/** Prices from dollars per ether: loan asset units per wei, times 1e36. */
const inPrices = (...perEther: string[]): bigint[] => perEther.map((price) => dollars(price) * 10n ** 16n);

/** How a source can be, and what it then is to the reference: its price in dollars, and whether it is live. */
type State = [says: (source: PairedSource) => Promise<unknown>, price: string, isLive: boolean];

const live = (price: string): State => [async (source) => source.feed.set(answerOf(source, price)), price, true];
const stale = (price: string): State => [async (source) => tellStale(source, price), price, false];
const early = (price: string): State => [
  async (source) => source.feed.setAt(answerOf(source, price), clock.now() + 1n),
  price,
  false,
];
const silent: State = [async ({ feed }) => feed.setMode(FeedMode.revert), "100,000", false];
const negative: State = [async ({ feed }) => feed.set(-1n), "100,000", false];
const tooLow: State = [async (source) => source.feed.set(answerOf(source, "10") - 1n), "10", false];
const tooHigh: State = [async (source) => source.feed.set(answerOf(source, "100,000") + 1n), "100,000", false];

/** The lowest answer that agrees with 2,000 dollars within 2 % is 1,960; one unit less does not. */
const unitBelow1960 = ({ decimals }: PairedSource): string => `1959.${"9".repeat(decimals)}`;

type Row = [name: string, a: State, b: State, forBorrowing: string, forLiquidation: string, forSeizure: string];

const ROWS: Row[] = [
  // Two live, within maxDeviation: the lower, the higher, the higher.
  ["both the same", live("2,000"), live("2,000"), "2,000", "2,000", "2,000"],
  ["a little apart", live("1,999.99999999"), live("2,000"), "1,999.99999999", "2,000", "2,000"],
  ["as far apart as may be", live("1,960"), live("2,000"), "1,960", "2,000", "2,000"],
  // Two live, apart: 0, the higher, the higher less 2 %.
  ["much apart", live("1,000"), live("2,000"), "0", "2,000", "1,960"],
  ["at either end of the bounds", live("10"), live("100,000"), "0", "100,000", "98,000"],
  // One of two live: 0, the live one, the live one.
  ["the higher one stale", stale("2,500"), live("2,000"), "0", "2,000", "2,000"],
  ["the lower one stale", stale("1,500"), live("2,000"), "0", "2,000", "2,000"],
  ["one from the future", early("2,000"), live("2,000"), "0", "2,000", "2,000"],
  ["one silent", silent, live("2,000"), "0", "2,000", "2,000"],
  ["one negative", negative, live("2,000"), "0", "2,000", "2,000"],
  ["one below its bounds", tooLow, live("2,000"), "0", "2,000", "2,000"],
  ["one above its bounds", tooHigh, live("2,000"), "0", "2,000", "2,000"],
  // None live: 0, the higher of what they say, moved into the bounds, or the upper bound; no seizure.
  ["both stale", stale("1,900"), stale("2,100"), "0", "2,100", "0"],
  ["one stale, one from the future", stale("1,900"), early("1,800"), "0", "1,900", "0"],
  ["one stale, one silent", stale("1,900"), silent, "0", "100,000", "0"],
  ["one stale, one negative", stale("1,900"), negative, "0", "100,000", "0"],
  ["one stale, one below its bounds", stale("1,900"), tooLow, "0", "1,900", "0"],
  ["one stale, one above its bounds", stale("1,900"), tooHigh, "0", "100,000", "0"],
  ["both below their bounds", tooLow, tooLow, "0", "10", "0"],
  ["both silent", silent, silent, "0", "100,000", "0"],
];

/** A listing's prices as the book says them. */
async function pricesOf({ book }: PairedMarket, { listing }: Pair): Promise<bigint[]> {
  const { forBorrowing, forLiquidation, forSeizure } = await book.pricesOf(listing);
  return [forBorrowing, forLiquidation, forSeizure];
}

/** The reference's prices as the book rounds them: down where money goes out, up where a loan is judged. */
function rounded({ forBorrowing, forLiquidation, forSeizure }: PriceFigures): bigint[] {
  const scaled = (price: Fraction): Fraction => price.times(whole(PRICE_ONE));
  return [scaled(forBorrowing).floor(), scaled(forLiquidation).ceil(), scaled(forSeizure).ceil()];
}

/** What the reference makes of a state. */
function figuresOf([, price, isLive]: State): { price: Fraction; isLive: boolean } {
  return { price: priceOf(new Fraction(dollars(price), ONE_DOLLAR), 18n, 6n), isLive };
}

describe("Two sources of one price", () => {
  for (const name of ETHER_PAIRS) {
    describe(`of 8 and ${name === "ether" ? 8 : 18} decimals`, () => {
      for (const [row, a, b, ...expected] of ROWS) {
        it(`${row}, either way round`, async () => {
          const market = await networkHelpers.loadFixture(pairedMarket);
          const pair = market.pairs[name];
          for (const [first, second] of [
            [a, b],
            [b, a],
          ] as const) {
            for (const { feed } of [pair.first, pair.second]) await feed.setMode(FeedMode.answer);
            await first[0](pair.first);
            await second[0](pair.second);
            const reference = pairPrices(figuresOf(first), figuresOf(second), MAJOR_TERMS.maxDeviation);
            expect(rounded(reference)).to.deep.equal(inPrices(...expected));
            expect(await pricesOf(market, pair)).to.deep.equal(inPrices(...expected));
          }
        });
      }

      it("one unit of a feed beyond the deviation they are apart, either way round", async () => {
        const market = await networkHelpers.loadFixture(pairedMarket);
        const pair = market.pairs[name];
        await tell(pair, unitBelow1960(pair.first), "2,000");
        expect(await pricesOf(market, pair)).to.deep.equal(inPrices("0", "2,000", "1,960"));
        await tell(pair, "2,000", unitBelow1960(pair.second));
        expect(await pricesOf(market, pair)).to.deep.equal(inPrices("0", "2,000", "1,960"));
        await tell(pair, "2,000", "1,960");
        expect(await pricesOf(market, pair)).to.deep.equal(inPrices("1,960", "2,000", "2,000"));
        // The deviation is a part of the higher price: 2,040 is 2 % more than 2,000, but 2,000 only 1.96 % less.
        await tell(pair, "2,000", "2,040.81632653"); // 2,000 / 0.98 is …653.06
        expect(await pricesOf(market, pair)).to.deep.equal(inPrices("2,000", "2,040.81632653", "2,040.81632653"));
        await tell(pair, "2,000", "2,040.81632654");
        // 2,040.81632654 × 0.98 is a little more than 2,000.
        const seized = dollars("2,040.81632654") * 10n ** 16n * 98n;
        expect(await pricesOf(market, pair)).to.deep.equal([0n, ...inPrices("2,040.81632654"), seized / 100n]);
      });

      it("each is live at its greatest age, and not a second longer", async () => {
        const market = await networkHelpers.loadFixture(pairedMarket);
        const pair = market.pairs[name];
        await tell(pair, "2,000", "1,990");
        await clock.advance(FEED_AGE);
        expect(await pricesOf(market, pair)).to.deep.equal(inPrices("1,990", "2,000", "2,000"));
        await pair.second.feed.set(answerOf(pair.second, "1,990"));
        await clock.advance(1n);
        expect(await pricesOf(market, pair)).to.deep.equal(inPrices("0", "1,990", "1,990"));
        await clock.advance(FEED_AGE);
        expect(await pricesOf(market, pair)).to.deep.equal(inPrices("0", "2,000", "0"));
      });

      for (const [position, other] of [
        ["first", "second"],
        ["second", "first"],
      ] as const) {
        it(`the ${position} at its bounds is live, and a unit outside it is not`, async () => {
          const market = await networkHelpers.loadFixture(pairedMarket);
          const pair = market.pairs[name];
          const source = pair[position];
          const [lowest, highest] = [answerOf(source, "10"), answerOf(source, "100,000")];
          await tellStale(pair[other], "1,900");
          for (const [answer, ...expected] of [
            [lowest, "0", "10", "10"],
            [lowest - 1n, "0", "1,900", "0"],
            [highest, "0", "100,000", "100,000"],
            [highest + 1n, "0", "100,000", "0"],
          ] as const) {
            await source.feed.set(answer);
            expect(await pricesOf(market, pair), `answer ${answer}`).to.deep.equal(inPrices(...expected));
          }
        });
      }
    });
  }

  it("of two kinds of rounding: a price that is no whole number is the reference's, to the unit", async () => {
    const market = await networkHelpers.loadFixture(deployPairsWithoutPeg);
    await market.feeds.usdc.set(dollars("1.07"));
    const unit = new Fraction(100n, 107n);
    for (const [first, second] of [
      ["2,000", "1,999.99999999"],
      ["1,777.77777777", "1,801"],
      ["1,234.56789012", "2,345.67890123"],
      ["3,000.00000001", "2,000"],
    ] as const) {
      for (const name of ETHER_PAIRS) {
        const pair = market.pairs[name];
        await tell(pair, first, second);
        const inUnits = (price: string) => ({ price: figuresOf(live(price)).price.times(unit), isLive: true });
        const reference = rounded(pairPrices(inUnits(first), inUnits(second), MAJOR_TERMS.maxDeviation));
        const actual = await pricesOf(market, pair);
        expect(actual.slice(0, 2)).to.deep.equal(reference.slice(0, 2));
        // The higher price is rounded up before its 98 % are: at most a unit more.
        expect([reference[2], (reference[2] ?? 0n) + 1n]).to.include(actual[2]);
      }
    }
  });

  describe("and the loan asset", () => {
    for (const [quote, forBorrowing, forOthers] of [
      ["1.25", "1,568", ["2,000", "2,000"]], // 1,960 / 1.25, and at the peg
      ["0.8", "1,960", ["2,500", "2,500"]], // at the peg, and 2,000 / 0.8
    ] as const) {
      it(`with a peg, at ${quote}: each column takes the one that is safer`, async () => {
        const market = await networkHelpers.loadFixture(pairedMarket);
        const pair = market.pairs.fine;
        await market.feeds.usdc.set(dollars(quote));
        await tell(pair, "2,000", "1,960");
        expect(await pricesOf(market, pair)).to.deep.equal(inPrices(forBorrowing, ...forOthers));
        // Apart, one live and none live: 0 for borrowing; what is not live is quoted against the loan asset too.
        const [higher] = forOthers;
        const factor = new Fraction(dollars(higher), dollars("2,000"));
        const times = (price: string): string => {
          const cents = factor.times(whole(dollars(price))).floor();
          return `${cents / ONE_DOLLAR}.${(cents % ONE_DOLLAR).toString().padStart(8, "0")}`;
        };
        await tell(pair, "2,000", "1,900");
        expect(await pricesOf(market, pair)).to.deep.equal(inPrices("0", higher, times("1,960")));
        await tellStale(pair.first, "2,000");
        expect(await pricesOf(market, pair)).to.deep.equal(inPrices("0", times("1,900"), times("1,900")));
        await tellStale(pair.second, "1,900");
        expect(await pricesOf(market, pair)).to.deep.equal(inPrices("0", higher, "0"));
      });
    }

    it("with a peg, not live: nothing for borrowing, the peg for the rest", async () => {
      const market = await networkHelpers.loadFixture(pairedMarket);
      const pair = market.pairs.ether;
      await tell(pair, "2,000", "1,900");
      for (const answer of [dollars("0.49"), dollars("2.01"), 0n, -1n]) {
        await market.feeds.usdc.set(answer);
        expect(await pricesOf(market, pair)).to.deep.equal(inPrices("0", "2,000", "1,960"));
      }
      await market.feeds.usdc.setAt(dollars("0.9"), clock.now() - LOAN_ASSET_FEED_AGE - 1n);
      expect(await pricesOf(market, pair)).to.deep.equal(inPrices("0", "2,000", "1,960"));
      await tell(pair, "2,000", "2,000");
      expect(await pricesOf(market, pair)).to.deep.equal(inPrices("0", "2,000", "2,000"));
    });

    it("without a peg: as it is, both ways; not live, there is no price", async () => {
      const market = await networkHelpers.loadFixture(deployPairsWithoutPeg);
      const pair = market.pairs.fine;
      await tell(pair, "2,000", "1,960");
      await market.feeds.usdc.set(dollars("1.25"));
      expect(await pricesOf(market, pair)).to.deep.equal(inPrices("1,568", "1,600", "1,600"));
      await market.feeds.usdc.set(dollars("0.8"));
      expect(await pricesOf(market, pair)).to.deep.equal(inPrices("2,450", "2,500", "2,500"));
      await tell(pair, "2,000", "1,900");
      expect(await pricesOf(market, pair)).to.deep.equal(inPrices("0", "2,500", "2,450"));
      await market.feeds.usdc.set(dollars("2.01"));
      expect(await pricesOf(market, pair)).to.deep.equal([0n, 0n, 0n]);
    });
  });

  it("the reference puts the boundary where the design does", () => {
    // The calculation itself, at places where the figure is plain: the tests above lean on it.
    const at = (first: bigint, second: bigint): bigint[] =>
      rounded(pairPrices({ price: whole(first), isLive: true }, { price: whole(second), isLive: true }, 200n));
    const units = (...prices: bigint[]): bigint[] => prices.map((price) => price * PRICE_ONE);
    expect(at(98n, 100n)).to.deep.equal(units(98n, 100n, 100n));
    expect(at(97n, 100n)).to.deep.equal(units(0n, 100n, 98n));
    expect(at(100n, 97n)).to.deep.equal(units(0n, 100n, 98n));
  });
});

async function deployPairsWithoutPeg(): Promise<PairedMarket> {
  return deployPairs({ peg: 0n });
}

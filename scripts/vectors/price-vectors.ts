/** What the libraries of prices are asked. */
import { pricesOf, type ListingFeeds } from "../../sdk/src/math/book-prices.ts";
import * as HealthMath from "../../sdk/src/math/health-math.ts";
import * as PriceFeeds from "../../sdk/src/math/price-feeds.ts";
import * as SourcePair from "../../sdk/src/math/source-pair.ts";
import type { ListingTerms } from "../../sdk/src/types.ts";
import type { BigRandom } from "./big-random.ts";
import { NOW } from "./vault-vectors.ts";
import { asking, type VectorFile } from "./vector-file.ts";

const SOURCE =
  "{ maxAge [s], minAnswer, maxAnswer [feed decimals], round: { answer [feed decimals], startedAt, updatedAt [s] }, null if the feed does not answer }";
const PRICE_SOURCE = `${SOURCE} with exponent [power of ten]`;
const PRICE_AND_LIFE = "{ price [price], isLive }";

/** Within what a listing may have: borrowLtv < callLtv < liquidationLtv, and bonuses that leave lenders whole. */
export function someTerms(random: BigRandom): ListingTerms {
  const borrowLtv = random.within(3_000n, 8_000n);
  const callLtv = borrowLtv + random.within(1n, 300n);
  const liquidationLtv = callLtv + random.within(1n, 600n);
  const bonusSlope = random.within(1n, 10_000n);
  return {
    borrowLtv,
    callLtv,
    liquidationLtv,
    maxBonus: random.upTo(500n),
    bonusSlope,
    maxDeviation: random.upTo(200n),
  };
}

/** Bounds are few digits and zeros, as a book stores them; most answers lie within, some are dead in each way. */
function someSource(random: BigRandom, scale: bigint): PriceFeeds.PriceSource {
  const unit = 10n ** scale;
  const limits = {
    maxAge: random.pick([3_900n, 90_000n]),
    minAnswer: random.within(1n, 99n) * unit,
    maxAnswer: 60_000n * unit,
  };
  const live = limits.minAnswer + random.upTo(limits.maxAnswer - limits.minAnswer);
  const [answer, updatedAt] = random.weighed<[bigint, bigint]>([
    [[live, NOW - random.upTo(limits.maxAge)], 12],
    [[live, NOW - limits.maxAge - random.within(1n, 1_000n)], 2],
    [[live, random.pick([0n, NOW + 1n])], 1],
    [[random.pick([limits.minAnswer - 1n, limits.maxAnswer + 1n, 0n, -1n, -(2n ** 255n), 2n ** 255n - 1n]), NOW], 2],
  ]);
  const round = random.chance(0.06) ? undefined : { answer, startedAt: NOW - 5n, updatedAt };
  return { ...limits, exponent: 26n - scale + random.within(0n, 10n), round };
}

function someListing(random: BigRandom): ListingFeeds {
  const source = someSource(random, 8n);
  // The second source says about the same as the first, with decimals of its own.
  const apart = random.within(9_700n, 10_300n);
  const second = {
    ...source,
    exponent: source.exponent - 2n,
    minAnswer: source.minAnswer * 100n,
    maxAnswer: source.maxAnswer * 100n,
  };
  const { round } = random.chance(0.8) ? source : someSource(random, 8n);
  const terms = someTerms(random);
  if (random.chance(0.4)) return { terms, isRetired: false, source, secondSource: undefined };
  const answer = round === undefined ? 0n : BigInt.asIntN(255, (round.answer * apart) / 100n);
  return { terms, isRetired: false, source, secondSource: { ...second, round: round && { ...round, answer } } };
}

interface Sourced {
  source: PriceFeeds.PriceSource;
  loanAsset: bigint;
  now: bigint;
}

const priced = (rounding: string, answer: typeof PriceFeeds.priceDown) =>
  asking<Sourced>({
    arguments: { source: PRICE_SOURCE, loanAsset: "what the loan asset counts [its feed's decimals]", now: "[s]" },
    result: `${PRICE_AND_LIFE}, rounded ${rounding}`,
    answer: ({ source, loanAsset, now }) => answer(source, loanAsset, now),
    draw: (random) => ({ source: someSource(random, 8n), loanAsset: 97_000_000n + random.upTo(6_000_000n), now: NOW }),
    count: 30,
  });

interface Pair {
  first: PriceFeeds.SourcePrice;
  second: PriceFeeds.SourcePrice;
  maxDeviation: bigint;
}

const paired = (result: string, answer: (pair: Pair) => unknown) =>
  asking<Pair>({
    arguments: { first: PRICE_AND_LIFE, second: PRICE_AND_LIFE, maxDeviation: "[bps]" },
    result,
    answer,
    draw: (random) => {
      const price = random.sized(218);
      const other = ((price * random.within(9_750n, 10_250n)) / 10_000n) % 2n ** 218n;
      const [isLive, otherIsLive] = [random.chance(0.8), random.chance(0.8)];
      return {
        first: { price, isLive },
        second: { price: other, isLive: otherIsLive },
        maxDeviation: random.upTo(200n),
      };
    },
    count: 30,
  });

interface Tokens {
  tokens: bigint;
  price: bigint;
}

const worth = (rounding: string, answer: typeof HealthMath.valueDown) =>
  asking<Tokens>({
    arguments: { tokens: "[token]", price: "[price]" },
    result: `[asset], rounded ${rounding}`,
    answer: ({ tokens, price }) => answer(tokens, price),
    edges: [0n, 1n].flatMap((tokens) => [0n, 1n, 10n ** 36n - 1n, 10n ** 36n].map((price) => ({ tokens, price }))),
    draw: (random) => ({ tokens: random.sized(104), price: random.sized(140) }),
    count: 20,
  });

export const PRICES: readonly VectorFile[] = [
  {
    name: "health-math",
    source: "HealthMath",
    notes: ["[asset] = [token] × [price] / 1e36, shares in [bps]"],
    functions: {
      valueDown: worth("down", HealthMath.valueDown),
      valueUp: worth("up", HealthMath.valueUp),
      shareDown: asking<{ value: bigint; share: bigint }>({
        arguments: { value: "[asset]", share: "[bps]" },
        result: "[asset], rounded down",
        answer: ({ value, share }) => HealthMath.shareDown(value, share),
        edges: [0n, 1n, 9_999n].map((value) => ({ value, share: 9_999n })),
        draw: (random) => ({ value: random.sized(203), share: random.upTo(10_000n) }),
        count: 20,
      }),
      tokensToCure: asking<{ debt: bigint; callLine: bigint; callLtv: bigint; price: bigint }>({
        arguments: { debt: "[asset]", callLine: "[asset], at most the debt", callLtv: "[bps]", price: "[price]" },
        result: "[token], rounded up",
        answer: ({ debt, callLine, callLtv, price }) => HealthMath.tokensToCure(debt, callLine, callLtv, price),
        edges: [{ debt: 100n, callLine: 100n, callLtv: 8_000n, price: 1n }],
        draw: (random) => {
          const debt = random.sized(104);
          return {
            debt,
            callLine: random.upTo(debt),
            callLtv: random.within(1n, 9_500n),
            price: random.sized(130) + 1n,
          };
        },
        count: 25,
      }),
    },
  },
  {
    name: "source-pair",
    source: "SourcePair",
    notes: ["what two sources of one price mean together"],
    functions: {
      forBorrowing: paired("[price]; 0 if it is uncertain", ({ first, second, maxDeviation }) =>
        SourcePair.forBorrowing(first, second, maxDeviation),
      ),
      forLiquidation: paired("{ price [price], isLive, isApart }", ({ first, second, maxDeviation }) =>
        SourcePair.forLiquidation(first, second, maxDeviation),
      ),
      discounted: asking<{ price: bigint; maxDeviation: bigint }>({
        arguments: { price: "[price]", maxDeviation: "[bps]" },
        result: "[price], rounded up",
        answer: ({ price, maxDeviation }) => SourcePair.discounted(price, maxDeviation),
        edges: [{ price: 10_001n, maxDeviation: 200n }],
        draw: (random) => ({ price: random.sized(218), maxDeviation: random.upTo(1_000n) }),
        count: 12,
      }),
    },
  },
  {
    name: "price-feeds",
    source: "PriceFeeds",
    notes: ["from what a feed's latestRoundData returned; `now` is the same in all cases"],
    functions: {
      inspect: asking<{ source: PriceFeeds.PriceSource; now: bigint }>({
        arguments: { source: SOURCE, now: "[s]" },
        result: '{ answer [feed decimals], status: "live", "stale" or "broken", updatedAt [s] }',
        answer: ({ source, now }) => PriceFeeds.inspect(source, now),
        draw: (random) => ({ source: someSource(random, 8n), now: NOW }),
        count: 34,
      }),
      priceDown: priced("down; 0 if it is not live", PriceFeeds.priceDown),
      priceUp: priced("up", PriceFeeds.priceUp),
      inspectSequencer: asking<{ round: PriceFeeds.Round | undefined; now: bigint }>({
        arguments: { round: "{ answer, startedAt [s], updatedAt [s] }, null if the feed does not answer", now: "[s]" },
        result: '{ status: "live" or "broken", isUp, since [s] }',
        answer: ({ round, now }) => PriceFeeds.inspectSequencer(round, now),
        edges: [{ round: undefined, now: NOW }],
        draw: (random) => {
          const startedAt = random.pick([0n, NOW - random.upTo(100_000n), NOW, NOW + 1n]);
          return { round: { answer: random.pick([0n, 0n, 1n, 2n, -1n]), startedAt, updatedAt: 0n }, now: NOW };
        },
        count: 25,
      }),
    },
  },
  {
    name: "book-prices",
    source: "BookPrices",
    notes: ["a listing's three prices from its one or two feeds and the loan asset's; `now` is the same in all cases"],
    functions: {
      pricesOf: asking<{ listing: ListingFeeds; loanAsset: PriceFeeds.FeedSource; peg: bigint; now: bigint }>({
        arguments: {
          listing: `{ terms [bps], isRetired, source: ${PRICE_SOURCE}, secondSource: likewise, null if there is none }`,
          loanAsset: "its feed, as a source is",
          peg: "[the loan asset's feed decimals], 0 for none",
          now: "[s]",
        },
        result: "{ forBorrowing (down), forLiquidation (up), forSeizure (up) } [price], 0 for none",
        answer: ({ listing, loanAsset, peg, now }) => pricesOf(listing, loanAsset, peg, now),
        draw: (random) => {
          const answer = 96_000_000n + random.upTo(8_000_000n);
          const updatedAt = NOW - random.upTo(random.chance(0.85) ? 90_000n : 200_000n);
          const limits = { maxAge: 90_000n, minAnswer: 5n * 10n ** 7n, maxAnswer: 2n * 10n ** 8n };
          const loanAsset = {
            ...limits,
            round: random.chance(0.05) ? undefined : { answer, startedAt: 1n, updatedAt },
          };
          return { listing: someListing(random), loanAsset, peg: random.pick([0n, 10n ** 8n]), now: NOW };
        },
        count: 34,
      }),
    },
  },
];

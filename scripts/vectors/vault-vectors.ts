/** What the vault's libraries are asked. */
import { MAX_AMOUNT, WAD } from "../../sdk/src/math/amounts.ts";
import * as AveragedSupply from "../../sdk/src/math/averaged-supply.ts";
import { expWad } from "../../sdk/src/math/exp-wad.ts";
import * as RateCurve from "../../sdk/src/math/rate-curve.ts";
import * as TermDebt from "../../sdk/src/math/term-debt.ts";
import * as TermQuote from "../../sdk/src/math/term-quote.ts";
import type { TermSums } from "../../sdk/src/types.ts";
import type { BigRandom } from "./big-random.ts";
import { asking, type VectorFile } from "./vector-file.ts";

/** The time of every case that asks for one: what is dated lies before it or after it. [s] */
export const NOW = 3_000_000_000n;

const { YEAR, TARGET } = RateCurve;
const MIN_HEIGHT = RateCurve.MIN_RATE;
const MAX_HEIGHT = RateCurve.MAX_RATE;
const LONGEST = 2n ** 32n - 1n;

/** What terms that had begun by {@link NOW} add up to. */
export function someSums(random: BigRandom, bits: number): TermSums {
  const principal = random.sized(bits);
  const weighted = principal * random.upTo(103n * 10n ** 7n);
  return { principal, weighted, dated: weighted * (NOW - random.upTo(YEAR)) };
}

const SUMS = "{ principal [asset], weighted [asset × 1e-9/year], dated [asset × 1e-9/year × s] }";

export const VAULT_LIBRARIES: readonly VectorFile[] = [
  {
    name: "exp-wad",
    source: "FixedPointMathLib.expWad (Solady)",
    notes: ["e^x, bit for bit; refused where the result would not fit an int256"],
    functions: {
      expWad: asking<{ x: bigint }>({
        arguments: { x: "[WAD], signed" },
        result: "[WAD]",
        answer: ({ x }) => expWad(x),
        edges: [
          ...[-(2n ** 255n), -41446531673892822314n, -41446531673892822313n, -41446531673892822312n, -WAD, -1n, 0n],
          ...[1n, WAD, 135305999368893231588n, 135305999368893231589n, 2n ** 255n - 1n],
        ].map((x) => ({ x })),
        draw: (random) => ({
          x: random.within(
            ...random.pick<[bigint, bigint]>([
              [-42n * WAD, 0n],
              [-4n * WAD, 4n * WAD],
              [0n, 135n * WAD],
            ]),
          ),
        }),
        count: 40,
      }),
    },
  },
  {
    name: "rate-curve",
    source: "RateCurve",
    notes: [
      "the curve is 1/4 at utilisation 0, 1 at the target (0.9), 4 at 1, straight in between; a year has 31,536,000 s",
    ],
    functions: {
      utilisation: asking<{ cash: bigint; debt: bigint }>({
        arguments: { cash: "[asset]", debt: "[asset]" },
        result: "[WAD], rounded down",
        answer: ({ cash, debt }) => RateCurve.utilisation(cash, debt),
        edges: [
          [0n, 0n],
          [1n, 0n],
          [0n, 1n],
          [MAX_AMOUNT, MAX_AMOUNT],
        ].map(([cash = 0n, debt = 0n]) => ({ cash, debt })),
        draw: (random) => ({ cash: random.sized(104), debt: random.sized(104) }),
        count: 14,
      }),
      rate: asking<{ rateAtTarget: bigint; used: bigint }>({
        arguments: { rateAtTarget: "[1e-14/year]", used: "[WAD]" },
        result: "[WAD/year], rounded down",
        answer: ({ rateAtTarget, used }) => RateCurve.rate(rateAtTarget, used),
        edges: [0n, 1n, TARGET - 1n, TARGET, TARGET + 1n, WAD].map((used) => ({
          rateAtTarget: RateCurve.START_RATE,
          used,
        })),
        draw: (random) => ({ rateAtTarget: random.within(MIN_HEIGHT, MAX_HEIGHT), used: random.upTo(WAD) }),
        count: 30,
      }),
      drift: asking<{ rateAtTarget: bigint; used: bigint; elapsed: bigint }>({
        arguments: { rateAtTarget: "[1e-14/year]", used: "[WAD]", elapsed: "[s]" },
        result: "{ averageRate [WAD/year], nextRateAtTarget [1e-14/year] }, both rounded down",
        answer: ({ rateAtTarget, used, elapsed }) => RateCurve.drift(rateAtTarget, used, elapsed),
        edges: [0n, 1n, YEAR, LONGEST].flatMap((elapsed) =>
          [0n, TARGET, WAD].map((used) => ({ rateAtTarget: RateCurve.START_RATE, used, elapsed })),
        ),
        draw: (random) => ({
          rateAtTarget: random.within(MIN_HEIGHT, MAX_HEIGHT),
          used: random.upTo(WAD),
          elapsed: random.sized(random.chance(0.7) ? 24 : 32),
        }),
        count: 60,
      }),
      growth: asking<{ yearly: bigint; elapsed: bigint }>({
        arguments: { yearly: "[WAD/year]", elapsed: "[s]" },
        result: "[WAD], x + x²/2 + x³/6 with x = rate × time, each rounded down",
        answer: ({ yearly, elapsed }) => RateCurve.growth(yearly, elapsed),
        edges: [
          [0n, YEAR],
          [WAD, 0n],
          [WAD, 1n],
          [WAD, YEAR],
          [WAD, LONGEST],
        ].map(([yearly = 0n, elapsed = 0n]) => ({ yearly, elapsed })),
        draw: (random) => ({ yearly: random.upTo(WAD), elapsed: random.sized(32) }),
        count: 30,
      }),
    },
  },
  {
    name: "averaged-supply",
    source: "AveragedSupply",
    notes: ["[packed] is 42 bits of digits above 6 bits of a binary exponent"],
    functions: {
      pack: asking<{ average: bigint }>({
        arguments: { average: "[asset]" },
        result: "[packed], rounded down to 42 significant bits",
        answer: ({ average }) => AveragedSupply.pack(average),
        edges: [0n, 1n, 2n ** 42n - 1n, 2n ** 42n, 2n ** 42n + 1n, AveragedSupply.MAX].map((average) => ({ average })),
        draw: (random) => ({ average: random.sized(104) }),
        count: 14,
      }),
      unpack: asking<{ packed: bigint }>({
        arguments: { packed: "[packed]" },
        result: "[asset]",
        answer: ({ packed }) => AveragedSupply.unpack(packed),
        edges: [0n, 64n, 2n ** 48n - 1n].map((packed) => ({ packed })),
        draw: (random) => ({ packed: random.sized(48) }),
        count: 15,
      }),
      next: asking<{ average: bigint; supply: bigint; elapsed: bigint }>({
        arguments: { average: "[packed]", supply: "[asset], in the meantime", elapsed: "[s]" },
        result: "[packed], rounded down; time constant 604,800 s rising, 43,200 s falling",
        answer: ({ average, supply, elapsed }) => AveragedSupply.next(average, supply, elapsed),
        edges: [0n, 1n, 43_200n, 604_800n, LONGEST].flatMap((elapsed) =>
          [0n, 10n ** 12n, 10n ** 15n].map((supply) => ({ average: AveragedSupply.pack(10n ** 12n), supply, elapsed })),
        ),
        draw: (random) => ({
          average: AveragedSupply.pack(random.sized(90)),
          supply: random.sized(105),
          elapsed: random.sized(random.chance(0.7) ? 21 : 32),
        }),
        count: 40,
      }),
    },
  },
  {
    name: "term-debt",
    source: "TermDebt",
    notes: [
      "fixed terms owe principal + (weighted × t - dated) / (31,536,000 × 1e9) together; refused where sums do not fit",
    ],
    functions: {
      owed: asking<{ sums: TermSums; time: bigint }>({
        arguments: { sums: SUMS, time: "[s]" },
        result: "[asset], rounded down",
        answer: ({ sums, time }) => TermDebt.owed(sums, time),
        edges: [{ sums: { principal: 0n, weighted: 0n, dated: 0n }, time: 0n }],
        draw: (random) => ({ sums: someSums(random, 104), time: NOW + random.upTo(YEAR) }),
        count: 30,
      }),
      add: asking<{ sums: TermSums; debts: TermSums }>({
        arguments: { sums: SUMS, debts: "likewise, of a loan" },
        result: SUMS,
        answer: ({ sums, debts }) => TermDebt.add(sums, debts),
        draw: (random) => ({ sums: someSums(random, 104), debts: someSums(random, 104) }),
        count: 15,
      }),
      remove: asking<{ sums: TermSums; debts: TermSums }>({
        arguments: { sums: SUMS, debts: "likewise, of a loan in them" },
        result: SUMS,
        answer: ({ sums, debts }) => TermDebt.remove(sums, debts),
        draw: (random) => {
          const [rest, debts] = [someSums(random, 100), someSums(random, 100)];
          return { sums: TermDebt.add(rest, debts), debts };
        },
        count: 15,
      }),
    },
  },
  {
    name: "term-quote",
    source: "TermQuote",
    notes: ["refused: a duration outside 604,800 s … 31,536,000 s, or more term debt than maxTermDebt"],
    functions: {
      rate: asking<{ market: TermQuote.QuotedMarket; duration: bigint }>({
        arguments: {
          market:
            "{ debtAfter, termDebtAfter, supply, totalAssets, averagedSupply [asset], rateAtTarget [1e-14/year] }",
          duration: "[s]",
        },
        result: "[1e-9/year], rounded up",
        answer: ({ market, duration }) => TermQuote.rate(market, duration),
        draw: (random) => {
          const supply = random.within(10n ** 6n, 2n ** random.pick([50n, 90n, 104n]));
          const averagedSupply = random.chance(0.5) ? random.within(supply / 2n, 2n * supply) : supply;
          const market = {
            debtAfter: random.upTo((11n * supply) / 10n),
            termDebtAfter: random.upTo(supply / 4n),
            ...{ supply, totalAssets: supply - random.upTo(supply / 50n), averagedSupply },
            rateAtTarget: random.within(MIN_HEIGHT, MAX_HEIGHT),
          };
          const { MIN_DURATION, MAX_DURATION } = TermQuote;
          const wrong = random.pick([MIN_DURATION - 1n, MAX_DURATION + 1n]);
          return {
            market,
            duration: random.chance(0.05) ? wrong : MIN_DURATION + random.upTo(MAX_DURATION - MIN_DURATION),
          };
        },
        count: 60,
      }),
      maxTermDebt: asking<{ totalAssets: bigint; averagedSupply: bigint }>({
        arguments: { totalAssets: "[asset]", averagedSupply: "[asset]" },
        result: "[asset], rounded down",
        answer: ({ totalAssets, averagedSupply }) => TermQuote.maxTermDebt(totalAssets, averagedSupply),
        edges: [{ totalAssets: 0n, averagedSupply: 1n }],
        draw: (random) => ({ totalAssets: random.sized(105), averagedSupply: random.sized(105) }),
        count: 15,
      }),
    },
  },
];

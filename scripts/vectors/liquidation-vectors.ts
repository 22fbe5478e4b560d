/** What the libraries of calls and liquidations are asked. */
import { WAD } from "../../sdk/src/math/amounts.ts";
import * as LiquidationMath from "../../sdk/src/math/liquidation-math.ts";
import { growthOf } from "../../sdk/src/math/loan-debt.ts";
import { debtOf } from "../../sdk/src/math/loan-lens.ts";
import { lines } from "../../sdk/src/math/loan-lines.ts";
import * as MarginCallRecord from "../../sdk/src/math/margin-call-record.ts";
import type { StoredMarginCall } from "../../sdk/src/types.ts";
import type { BigRandom } from "./big-random.ts";
import { CALLER, someCall, someListing, someLoan } from "./loan-vectors.ts";
import { NOW } from "./vault-vectors.ts";
import { asking, type VectorFile, type VectorFunction } from "./vector-file.ts";

function somePosition(random: BigRandom): LiquidationMath.LiquidationPosition {
  const { market, loan } = someLoan(random);
  const { board, debtIndex } = market;
  const growth = growthOf(loan, debtIndex, NOW);
  const { value, seizableValue, borrowLimit, callLine, liquidationLine } = lines(loan.pledges, board);
  const debt = debtOf(market, loan);
  const [listing, pledged] = random.pick([...loan.pledges]);
  const { terms, prices } = board.listings[listing] ?? someListing(random);
  const isHard = debt > liquidationLine;
  return {
    ...{ growth, debt: debt === 0n ? 1n : debt, target: isHard ? borrowLimit : callLine, callLine, liquidationLine },
    ...{ value, seizableValue, overdue: random.pick([0n, random.upTo(7_200n), 10_000n]), pledged },
    ...{
      price: prices.forLiquidation,
      seizurePrice: prices.forSeizure === 0n ? prices.forLiquidation : prices.forSeizure,
    },
    targetLtv: isHard ? terms.borrowLtv : terms.callLtv,
    ...{ maxBonus: terms.maxBonus, bonusSlope: terms.bonusSlope },
  };
}

const POSITION =
  "{ growth: { index, unit, breakFee }, debt, target, callLine, liquidationLine, value, seizableValue [asset], overdue [s], pledged [token], price, seizurePrice [price], targetLtv, maxBonus, bonusSlope [bps] }";

const bonus = (answer: typeof LiquidationMath.bonus): VectorFunction =>
  asking<{ position: LiquidationMath.LiquidationPosition }>({
    arguments: { position: POSITION },
    result: "[WAD], rounded down",
    answer: ({ position }) => answer(position),
    draw: (random) => ({ position: somePosition(random) }),
    count: 12,
  });

const timed = (result: string, answer: (call: MarginCallRecord.MarginCall, now: bigint) => unknown): VectorFunction =>
  asking<{ call: MarginCallRecord.MarginCall; now: bigint }>({
    arguments: { call: "{ caller, calledAt, deadline, lapse [s] }", now: "[s]" },
    result,
    answer: ({ call, now }) => answer(call, now),
    // A second before each limit, and at it.
    edges: [600n, 86_400n, 129_600n].flatMap((age) =>
      [age - 1n, age, age + 1n].map((ago) => {
        const calledAt = NOW - ago;
        return {
          call: { caller: CALLER, calledAt, deadline: calledAt + 86_400n, lapse: calledAt + 129_600n },
          now: NOW,
        };
      }),
    ),
    draw: (random) => ({ call: MarginCallRecord.asOf(someCall(random), 0n), now: NOW }),
    count: 5,
  });

export const LIQUIDATIONS: readonly VectorFile[] = [
  {
    name: "margin-call-record",
    source: "MarginCallRecord",
    notes: ["`now` is the same in all cases"],
    functions: {
      asOf: asking<{ stored: StoredMarginCall; upSince: bigint }>({
        arguments: { stored: "{ caller, calledAt, deadline [s] }", upSince: "[s], 0 if there is no sequencer" },
        result: "{ caller, calledAt, deadline, lapse [s] }",
        answer: ({ stored, upSince }) => MarginCallRecord.asOf(stored, upSince),
        edges: [0n, 19n * 3_600n, 19n * 3_600n + 1n, 36n * 3_600n - 1n, 36n * 3_600n].map((after) => ({
          stored: { caller: CALLER, calledAt: NOW, deadline: NOW + 86_400n },
          upSince: NOW + after,
        })),
        draw: (random) => ({ stored: someCall(random), upSince: random.pick([0n, NOW - random.upTo(40n * 3_600n)]) }),
        count: 15,
      }),
      isAlive: timed("whether it does something", MarginCallRecord.isAlive),
      overdue: timed("[s], 0 before its deadline and once it has lapsed", MarginCallRecord.overdue),
      earnsCredit: timed("whether its caller is credited", MarginCallRecord.earnsCredit),
    },
  },
  {
    name: "liquidation-math",
    source: "LiquidationMath",
    notes: ["the target is the line down to which a liquidation sells"],
    functions: {
      bonus: bonus(LiquidationMath.bonus),
      hardBonus: bonus(LiquidationMath.hardBonus),
      softBonus: bonus(LiquidationMath.softBonus),
      credit: asking<{ seized: bigint; beta: bigint }>({
        arguments: { seized: "[token]", beta: "[WAD]" },
        result: "[token], rounded down",
        answer: ({ seized, beta }) => LiquidationMath.credit(seized, beta),
        draw: (random) => ({ seized: random.sized(104), beta: random.upTo(WAD / 10n) }),
        count: 12,
      }),
      repayLimit: asking<{ position: LiquidationMath.LiquidationPosition; beta: bigint; minDebt: bigint }>({
        arguments: { position: POSITION, beta: "[WAD]", minDebt: "[asset]" },
        result: "[asset], rounded up",
        answer: ({ position, beta, minDebt }) => LiquidationMath.repayLimit(position, beta, minDebt),
        draw: (random) => ({ position: somePosition(random), beta: random.upTo(WAD / 20n), minDebt: 100_000_000n }),
        count: 14,
      }),
      fill: asking<{ position: LiquidationMath.LiquidationPosition; maxRepay: bigint; minDebt: bigint }>({
        arguments: { position: POSITION, maxRepay: "[asset]", minDebt: "[asset]" },
        result: "{ repaid [asset], seized [token], bonus [WAD] }",
        answer: ({ position, maxRepay, minDebt }) => LiquidationMath.fill(position, maxRepay, minDebt),
        draw: (random) => {
          const position = somePosition(random);
          return {
            position,
            maxRepay: random.pick([2n ** 256n - 1n, random.upTo(position.debt)]),
            minDebt: 100_000_000n,
          };
        },
        count: 26,
      }),
    },
  },
];

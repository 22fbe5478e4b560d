/** What is asked of loans in their market. */
import type { Board, BoardListing } from "../../sdk/src/math/book-prices.ts";
import { previewLiquidation, type LiquidationOrder } from "../../sdk/src/math/liquidation-preview.ts";
import { growthOf } from "../../sdk/src/math/loan-debt.ts";
import * as Lens from "../../sdk/src/math/loan-lens.ts";
import { healthOf, lines } from "../../sdk/src/math/loan-lines.ts";
import * as MarginCallRecord from "../../sdk/src/math/margin-call-record.ts";
import type { Loan, StoredMarginCall } from "../../sdk/src/types.ts";
import type { BigRandom } from "./big-random.ts";
import { someIndex, someTerm } from "./debt-vectors.ts";
import { someTerms } from "./price-vectors.ts";
import { NOW } from "./vault-vectors.ts";
import { asking, type VectorFile, type VectorFunction } from "./vector-file.ts";

export const CALLER = "0x00000000000000000000000000000000000000c0";
const MARKET =
  "{ board: { now [s], loanAsset [its feed's decimals], isLoanAssetLive, sequencer: { isReady, upSince [s] }, listings: [{ terms [bps], isRetired, prices [price] }] }, debtIndex [WAD], minDebt [asset] }";
const LOAN =
  "{ id, base [asset / index] or [asset], since, maturity [s], rate [1e-9/year], pledges: [[listing, token]], call: { caller, calledAt, deadline [s] } or null }";

interface Standing {
  market: Lens.MarketView;
  loan: Loan;
}

/** @param hasPrice Whether the loan asset has one. */
export function someListing(random: BigRandom, hasPrice = true): BoardListing {
  // About 2,000 dollars of six decimals for a token of eighteen.
  const price = random.within(1_000n, 3_000n) * 10n ** 24n + random.sized(70);
  const isSure = random.chance(0.9);
  const seized = random.chance(0.8) ? price : (price * 98n + 99n) / 100n;
  const prices = { forBorrowing: isSure ? price - random.upTo(price / 100n) : 0n, forLiquidation: price };
  const forSeizure = random.chance(0.93) ? seized : 0n;
  return {
    terms: someTerms(random),
    isRetired: random.chance(0.1),
    prices: hasPrice ? { ...prices, forSeizure } : { forBorrowing: 0n, forLiquidation: 0n, forSeizure: 0n },
  };
}

function someSequencer(random: BigRandom): Board["sequencer"] {
  if (random.chance(0.6)) return { isReady: true, upSince: 0n };
  if (random.chance(0.2)) return { isReady: false, upSince: 0n };
  const upSince = NOW - random.upTo(50n * 3_600n);
  return { isReady: NOW - upSince >= MarginCallRecord.SEQUENCER_GRACE, upSince };
}

/** Called up to two days ago: curing, due or lapsed. */
export function someCall(random: BigRandom): StoredMarginCall {
  const calledAt = NOW - random.upTo(40n * 3_600n);
  return { caller: CALLER, calledAt, deadline: calledAt + MarginCallRecord.CURE_PERIOD };
}

/** A loan that owes so many percent of what it has: near its lines, unless others are asked for. */
export function someLoan(random: BigRandom, least = 50n, most = 95n): Standing {
  const hasPrice = random.chance(0.97);
  const listings = Array.from({ length: Number(random.within(1n, 3n)) }, () => someListing(random, hasPrice));
  const board: Board = {
    ...{ now: NOW, loanAsset: hasPrice ? 10n ** 8n : 0n, isLoanAssetLive: hasPrice && random.chance(0.95) },
    ...{ loanAssetFeed: CALLER, sequencer: someSequencer(random), listings },
  };
  const pledges = new Map<number, bigint>();
  listings.forEach((_, number) => pledges.set(number, random.within(1n, 50n) * 10n ** 17n + random.sized(50)));
  const [debtIndex, term] = [someIndex(random), someTerm(random)];
  const value = lines(pledges, board).value || 10n ** 10n;
  const debt = (value * random.within(least, random.chance(0.9) ? most : most + 25n)) / 100n;
  const { index, unit } = growthOf({ base: 0n, ...term }, debtIndex, NOW);
  const call = random.chance(0.5) ? someCall(random) : undefined;
  const loan = { id: 7n, base: random.chance(0.03) ? 0n : (debt * unit) / index, ...term, pledges, call };
  return { market: { board, debtIndex, minDebt: 100_000_000n }, loan };
}

const standing = (
  result: string,
  answer: (market: Lens.MarketView, loan: Loan) => unknown,
  most = 95n,
): VectorFunction =>
  asking<Standing>({
    arguments: { market: MARKET, loan: LOAN },
    result,
    answer: ({ market, loan }) => answer(market, loan),
    draw: (random) => someLoan(random, 40n, most),
    count: 14,
  });

const ofListing = (
  most: bigint,
  result: string,
  answer: (market: Lens.MarketView, loan: Loan, listing: number) => unknown,
): VectorFunction =>
  asking<Standing & { listing: number }>({
    arguments: { market: MARKET, loan: LOAN, listing: "the number of one that is pledged" },
    result,
    answer: ({ market, loan, listing }) => answer(market, loan, listing),
    draw: (random) => {
      const drawn = someLoan(random, 10n, most);
      return { ...drawn, listing: random.pick([...drawn.loan.pledges.keys()]) };
    },
    count: 14,
  });

export const LOANS: readonly VectorFile[] = [
  {
    name: "loan-lens",
    source: "LoanLens, LoanLines",
    notes: [
      "a loan in its market: lines, what it may do, where it ends, what liquidates it; `now` is the same in all cases",
    ],
    functions: {
      healthOf: standing(
        "{ debt (up), borrowLimit, callLine, liquidationLine (down) } [asset]; 2^256 - 1 without a price",
        ({ board, debtIndex }, loan) => healthOf(loan, board, debtIndex),
      ),
      isCallable: standing("whether its margin can be called", Lens.isCallable),
      isLiquidatable: standing("whether it can be liquidated", Lens.isLiquidatable),
      marginCallState: standing('"none", "curing", "due" or "lapsed"', ({ board }, loan) =>
        Lens.marginCallState(board, loan),
      ),
      amountToCure: standing("{ repayment [asset], additions: [[listing, token]] }, rounded up", Lens.amountToCure),
      liquidationDrop: standing("[WAD], rounded down", Lens.liquidationDrop, 70n),
      liquidationPrice: ofListing(
        95n,
        "[price], rounded up; 0 if none, 2^256 - 1 if every price",
        Lens.liquidationPrice,
      ),
      maxRelease: ofListing(50n, "[token]", Lens.maxRelease),
      maxBorrow: asking<Standing & { vault: { cash: bigint; scaledDebt: bigint }; isPaused: boolean }>({
        arguments: {
          market: MARKET,
          loan: LOAN,
          vault: "{ cash [asset], scaledDebt [asset / index] }",
          isPaused: "whether borrowing is",
        },
        result: "[asset]",
        answer: ({ market, loan, vault, isPaused }) => Lens.maxBorrow(market, loan, vault, isPaused),
        draw: (random) => {
          const vault = { cash: random.within(0n, 10n ** 11n), scaledDebt: 10n ** 13n };
          const { market, loan } = someLoan(random, 1n, 30n);
          const asked = random.chance(0.15) ? loan : { ...loan, since: 0n, maturity: 0n, rate: 0n };
          return { market, loan: asked, vault, isPaused: random.chance(0.05) };
        },
        count: 14,
      }),
      previewLiquidation: asking<Standing & { order: LiquidationOrder }>({
        arguments: { market: MARKET, loan: LOAN, order: "{ listing, maxRepay [asset], minSeized [token] }" },
        result:
          "{ isLiquidatable, isSoft, repaid [asset], seized, credit [token], bonus [WAD], refusal: { name, args: { …by their names } } or null }",
        answer: ({ market, loan, order }) => previewLiquidation(market, loan, order),
        draw: (random) => {
          const drawn = someLoan(random);
          const listing = random.chance(0.95) ? random.pick([...drawn.loan.pledges.keys()]) : 3;
          const maxRepay = random.chance(0.6) ? 2n ** 256n - 1n : random.upTo(Lens.debtOf(drawn.market, drawn.loan));
          return { ...drawn, order: { listing, maxRepay, minSeized: random.chance(0.9) ? 0n : 10n ** 18n } };
        },
        count: 38,
      }),
    },
  },
];

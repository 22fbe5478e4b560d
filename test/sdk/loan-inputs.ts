/** What no contract call could have is refused before anything is reckoned, with the name of what was wrong. */
import { expect } from "chai";
import { ZeroAddress } from "ethers";

import { InvalidInputError } from "../../sdk/src/errors/invalid-input.ts";
import { board, listingOn, type BookFeeds } from "../../sdk/src/math/book-prices.ts";
import { leastFor, shareDown, tokensToCure, valueDown, valueUp } from "../../sdk/src/math/health-math.ts";
import { bonus, credit, fill, repayLimit, type LiquidationPosition } from "../../sdk/src/math/liquidation-math.ts";
import { previewLiquidation } from "../../sdk/src/math/liquidation-preview.ts";
import {
  amountToCure,
  answersAt,
  debtOf,
  isCallable,
  isLiquidatable,
  liquidationDrop,
  liquidationPrice,
  maxBorrow,
  maxRelease,
  quoteRefinancing,
  type MarketView,
} from "../../sdk/src/math/loan-lens.ts";
import { borrowLimit, healthOf, lines } from "../../sdk/src/math/loan-lines.ts";
import { asOf, isAlive } from "../../sdk/src/math/margin-call-record.ts";
import { inspect, inspectSequencer, priceDown, priceUp, type PriceSource } from "../../sdk/src/math/price-feeds.ts";
import { agree, discounted } from "../../sdk/src/math/source-pair.ts";
import type { Loan } from "../../sdk/src/types.ts";
import { at } from "../helpers/lens.ts";

const NOW = 1_800_000_000n;
const WIDE = 2n ** 256n;
const WAD = 10n ** 18n;
const SOURCE: PriceSource = {
  ...{ maxAge: 60n, minAnswer: 1n, maxAnswer: 10n ** 12n, exponent: 30n },
  round: { answer: 2_000n, startedAt: NOW, updatedAt: NOW },
};
const TERMS = {
  ...{ borrowLtv: 7_800n, callLtv: 8_000n, liquidationLtv: 8_600n },
  ...{ maxBonus: 500n, bonusSlope: 5_000n, maxDeviation: 200n },
};
const FEEDS: BookFeeds = {
  ...{
    loanAsset: { ...SOURCE, feed: ZeroAddress, round: { answer: 1n, startedAt: NOW, updatedAt: NOW } },
    peg: 0n,
    sequencer: undefined,
  },
  listings: [{ terms: TERMS, isRetired: false, source: SOURCE, secondSource: undefined }],
};
const MARKET: MarketView = { board: board(FEEDS, NOW), debtIndex: WAD, minDebt: 100n };
const LOAN: Loan = {
  ...{ id: 1n, base: 1_000n, since: 0n, maturity: 0n, rate: 0n, call: undefined },
  pledges: new Map([[0, 1_000_000n]]),
};
const POSITION: LiquidationPosition = {
  ...{
    growth: { index: WAD, unit: WAD, breakFee: 0n },
    debt: 900n,
    target: 780n,
    callLine: 800n,
    liquidationLine: 860n,
  },
  ...{ value: 1_000n, seizableValue: 1_000n, overdue: 0n, pledged: 1_000n, price: 10n ** 36n },
  ...{ seizurePrice: 10n ** 36n, targetLtv: 7_800n, maxBonus: 500n, bonusSlope: 5_000n },
};

/** What callers without types bring instead of a figure. */
const WRONG: bigint[] = [-1n, WIDE, ...([Number.NaN, 1, "1", null, undefined] as never[])];

function refuses(field: string, call: () => unknown): void {
  try {
    call();
  } catch (error) {
    expect(error).to.be.instanceOf(InvalidInputError);
    expect((error as InvalidInputError).field).to.equal(field);
    return;
  }
  expect.fail(`${field} was accepted.`);
}

describe("SDK: what the book's mathematics refuses", () => {
  it("is every figure that is no unsigned integer of 256 bits", () => {
    for (const wrong of WRONG) {
      refuses("tokens", () => valueDown(wrong, 1n));
      refuses("price", () => valueDown(1n, wrong));
      refuses("tokens", () => valueUp(wrong, 1n));
      refuses("price", () => valueUp(1n, wrong));
      refuses("value", () => shareDown(wrong, 1n));
      refuses("share", () => shareDown(1n, wrong));
      refuses("debt", () => tokensToCure(wrong, 1n, 1n, 1n));
      refuses("callLine", () => tokensToCure(1n, wrong, 1n, 1n));
      refuses("ltv", () => leastFor(1n, wrong, 1n));
      refuses("a", () => agree(wrong, 1n, 1n));
      refuses("b", () => agree(1n, wrong, 1n));
      refuses("maxDeviation", () => agree(1n, 1n, wrong));
      refuses("price", () => discounted(wrong, 1n));
      refuses("seized", () => credit(wrong, 1n));
      refuses("beta", () => credit(1n, wrong));
      refuses("now", () => inspect(SOURCE, wrong));
      refuses("now", () => inspectSequencer(undefined, wrong));
      refuses("now", () => isAlive(undefined, wrong));
      refuses("loanAsset", () => priceDown(SOURCE, wrong, NOW));
      refuses("loanAsset", () => priceUp(SOURCE, wrong, NOW));
      refuses("upSince", () => asOf({ caller: "0x", calledAt: 1n, deadline: 1n }, wrong));
    }
  });

  it("is what divides by nothing, or goes below it", () => {
    refuses("debt", () => tokensToCure(1n, 2n, 1n, 1n));
    refuses("denominator", () => tokensToCure(2n, 1n, 0n, 1n));
    refuses("denominator", () => tokensToCure(2n, 1n, 1n, 0n));
    refuses("denominator", () => priceUp(SOURCE, 0n, NOW));
    refuses("maxDeviation", () => discounted(1n, 10_001n));
  });

  it("is a feed that no book could have listed", () => {
    const source = (of: Partial<PriceSource>) => (): unknown => priceDown({ ...SOURCE, ...of }, 1n, NOW);
    const round = { answer: 1n, startedAt: NOW, updatedAt: NOW };
    refuses("maxAge", source({ maxAge: 2n ** 32n }));
    refuses("minAnswer", source({ minAnswer: 0n }));
    refuses("minAnswer", source({ minAnswer: 10n ** 12n + 1n }));
    refuses("maxAnswer", source({ maxAnswer: WIDE }));
    refuses("exponent", source({ exponent: 78n }));
    refuses("answer", source({ round: { ...round, answer: 2n ** 255n } }));
    refuses("answer", source({ round: { ...round, answer: -(2n ** 255n) - 1n } }));
    refuses("updatedAt", source({ round: { ...round, updatedAt: -1n } }));
    for (const field of Object.keys(TERMS)) {
      const terms = { ...TERMS, [field]: 2n ** 16n };
      refuses(field, () => board({ ...FEEDS, listings: [{ ...at(FEEDS.listings, 0), terms }] }, NOW));
    }
    refuses("peg", () => board({ ...FEEDS, peg: -1n }, NOW));
  });

  it("is every wrong figure of a position, and one that cannot be", () => {
    for (const field of Object.keys(POSITION).filter((name) => name !== "growth")) {
      for (const wrong of WRONG) refuses(field, () => bonus({ ...POSITION, [field]: wrong }));
    }
    refuses("debt", () => bonus({ ...POSITION, debt: 0n }));
    refuses("seizurePrice", () => bonus({ ...POSITION, seizurePrice: POSITION.price + 1n }));
    refuses("targetLtv", () => repayLimit({ ...POSITION, targetLtv: 10_000n }, 0n, 0n));
    refuses("maxRepay", () => fill(POSITION, -1n, 0n));
    refuses("minDebt", () => fill(POSITION, 1n, -1n));
    expect(fill(POSITION, 900n, 0n).repaid).to.be.above(0n);
  });

  it("is a loan that no book could hold, in every view of it", () => {
    const { board: found } = MARKET;
    const views = [debtOf, isCallable, isLiquidatable, liquidationDrop, amountToCure];
    const all = [
      ...views.map(
        (view) =>
          (loan: Loan): unknown =>
            view(MARKET, loan),
      ),
      (loan: Loan): unknown => maxBorrow(MARKET, loan, { cash: 1n, scaledDebt: 1n }, false),
      (loan: Loan): unknown => maxRelease(MARKET, loan, 0),
      (loan: Loan): unknown => liquidationPrice(MARKET, loan, 0),
      (loan: Loan): unknown => quoteRefinancing(MARKET, loan, 1n, true),
      (loan: Loan): unknown => healthOf(loan, found, WAD),
      (loan: Loan): unknown => previewLiquidation(MARKET, loan, { listing: 0, maxRepay: 1n, minSeized: 0n }),
    ];
    for (const view of all) {
      expect(() => view(LOAN)).not.to.throw();
      refuses("base", () => view({ ...LOAN, base: 2n ** 104n }));
      refuses("base", () => view({ ...LOAN, base: -1n }));
    }
    for (const view of [lines, borrowLimit]) {
      refuses("pledge", () => view(new Map([[0, 2n ** 104n]]), found));
      refuses("listing", () => view(new Map([[1, 1n]]), found));
    }
    for (const listing of [-1, 1, 40, 0.5, Number.NaN, ...(["0", "length", 0n] as never[])]) {
      refuses("listing", () => listingOn(found, listing));
      refuses("listing", () => maxRelease(MARKET, LOAN, listing));
      refuses("listing", () => liquidationPrice(MARKET, LOAN, listing));
    }
  });

  it("is every other wrong figure of a view", () => {
    const order = { listing: 0, maxRepay: 1n, minSeized: 0n };
    for (const wrong of WRONG) {
      refuses("debtIndex", () => debtOf({ ...MARKET, debtIndex: wrong }, LOAN));
      refuses("cash", () => maxBorrow(MARKET, LOAN, { cash: wrong, scaledDebt: 1n }, false));
      refuses("scaledDebt", () => maxBorrow(MARKET, LOAN, { cash: 1n, scaledDebt: wrong }, false));
      refuses("minDebt", () => maxBorrow({ ...MARKET, minDebt: wrong }, LOAN, { cash: 1n, scaledDebt: 1n }, false));
      refuses("amount", () => quoteRefinancing(MARKET, LOAN, wrong, false));
      refuses("price", () => answersAt(at(FEEDS.listings, 0), 1n, wrong));
      refuses("maxRepay", () => previewLiquidation(MARKET, LOAN, { ...order, maxRepay: wrong }));
      refuses("minSeized", () => previewLiquidation(MARKET, LOAN, { ...order, minSeized: wrong }));
      refuses("minDebt", () => previewLiquidation({ ...MARKET, minDebt: wrong }, LOAN, order));
    }
  });
});

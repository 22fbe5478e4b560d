/** What no call could have is refused before anything is previewed, with the name of what was wrong. */
import { expect } from "chai";
import { ZeroAddress } from "ethers";

import type { MarketLabels } from "../../sdk/src/errors/index.ts";
import type { MarketSnapshot } from "../../sdk/src/market/market-snapshot.ts";
import { snapshotOf } from "../../sdk/src/market/snapshot-of.ts";
import * as Previews from "../../sdk/src/previews/index.ts";
import { MarketHistory } from "../../sdk/src/state/market-history.ts";
import type { Loan } from "../../sdk/src/types.ts";
import { expectRefused } from "./vault-refusals.ts";

const NOW = 1_800_000_000n;
const OWNER = "0x00000000000000000000000000000000000000AA";
const WAD = 10n ** 18n;
const ROUND = { answer: 10n ** 8n, startedAt: NOW, updatedAt: NOW };
const FEED = { maxAge: 3_900n, minAnswer: 1n, maxAnswer: 10n ** 12n, round: ROUND };
const LOAN: Loan = {
  ...{ id: (0xaan << 96n) | 1n, base: 1_000n, since: 0n, maturity: 0n, rate: 0n, call: undefined },
  pledges: new Map([[0, 2_000n]]),
};
const TERMS = {
  ...{ borrowLtv: 7_800n, callLtv: 8_000n, liquidationLtv: 8_600n },
  ...{ maxBonus: 500n, bonusSlope: 5_000n, maxDeviation: 200n },
};
const MARKET: MarketSnapshot = {
  now: NOW,
  vault: {
    ...{ scaledDebt: 1_000n, index: WAD, lastAccrual: NOW, averagedSupply: 0n, cash: 5_000n, reserves: 0n },
    ...{ rateAtTarget: 4n * 10n ** 12n, terms: { principal: 0n, weighted: 0n, dated: 0n }, totalSupply: 6_000n },
  },
  ...{ depositCap: 10_000n, pauses: { deposit: 0n, borrow: 0n, flashLoan: 0n }, minDebt: 100n },
  book: {
    ...{ loanAsset: { ...FEED, feed: OWNER }, peg: 0n, sequencer: undefined },
    listings: [
      {
        ...{ token: OWNER, cap: 9_000n, held: 2_000n, terms: TERMS, isRetired: false, secondSource: undefined },
        source: { ...FEED, exponent: 36n },
      },
    ],
  },
};
const LENDER = { owner: OWNER, shares: 10n };
const OPEN = { owner: OWNER, number: 2n, pledges: [{ listing: 0, amount: 500n }], amount: 200n };
const REFINANCE = { term: { duration: 30n * 86_400n, maxRate: 0n }, amount: 0n, maxFee: 0n, addFee: false };
const LIQUIDATE = { listing: 0, maxRepay: 1n, minSeized: 0n };

/** What callers without types bring instead of a figure. */
const WRONG: unknown[] = [-1n, 2n ** 256n, 1, Number.NaN, "1", null, undefined, {}];
/** What they bring instead of a listing's number. */
const NO_NUMBERS: unknown[] = [-1, 0.5, Number.NaN, Infinity, 0n, "0", null, undefined];

const wrong = (value: unknown): never => value as never;

describe("SDK: what previews refuse", () => {
  it("is every figure that is none", () => {
    const {
      previewBorrow,
      previewClose,
      previewLend,
      previewLiquidate,
      previewOpen,
      previewPledge,
      previewRefinance,
      previewRelease,
      previewRepay,
      previewWithdraw,
    } = Previews;
    const takes: [field: string, call: (value: never) => unknown][] = [
      ["assets", (assets) => previewLend(MARKET, LENDER, assets)],
      ["shares", (shares) => previewLend(MARKET, { ...LENDER, shares }, 1n)],
      ["assets", (assets) => previewWithdraw(MARKET, LENDER, assets)],
      ["shares", (shares) => previewWithdraw(MARKET, { ...LENDER, shares }, "all")],
      ["number", (number) => previewOpen(MARKET, { ...OPEN, number })],
      ["amount", (amount) => previewOpen(MARKET, { ...OPEN, amount })],
      ["amount", (amount) => previewOpen(MARKET, { ...OPEN, pledges: [{ listing: 0, amount }] })],
      ["duration", (duration) => previewOpen(MARKET, { ...OPEN, term: { duration, maxRate: 1n } })],
      ["maxRate", (maxRate) => previewOpen(MARKET, { ...OPEN, term: { duration: 1n, maxRate } })],
      ["amount", (amount) => previewPledge(MARKET, LOAN, { listing: 0, amount })],
      ["amount", (amount) => previewRelease(MARKET, LOAN, { listing: 0, amount })],
      ["amount", (amount) => previewBorrow(MARKET, LOAN, amount)],
      ["maxAmount", (maxAmount) => previewRepay(MARKET, LOAN, maxAmount)],
      ["maxAmount", (maxAmount) => previewClose(MARKET, LOAN, maxAmount)],
      ["amount", (amount) => previewRefinance(MARKET, LOAN, { ...REFINANCE, amount })],
      ["maxFee", (maxFee) => previewRefinance(MARKET, LOAN, { ...REFINANCE, maxFee })],
      ["maxRepay", (maxRepay) => previewLiquidate(MARKET, LOAN, { ...LIQUIDATE, maxRepay })],
      ["minSeized", (minSeized) => previewLiquidate(MARKET, LOAN, { ...LIQUIDATE, minSeized })],
    ];
    for (const [field, call] of takes) for (const value of WRONG) expectRefused(field, () => call(wrong(value)));
    for (const value of [0n, 1, "true", undefined]) {
      expectRefused("addFee", () => previewRefinance(MARKET, LOAN, { ...REFINANCE, addFee: wrong(value) }));
    }
  });

  it("is every listing that is no number", () => {
    for (const value of NO_NUMBERS) {
      const order = { listing: wrong(value), amount: 1n };
      expectRefused("listing", () => Previews.previewOpen(MARKET, { ...OPEN, pledges: [order] }));
      expectRefused("listing", () => Previews.previewPledge(MARKET, LOAN, order));
      expectRefused("listing", () => Previews.previewRelease(MARKET, LOAN, order));
      expectRefused("listing", () => Previews.previewLiquidate(MARKET, LOAN, { ...LIQUIDATE, listing: wrong(value) }));
    }
  });

  it("is every account that is none", () => {
    for (const value of [ZeroAddress, "0xAA", 1n, undefined]) {
      expectRefused("owner", () => Previews.previewLend(MARKET, { ...LENDER, owner: wrong(value) }, 1n));
      expectRefused("owner", () => Previews.previewWithdraw(MARKET, { ...LENDER, owner: wrong(value) }, 1n));
      expectRefused("owner", () => Previews.previewOpen(MARKET, { ...OPEN, owner: wrong(value) }));
      expectRefused("caller", () => Previews.previewCallMargin(MARKET, LOAN, wrong(value)));
    }
  });

  it("is every loan that no book could hold, in every preview of it", () => {
    const { previewBorrow, previewCallMargin, previewClearMarginCall, previewRepay, previewRoll, standingOf } =
      Previews;
    for (const value of WRONG) {
      for (const field of ["id", "base", "since", "maturity", "rate"] as const) {
        const loan: Loan = { ...LOAN, [field]: wrong(value) };
        if (field !== "id") expectRefused(field, () => standingOf(MARKET, loan));
        expectRefused(field, () => previewRepay(MARKET, loan, 1n));
        expectRefused(field, () => previewCallMargin(MARKET, loan, OWNER));
      }
      const pledging: Loan = { ...LOAN, pledges: new Map([[0, wrong(value)]]) };
      for (const preview of [
        () => previewBorrow(MARKET, pledging, 1n),
        () => previewClearMarginCall(MARKET, { ...pledging, call: { caller: OWNER, calledAt: NOW, deadline: NOW } }),
        () => standingOf(MARKET, pledging),
      ]) {
        expectRefused("pledge", preview);
      }
    }
    expectRefused("listing", () => standingOf(MARKET, { ...LOAN, pledges: new Map([[1, 1n]]) }));
    expectRefused("now", () => previewRoll({ ...MARKET, now: NOW - 1n }, LOAN));
    expectRefused("minDebt", () => previewRoll({ ...MARKET, minDebt: wrong(1) }, LOAN));
  });

  it("is a followed market that is none yet, or whose feeds nobody has asked", () => {
    expectRefused("state", () => snapshotOf(new MarketHistory().state, new Map(), 100n, NOW));
  });
});

describe("SDK: what a refused preview says", () => {
  it("is a sentence in the market's own tokens", () => {
    const labels: MarketLabels = {
      loanAsset: { symbol: "USDC", decimals: 2 },
      listings: [{ symbol: "X", decimals: 0 }],
    };
    const { refusal, after } = Previews.previewBorrow(MARKET, LOAN, 900n, labels);
    expect(refusal?.message).to.contain("19 USDC").and.to.contain("15.6 USDC");
    expect(after?.debt).to.equal(1_900n); // what it would come to otherwise
  });

  it("leaves no figures where there are none: more than is pledged, lent or can be stored", () => {
    const { previewBorrow, previewRelease, previewWithdraw } = Previews;
    for (const { after, market, refusal } of [
      previewBorrow(MARKET, LOAN, 5_001n),
      previewBorrow(MARKET, LOAN, 2n ** 104n),
      previewRelease(MARKET, LOAN, { listing: 0, amount: 2_001n }),
      previewWithdraw(MARKET, { owner: OWNER, shares: 6_000n }, 5_001n),
    ]) {
      expect([after, market]).to.deep.equal([undefined, undefined]);
      expect(refusal).not.to.equal(undefined);
    }
  });

  it("does not change what it was given", () => {
    const before = structuredClone({ market: MARKET, loan: LOAN });
    Previews.previewPledge(MARKET, LOAN, { listing: 0, amount: 5n });
    Previews.previewRepay(MARKET, LOAN, 5n);
    expect({ market: MARKET, loan: LOAN }).to.deep.equal(before);
  });
});

import { expect } from "chai";

import { mulDivDown, mulDivUp } from "../../sdk/src/math/amounts.ts";
import * as AveragedSupply from "../../sdk/src/math/averaged-supply.ts";
import { expWad } from "../../sdk/src/math/exp-wad.ts";
import * as LoanDebt from "../../sdk/src/math/loan-debt.ts";
import * as RateCurve from "../../sdk/src/math/rate-curve.ts";
import * as TermDebt from "../../sdk/src/math/term-debt.ts";
import * as TermQuote from "../../sdk/src/math/term-quote.ts";
import * as Shares from "../../sdk/src/math/vault-shares.ts";
import * as Vault from "../../sdk/src/math/vault.ts";
import { DAY, YEAR } from "../helpers/chain.ts";
import { expectRefused } from "./vault-refusals.ts";

const WAD = 10n ** 18n;
const NOW = 1_800_000_000n;

/** What callers without types may bring. */
const WRONG: unknown[] = [-1n, 2n ** 256n, 1, NaN, "1", null, undefined, {}, [1n], true];

const wrong = (value: unknown): bigint => value as bigint;

/** A million lent to nine tenths, and a term. */
const VAULT: Shares.SharedVault = {
  scaledDebt: 900_000n * 10n ** 6n,
  index: WAD,
  lastAccrual: NOW,
  averagedSupply: AveragedSupply.pack(10n ** 12n),
  cash: 100_000n * 10n ** 6n,
  reserves: 0n,
  rateAtTarget: RateCurve.START_RATE,
  terms: { principal: 10n ** 9n, weighted: 10n ** 9n * 5n * 10n ** 7n, dated: 10n ** 9n * 5n * 10n ** 7n * NOW },
  totalSupply: 10n ** 18n,
};
const LOAN = { base: 10n ** 9n, since: NOW, maturity: NOW + YEAR, rate: 5n * 10n ** 7n };
const GROWTH = LoanDebt.growthOf(LOAN, WAD, NOW + DAY);
const LIMITS = { depositCap: 10n ** 13n, pausedUntil: 0n };
const MARKET: TermQuote.QuotedMarket = {
  debtAfter: 9n,
  termDebtAfter: 1n,
  supply: 10n,
  totalAssets: 10n,
  averagedSupply: 10n,
  rateAtTarget: RateCurve.START_RATE,
};
const REQUEST = { debtAdded: 1n, termDebtAdded: 1n, duration: 7n * DAY };

/** Every number that a function takes, by the name under which it is refused. */
const TAKES: [name: string, call: (value: bigint) => unknown, field: string][] = [
  ["RateCurve.utilisation", (value) => RateCurve.utilisation(value, 1n), "cash"],
  ["RateCurve.utilisation", (value) => RateCurve.utilisation(1n, value), "debt"],
  ["RateCurve.rate", (value) => RateCurve.rate(value, 1n), "rateAtTarget"],
  ["RateCurve.rate", (value) => RateCurve.rate(1n, value), "used"],
  ["RateCurve.drift", (value) => RateCurve.drift(value, 1n, 1n), "rateAtTarget"],
  ["RateCurve.drift", (value) => RateCurve.drift(1n, value, 1n), "used"],
  ["RateCurve.drift", (value) => RateCurve.drift(1n, 1n, value), "elapsed"],
  ["RateCurve.growth", (value) => RateCurve.growth(value, 1n), "yearly"],
  ["RateCurve.growth", (value) => RateCurve.growth(1n, value), "elapsed"],
  ["AveragedSupply.next", (value) => AveragedSupply.next(value, 1n, 1n), "packed"],
  ["AveragedSupply.next", (value) => AveragedSupply.next(1n, value, 1n), "supply"],
  ["AveragedSupply.next", (value) => AveragedSupply.next(1n, 1n, value), "elapsed"],
  ["AveragedSupply.unpack", (value) => AveragedSupply.unpack(value), "packed"],
  ["AveragedSupply.pack", (value) => AveragedSupply.pack(value), "average"],
  ["TermDebt.owed", (value) => TermDebt.owed(VAULT.terms, value), "time"],
  ["TermQuote.rate", (value) => TermQuote.rate(MARKET, value), "duration"],
  ["TermQuote.maxTermDebt", (value) => TermQuote.maxTermDebt(value, 1n), "totalAssets"],
  ["TermQuote.maxTermDebt", (value) => TermQuote.maxTermDebt(1n, value), "averagedSupply"],
  ["LoanDebt.isFixedTerm", (maturity) => LoanDebt.isFixedTerm({ maturity }), "maturity"],
  ["LoanDebt.growthOf", (value) => LoanDebt.growthOf(LOAN, value, NOW), "debtIndex"],
  ["LoanDebt.growthOf", (value) => LoanDebt.growthOf(LOAN, WAD, value), "now"],
  ["LoanDebt.debtUp", (value) => LoanDebt.debtUp(GROWTH, value), "base"],
  ["LoanDebt.feeUp", (value) => LoanDebt.feeUp(GROWTH, value), "base"],
  ["LoanDebt.feeDown", (value) => LoanDebt.feeDown(GROWTH, value), "base"],
  ["LoanDebt.scaledUp", (value) => LoanDebt.scaledUp(value, WAD), "amount"],
  ["LoanDebt.scaledUp", (value) => LoanDebt.scaledUp(1n, value), "debtIndex"],
  ["LoanDebt.baseDown", (value) => LoanDebt.baseDown(GROWTH, value), "amount"],
  ["LoanDebt.baseWithFeeDown", (value) => LoanDebt.baseWithFeeDown(GROWTH, value), "amount"],
  ["LoanDebt.retiredDown", (value) => LoanDebt.retiredDown(GROWTH, value), "amount"],
  ["LoanDebt.debtsOf", (value) => LoanDebt.debtsOf(LOAN, value), "base"],
  ["Vault.accrued", (value) => Vault.accrued(VAULT, value), "now"],
  ["Vault.termDebt", (value) => Vault.termDebt(VAULT, value), "time"],
  ["Shares.convertToShares", (value) => Shares.convertToShares(VAULT, value, NOW), "assets"],
  ["Shares.convertToAssets", (value) => Shares.convertToAssets(VAULT, value, NOW), "shares"],
  ["Shares.previewDeposit", (value) => Shares.previewDeposit(VAULT, value, NOW), "assets"],
  ["Shares.previewMint", (value) => Shares.previewMint(VAULT, value, NOW), "shares"],
  ["Shares.previewWithdraw", (value) => Shares.previewWithdraw(VAULT, value, NOW), "assets"],
  ["Shares.previewRedeem", (value) => Shares.previewRedeem(VAULT, value, NOW), "shares"],
  ["Shares.maxWithdraw", (value) => Shares.maxWithdraw(VAULT, value, NOW), "balance"],
  ["Shares.maxRedeem", (value) => Shares.maxRedeem(VAULT, value, NOW), "balance"],
];

/** The same where a field is wrong: of an object that is right but for it. */
const TAKES_FIELDS: [name: string, object: object, call: (object: never) => unknown][] = [
  ["TermDebt.owed", VAULT.terms, (sums) => TermDebt.owed(sums, NOW)],
  ["TermDebt.add", VAULT.terms, (sums) => TermDebt.add(VAULT.terms, sums)],
  ["TermDebt.remove", VAULT.terms, (sums) => TermDebt.remove(VAULT.terms, sums)],
  ["TermQuote.rate", MARKET, (market) => TermQuote.rate(market, 7n * DAY)],
  ["LoanDebt.growthOf", LOAN, (loan) => LoanDebt.growthOf(loan, WAD, NOW)],
  ["LoanDebt.debtsOf", LOAN, (loan) => LoanDebt.debtsOf(loan, 1n)],
  ["Vault.quoteTerm", { ...REQUEST, deposited: 1n, repaid: 1n }, (request) => Vault.quoteTerm(VAULT, request, NOW)],
  ["Shares.maxDeposit", LIMITS, (limits) => Shares.maxDeposit(VAULT, limits, NOW)],
  ["Shares.maxMint", LIMITS, (limits) => Shares.maxMint(VAULT, limits, NOW)],
];

describe("The SDK's vault refuses what no contract call could have", () => {
  for (const [name, call, field] of TAKES) {
    it(`${name}: a wrong ${field}`, () => {
      for (const value of WRONG) expectRefused(field, () => call(wrong(value)));
    });
  }

  for (const [name, object, call] of TAKES_FIELDS) {
    it(`${name}: a wrong field`, () => {
      expect(() => call(object as never)).not.to.throw();
      for (const field of Object.keys(object)) {
        // What may be left out is left out by undefined.
        const isOptional = field === "deposited" || field === "repaid";
        for (const value of WRONG.filter((one) => one !== undefined || !isOptional)) {
          expectRefused(field, () => call({ ...object, [field]: value } as never));
        }
      }
    });
  }

  it("every view: a wrong field of the state, and a time before it", () => {
    const views = [Vault.accrued, Vault.debtIndex, Vault.totalDebt, Vault.openDebt, Vault.totalAssets];
    for (const view of [...views, Vault.utilisation, Vault.borrowRate, Vault.lendRate]) {
      for (const field of Object.keys(VAULT).filter((key) => key !== "terms" && key !== "totalSupply")) {
        for (const value of WRONG) expectRefused(field, () => view({ ...VAULT, [field]: value }, NOW + 1n));
      }
      expectRefused("now", () => view(VAULT, NOW - 1n));
    }
    expectRefused("totalSupply", () => Shares.convertToShares({ ...VAULT, totalSupply: -1n }, 1n, NOW));
  });

  it("products: what is no whole number, and divisions by zero", () => {
    for (const mulDiv of [mulDivDown, mulDivUp]) {
      for (const value of WRONG.filter((one) => one !== 2n ** 256n)) {
        expectRefused("a", () => mulDiv(wrong(value), 1n, 1n));
        expectRefused("b", () => mulDiv(1n, wrong(value), 1n));
        expectRefused("denominator", () => mulDiv(1n, 1n, wrong(value)));
      }
      expectRefused("denominator", () => mulDiv(1n, 1n, 0n));
    }
  });

  it("what is of the right kind but cannot be", () => {
    for (const value of WRONG.slice(2)) expectRefused("x", () => expWad(wrong(value)));
    expectRefused("x", () => expWad(135305999368893231589n));
    expectRefused("used", () => RateCurve.rate(1n, WAD + 1n));
    expectRefused("average", () => AveragedSupply.pack(AveragedSupply.MAX + 1n));
    expectRefused("time", () => TermDebt.owed(VAULT.terms, NOW - 1n));
    expectRefused("principal", () => TermDebt.remove(VAULT.terms, { principal: 10n ** 10n, weighted: 0n, dated: 0n }));
    expectRefused("now", () => LoanDebt.growthOf(LOAN, WAD, NOW - 1n));
    expectRefused("duration", () => TermQuote.rate(MARKET, 7n * DAY - 1n));
    expectRefused("duration", () => TermQuote.rate(MARKET, YEAR + 1n));
    expectRefused("termDebtAfter", () => TermQuote.rate({ ...MARKET, termDebtAfter: 4n }, YEAR));
    expectRefused("termDebtAfter", () => TermQuote.rate({ ...MARKET, termDebtAfter: 0n, averagedSupply: 0n }, YEAR));
    expectRefused("debtAdded", () => Vault.quoteTerm(VAULT, { ...REQUEST, debtAdded: 2n ** 104n }, NOW));
    expectRefused("reserves", () => Vault.totalAssets({ ...VAULT, reserves: 10n ** 15n }, NOW));
    expectRefused("assets", () => Shares.convertToShares(VAULT, 2n ** 255n, NOW));
    expectRefused("balance", () => Shares.maxRedeem(VAULT, VAULT.totalSupply + 1n, NOW));
  });
});

/**
 * Fixed-term loans: a market old enough to offer them, and what they cost and owe, from design.md and not from the contracts:
 * exact fractions, and one rounding at the end.
 */
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { expect } from "chai";
import { MaxUint256 } from "ethers";

import type { LoanLens } from "../../typechain-types/index.ts";
import type { ILoanBook } from "../../typechain-types/LoanBook.ts";
import { unpackAverage } from "./averaged-supply.ts";
import { clock, DAY, ethers, YEAR } from "./chain.ts";
import { deployLens } from "./loan-lens.ts";
import { loanId, openLoan, standardMarket, usdc, waitWithLiveFeeds, WETH, weth, type Market } from "./market.ts";
import { bps, curve, Fraction, larger, ONE, smaller, WAD, whole } from "./mathematics.ts";

/** Interest is principal × rate × seconds / UNIT: rates are 1e-9 a year. */
export const UNIT = YEAR * 10n ** 9n;
export const WEEK = 7n * DAY;
export const MONTH = 30n * DAY;

/** The vault's flag that fixed-term loans exist. */
const HAS_TERMS = 1n << 7n;

/** A rate that is always accepted. */
export const ANY_RATE = MaxUint256;

export interface TermMarket extends Market {
  lens: LoanLens;
  /** An open-term loan of the keeper with a pledge beyond all need: it sets the utilisation. */
  whale: bigint;
}

/**
 * The standard market 70 days later. All the time nine tenths were lent out, so that the rate at target stayed near its first 4 %;
 * now four tenths are. The averaged supply has caught up but for e^-10 of it: terms may be near 300,000.
 */
export async function termMarket(): Promise<TermMarket> {
  const market = await standardMarket();
  const { keeper } = market;
  const pledges: [bigint, bigint][] = [[WETH, weth("2,000")]];
  const whale = await openLoan(market, { pledges, amount: usdc("900,000"), owner: keeper });
  await waitWithLiveFeeds(market, 70n * DAY);
  await market.book.connect(keeper).repay(whale, usdc("500,000"));
  return { ...market, lens: await deployLens(), whale };
}

/** Brings the utilisation to a share by the keeper's loan. [bps] */
export async function useMarket({ vault, book, keeper, whale }: TermMarket, share: bigint): Promise<void> {
  const debt = await vault.totalDebt();
  const { cash } = await vault.accruedState();
  const wanted = ((cash + debt) * share) / 10_000n;
  if (wanted > debt) await book.connect(keeper).borrow(whale, wanted - debt, keeper);
  else if (wanted < debt) await book.connect(keeper).repay(whale, share === 0n ? MaxUint256 : debt - wanted);
}

export interface TermOrder {
  amount: bigint;
  duration: bigint;
  maxRate?: bigint;
  owner?: HardhatEthersSigner;
  number?: bigint;
  ether?: string;
}

/** Opens a fixed-term loan of the borrower against 200 ether, and returns its id. */
export async function openTermLoan({ book, borrower }: Market, order: TermOrder): Promise<bigint> {
  const { amount, duration, maxRate = ANY_RATE, owner = borrower, number = 1n, ether = "200" } = order;
  const id = loanId(owner, number);
  const pledges = [{ listing: WETH, amount: weth(ether) }];
  await book.connect(owner).openTerm(id, pledges, amount, { duration, maxRate }, owner);
  return id;
}

/** How a loan is refinanced: without more debt, at any rate and fee, for an open term, unless it is said. */
export function refinancing(
  { address: receiver }: { address: string },
  of: { duration?: bigint; maxRate?: bigint; amount?: bigint; maxFee?: bigint; addFee?: boolean } = {},
): ILoanBook.RefinancingStruct {
  const { duration = 0n, maxRate = ANY_RATE, amount = 0n, maxFee = MaxUint256, addFee = false } = of;
  return { term: { duration, maxRate }, amount, maxFee, addFee, receiver };
}

/** Moves time to a loan's maturity and so many seconds on, or to that long before it where they are negative; with live feeds. */
export async function goToMaturity(market: Market & { term: Term }, seconds: bigint): Promise<void> {
  await waitWithLiveFeeds(market, market.term.maturity + seconds - clock.now());
}

// --------------------------------------------------------------------------------------------------------------- Loans

/** A fixed-term loan. */
export interface Term {
  base: bigint; // [asset] the principal
  rate: bigint; // [1e-9/year]
  since: bigint; // [s]
  maturity: bigint; // [s]
}

/** What a unit of principal has grown to: 1 + rate × time, past maturity too. */
export function growth({ rate, since }: Term, time = clock.now()): Fraction {
  return ONE.plus(new Fraction(rate * (time - since), UNIT));
}

/** The fee on a unit of principal: the interest of seven days, or of the time left. */
export function feeShare({ rate, maturity }: Term, time = clock.now()): Fraction {
  const left = maturity > time ? maturity - time : 0n;
  return new Fraction(rate * (left < WEEK ? left : WEEK), UNIT);
}

/** What a term owes, rounded up. [asset] */
export function debtOf(term: Term, time = clock.now()): bigint {
  return whole(term.base).times(growth(term, time)).ceil();
}

/** What ending it costs besides, rounded up. [asset] */
export function feeOf(term: Term, time = clock.now()): bigint {
  return whole(term.base).times(feeShare(term, time)).ceil();
}

/** What a payment that is less than debt and fee does. [asset] */
export function payment(
  term: Term,
  amount: bigint,
  time = clock.now(),
): { retired: bigint; fee: bigint; left: Term; debt: bigint } {
  const share = feeShare(term, time);
  const retired = whole(amount).over(growth(term, time).plus(share)).floor();
  const left = { base: term.base - retired, rate: term.rate, since: term.since, maturity: term.maturity };
  return { retired, fee: whole(retired).times(share).floor(), left, debt: debtOf(left, time) };
}

/** What all terms owe together: exact, and then rounded down. [asset] */
export function termDebtOf(terms: readonly Term[], time = clock.now()): bigint {
  return terms.reduce((sum, term) => sum.plus(whole(term.base).times(growth(term, time))), whole(0n)).floor();
}

// --------------------------------------------------------------------------------------------------------------- Quotes

/** A market as quotes see it. [asset] unless noted. */
export interface QuoteFigures {
  openDebt: bigint;
  termDebt: bigint;
  cash: bigint;
  reserves: bigint;
  averagedSupply: bigint;
  rateAtTarget: bigint; // [1e-14/year]
}

/** The figures now; `loans` are all that may be fixed-term. */
export async function figuresOf({ vault, book }: Market, loans: readonly bigint[] = []): Promise<QuoteFigures> {
  const { scaledDebt, index, cash, reserves, averagedSupply, rateAtTarget } = await vault.accruedState();
  const stored = await Promise.all(loans.map(async (id) => book.loan(id)));
  return {
    openDebt: (scaledDebt * index) / WAD,
    termDebt: termDebtOf(stored.filter(({ maturity }) => maturity !== 0n)),
    cash,
    reserves,
    averagedSupply: unpackAverage(averagedSupply),
    rateAtTarget,
  };
}

/** Share of the supply that counts as lent, with more debt: 0…1. */
export function usedShare(figures: QuoteFigures, debtAdded: bigint): Fraction {
  const debt = figures.openDebt + figures.termDebt;
  const supply = smaller(whole(figures.cash + debt), whole(figures.averagedSupply));
  return smaller(ONE, whole(debt + debtAdded).over(supply));
}

/** max(2 %, rateAtTarget × curve(max(90 %, q)) + 3 % × duration), rounded once. [1e-9/year] */
export function quoteOf(figures: QuoteFigures, debtAdded: bigint, duration: bigint): bigint {
  const height = curve(larger(bps(9_000n), usedShare(figures, debtAdded)));
  const open = new Fraction(figures.rateAtTarget, 10n ** 14n).times(height);
  const premium = bps(300n).times(new Fraction(duration, YEAR));
  return larger(bps(200n), open.plus(premium))
    .times(whole(10n ** 9n))
    .ceil();
}

/** What terms may owe together: 30 % of the lenders' assets, or of the averaged supply if that is less. [asset] */
export function mostTermDebt({ openDebt, termDebt, cash, reserves, averagedSupply }: QuoteFigures): bigint {
  const assets = cash + openDebt + termDebt - reserves;
  return ((assets < averagedSupply ? assets : averagedSupply) * 3n) / 10n;
}

// ----------------------------------------------------------------------------------------------------------- Invariants

/**
 * INV-01 and INV-02 where terms exist, to the unit, for a market in which nobody donated anything and `loans` are all there are. The
 * vault's sums are those of the loans, at any time to come.
 */
export async function expectTermInvariants(market: Market, loans: readonly bigint[]): Promise<void> {
  const { vault, book } = market;
  const { cash, reserves, scaledDebt, index, flags } = await vault.accruedState();
  expect(await market.usdc.balanceOf(vault)).to.equal(cash);
  const { held } = await book.listings(WETH);
  const pledges = await Promise.all(loans.map(async (id) => book.pledgeOf(id, WETH)));
  expect(held).to.equal(pledges.reduce((sum, pledge) => sum + pledge, 0n));
  expect(await market.weth.balanceOf(book)).to.equal(held);

  const terms: Term[] = [];
  let [scaled, owed] = [0n, 0n];
  for (const id of loans) {
    const loan = await book.loan(id);
    const isFixedTerm = loan.maturity !== 0n;
    const debt = isFixedTerm ? debtOf(loan) : whole(loan.base).times(new Fraction(index, WAD)).ceil();
    expect(await book.debtOf(id)).to.equal(debt);
    owed += debt;
    if (isFixedTerm) {
      terms.push(loan);
      expect(loan.base).to.be.above(0n); // without debt it is an open-term loan
    } else {
      scaled += loan.base;
      expect([loan.since, loan.rate]).to.deep.equal([0n, 0n]);
    }
  }
  expect(scaledDebt).to.equal(scaled);
  expect(flags & HAS_TERMS).to.equal(terms.length === 0 ? 0n : HAS_TERMS);
  expect(await storedSums(market)).to.deep.equal(sumsOf(terms));
  expect(await vault.termDebt()).to.equal(termDebtOf(terms));
  expect(await vault.totalDebt()).to.equal((scaled * index) / WAD + termDebtOf(terms));
  const gap = cash + owed - ((await vault.totalAssets()) + reserves);
  expect(gap).to.be.within(0n, BigInt(loans.length) + 1n); // each debt is rounded up, the two sums down
}

interface Sums {
  principal: bigint;
  weighted: bigint;
  dated: bigint;
}

/** P, W and Z of section 5. */
function sumsOf(terms: readonly Term[]): Sums {
  const sums = { principal: 0n, weighted: 0n, dated: 0n };
  for (const { base, rate, since } of terms) {
    sums.principal += base;
    sums.weighted += base * rate;
    sums.dated += base * rate * since;
  }
  return sums;
}

/** The same as the vault stores them, behind its state: an error in Z would not show in any view for a while. */
async function storedSums({ vault }: Market): Promise<Sums> {
  const address = await vault.getAddress();
  const first = BigInt(await ethers.provider.getStorage(address, TERMS_SLOT));
  const second = BigInt(await ethers.provider.getStorage(address, TERMS_SLOT + 1n));
  return { principal: first % 2n ** 104n, weighted: (first >> 104n) % 2n ** 136n, dated: second % 2n ** 168n };
}

/** Drawn at {TermDebt-Sums}; where the slots are is fixed by test/integration/storage-layout.ts. */
const TERMS_SLOT = 12n;

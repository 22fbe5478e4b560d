/**
 * What a loan owes, of either kind: debt = base × index / unit. Mirrors `LoanDebt`.
 *
 * An open-term loan's base is its scaled debt, its index the vault's. A fixed-term loan's base is its principal, and its index is
 * unit + rate × time since it began: simple interest.
 */
import { InvalidInputError, requireUint } from "../errors/invalid-input.ts";
import type { LoanDebtState } from "../types.ts";
import { min, mulDivDown, mulDivUp, requireAmount, saturatingSub, WAD } from "./amounts.ts";
import { BREAK_TIME, UNIT, type Debts } from "./term-debt.ts";

/** What one unit of a loan's base has grown to, as a fraction. `LoanDebt.Growth`, made by {@link growthOf}. */
export interface Growth {
  /** The numerator. [1] */
  readonly index: bigint;
  /** The denominator. [1] */
  readonly unit: bigint;
  /** What ending a term now adds to the numerator; 0 for open terms, and after maturity. [1] */
  readonly breakFee: bigint;
}

/** `LoanDebt.isFixedTerm`: true for a fixed-term loan, before its maturity and after. */
export function isFixedTerm({ maturity }: Pick<LoanDebtState, "maturity">): boolean {
  return requireUint("maturity", maturity, 32) !== 0n;
}

/**
 * `LoanDebt.growthOf`: a loan's growth up to a time.
 * @param loan As it is stored.
 * @param debtIndex The vault's at that time. [WAD]
 * @param now Not before the loan's term began. [s]
 */
export function growthOf(loan: LoanDebtState, debtIndex: bigint, now: bigint): Growth {
  requireLoan(loan);
  requireUint("debtIndex", debtIndex, 72);
  requireUint("now", now, 32);
  if (!isFixedTerm(loan)) return { index: debtIndex, unit: WAD, breakFee: 0n };
  if (now < loan.since) throw new InvalidInputError("now", now, `not before the term began, at ${loan.since}`);
  return {
    index: UNIT + loan.rate * (now - loan.since),
    unit: UNIT,
    breakFee: loan.rate * min(BREAK_TIME, saturatingSub(loan.maturity, now)),
  };
}

/**
 * `LoanDebt.debtUp`: what a base amounts to. [asset], rounded up.
 * @param base Of an open-term loan [asset / index], of a fixed-term one [asset].
 */
export function debtUp({ index, unit }: Growth, base: bigint): bigint {
  return mulDivUp(requireUint("base", base), requireUint("index", index), requireUint("unit", unit));
}

/**
 * `LoanDebt.feeUp`: the fee for retiring a base before its maturity. [asset], rounded up.
 * @param base Of a fixed-term loan. [asset]
 */
export function feeUp({ breakFee, unit }: Growth, base: bigint): bigint {
  return mulDivUp(requireUint("base", base), requireUint("breakFee", breakFee), requireUint("unit", unit));
}

/**
 * `LoanDebt.feeDown`: the part of a payment that is the fee. [asset], rounded down.
 * @param base What the payment retires. [asset]
 */
export function feeDown({ breakFee, unit }: Growth, base: bigint): bigint {
  return mulDivDown(requireUint("base", base), requireUint("breakFee", breakFee), requireUint("unit", unit));
}

/**
 * `LoanDebt.scaledUp`: the base that a drawn amount adds to an open-term loan.
 * @param amount [asset]
 * @param debtIndex The vault's. [WAD]
 * @returns [asset / index], rounded up.
 */
export function scaledUp(amount: bigint, debtIndex: bigint): bigint {
  return mulDivUp(requireUint("amount", amount), WAD, requireUint("debtIndex", debtIndex, 72));
}

/**
 * `LoanDebt.baseDown`: the base that a payment retires where no fee is due.
 * @param amount What is paid. [asset]
 * @returns Of an open-term loan [asset / index], of a fixed-term one [asset]; rounded down.
 */
export function baseDown({ index, unit }: Growth, amount: bigint): bigint {
  return mulDivDown(requireUint("amount", amount), requireUint("unit", unit), requireUint("index", index));
}

/**
 * `LoanDebt.baseWithFeeDown`: the base that a payment retires, with the base's interest and fee.
 * @param amount What is paid. [asset]
 * @returns Of an open-term loan [asset / index], of a fixed-term one [asset]; rounded down.
 */
export function baseWithFeeDown({ index, unit, breakFee }: Growth, amount: bigint): bigint {
  const price = requireUint("index", index) + requireUint("breakFee", breakFee);
  return mulDivDown(requireUint("amount", amount), requireUint("unit", unit), price);
}

/**
 * The least payment that retires a base, with the base's interest and fee. As in `LoanLens._repaymentTo`.
 * @param base Of an open-term loan [asset / index], of a fixed-term one [asset].
 * @returns [asset], rounded up.
 */
export function paymentUp({ index, unit, breakFee }: Growth, base: bigint): bigint {
  const price = requireUint("index", index) + requireUint("breakFee", breakFee);
  return mulDivUp(requireUint("base", base), price, requireUint("unit", unit));
}

/**
 * `LoanDebt.retiredDown`: what a payment takes off a debt for certain where no fee is due. [asset], rounded down.
 * @param amount What is paid. [asset]
 */
export function retiredDown(growth: Growth, amount: bigint): bigint {
  return mulDivDown(baseDown(growth, amount), growth.index, growth.unit);
}

/** `LoanDebt.endTerm`: a loan without debt, as the open-term one that it becomes. */
export function endTerm<Loan extends LoanDebtState>(loan: Loan): Loan {
  return { ...loan, since: 0n, maturity: 0n, rate: 0n };
}

/**
 * `LoanDebt.debtsOf`: what a part of a loan's base contributes to the vault's sums.
 * @param loan As it is stored.
 * @param base Of an open-term loan [asset / index], of a fixed-term one [asset].
 */
export function debtsOf(loan: LoanDebtState, base: bigint): Debts {
  requireLoan(loan);
  requireAmount("base", base);
  if (!isFixedTerm(loan)) return { scaled: base, principal: 0n, weighted: 0n, dated: 0n };
  const weighted = base * loan.rate;
  return { scaled: 0n, principal: base, weighted, dated: weighted * loan.since };
}

/** `LoanDebt.accumulate`: one contribution and another. */
export function accumulate(sum: Debts, debts: Debts): Debts {
  return {
    scaled: requireUint("scaled", sum.scaled) + requireUint("scaled", debts.scaled),
    principal: requireUint("principal", sum.principal) + requireUint("principal", debts.principal),
    weighted: requireUint("weighted", sum.weighted) + requireUint("weighted", debts.weighted),
    dated: requireUint("dated", sum.dated) + requireUint("dated", debts.dated),
  };
}

function requireLoan({ base, since, maturity, rate }: LoanDebtState): void {
  requireAmount("base", base);
  for (const [field, value] of Object.entries({ since, maturity, rate })) requireUint(field, value, 32);
}

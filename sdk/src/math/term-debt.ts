/**
 * What all fixed-term loans owe together, in three sums. Mirrors `TermDebt`.
 *
 * A loan of principal p and rate r owes p + p r (t - since) / UNIT at a time t: simple interest. So all of them owe
 * P + (W t - Z) / UNIT.
 */
import { InvalidInputError, requireUint } from "../errors/invalid-input.ts";
import type { TermSums } from "../types.ts";
import { requireAmount } from "./amounts.ts";
import { YEAR } from "./rate-curve.ts";

/** A rate of 1e-9 a year, over a second: interest is principal × rate × time / UNIT. [1] */
export const UNIT = YEAR * 10n ** 9n;

/** The fee for ending a term early: the interest of this long, or of the time left if that is less. [s] */
export const BREAK_TIME = 7n * 86_400n;

/** What loans contribute to the vault's sums of debt. `ILenderVault.Debts`. */
export interface Debts extends TermSums {
  /** Of open-term loans. [asset / index] */
  readonly scaled: bigint;
}

/**
 * `TermDebt.owed`: what the loans owe at a time.
 * @param sums Of all fixed terms.
 * @param time Not before any of them began. [s]
 * @returns [asset], rounded down.
 */
export function owed(sums: TermSums, time: bigint): bigint {
  requireSums(sums);
  const interest = sums.weighted * requireUint("time", time, 32) - sums.dated;
  if (interest < 0n) throw new InvalidInputError("time", time, "a time at which all of these terms had begun");
  return sums.principal + interest / UNIT;
}

/**
 * `TermDebt.add`: the sums with what a loan contributes.
 * @throws {@link InvalidInputError} where the contract reverts with `AmountTooLarge`.
 */
export function add(sums: TermSums, debts: TermSums): TermSums {
  requireSums(sums);
  requireSums(debts);
  return requireSums({
    principal: sums.principal + debts.principal,
    weighted: sums.weighted + debts.weighted,
    dated: sums.dated + debts.dated,
  });
}

/**
 * `TermDebt.remove`: the sums without what a loan contributes.
 * @throws {@link InvalidInputError} for what is no part of the sums.
 */
export function remove(sums: TermSums, debts: TermSums): TermSums {
  requireSums(sums);
  requireSums(debts);
  return requireSums({
    principal: sums.principal - debts.principal,
    weighted: sums.weighted - debts.weighted,
    dated: sums.dated - debts.dated,
  });
}

/**
 * Sums that the vault can store.
 * @throws {@link InvalidInputError} for all others.
 */
export function requireSums(sums: TermSums): TermSums {
  requireAmount("principal", sums.principal);
  requireUint("weighted", sums.weighted, 136);
  requireUint("dated", sums.dated, 168);
  return sums;
}

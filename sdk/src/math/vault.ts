/**
 * A vault's interest, debts, rates and quotes at a time, from what it stores. Mirrors `LenderVault`.
 *
 * Every function takes the state as it is stored and the time at which it is looked at, like a view of the contract. A state that
 * {@link accrued} has brought to that time already gives the same, sooner.
 */
import { InvalidInputError, requireUint } from "../errors/invalid-input.ts";
import type { VaultState } from "../types.ts";
import { BPS, min, mulDivDown, mulDivUp, requireAmount, saturatingSub, WAD } from "./amounts.ts";
import * as AveragedSupply from "./averaged-supply.ts";
import * as RateCurve from "./rate-curve.ts";
import * as TermDebt from "./term-debt.ts";
import * as TermQuote from "./term-quote.ts";

/** Share of open-term interest that goes to reserves. [bps] */
export const RESERVE_FACTOR = 1_000n;

/** Reserves up to this share of all debt stay in the vault. [bps] */
export const RESERVE_TARGET = 200n;

/** Where the index saturates. [WAD] */
export const MAX_INDEX = 2n ** 72n - 1n;

/** Where reserves saturate. [asset] */
export const MAX_RESERVES = 2n ** 96n - 1n;

/** A fixed term that is asked for. */
export interface TermRequest {
  /** What it adds to all debt. [asset] */
  readonly debtAdded: bigint;
  /** What it adds to the debt of fixed terms; more than that where an open-term debt is fixed. [asset] */
  readonly termDebtAdded: bigint;
  /** [s] */
  readonly duration: bigint;
  /** What was deposited before in the same transaction, which quotes do not count; 0 by default. [asset] */
  readonly deposited?: bigint;
  /** What was repaid before in the same transaction, likewise. [asset] */
  readonly repaid?: bigint;
}

/**
 * `LenderVault.accruedState`: the state with interest, reserves and averages up to a time.
 * @param state As it is stored.
 * @param now Not before `state.lastAccrual`. [s]
 * @returns The index rounded up, all else down; index and reserves saturate.
 */
export function accrued(state: VaultState, now: bigint): VaultState {
  requireState(state);
  const elapsed = requireUint("now", now, 32) - state.lastAccrual;
  if (elapsed < 0n) throw new InvalidInputError("now", now, `not before the last accrual, at ${state.lastAccrual}`);
  if (elapsed === 0n) return state;

  const { scaledDebt, cash, terms } = state;
  const debt = debtOf(state);
  const { averageRate, nextRateAtTarget } = RateCurve.drift(
    state.rateAtTarget,
    RateCurve.utilisation(cash, debt),
    elapsed,
  );
  const index = state.index + mulDivUp(state.index, RateCurve.growth(averageRate, elapsed), WAD); // up
  const next = {
    scaledDebt,
    index: min(index, MAX_INDEX),
    lastAccrual: now,
    averagedSupply: AveragedSupply.next(state.averagedSupply, cash + debt, elapsed),
    cash,
    reserves: state.reserves,
    rateAtTarget: nextRateAtTarget,
    terms,
  };
  const interest = debtOf(next) - debt;
  return { ...next, reserves: min(state.reserves + (interest * RESERVE_FACTOR) / BPS, MAX_RESERVES) }; // down
}

/** `LenderVault.debtIndex`: what one unit of scaled debt has grown to. [WAD], rounded up. */
export function debtIndex(state: VaultState, now: bigint): bigint {
  return accrued(state, now).index;
}

/** `LenderVault.totalDebt`: all debt. [asset], rounded down. */
export function totalDebt(state: VaultState, now: bigint): bigint {
  return debtOf(accrued(state, now));
}

/** `LenderVault._openDebt`: what open-term loans owe together. [asset], rounded down. */
export function openDebt(state: VaultState, now: bigint): bigint {
  return openDebtOf(accrued(state, now));
}

/** `LenderVault.termDebt`: what fixed-term loans owe together. [asset], rounded down. */
export function termDebt(state: VaultState, now: bigint): bigint {
  return TermDebt.owed(state.terms, now);
}

/** `LenderVault.totalAssets`: what the lenders own, cash and debt without reserves. [asset], rounded down. */
export function totalAssets(state: VaultState, now: bigint): bigint {
  return assetsOf(accrued(state, now));
}

/** `LenderVault.utilisation`: the share of the supply that is lent out. [WAD], rounded down. */
export function utilisation(state: VaultState, now: bigint): bigint {
  return usedOf(accrued(state, now));
}

/** `LenderVault.borrowRate`: the rate of open-term loans. [WAD/year], rounded down. */
export function borrowRate(state: VaultState, now: bigint): bigint {
  return openRateOf(accrued(state, now));
}

/** `LenderVault.lendRate`: what lenders earn on their assets. [WAD/year], rounded down; 0 where there are none. */
export function lendRate(state: VaultState, now: bigint): bigint {
  const s = accrued(state, now);
  const assets = assetsOf(s);
  if (assets === 0n) return 0n;
  const yearly = openRateOf(s) * openDebtOf(s) + s.terms.weighted * (WAD / TermQuote.RATE_UNIT); // [WAD × asset]
  return mulDivDown(yearly, BPS - RESERVE_FACTOR, assets * BPS);
}

/**
 * `LenderVault.quoteTerm`: the rate of a fixed term that would begin at a time.
 * @returns [1e-9/year], rounded up.
 * @throws {@link InvalidInputError} where the contract reverts with `TermDurationOutOfRange`, `TermShareExceeded` or
 * `AmountTooLarge`; {@link refusalOfTerm} tells the first two.
 */
export function quoteTerm(state: VaultState, request: TermRequest, now: bigint): bigint {
  return TermQuote.rate(quotedMarket(state, request, now), request.duration);
}

/**
 * Why {@link quoteTerm} refuses a request; `undefined` if it does not.
 * @throws {@link InvalidInputError} where the contract reverts with `AmountTooLarge`.
 */
export function refusalOfTerm(state: VaultState, request: TermRequest, now: bigint): TermQuote.TermRefusal | undefined {
  return TermQuote.refusalOf(quotedMarket(state, request, now), request.duration);
}

function quotedMarket(state: VaultState, request: TermRequest, now: bigint): TermQuote.QuotedMarket {
  const { debtAdded, termDebtAdded, deposited = 0n, repaid = 0n } = request;
  requireUint("deposited", deposited);
  requireUint("repaid", repaid);
  const s = accrued(state, now);
  const debt = debtOf(s);
  return {
    debtAfter: debt + repaid + requireAmount("debtAdded", debtAdded),
    termDebtAfter: TermDebt.owed(s.terms, now) + requireAmount("termDebtAdded", termDebtAdded),
    supply: saturatingSub(s.cash + debt, deposited),
    totalAssets: saturatingSub(assetsOf(s), deposited),
    averagedSupply: AveragedSupply.unpack(s.averagedSupply),
    rateAtTarget: s.rateAtTarget,
  };
}

// What follows takes a state at the time up to which its interest is booked.

function debtOf(state: VaultState): bigint {
  return openDebtOf(state) + TermDebt.owed(state.terms, state.lastAccrual);
}

function openDebtOf({ scaledDebt, index }: VaultState): bigint {
  return (scaledDebt * index) / WAD; // down
}

function assetsOf(state: VaultState): bigint {
  const supply = state.cash + debtOf(state);
  if (state.reserves > supply)
    throw new InvalidInputError("reserves", state.reserves, `at most cash + debt, ${supply}`);
  return supply - state.reserves;
}

function usedOf(state: VaultState): bigint {
  return RateCurve.utilisation(state.cash, debtOf(state));
}

function openRateOf(state: VaultState): bigint {
  return RateCurve.rate(state.rateAtTarget, usedOf(state));
}

function requireState(state: VaultState): void {
  requireAmount("scaledDebt", state.scaledDebt);
  requireUint("index", state.index, 72);
  requireUint("lastAccrual", state.lastAccrual, 32);
  requireUint("averagedSupply", state.averagedSupply, 48);
  requireAmount("cash", state.cash);
  requireUint("reserves", state.reserves, 96);
  requireUint("rateAtTarget", state.rateAtTarget, 48);
  TermDebt.requireSums(state.terms);
}

/**
 * The vault's shares: ERC-4626 conversions, previews and maxima. Mirrors `LenderVault`, whose decimals offset is 6: shares have six
 * decimals more than the loan asset.
 */
import { InvalidInputError, requireUint } from "../errors/invalid-input.ts";
import type { VaultState } from "../types.ts";
import { MAX_AMOUNT, min, mulDivDown, mulDivUp, requireAmount, saturatingSub } from "./amounts.ts";
import { accrued, totalAssets } from "./vault.ts";

/** The vault with its shares. */
export interface SharedVault extends VaultState {
  /** All shares. [share] */
  readonly totalSupply: bigint;
}

/** What limits deposits. */
export interface DepositLimits {
  /** The most that lenders may have in the vault. [asset] */
  readonly depositCap: bigint;
  /** `pausedUntil(Deposit)`, 0 if deposits are not paused. [s] */
  readonly pausedUntil: bigint;
}

/** Shares that nobody owns, the guard against inflation of the first ones. [share] */
const VIRTUAL_SHARES = 10n ** 6n;

/** The most shares that deposits may bring the supply to. [share] */
const MAX_SUPPLY = 2n ** 248n - 1n;

/** Up to this supply even the largest deposit stays below {@link MAX_SUPPLY}. [share] */
const ORDINARY_SUPPLY = 2n ** 143n - 10n ** 6n;

/** What a conversion rests on. */
interface Pool {
  /** With one virtual unit. [asset] */
  readonly assets: bigint;
  /** With the virtual ones. [share] */
  readonly shares: bigint;
}

/** `convertToShares`: assets [asset] in shares. [share], rounded down. */
export function convertToShares(vault: SharedVault, assets: bigint, now: bigint): bigint {
  requireUint("assets", assets);
  const pool = poolOf(vault, now);
  return fitting("assets", assets, mulDivDown(assets, pool.shares, pool.assets));
}

/** `convertToAssets`: shares [share] in assets. [asset], rounded down. */
export function convertToAssets(vault: SharedVault, shares: bigint, now: bigint): bigint {
  requireUint("shares", shares);
  const pool = poolOf(vault, now);
  return fitting("shares", shares, mulDivDown(shares, pool.assets, pool.shares));
}

/** `previewDeposit`: the shares that a deposit of assets [asset] brings. [share], rounded down. */
export function previewDeposit(vault: SharedVault, assets: bigint, now: bigint): bigint {
  return convertToShares(vault, assets, now);
}

/** `previewMint`: what shares [share] cost. [asset], rounded up. */
export function previewMint(vault: SharedVault, shares: bigint, now: bigint): bigint {
  requireUint("shares", shares);
  const pool = poolOf(vault, now);
  return fitting("shares", shares, mulDivUp(shares, pool.assets, pool.shares));
}

/** `previewWithdraw`: the shares that a withdrawal of assets [asset] takes. [share], rounded up. */
export function previewWithdraw(vault: SharedVault, assets: bigint, now: bigint): bigint {
  requireUint("assets", assets);
  const pool = poolOf(vault, now);
  return fitting("assets", assets, mulDivUp(assets, pool.shares, pool.assets));
}

/** `previewRedeem`: what shares [share] bring. [asset], rounded down. */
export function previewRedeem(vault: SharedVault, shares: bigint, now: bigint): bigint {
  return convertToAssets(vault, shares, now);
}

/** `maxDeposit`: the most that may be deposited. [asset], rounded down; 0 while deposits are paused. */
export function maxDeposit(vault: SharedVault, { depositCap, pausedUntil }: DepositLimits, now: bigint): bigint {
  requireAmount("depositCap", depositCap);
  requireUint("pausedUntil", pausedUntil);
  const pool = poolOf(vault, now);
  if (pausedUntil > now) return 0n;
  const assets = min(saturatingSub(depositCap, pool.assets - 1n), MAX_AMOUNT - vault.cash);
  if (vault.totalSupply <= ORDINARY_SUPPLY) return assets;
  return min(assets, mulDivDown(saturatingSub(MAX_SUPPLY, vault.totalSupply), pool.assets, pool.shares));
}

/** `maxMint`: the most shares that may be minted. [share], rounded down; 0 while deposits are paused. */
export function maxMint(vault: SharedVault, limits: DepositLimits, now: bigint): bigint {
  return convertToShares(vault, maxDeposit(vault, limits, now), now);
}

/**
 * `maxWithdraw`: the most that an owner may withdraw now, which cash limits.
 * @param balance The owner's. [share]
 * @returns [asset], rounded down.
 */
export function maxWithdraw(vault: SharedVault, balance: bigint, now: bigint): bigint {
  return min(convertToAssets(vault, requireBalance(vault, balance), now), vault.cash);
}

/**
 * `maxRedeem`: the most shares that an owner may redeem now, which cash limits.
 * @param balance The owner's. [share]
 * @returns [share], rounded down.
 */
export function maxRedeem(vault: SharedVault, balance: bigint, now: bigint): bigint {
  const assets = convertToAssets(vault, requireBalance(vault, balance), now);
  return assets <= vault.cash ? balance : convertToShares(vault, vault.cash, now);
}

function poolOf(vault: SharedVault, now: bigint): Pool {
  requireUint("totalSupply", vault.totalSupply);
  return { assets: totalAssets(accrued(vault, now), now) + 1n, shares: vault.totalSupply + VIRTUAL_SHARES };
}

function requireBalance({ totalSupply }: SharedVault, balance: bigint): bigint {
  if (requireUint("balance", balance) > totalSupply) {
    throw new InvalidInputError("balance", balance, `at most all shares, ${totalSupply}`);
  }
  return balance;
}

/** The contract reverts where a conversion does not fit. */
function fitting(field: string, value: bigint, converted: bigint): bigint {
  if (converted >> 256n !== 0n)
    throw new InvalidInputError(field, value, "less: its conversion has more than 256 bits");
  return converted;
}

/** Everything that a vault says of itself, beside what the SDK says from what the vault has stored. */
import * as Shares from "../../sdk/src/math/vault-shares.ts";
import * as Vault from "../../sdk/src/math/vault.ts";
import type { VaultState } from "../../sdk/src/types.ts";
import type { BigRandom } from "../../scripts/vectors/big-random.ts";
import { DAY, YEAR } from "../helpers/chain.ts";
import type { Comparison, Viewed, Word } from "./comparison.ts";

/** What the SDK is given. */
export interface GivenVault {
  readonly vault: Shares.SharedVault;
  /** Of the vault's state. [bits] */
  readonly flags: bigint;
  readonly limits: Shares.DepositLimits;
  /** Shares by owner. */
  readonly balances: ReadonlyMap<string, bigint>;
}

const ANYBODY = 0n;

/** Asks every view of figures, for amounts drawn at random. */
export function askVault(
  comparison: Comparison,
  contract: Viewed,
  { vault: v, flags, limits, balances }: GivenVault,
  random: BigRandom,
  now: bigint,
): void {
  const ask = (view: string, args: Word[], sdk: () => bigint): void => {
    comparison.ask(contract, view, args, () => [sdk()]);
  };
  const s = Vault.accrued(v, now);
  comparison.ask(contract, "accruedState", [], () => [...wordsOf(s), flags]);
  ask("debtIndex", [], () => Vault.debtIndex(v, now));
  ask("totalDebt", [], () => Vault.totalDebt(v, now));
  ask("termDebt", [], () => Vault.termDebt(v, now));
  ask("utilisation", [], () => Vault.utilisation(v, now));
  ask("borrowRate", [], () => Vault.borrowRate(v, now));
  ask("lendRate", [], () => Vault.lendRate(v, now));
  ask("totalAssets", [], () => Vault.totalAssets(v, now));
  ask("maxDeposit", [ANYBODY], () => Shares.maxDeposit(v, limits, now));
  ask("maxMint", [ANYBODY], () => Shares.maxMint(v, limits, now));
  for (const [holder, balance] of balances) {
    ask("maxWithdraw", [holder], () => Shares.maxWithdraw(v, balance, now));
    ask("maxRedeem", [holder], () => Shares.maxRedeem(v, balance, now));
  }
  for (const assets of [random.upTo(s.cash), random.sized(104), random.sized(256)]) {
    ask("convertToShares", [assets], () => Shares.convertToShares(v, assets, now));
    ask("previewDeposit", [assets], () => Shares.previewDeposit(v, assets, now));
    ask("previewWithdraw", [assets], () => Shares.previewWithdraw(v, assets, now));
  }
  for (const shares of [random.upTo(v.totalSupply), random.sized(128), random.sized(256)]) {
    ask("convertToAssets", [shares], () => Shares.convertToAssets(v, shares, now));
    ask("previewMint", [shares], () => Shares.previewMint(v, shares, now));
    ask("previewRedeem", [shares], () => Shares.previewRedeem(v, shares, now));
  }
  for (const duration of [7n * DAY, random.within(7n * DAY, YEAR), YEAR, random.upTo(400n * DAY)]) {
    const debtAdded = random.chance(0.9) ? random.upTo(s.cash / 10n) : random.sized(105);
    const termDebtAdded = debtAdded + (random.chance(0.3) ? random.upTo(s.cash / 20n) : 0n);
    const request = { debtAdded, termDebtAdded, duration };
    ask("quoteTerm", [debtAdded, termDebtAdded, duration], () => Vault.quoteTerm(v, request, now));
  }
}

/** A vault's state in the order of `LenderVault.State`, without its flags. */
export function wordsOf(state: VaultState): bigint[] {
  const { scaledDebt, index, lastAccrual, averagedSupply, cash, reserves, rateAtTarget } = state;
  return [scaledDebt, index, lastAccrual, averagedSupply, cash, reserves, rateAtTarget];
}

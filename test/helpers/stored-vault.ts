/** A vault's state as it is stored, and nothing that the contract has reckoned. */
import type { DepositLimits, SharedVault } from "../../sdk/src/math/vault-shares.ts";
import type { LenderVault } from "./contracts.ts";

export interface StoredVault {
  readonly vault: SharedVault;
  /** [bits] */
  readonly flags: bigint;
  readonly limits: DepositLimits;
}

/** The activity of deposits. */
const DEPOSIT = 0n;

export async function storedVault(vault: LenderVault): Promise<StoredVault> {
  const { flags, scaledDebt, index, lastAccrual, averagedSupply, cash, reserves, rateAtTarget } = await vault.state();
  const { principal, weighted, dated } = await vault.termSums();
  const terms = { principal, weighted, dated };
  const totalSupply = await vault.totalSupply();
  return {
    vault: { scaledDebt, index, lastAccrual, averagedSupply, cash, reserves, rateAtTarget, terms, totalSupply },
    flags,
    limits: { depositCap: await vault.depositCap(), pausedUntil: await vault.pausedUntil(DEPOSIT) },
  };
}

/** What the vault reckons: its interest, debts and rates, and its shares. Mirrors `LenderVault`. */
export * from "./vault-shares.ts";
export * from "./vault.ts";

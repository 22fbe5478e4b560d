/** What the contracts offer, `as const`: ethers takes it, and viem and wagmi read its types. */
export { contractErrorsAbi } from "./contract-errors.ts";
export { lenderVaultAbi } from "./lender-vault.ts";
export { loanBookAbi } from "./loan-book.ts";
export { loanLensAbi } from "./loan-lens.ts";

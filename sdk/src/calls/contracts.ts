/** The market's contracts, as ethers encodes calls of them. */
import { Interface } from "ethers";

import { lenderVaultAbi } from "../abi/lender-vault.ts";
import { loanBookAbi } from "../abi/loan-book.ts";
import { loanLensAbi } from "../abi/loan-lens.ts";
import type { MarketAddresses } from "../addresses/market-addresses.ts";
import { requireAddress } from "../errors/invalid-address.ts";
import { min } from "../math/amounts.ts";
import { UNLIMITED } from "../math/loan-lines.ts";
import type { Approval, CallRequest } from "./call-request.ts";

/** How each of a market's contracts is encoded. */
export const CONTRACTS = {
  vault: new Interface(lenderVaultAbi),
  book: new Interface(loanBookAbi),
  lens: new Interface(loanLensAbi),
};

/** A call of one of a market's contracts. Amounts of 0 need no approval; those of the same token are one. */
export function callOf(
  contract: "vault" | "book",
  addresses: MarketAddresses,
  name: string,
  args: readonly unknown[],
  approvals: readonly Approval[] = [],
): CallRequest {
  return {
    to: asHex(requireAddress(contract, addresses[contract])),
    data: asHex(CONTRACTS[contract].encodeFunctionData(name, args)),
    approvals: together(approvals),
  };
}

/** One approval for each token and spender, of all that is pulled. */
export function together(approvals: readonly Approval[]): Approval[] {
  const sums = new Map<string, Approval>();
  for (const { token, spender, amount } of approvals) {
    const key = `${token} ${spender}`.toLowerCase();
    const sum = (sums.get(key)?.amount ?? 0n) + amount;
    if (sum !== 0n) sums.set(key, { token, spender, amount: min(sum, UNLIMITED) });
  }
  return [...sums.values()];
}

/** ethers writes all hex digits as viem types them. */
export function asHex(text: string): `0x${string}` {
  return text as `0x${string}`;
}

/** Terms that are refused: what is asked for, and that nothing is left of it. */
import { expect } from "chai";

import { expectUntouched } from "./contract-state.ts";
import { loanId, usdc, WETH, weth } from "./market.ts";
import type { Loans } from "./refinancing.ts";
import { ANY_RATE, MONTH, refinancing } from "./terms.ts";

/** Opens a term of the borrower's against ten ether. */
export async function openTerm(
  { book, borrower }: Loans,
  of: { amount?: bigint; duration?: bigint; maxRate?: bigint; number?: bigint; receiver?: string; ether?: string } = {},
): Promise<unknown> {
  const { amount = usdc("1,000"), duration = MONTH, maxRate = ANY_RATE, number = 9n, ether = "10" } = of;
  const pledges = [{ listing: WETH, amount: weth(ether) }];
  const term = { duration, maxRate };
  return book
    .connect(borrower)
    .openTerm(loanId(borrower, number), pledges, amount, term, of.receiver ?? borrower.address);
}

export async function refinance(
  { book, borrower }: Loans,
  id: bigint,
  of: Parameters<typeof refinancing>[1],
): Promise<unknown> {
  return book.connect(borrower).refinance(id, refinancing(borrower, of));
}

/** A call that is refused with these values, and changes nothing. */
export async function expectRefused(
  market: Loans,
  call: () => Promise<unknown>,
  error: string,
  values: readonly unknown[],
): Promise<void> {
  await expectUntouched(market, async () => {
    const { contract } = ownerOf(market, error);
    await expect(call(), error)
      .to.be.revertedWithCustomError(contract, error)
      .withArgs(...values);
  });
}

/** Errors of quotes and cash are the vault's. */
function ownerOf({ book, vault }: Loans, error: string): { contract: Loans["book"] | Loans["vault"] } {
  return { contract: vault.interface.getError(error) === null ? book : vault };
}

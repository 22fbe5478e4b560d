import type { BookState } from "./book-state.ts";
import { word } from "./chain.ts";
import { debtUp, linesOf } from "./health.ts";
import type { Ledger } from "./ledger.ts";
import type { Stage } from "./market.ts";

/**
 * Checks at the end that what was reported is what the contracts hold: each loan's debt and liquidation line, and the cash
 * that deposits, loans and repayments must have left. Throws where they differ: then no figure can be trusted.
 */
export async function verifyBooks(stage: Stage, book: BookState, ledger: Ledger): Promise<void> {
  const { chain, market } = stage;
  for (const { id, number } of ledger.loans) {
    const loan = book.loan(id);
    const data = market.book.interface.encodeFunctionData("healthOf", [id]);
    const health = await chain.call({ to: market.bookAddress, data });
    const name = `loan ${String(number)}`;
    expect(`the debt of ${name}`, debtUp(loan.scaledDebt, book.index), word(health, 0));
    expect(`the liquidation line of ${name}`, linesOf(loan, book.board).liquidationLine, word(health, 3));
  }
  const repaid = ledger.liquidations.reduce((sum, liquidation) => sum + liquidation.repaid, 0n);
  expect("the vault's cash", ledger.start.cash + repaid, ledger.end.cash);
}

function expect(what: string, expected: bigint, actual: bigint): void {
  if (expected === actual) return;
  throw new Error(
    `The play and the contracts do not agree: ${what} should be ${String(expected)}, but is ${String(actual)}.`,
  );
}

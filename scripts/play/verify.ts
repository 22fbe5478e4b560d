import type { BookState } from "./book-state.ts";
import { word, words } from "./chain.ts";
import { isCallable, linesOf } from "./health.ts";
import type { Ledger } from "./ledger.ts";
import { debtOf } from "./loan-debt.ts";
import type { Stage } from "./market.ts";
import { verifyEvents } from "./verify-events.ts";

/**
 * Checks at the end that what was reported is what the contracts hold: each loan's debt, lines and margin call, which loans the lens
 * would call, the cash that deposits, loans and repayments must have left, and the credits that the monitor has not claimed; then every
 * margin call and every sale against the book's events. Throws where they differ: then no figure can be trusted.
 */
export async function verifyBooks(stage: Stage, book: BookState, ledger: Ledger): Promise<void> {
  const { chain, lens, market, roles } = stage;
  for (const { id, number } of ledger.loans) {
    const loan = book.loan(id);
    const data = market.book.interface.encodeFunctionData("healthOf", [id]);
    const health = await chain.call({ to: market.bookAddress, data });
    const name = `loan ${String(number)}`;
    expect(`the debt of ${name}`, debtOf(loan, book), word(health, 0));
    const { callLine, liquidationLine } = linesOf(loan, book.board);
    expect(`the call line of ${name}`, callLine, word(health, 2));
    expect(`the liquidation line of ${name}`, liquidationLine, word(health, 3));
    const callData = market.book.interface.encodeFunctionData("marginCallOf", [id]);
    const stored = words(await chain.call({ to: market.bookAddress, data: callData }));
    const { calledAt = 0, deadline = 0, lapse = 0 } = loan.call ?? {};
    [calledAt, deadline, lapse].forEach((time, i) => {
      expect(`the margin call of ${name}`, BigInt(time), stored[i + 1] ?? 0n);
    });
  }
  const ids = ledger.loans.map(({ id }) => id);
  const callable = await lens.callable(market.bookAddress, ids);
  const expected = ids.filter((id) => isCallable(book.loan(id), book));
  expect("the number of loans that can be called", BigInt(expected.length), BigInt(callable.length));
  const sold = total(ledger.liquidations, ({ repaid }) => repaid);
  const repaid = total(ledger.cures, ({ by, amount }) => (by === "repaying" ? amount : 0n));
  expect("the vault's cash", ledger.start.cash + sold + repaid, ledger.end.cash);
  for (const { number, asset } of book.listings) {
    const credits = total(ledger.liquidations, (one) => (one.asset === asset ? one.credit : 0n));
    const data = market.book.interface.encodeFunctionData("creditOf", [roles.monitor, number]);
    const held = word(await chain.call({ to: market.bookAddress, data }), 0);
    expect(`the monitor's credits in ${asset}`, credits, held);
  }
  await verifyEvents(stage, book, ledger);
}

function total<T>(items: readonly T[], amount: (item: T) => bigint): bigint {
  return items.reduce((sum, item) => sum + amount(item), 0n);
}

function expect(what: string, expected: bigint, actual: bigint): void {
  if (expected === actual) return;
  throw new Error(
    `The play and the contracts do not agree: ${what} should be ${String(expected)}, but is ${String(actual)}.`,
  );
}

import { marginCallOf } from "../../sdk/src/math/loan-lens.ts";
import { healthOf } from "../../sdk/src/math/loan-lines.ts";
import type { BookState } from "./book-state.ts";
import { word, words } from "./chain.ts";
import type { Ledger } from "./ledger.ts";
import type { Stage } from "./market.ts";
import { askLens } from "./monitor.ts";
import { verifyEvents } from "./verify-events.ts";

/**
 * Checks at the end that what was reported is what the contracts hold: each loan's debt, lines and margin call, which loans the lens
 * would call, the cash that deposits, loans and repayments must have left, and the credits that the monitor has not claimed; then every
 * margin call and every sale against the book's events. Throws where they differ: then no figure can be trusted.
 */
export async function verifyBooks(stage: Stage, book: BookState, ledger: Ledger): Promise<void> {
  const { chain, market, roles } = stage;
  for (const { id, number } of ledger.loans) {
    const loan = book.loan(id);
    const data = market.book.interface.encodeFunctionData("healthOf", [id]);
    const health = words(await chain.call({ to: market.bookAddress, data }));
    const name = `loan ${String(number)}`;
    const { debt, borrowLimit, callLine, liquidationLine } = healthOf(loan, book.board, book.debtIndex);
    expect(`the debt of ${name}`, debt, health[0]);
    expect(`the borrow limit of ${name}`, borrowLimit, health[1]);
    expect(`the call line of ${name}`, callLine, health[2]);
    expect(`the liquidation line of ${name}`, liquidationLine, health[3]);
    const callData = market.book.interface.encodeFunctionData("marginCallOf", [id]);
    const stored = words(await chain.call({ to: market.bookAddress, data: callData }));
    const { calledAt = 0n, deadline = 0n, lapse = 0n } = marginCallOf(book.board, loan) ?? {};
    [calledAt, deadline, lapse].forEach((time, i) => expect(`the margin call of ${name}`, time, stored[i + 1]));
  }
  const ids = ledger.loans.map(({ id }) => id);
  const callable = await askLens(stage, ids);
  expect("the number of loans that can be called", BigInt(book.callable().length), BigInt(callable.length));
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

function expect(what: string, expected: bigint, actual: bigint | undefined): void {
  if (expected === actual) return;
  throw new Error(
    `The play and the contracts do not agree: ${what} should be ${String(expected)}, but is ${String(actual)}.`,
  );
}

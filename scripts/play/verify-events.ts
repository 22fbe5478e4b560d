import type { LogDescription } from "ethers";

import { readLogs } from "../../deploy/logs.ts";
import type { BookState } from "./book-state.ts";
import type { CallEnd, Ledger } from "./ledger.ts";
import type { Stage } from "./market.ts";

/** Ends of a call that the book tells in an event; it tells none when a call lapses. */
const CLEARED: readonly CallEnd[] = ["cured", "recovered", "sold"];

/**
 * Checks that the book's events tell the ledger's margin calls and sales, one by one, and that the calls which were cured or ended are
 * gone. Throws where they do not.
 */
export async function verifyEvents(stage: Stage, book: BookState, ledger: Ledger): Promise<void> {
  const { market, roles } = stage;
  const events = await readEvents(stage);
  const idOf = (number: number) => ledger.loans[number - 1]?.id ?? 0n;
  const told = (name: string) =>
    events.filter((event) => event.name === name).map(({ args }) => args.toArray() as unknown[]);

  const calls = ledger.calls.map(({ loan, deadline }) => [idOf(loan), roles.monitor, BigInt(deadline)]);
  expectSame("margin calls", calls, told("MarginCalled"));

  const numbers = new Map(market.listings.map(({ symbol, number }) => [symbol, BigInt(number)]));
  const sales = ledger.liquidations.map(({ loan, asset, repaid, seized, writtenOff, isSoft }) => {
    return [idOf(loan), numbers.get(asset), roles.keeper, repaid, seized, writtenOff, isSoft];
  });
  expectSame("liquidations", sales, told("Liquidated"));

  for (const { id, number } of ledger.loans) {
    const ends = ledger.calls.filter(({ loan }) => loan === number).map(({ end }) => end);
    const ofLoan = events.filter(({ name, args }) => name.startsWith("MarginCall") && args[0] === id);
    const after = ofLoan.flatMap(({ name }, i) => (name === "MarginCalled" ? [ofLoan[i + 1]?.name] : []));
    // What follows a lapsed call does not matter.
    const expected = ends.map((end, i) =>
      CLEARED.includes(end) ? "MarginCallCleared" : end === "lapsed" ? after[i] : undefined,
    );
    expectSame(`ends of the calls of loan ${String(number)}`, expected, after);
    const isLast = ends.at(-1) === "standing";
    if (isLast && book.loan(id).call === undefined)
      throw new Error(`No call of loan ${String(number)} stands any more.`);
  }
}

async function readEvents({ connection, market }: Stage): Promise<LogDescription[]> {
  const logs = await readLogs(connection.ethers.provider, market.bookAddress, market.fromBlock);
  return logs.map((log) => market.book.interface.parseLog(log)).filter((event) => event !== null);
}

function expectSame(what: string, expected: readonly unknown[], actual: readonly unknown[]): void {
  const [ours, theirs] = [expected, actual].map((items) => items.map(String));
  const at = ours?.findIndex((item, i) => item !== theirs?.[i]) ?? -1;
  if (at === -1 && expected.length === actual.length) return;
  const first = `${String(ours?.[at])} and ${String(theirs?.[at])} are the first that differ`;
  const counts = `${String(expected.length)} and ${String(actual.length)}`;
  throw new Error(`The play and the book's events do not agree on the ${what}: ${counts} of them; ${first}.`);
}

import { isFixedTerm } from "../../sdk/src/math/loan-debt.ts";
import type { BookState } from "./book-state.ts";
import type { CallLog } from "./call-log.ts";
import { words, type Chain } from "./chain.ts";
import type { Upkeep } from "./ledger.ts";
import type { Stage } from "./market.ts";
import type { MarketPrices } from "./prices.ts";

/** How many loans are looked at in one call of the lens, and called in one transaction. */
const LOOK = 500;
const BATCH = 50;

/** The lens is asked about loans that owe more than this share of their call line: it takes most of a round's time. [%] */
const NEAR = 90n;

/**
 * The lenders' monitor at work: after each round it asks the lens which loans are above their call line, calls those, and rolls what
 * has matured. It clears no call: that would only cost it gas and the credit, and is for the owners, whose time to cure begins anew.
 */
export class Monitor {
  public readonly upkeep: Upkeep[] = [];
  readonly #stage: Stage;
  readonly #chain: Chain;
  readonly #book: BookState;
  readonly #prices: MarketPrices;
  readonly #calls: CallLog;

  public constructor(stage: Stage, book: BookState, prices: MarketPrices, calls: CallLog) {
    this.#stage = stage;
    this.#chain = stage.chain;
    this.#book = book;
    this.#prices = prices;
    this.#calls = calls;
  }

  /**
   * Does all that is due now. The book's state must be fresh.
   * @returns Whether there was anything to do.
   */
  public async act(): Promise<boolean> {
    const before = this.upkeep.length;
    this.#calls.watch();
    await this.#roll();
    for (const batch of chunks(await this.#callable(), BATCH)) await this.#call(batch);
    return this.upkeep.length > before;
  }

  /** What the lens finds; the SDK's mathematics must find the same. */
  async #callable(): Promise<readonly bigint[]> {
    const near = this.#book.callable(NEAR).map(({ id }) => id);
    const found = await askLens(this.#stage, near);
    const expected = this.#book.callable().map(({ id }) => id);
    if (found.join() !== expected.join()) {
      const counts = `${String(found.length)} loans that can be called, the play ${String(expected.length)}`;
      throw new Error(`At ${String(this.#book.time)} the lens finds ${counts}, or other ones.`);
    }
    return found;
  }

  async #call(ids: readonly bigint[]): Promise<void> {
    const data = this.#stage.market.book.interface.encodeFunctionData("callMarginBatch", [[...ids]]);
    await this.#send("call", ids.length, data);
    await this.#book.refresh();
    for (const id of ids) this.#calls.begin(this.#book.loan(id));
  }

  async #roll(): Promise<void> {
    for (const loan of [...this.#book.loans]) {
      if (!isFixedTerm(loan) || this.#book.time < loan.maturity) continue;
      await this.#send("roll", 1, this.#stage.market.book.interface.encodeFunctionData("roll", [loan.id]));
      await this.#book.refresh();
      this.#calls.acted(loan.id, "recovered");
    }
  }

  async #send(kind: Upkeep["kind"], loans: number, data: string): Promise<void> {
    const { market, roles } = this.#stage;
    const { gasUsed } = await this.#chain.send({ from: roles.monitor, to: market.bookAddress, data });
    const { time } = this.#book;
    this.upkeep.push({ time, kind, loans, gasUsed, gasCost: this.#prices.gasCost(gasUsed, time) });
  }
}

/** Which of the loans the lens finds above their call line, without a call that stands. */
export async function askLens(
  { chain, lens, lensAddress, market }: Stage,
  loans: readonly bigint[],
): Promise<readonly bigint[]> {
  const found: bigint[] = [];
  for (const ids of chunks(loans, LOOK)) {
    const data = lens.interface.encodeFunctionData("callable", [market.bookAddress, ids]);
    found.push(...words(await chain.call({ to: lensAddress, data })).slice(2));
  }
  return found;
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}

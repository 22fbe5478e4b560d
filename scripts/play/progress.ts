import { LOAN_ASSET } from "./assets.ts";
import { toNumber } from "./decimal.ts";
import { counted, usd } from "./format.ts";
import type { Position } from "./play.ts";
import { PRICE_DECIMALS, utc } from "./price-series.ts";

/** Where progress is written: a terminal's stream, a file or a pipe. */
export interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** On a terminal the line is rewritten at most this often. [ms] */
const REFRESH = 100;
/** Elsewhere there is a line for each of so many parts of the run. */
const PARTS = 10;
const CLEAR_LINE = "\r\u001b[K";

/** Shows where a play stands: one line that changes on a terminal, a few plain lines elsewhere. */
export class Progress {
  readonly #output: Output;
  readonly #now: () => number;
  #shownAt = -Infinity;
  #part = 0;

  /** @param now Milliseconds of a clock. */
  public constructor(output: Output, now: () => number = () => performance.now()) {
    this.#output = output;
    this.#now = now;
  }

  public readonly show = (position: Position): void => {
    const { round, rounds } = position;
    if (this.#output.isTTY === true) {
      if (this.#now() - this.#shownAt < REFRESH && round < rounds) return;
      this.#shownAt = this.#now();
      this.#output.write(CLEAR_LINE + describe(position).slice(0, (this.#output.columns ?? 80) - 1));
      return;
    }
    const part = Math.floor((round * PARTS) / rounds);
    if (part === this.#part) return;
    this.#part = part;
    this.#output.write(describe(position) + "\n");
  };

  /** Leaves the line free for what comes next. */
  public finish(): void {
    if (this.#output.isTTY === true) this.#output.write(CLEAR_LINE);
  }
}

function describe({ time, round, rounds, answers, liquidatedLoans }: Position): string {
  const prices = [...answers]
    .filter(([asset]) => asset !== LOAN_ASSET)
    .map(([asset, answer]) => `${asset} ${usd(toNumber(answer, PRICE_DECIMALS))}`);
  const done = `${String(Math.floor((100 * round) / rounds)).padStart(3)} %`;
  const liquidated = `${counted(liquidatedLoans, "loan")} liquidated`;
  return [done, utc(time), liquidated, ...prices].join("  ");
}

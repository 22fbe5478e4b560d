import { debtOf } from "../../sdk/src/math/loan-lens.ts";
import { lines } from "../../sdk/src/math/loan-lines.ts";
import type { BookState } from "./book-state.ts";
import { QUANTILES, type Sample, type VaultRecord } from "./ledger.ts";
import type { Stage } from "./market.ts";
import type { Window } from "./price-series.ts";
import { word } from "./chain.ts";

/** How many samples a window has at most. */
const SAMPLES = 600;

/** 1e12 whole shares of 12 decimals. */
const MANY_SHARES = 10n ** 24n;

/** Reads the vault, and the whole book now and then, for the charts. */
export class Recorder {
  public readonly samples: Sample[] = [];
  readonly #stage: Stage;
  readonly #book: BookState;
  readonly #interval: number;
  #due: number;

  public constructor(stage: Stage, book: BookState, window: Window) {
    this.#stage = stage;
    this.#book = book;
    this.#interval = (window.end - window.start) / SAMPLES;
    this.#due = window.start;
  }

  /** Samples if the last sample is long enough ago. The book's state must be fresh. */
  public async sampleIfDue(): Promise<void> {
    if (this.#stage.chain.time >= this.#due) await this.sample();
  }

  public async sample(): Promise<void> {
    const { time } = this.#stage.chain;
    this.samples.push({ vault: await this.readVault(), ltvs: quantiles(this.#ltvs()) });
    while (this.#due <= time) this.#due += this.#interval;
  }

  /** The vault as of the chain's last block. */
  public async readVault(): Promise<VaultRecord> {
    const { chain, market } = this.#stage;
    const to = market.vaultAddress;
    const { interface: vault } = market.vault;
    const state = await chain.call({ to, data: vault.encodeFunctionData("accruedState") });
    const debt = await chain.call({ to, data: vault.encodeFunctionData("totalDebt") });
    const totalAssets = await chain.call({ to, data: vault.encodeFunctionData("totalAssets") });
    const price = await chain.call({ to, data: vault.encodeFunctionData("convertToAssets", [MANY_SHARES]) });
    return {
      time: chain.time,
      cash: word(state, 4),
      debt: word(debt, 0),
      reserves: word(state, 5),
      totalAssets: word(totalAssets, 0),
      sharePrice: word(price, 0),
    };
  }

  #ltvs(): number[] {
    const { loans, board } = this.#book;
    return [...loans]
      .filter((loan) => loan.base !== 0n)
      .map((loan) => Number(debtOf(this.#book, loan)) / Number(lines(loan.pledges, board).value));
  }
}

function quantiles(values: readonly number[]): number[] {
  const sorted = [...values].sort((a, b) => a - b);
  return QUANTILES.map((q) => sorted[Math.round(q * (sorted.length - 1))]).filter((value) => value !== undefined);
}

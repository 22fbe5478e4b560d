/** The SDK's history of a market beside the chain: it takes the blocks as they are made, and gives them back. */
import { expect } from "chai";

import { MarketHistory, type Block } from "../../sdk/src/state/market-history.ts";
import type { MarketState } from "../../sdk/src/state/market-state.ts";
import { blocksFrom, frozen } from "../helpers/state-history.ts";
import { collect, noNames, type ViewedMarket } from "./state-figures.ts";

/** Blocks that are kept to be undone and done again. */
const KEPT = 200;

export class Follower {
  public readonly names = noNames();

  readonly #market: ViewedMarket;
  readonly #history = new MarketHistory();
  /** The last ones that were applied. */
  #blocks: Block[] = [];
  /** A state that was left behind, and after which block. */
  #mark: { readonly hash: string; readonly state: unknown } | undefined;

  /** It knows nothing until it follows. */
  public constructor(market: ViewedMarket) {
    this.#market = market;
  }

  public get state(): MarketState {
    return this.#history.state;
  }

  /** Takes the blocks that are new, at first all of the chain. Returns them. */
  public async follow(): Promise<Block[]> {
    const blocks = await blocksFrom(this.#market, (this.#blocks.at(-1)?.number ?? -1) + 1);
    for (const block of blocks) expect(this.#take(block)).to.deep.equal([]);
    this.#blocks = [...this.#blocks, ...blocks].slice(-KEPT);
    return blocks;
  }

  /**
   * Takes what the chain has made after a block instead of what was there: the history finds by itself what to undo.
   * @returns how many blocks it undid.
   */
  public async reorganise(number: number): Promise<number> {
    const kept = this.#blocks.filter((block) => block.number <= number);
    const orphans = this.#blocks.slice(kept.length).map(({ hash }) => hash);
    const [first, ...others] = await blocksFrom(this.#market, number + 1);
    if (first === undefined) throw new Error("The chain has made nothing new.");
    expect(this.#take(first)).to.deep.equal(orphans.toReversed());
    for (const block of others) this.#take(block);
    this.#blocks = [...kept, first, ...others];
    if (orphans.includes(this.#mark?.hash ?? "")) this.#mark = undefined;
    return orphans.length;
  }

  /** Applies a block; returns the hashes of those that were undone for it. */
  #take(block: Block): string[] {
    const undone = this.#history.applyBlock(block);
    for (const event of block.logs) collect(this.names, event);
    return undone.map(({ hash }) => hash);
  }

  /** Goes back to the state that was left behind last, and forth again; then leaves this one behind. Returns how many blocks that were. */
  public goBackAndForth(): number {
    const state = frozen(this.state);
    const from = this.#blocks.findIndex(({ hash }) => hash === this.#mark?.hash) + 1;
    const again = from === 0 ? [] : this.#blocks.slice(from);
    for (const { hash } of again.toReversed()) expect(this.#history.undoBlock().hash).to.equal(hash);
    if (from !== 0) expect(frozen(this.state)).to.deep.equal(this.#mark?.state);
    for (const block of again) this.#history.applyBlock(block);
    expect(frozen(this.state)).to.deep.equal(state);
    const hash = this.#blocks.at(-1)?.hash;
    this.#mark = hash === undefined ? undefined : { hash, state };
    return again.length;
  }
}

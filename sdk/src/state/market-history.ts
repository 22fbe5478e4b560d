/** A market rebuilt from its logs and block times alone, block by block, forth and, after a reorganisation of the chain, back. */
import { InvalidInputError, requireUint } from "../errors/invalid-input.ts";
import { NothingToUndoError, UnlinkedBlockError } from "../errors/state-errors.ts";
import type { BookEvents, MarketEvent, VaultEvents } from "./events.ts";
import { Journal, undo, type Inverses } from "./journal.ts";
import { BOOK_HANDLERS } from "./loan-events.ts";
import { Tables, type MarketState } from "./market-state.ts";
import { requireEvent } from "./require-event.ts";
import { VAULT_HANDLERS } from "./vault-events.ts";

/** A block of the chain. */
export interface BlockHeader {
  /** How many blocks came before. */
  readonly number: number;
  /** Its own. */
  readonly hash: string;
  /** That of the block before. */
  readonly parentHash: string;
  /** Its timestamp. [s] */
  readonly time: bigint;
}

/** A block with the market's logs in it, in the order of the chain; most blocks have none. */
export interface Block extends BlockHeader {
  /** Decoded, in the order of the chain. */
  readonly logs: readonly MarketEvent[];
}

interface Kept {
  readonly header: BlockHeader;
  readonly inverses: Inverses;
}

/** How many blocks are kept by default: more than any chain that finalises has taken back. */
const DEPTH = 1024;

/** A market as of its last block. */
export class MarketHistory {
  private readonly journal = new Journal();
  private readonly tables = new Tables(this.journal);
  private readonly depth: number;
  /** Those that can be undone, oldest first. */
  private readonly kept: Kept[] = [];
  /** The block before them. */
  private base: BlockHeader | undefined;

  /** @param options `depth`: how many blocks can be undone; older ones are final. */
  public constructor({ depth = DEPTH }: { depth?: number } = {}) {
    this.depth = requireWhole("depth", depth);
  }

  /** What the market is now. It changes with every block that is applied or undone. */
  public get state(): MarketState {
    return this.tables;
  }

  /** The last block that was applied; nothing before the first. */
  public get head(): BlockHeader | undefined {
    return this.kept.at(-1)?.header ?? this.base;
  }

  /**
   * Applies the next block. If its parent is an earlier block, those after that one are undone first: the chain was reorganised. The
   * first block is that of the market's deployment, or one before it.
   * @returns the blocks that were undone, newest first.
   * @throws {@link UnlinkedBlockError} if its parent is none of the kept blocks; nothing has changed then. A wrong log is refused with
   * its own error, and the market is as its parent left it.
   */
  public applyBlock(block: Block): BlockHeader[] {
    const header = requireHeader(block);
    const undone = this.rewindTo(header);
    this.follow(header, () => {
      for (const event of block.logs) this.apply(event, header.time);
    });
    return undone;
  }

  /**
   * Says that no block after the head, up to this one, has logs of the market, so that long stretches need not be walked. The parents
   * of these are not checked: skip to final blocks only.
   */
  public skipTo(block: BlockHeader): void {
    const header = requireHeader(block);
    const { head } = this;
    if (head !== undefined && header.number <= head.number) {
      throw new InvalidInputError("number", header.number, `more than ${head.number}, the head's`);
    }
    this.follow(header, () => undefined);
  }

  /**
   * Undoes the last block.
   * @returns the block that was undone.
   * @throws {@link NothingToUndoError} if no block is kept.
   */
  public undoBlock(): BlockHeader {
    const last = this.kept.pop();
    if (last === undefined) throw new NothingToUndoError();
    this.revert(last.inverses);
    return last.header;
  }

  /** Undoes the blocks after the parent of the next one. */
  private rewindTo({ number, parentHash }: BlockHeader): BlockHeader[] {
    if (this.head === undefined) return [];
    const headers = this.kept.map(({ header }) => header);
    const parents = this.base === undefined ? headers : [this.base, ...headers];
    const parent = parents.findLastIndex((header) => header.hash === parentHash && header.number === number - 1);
    if (parent === -1) throw new UnlinkedBlockError(number, parentHash);
    return Array.from({ length: parents.length - 1 - parent }, () => this.undoBlock());
  }

  /** Makes a block the head, with what it changes; if that fails, nothing has changed. */
  private follow(header: BlockHeader, change: () => void): void {
    const { head } = this;
    if (head !== undefined && header.time < head.time) {
      throw new InvalidInputError("time", header.time, `not before ${head.time}, its parent's`);
    }
    try {
      change();
    } catch (error) {
      this.revert(this.journal.take());
      throw error;
    }
    this.kept.push({ header, inverses: this.journal.take() });
    while (this.kept.length > this.depth) this.base = this.kept.shift()?.header;
  }

  private apply(raw: MarketEvent, time: bigint): void {
    const event = requireEvent(raw);
    if (event.contract === "vault") this.applyVault(event.name, event.args, time);
    else this.applyBook(event.name, event.args, time);
  }

  // The names are type parameters so that a handler and its arguments are known to belong together.

  private applyVault<Name extends keyof VaultEvents>(name: Name, args: VaultEvents[Name], time: bigint): void {
    VAULT_HANDLERS[name](this.tables, args, time, "vault");
  }

  private applyBook<Name extends keyof BookEvents>(name: Name, args: BookEvents[Name], time: bigint): void {
    BOOK_HANDLERS[name](this.tables, args, time, "book");
  }

  /** Takes changes back without recording it. */
  private revert(inverses: Inverses): void {
    undo(inverses);
    this.journal.take();
  }
}

function requireHeader({ number, hash, parentHash, time }: BlockHeader): BlockHeader {
  for (const [field, value] of Object.entries({ hash, parentHash })) {
    if (!/^0x[0-9a-fA-F]{64}$/.test(value))
      throw new InvalidInputError(field, value, "a hash of 32 bytes in hexadecimal");
  }
  return { number: requireWhole("number", number), hash, parentHash, time: requireUint("time", time, 32) };
}

function requireWhole(field: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new InvalidInputError(field, value, "a whole number, not negative");
  return value;
}

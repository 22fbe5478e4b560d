/** What a reducer refuses: blocks and logs that do not follow from what it has read. */

/** A contract of the market emits no such event. */
export class UnknownEventError extends Error {
  public override readonly name = "UnknownEventError";

  public constructor(
    /** "vault" or "book". */
    public readonly contract: string,
    /** Its name; a log's first topic, if even that is unknown. */
    public readonly event: string,
  ) {
    super(
      `The ${contract} emits no ${event}: read the logs with the market's own interfaces, and those of no other address.`,
    );
  }
}

/** A log tells of a loan that no earlier log opened. */
export class UnknownLoanError extends Error {
  public override readonly name = "UnknownLoanError";

  public constructor(
    /** The loan's. */
    public readonly id: bigint,
  ) {
    super(`No earlier log opened the loan ${id}: read all logs since the market's deployment, in order.`);
  }
}

/** A log tells of a listing that no earlier log added. */
export class UnknownListingError extends Error {
  public override readonly name = "UnknownListingError";

  public constructor(
    /** Its number. */
    public readonly listing: number,
  ) {
    super(`No earlier log added the listing ${listing}: read all logs since the market's deployment, in order.`);
  }
}

/** A log tells another figure than the one that follows from the logs before it: one of them is missing, or out of order. */
export class InconsistentEventError extends Error {
  public override readonly name = "InconsistentEventError";

  public constructor(
    /** Which figure, in words. */
    public readonly figure: string,
    /** As the log has it. [any] */
    public readonly told: bigint,
    /** What follows: the figure itself, or the most that it could be. [any] */
    public readonly expected: bigint,
  ) {
    super(`${figure} is told as ${told}, but ${expected} follows from the logs before: read all logs again, in order.`);
  }
}

/** A block's parent is none of the blocks that are kept. */
export class UnlinkedBlockError extends Error {
  public override readonly name = "UnlinkedBlockError";

  public constructor(
    /** The block's. */
    public readonly number: number,
    /** Which block it is to follow. */
    public readonly parentHash: string,
  ) {
    super(
      `The parent ${parentHash} of block ${number} is not among the kept blocks: fetch its ancestors and apply them first.`,
    );
  }
}

/** There is no block left that could be undone. */
export class NothingToUndoError extends Error {
  public override readonly name = "NothingToUndoError";

  public constructor() {
    super("No kept block is left to undo: rebuild the market from its deployment, or keep more blocks.");
  }
}

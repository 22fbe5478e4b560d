/** What a connection refuses: chains, contracts and receipts that are not the market's. */

/** The node or wallet is on another chain than the market. */
export class WrongChainError extends Error {
  public override readonly name = "WrongChainError";

  /**
   * @param expected The market's. [1]
   * @param actual Where the node or wallet is. [1]
   */
  public constructor(
    /** The market's. [1] */
    public readonly expected: bigint,
    /** Where the node or wallet is. [1] */
    public readonly actual: bigint,
  ) {
    super(`The market is on chain ${expected}, but the connection is to chain ${actual}: switch to chain ${expected}.`);
  }
}

/** There is no code where one of the market's contracts should be. */
export class MissingContractError extends Error {
  public override readonly name = "MissingContractError";

  public constructor(
    /** Which of the two. */
    public readonly contract: "vault" | "book",
    /** Where it should be. */
    public readonly address: string,
    /** The market's. [1] */
    public readonly chainId: bigint,
  ) {
    super(
      `There is no contract at ${address} on chain ${chainId}, where the market's ${contract} should be: check the addresses, and ` +
        "that the node has all blocks.",
    );
  }
}

/** A transaction succeeded without an event that it must have emitted: what was called is not the market, or the node left logs out. */
export class MissingEventError extends Error {
  public override readonly name = "MissingEventError";

  public constructor(
    /** Its name. */
    public readonly event: string,
    /** The transaction's. */
    public readonly hash: string,
  ) {
    super(
      `The transaction ${hash} succeeded, but its receipt has no ${event}: check the addresses, and ask another node.`,
    );
  }
}

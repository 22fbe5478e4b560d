/** A call of a market's contract that is not sent yet. */

/** What a token's owner has to allow before a call can pull it. */
export interface Approval {
  /** Its address. */
  readonly token: string;
  /** Who pulls it: the market's book or vault. */
  readonly spender: string;
  /** The most that the call pulls. [token], [asset] */
  readonly amount: bigint;
}

/** A transaction that any wallet can send: ethers' `sendTransaction` takes it, and viem's. */
export interface CallRequest {
  /** The market's contract, or a token that is approved. */
  readonly to: `0x${string}`;
  /** The call, encoded. */
  readonly data: `0x${string}`;
  /** What has to be approved before; empty if nothing is pulled. */
  readonly approvals: readonly Approval[];
}

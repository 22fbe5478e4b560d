/** Gas of the cheapest peer for the same deed, all its transactions together, in the same warm state. */
export interface Peer {
  readonly name: string;
  readonly simple: number;
  /** With feeds that read what Chainlink's do; undefined if it reads none, or if nobody measured it. */
  readonly eac?: number;
}

/**
 * The column "best" of ../shared/peer-figures.md. Measured in November 2026 on Hardhat's in-process chain (osaka) with plain
 * OpenZeppelin tokens and the feeds that contracts/mocks/ stand for, two hours of interest to book, approvals given before; each
 * peer compiled with its own settings. Only Fluid was asked to open a loan again. The
 * production profile makes a transfer of the same token 300 gas cheaper than it was there: a hundredth of each token that moves.
 */
export const BEST_PEERS: Readonly<Record<string, Peer>> = {
  "lend-first": { name: "Compound III", simple: 100_056 },
  "lend-again": { name: "Compound III", simple: 82_956 },
  "withdraw-part": { name: "Compound III", simple: 78_614 },
  "open-first": { name: "Morpho Blue", simple: 174_340, eac: 199_310 },
  "open-again": { name: "Fluid", simple: 171_079 },
  "borrow-more": { name: "Compound III", simple: 99_782, eac: 124_752 },
  "borrow-two-assets": { name: "Compound III", simple: 112_650 },
  "repay-part": { name: "Compound III", simple: 81_305 },
  close: { name: "Compound III", simple: 140_850 },
  "liquidate-one": { name: "Morpho Blue", simple: 123_839, eac: 148_809 },
  "liquidate-ten": { name: "Fluid", simple: 263_368 },
};

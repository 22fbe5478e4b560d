/** How many others there are in a market. */
export interface Size {
  readonly loans: number;
  readonly lenders: number;
  /** The bench market's own included. */
  readonly listings: number;
}

/** What is promised for: see INV-11 in docs/invariants.md. */
export const FULL: Size = { loans: 10_000, lenders: 1_000, listings: 30 };

/**
 * The market that others are compared with. It is the bench market and as few others as make what each operation meets the same as in a
 * crowd: a listing after the bench's four, to stand for the last; a loan that pledges each, so that no balance is zero; and one of
 * them for a fixed term, since the vault reads its two slots of terms as soon as there is one, however many there are.
 */
export const ALONE: Size = { loans: 5, lenders: 1, listings: 5 };

/** What a run can be asked for: at least {@link ALONE}, with a loan for each listing; at most what the market's caps have room for. */
export const LARGEST: Size = { loans: 100_000, lenders: 100_000, listings: 40 };

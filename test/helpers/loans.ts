/** A loan that does not exist, as stored. */
export const NO_LOAN = openTermLoan(0n, 0n);

/** An open-term loan as stored, without a margin call: what it owes, what it pledges, and no term. */
export function openTermLoan(base: bigint, pledged: bigint): bigint[] {
  return [base, pledged, 0n, 0n, 0n, 0n];
}

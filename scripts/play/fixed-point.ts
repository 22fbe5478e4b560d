/** What fractions are counted in, and the division that rounds up; the other one is bigint's own. */
export const WAD = 10n ** 18n;
export const BPS = 10_000n;

export function mulDivUp(a: bigint, b: bigint, denominator: bigint): bigint {
  const product = a * b;
  return product === 0n ? 0n : (product - 1n) / denominator + 1n;
}

export function lower(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

export function higher(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

const DECIMAL = /^(\d+)(?:\.(\d*))?$/;

/**
 * A plain decimal number (no sign, no exponent) in units of 10^-decimals; digits beyond those are cut off.
 * Undefined if the text is anything else.
 */
export function parseDecimal(text: string, decimals: number): bigint | undefined {
  const match = DECIMAL.exec(text);
  const whole = match?.[1];
  if (whole === undefined) return undefined;
  const fraction = (match?.[2] ?? "").slice(0, decimals).padEnd(decimals, "0");
  return BigInt(whole + fraction);
}

/** All digits of an amount in units of 10^-decimals: 1234567n with 6 decimals is "1.234567". */
export function formatDecimal(amount: bigint, decimals: number): string {
  const digits = (amount < 0n ? -amount : amount).toString().padStart(decimals + 1, "0");
  const sign = amount < 0n ? "-" : "";
  const whole = digits.slice(0, digits.length - decimals);
  return decimals === 0 ? sign + whole : `${sign}${whole}.${digits.slice(-decimals)}`;
}

/** The nearest double, for ratios and charts; never for amounts that are added up. */
export function toNumber(amount: bigint, decimals: number): number {
  return Number(formatDecimal(amount, decimals));
}

import { LOAN_ASSET } from "./assets.ts";

/** Decimals of the loan asset. */
export const USDC_DECIMALS = 6;

const MINUS = "\u2212";

/** An amount of the loan asset for reading: "3.80 M USDC", "1,235 USDC", "1.09 USDC". */
export function money(amount: bigint): string {
  if (amount === 0n) return `0 ${LOAN_ASSET}`;
  const value = Math.abs(Number(amount)) / 10 ** USDC_DECIMALS;
  const sign = amount < 0n ? MINUS : "";
  return `${sign}${magnitude(value)} ${LOAN_ASSET}`;
}

/** A share as per cent with as many digits as it takes: "1.06 %", "0.029 %". */
export function percent(share: number): string {
  const value = Math.abs(share * 100);
  const digits = value >= 10 ? 1 : value >= 0.1 || value === 0 ? 2 : 4;
  return `${share < 0 ? MINUS : ""}${value.toFixed(digits)} %`;
}

/** A count with separators. */
export function count(value: number): string {
  return value.toLocaleString("en-US");
}

/** A count with its noun: "1 loan", "60 loans". */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? "" : "s"}`;
}

/** A price in dollars with five significant digits or so. */
export function usd(price: number): string {
  const digits = price >= 1_000 ? 0 : price >= 10 ? 2 : 4;
  return price.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** A list in words: "ETH, BTC and LINK". */
export function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1) ?? ""}`;
}

/** A length of time in the largest unit that leaves it readable. [s] */
export function duration(seconds: number): string {
  if (seconds >= 2 * 86_400) return inUnits(seconds / 86_400, "day");
  if (seconds >= 3_600) return inUnits(seconds / 3_600, "hour");
  return seconds % 60 === 0 ? inUnits(seconds / 60, "minute") : inUnits(seconds, "second");
}

/** How long something took, in minutes up to two hours: "10 minutes", "5.3 hours". [hours] */
export function elapsed(hours: number): string {
  return hours < 2 ? counted(Math.round(hours * 60), "minute") : inUnits(hours, "hour");
}

function inUnits(value: number, unit: string): string {
  return counted(Number(value.toFixed(1)), unit);
}

function magnitude(value: number): string {
  if (value >= 1_000_000) return `${(value / 1_000_000).toFixed(2)} M`;
  const digits = value >= 1_000 ? 0 : 2;
  return value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** What a run says of itself. */

export interface Totals {
  /** Each followed by a comparison. */
  operations: number;
  /** That were equal. */
  figures: number;
  /** Lives in which something was not. */
  differed: number;
}

/** Where a run stands, so many seconds after its start. */
export function progressLine({ operations, figures, differed }: Totals, wanted: number, seconds: number): string {
  const rate = operations / seconds;
  const left = rate === 0 ? "?" : minutes(Math.max(0, wanted - operations) / rate);
  const done = `${count(operations)} of at least ${count(wanted)} operations`; // each life goes on to its end
  return `${done}, ${count(figures)} figures compared, ${differed} differed; ${rate.toFixed(1)} a second, ${left} left`;
}

export function lastLine({ operations, figures, differed }: Totals): string {
  return `${count(operations)} operations, ${count(figures)} figures compared, ${differed} differed`;
}

function minutes(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}

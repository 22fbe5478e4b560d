import { duration } from "./format.ts";
import { InputError } from "./input-error.ts";
import { spanOf, utc, type PriceSeries } from "./price-series.ts";

/** A file's prices, with the name that the user gave it. */
export interface PricePart {
  readonly file: string;
  readonly series: PriceSeries;
}

/** The prices of one asset from files that follow each other, given in any order, as one series. */
export function joined(parts: readonly PricePart[]): PriceSeries {
  const sorted = [...parts].sort((a, b) => a.series.start - b.series.start);
  for (const [i, part] of sorted.entries()) {
    const before = sorted[i - 1];
    if (before !== undefined) checkSequence(before, part);
  }
  const [first, last] = [sorted[0]?.series, sorted.at(-1)?.series];
  if (first === undefined || last === undefined) throw new RangeError("There are no prices to join.");
  if (first === last) return first;
  const source = `${first.source} to ${last.source} (${String(sorted.length)} files)`;
  return { ...first, source, bars: sorted.flatMap(({ series }) => series.bars) };
}

/** Refuses a part that does not go on where the one before it ends, in the same bars and the same currency. */
function checkSequence(before: PricePart, part: PricePart): void {
  const [one, other] = [before.series, part.series];
  const { asset } = one;
  const { end } = spanOf(one);
  if (other.start < end) {
    throw new InputError(
      `${words(before)} and ${words(part)} overlap: give the prices of ${asset} for each time once.`,
    );
  }
  if (other.start > end) {
    throw new InputError(
      `${words(before)} and ${words(part)} leave a gap: the prices of ${asset} between them are missing.`,
    );
  }
  if (one.step !== other.step) {
    const lengths = `${before.file} has bars of ${duration(one.step)}, ${part.file} of ${duration(other.step)}`;
    throw new InputError(`${lengths}: prices of ${asset} can be joined if their bars are equally long.`);
  }
  if (one.quote !== other.quote) {
    const quotes = `${before.file} is in ${one.quote ?? "USD"}, ${part.file} in ${other.quote ?? "USD"}`;
    throw new InputError(`${quotes}: prices of ${asset} can be joined if they are in the same currency.`);
  }
}

function words({ file, series }: PricePart): string {
  const { start, end } = spanOf(series);
  return `${file} (${utc(start)} to ${utc(end)})`;
}

/** What an operation costs in both markets. */
export interface Row {
  /** Its name in the gas snapshot, with the kind of feed if it reads any. */
  readonly operation: string;
  /** Gas among few others. */
  readonly alone: number;
  /** Gas in the crowd. */
  readonly crowd: number;
}

/** By how much a figure may differ in either direction: what gets cheaper depends on the crowd too. [parts of 100] */
export const LIMIT = 1;

/**
 * Puts the figures of both markets side by side.
 *
 * @throws Error if one of them was measured for something else than the other.
 */
export function compare(alone: ReadonlyMap<string, number>, crowd: ReadonlyMap<string, number>): Row[] {
  const rows = [...alone].map(([operation, gas]) => {
    const inCrowd = crowd.get(operation);
    if (inCrowd === undefined) throw new Error(`${operation} was not measured in the crowd.`);
    return { operation, alone: gas, crowd: inCrowd };
  });
  const extra = [...crowd.keys()].find((operation) => !alone.has(operation));
  if (extra !== undefined) throw new Error(`${extra} was measured in the crowd alone.`);
  return rows;
}

/** How much more an operation costs in the crowd. */
export function differenceOf({ alone, crowd }: Row): number {
  return crowd - alone;
}

export function isWithinLimit(row: Row): boolean {
  return Math.abs(differenceOf(row)) * 100 <= row.alone * LIMIT;
}

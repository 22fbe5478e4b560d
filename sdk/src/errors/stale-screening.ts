/** Ids of a screening were read after a loan had been deleted, which may have moved others to their places. */
export class StaleScreeningError extends Error {
  public override readonly name = "StaleScreeningError";

  public constructor() {
    super("A loan was deleted since this screening. Read the ids before, or screen again.");
  }
}

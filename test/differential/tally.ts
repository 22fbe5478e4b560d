/** What a run has done and compared. */

/** How often each of some things happened. */
export class Counts extends Map<string, number> {
  public count(name: string): void {
    this.set(name, (this.get(name) ?? 0) + 1);
  }

  /** Those that did not happen. */
  public missing(names: Iterable<string>): string[] {
    return [...names].filter((name) => !this.has(name));
  }
}

export class Tally {
  /** Acts that went through, each of which was followed by a comparison. */
  public operations = 0;
  /** Acts that the contracts refused. */
  public refused = 0;
  /** Figures that were equal. */
  public figures = 0;
  /** Questions that both sides refused. */
  public refusals = 0;
  /** Blocks that were undone and done again. */
  public undone = 0;
  /** Blocks that the chain took back for good. */
  public reorganised = 0;

  public readonly acts = new Counts();
  public readonly events = new Counts();
  /** What came up in the comparisons. */
  public readonly outcomes = new Counts();
}

/** What was measured: a figure for each name. */
export type Figures = ReadonlyMap<string, number>;

/** A figure as it stands in git. */
export interface Entry {
  /** What was last measured. */
  readonly figure: number;
  /** The lowest there has been since the decision; the figure may be 1 % above it. */
  readonly baseline: number;
  /** The record in docs/decisions/ that last let the baseline rise. */
  readonly decision?: string;
}

export type Snapshot = ReadonlyMap<string, Entry>;

/** A figure that would rise further above its baseline than it may. */
export interface Rise {
  readonly name: string;
  readonly figure: number;
  readonly baseline: number;
  /** The given decision, if it let this very figure rise before: it does so once. */
  readonly spent?: string;
}

export interface Ratcheted {
  readonly snapshot: Snapshot;
  /** What has risen too far for lack of a decision; if there is any, the snapshot must not be written. */
  readonly refused: readonly Rise[];
  /** What the decision has let rise. */
  readonly decided: readonly Rise[];
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** A snapshot that cannot be read, or a decision that cannot be cited; says what to do. */
export class SnapshotError extends Error {}

/** A decision's name: that of its file, without the ending. */
const DECISION = /^\d{3}-[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** A figure may be this much above its baseline. [parts of 1,000] */
const LEEWAY = 10;

// ------------------------------------------------------------------------------------------------------------- The file

/** @throws SnapshotError if the text is no snapshot. */
export function parseSnapshot(text: string, path: string): Snapshot {
  const malformed = (reason: string): SnapshotError =>
    new SnapshotError(`${path} is not a snapshot: ${reason}. Take it from git again, or run \`npm run snapshots\`.`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw malformed(error instanceof Error ? error.message : String(error));
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) throw malformed("it is no object");
  const snapshot = new Map<string, Entry>();
  for (const [name, value] of Object.entries(parsed)) {
    const entry = asEntry(value);
    if (entry === undefined) throw malformed(`${name} is no entry`);
    snapshot.set(name, entry);
  }
  return snapshot;
}

function asEntry(value: unknown): Entry | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { figure, baseline, decision, ...rest }: Partial<Record<string, unknown>> = { ...value };
  if (!isFigure(figure) || !isFigure(baseline) || Object.keys(rest).length > 0) return undefined;
  if (decision === undefined) return { figure, baseline };
  return typeof decision === "string" ? { figure, baseline, decision } : undefined;
}

function isFigure(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0;
}

/** The file's text: sorted, a line for each entry, so that a diff shows what changed and merges seldom collide. */
export function formatSnapshot(snapshot: Snapshot): string {
  const lines = [...snapshot]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { figure, baseline, decision }]) => {
      const reason = decision === undefined ? "" : `, "decision": ${JSON.stringify(decision)}`;
      return `  ${JSON.stringify(name)}: { "figure": ${String(figure)}, "baseline": ${String(baseline)}${reason} }`;
    });
  return `{\n${lines.join(",\n")}\n}\n`;
}

// -------------------------------------------------------------------------------------------------------------- Writing

/**
 * The snapshot that follows: figures are what was measured, baselines fall with them, and rise only by a decision.
 *
 * @param earlier What the last commit says; nothing stands in it for what is new.
 * @param decision What lets figures rise that have risen too far.
 */
export function ratchet(earlier: Snapshot, measured: Figures, decision?: string): Ratcheted {
  const snapshot = new Map<string, Entry>();
  const [refused, decided]: [Rise[], Rise[]] = [[], []];
  for (const [name, figure] of measured) {
    const before = earlier.get(name);
    if (before === undefined) {
      snapshot.set(name, { figure, baseline: figure });
    } else if (isWithin(figure, before.baseline)) {
      snapshot.set(name, { ...before, figure, baseline: Math.min(figure, before.baseline) });
    } else {
      const rise = { name, figure, baseline: before.baseline };
      if (decision === undefined) refused.push(rise);
      else if (decision === before.decision) refused.push({ ...rise, spent: decision });
      else {
        decided.push(rise);
        snapshot.set(name, { figure, baseline: figure, decision });
      }
    }
  }
  return {
    snapshot,
    refused,
    decided,
    added: [...measured.keys()].filter((name) => !earlier.has(name)),
    removed: [...earlier.keys()].filter((name) => !measured.has(name)),
  };
}

/** True if a figure is at most 1 % above its baseline. */
export function isWithin(figure: number, baseline: number): boolean {
  return figure * 1_000 <= baseline * (1_000 + LEEWAY);
}

/** @throws SnapshotError unless there is such a record. */
export function requireDecision(decision: string, known: ReadonlySet<string>): void {
  if (!DECISION.test(decision)) {
    throw new SnapshotError(
      `${decision} is no name of a decision record: give the file's, such as 005-bounds-in-compact-form.`,
    );
  }
  if (!known.has(decision)) {
    throw new SnapshotError(`There is no docs/decisions/${decision}.md: write down what was decided first.`);
  }
}

export function refusal({ name, figure, baseline, spent }: Rise): string {
  const rise = `${name} has risen ${percent(figure, baseline)} above its baseline, from ${count(baseline)} to ${count(figure)}`;
  return spent === undefined ? `${rise}.` : `${rise}; ${spent} has been cited for it before.`;
}

// ------------------------------------------------------------------------------------------------------------- Checking

/** What differs between what is committed and what was measured, a sentence for each figure. */
export function differences(snapshot: Snapshot, measured: Figures): string[] {
  const sentences: string[] = [];
  for (const [name, figure] of measured) {
    const entry = snapshot.get(name);
    if (entry === undefined) sentences.push(`${name} is ${count(figure)} and not in the snapshot.`);
    else if (entry.figure !== figure) sentences.push(difference({ name, figure, baseline: entry.baseline }, entry));
  }
  for (const name of snapshot.keys()) {
    if (!measured.has(name)) sentences.push(`${name} is in the snapshot but no longer measured.`);
  }
  return sentences;
}

function difference({ name, figure, baseline }: Rise, entry: Entry): string {
  const change = `${name} is ${count(figure)}, the snapshot says ${count(entry.figure)}`;
  if (isWithin(figure, baseline)) return `${change}.`;
  return `${change}; that is ${percent(figure, baseline)} above its baseline of ${count(baseline)}, which needs a decision record.`;
}

/** Entries that no run can have written. */
export function impossibleEntries(snapshot: Snapshot, decisions: ReadonlySet<string>): string[] {
  const sentences: string[] = [];
  for (const [name, { figure, baseline, decision }] of snapshot) {
    if (figure < baseline) {
      sentences.push(
        `${name} is ${count(figure)}, below its baseline of ${count(baseline)}, which should have fallen with it.`,
      );
    }
    if (!isWithin(figure, baseline)) {
      sentences.push(`${name} is ${count(figure)}, more than 1 % above its baseline of ${count(baseline)}.`);
    }
    if (decision !== undefined && !decisions.has(decision)) {
      sentences.push(`${name} names the decision ${decision}, which is not in docs/decisions/.`);
    }
  }
  return sentences;
}

/** Baselines that have risen since the earlier snapshot without a decision of their own. */
export function raisedBaselines(earlier: Snapshot, now: Snapshot): string[] {
  const sentences: string[] = [];
  for (const [name, { baseline, decision }] of now) {
    const before = earlier.get(name);
    if (before === undefined || baseline <= before.baseline) continue;
    if (decision !== undefined && decision !== before.decision) continue;
    const rise = `${name} has a baseline of ${count(baseline)}, which was ${count(before.baseline)} before`;
    sentences.push(`${rise}, and no new decision: put it back, or write down what was decided.`);
  }
  return sentences;
}

// ------------------------------------------------------------------------------------------------------------ For people

export function count(figure: number): string {
  return figure.toLocaleString("en-US");
}

/** By how much a figure is above another. */
function percent(figure: number, baseline: number): string {
  return `${((figure / baseline - 1) * 100).toFixed(2)} %`;
}

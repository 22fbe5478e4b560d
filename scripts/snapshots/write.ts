import { committedSnapshot, decisionNames, writeSnapshot } from "./files.ts";
import { count, ratchet, refusal, requireDecision, SnapshotError, type Figures, type Snapshot } from "./snapshot.ts";

/**
 * Writes snapshots, all or none.
 *
 * @param measured What was measured, by the file that it goes to.
 * @param decision The record that lets figures rise.
 * @returns What people should know of it, a sentence each.
 * @throws SnapshotError if a figure has risen too far without a decision, or if there is no such decision.
 */
export async function writeSnapshots(
  root: string,
  measured: ReadonlyMap<string, Figures>,
  decision?: string,
): Promise<string[]> {
  if (decision !== undefined) requireDecision(decision, await decisionNames(root));
  const snapshots = new Map<string, Snapshot>();
  const notes: string[] = [];
  const refused: string[] = [];
  let isDecisionUsed = false;
  for (const [path, figures] of measured) {
    const result = ratchet(await committedSnapshot(root, path), figures, decision);
    snapshots.set(path, result.snapshot);
    refused.push(...result.refused.map(refusal));
    isDecisionUsed ||= result.decided.length > 0;
    notes.push(
      ...listed(`${path}: new`, result.added),
      ...listed(`${path}: no longer measured, so taken out`, result.removed),
      ...result.decided.map(({ name, figure }) => `${path}: ${name} has a baseline of ${count(figure)} from now on.`),
    );
  }
  if (refused.length > 0) throw new SnapshotError([...refused, REFUSED].join("\n"));
  if (decision !== undefined && !isDecisionUsed) notes.push(`Nothing needed ${decision}, so it is not recorded.`);
  for (const [path, snapshot] of snapshots) await writeSnapshot(root, path, snapshot);
  return notes;
}

function listed(what: string, names: readonly string[]): string[] {
  return names.length === 0 ? [] : [`${what}: ${names.join(", ")}.`];
}

const REFUSED =
  "Nothing was written. Bring it down, or write a record in docs/decisions/ and name it: npm run snapshots -- --decision NNN-title";

import { decisionNames, isAsWritten, precedingSnapshot, readSnapshot } from "./files.ts";
import { differences, impossibleEntries, raisedBaselines, type Figures } from "./snapshot.ts";

/** What is wrong with a committed snapshot: a sentence for each figure, and what to do. */
export async function snapshotProblems(root: string, path: string, measured: Figures): Promise<string[]> {
  const snapshot = await readSnapshot(root, path);
  const wrong = [...differences(snapshot, measured), ...impossibleEntries(snapshot, await decisionNames(root))];
  if (wrong.length === 0 && !(await isAsWritten(root, path, snapshot))) {
    wrong.push(`${path} says the right things, but not as they are written.`);
  }
  if (wrong.length > 0) wrong.push("Run `npm run snapshots` and commit the result.");
  const earlier = await precedingSnapshot(root, path);
  return earlier === undefined ? wrong : [...wrong, ...raisedBaselines(earlier, snapshot)];
}

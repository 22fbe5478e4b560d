/** Lines of a table for a terminal: texts begin at one place, figures end at one. */
export function alignColumns(table: readonly (readonly string[])[], textColumns: readonly number[]): string {
  const columns = Math.max(0, ...table.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, i) => Math.max(...table.map((row) => row[i]?.length ?? 0)));
  const pad = (cell: string, i: number): string =>
    textColumns.includes(i) ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0);
  return table.map((row) => row.map(pad).join("  ").trimEnd()).join("\n");
}

/** The same for a page: a table in Markdown, of which the first row is the head. */
export function markdownColumns(
  [head = [], ...rows]: readonly (readonly string[])[],
  textColumns: readonly number[],
): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const rule = head.map((_, i) => (textColumns.includes(i) ? "---" : "---:"));
  return [head, rule, ...rows].map(line).join("\n");
}

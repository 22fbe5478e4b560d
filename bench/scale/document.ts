/** docs/scale.md, made of what was measured. */
import type { Row } from "./comparison.ts";
import { limitLine, markdownTable, sizeText } from "./report.ts";
import { ALONE, type Size } from "./size.ts";

export const SCALE_DOCUMENT = "docs/scale.md";

export function scaleDocument(rows: readonly Row[], size: Size): string {
  const introduction = `What each operation costs in a market of ${sizeText(size)}, beside the same market of ${sizeText(ALONE)}
(INV-11 of the [invariants](invariants.md)). This page is written by \`npm run bench:scale -- --write\`. Besides the crowd there are the actors
and loans of the [gas snapshot](../snapshots/README.md) in both, whose operations these are; those on the last listing are added, since the
others pledge the first ones. Of the crowd's loans a tenth has a fixed term, a fifth two or three pledges, and a twentieth is called. Both
markets have lived equally long at the same utilisation, and have the same index to a millionth of a millionth; what is drawn to prepare an
operation then moves the rate of the larger one less. Where \`liquidate-called\` differs, that is why: it brings a debt to its borrow limit to
the unit, so rounding decides whether the margin call ends with it. Every listing has a token of its own: where a token is listed
several times, whoever pledges it pays for a look at each of its listings, of which there can be 40 at most.`;
  return ["# Scale", "", introduction, "", `${limitLine(rows)}.`, "", markdownTable(rows), ""].join("\n");
}

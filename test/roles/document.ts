import { readFile } from "node:fs/promises";

import { expect } from "chai";

import { BOOK_POWERS } from "../../scripts/roles/book-powers.ts";
import { rolesDocument } from "../../scripts/roles/document.ts";
import { WORST_CASES } from "../../scripts/roles/worst-cases.ts";

describe("docs/roles.md", () => {
  it("is what `npm run roles` writes", async () => {
    const committed = await readFile(new URL("../../docs/roles.md", import.meta.url), "utf8");
    expect(committed).to.equal(rolesDocument());
  });

  it("says the worst of every role, and names every function", () => {
    const page = rolesDocument();
    const sentences = Object.values(WORST_CASES).flatMap((cases) => Object.values<string>(cases));
    expect(sentences.length).to.be.above(20);
    for (const sentence of sentences) expect(page).to.include(`- ${sentence}\n`);
    for (const name of Object.keys(BOOK_POWERS)) expect(page).to.include(`| \`${name.split(":")[0] ?? name}\` |`);
  });

  it("says who, for how long, and with which error", () => {
    const lines = rolesDocument().split("\n");
    expect(lines).to.include(
      "| `retire` | retire a listing for ever | · | · | · | · | · | · | yes | · | · | · | `AccessManagedUnauthorized` |",
    );
    expect(lines).to.include(
      "| `revokeRole` | dismiss the guardian | · | · | · | · | · | · | · | · | 14 d | · | `AccessManagerUnauthorizedAccount` |",
    );
    expect(lines.filter((line) => line.includes("| `accrue` |")).join()).not.to.include("·");
  });
});

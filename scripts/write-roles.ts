/** Writes docs/roles.md from the tables that the tests hold against the contracts. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { ROOT } from "./checks/root.ts";
import { rolesDocument } from "./roles/document.ts";

await writeFile(join(ROOT, "docs/roles.md"), rolesDocument());
console.log("docs/roles.md is written.");

/** Writes typechain-types/ from the compiled contracts. */
import { join } from "node:path";

import { ROOT } from "./checks/root.ts";
import { TYPINGS, writeTypings } from "./checks/typings.ts";

await writeTypings(ROOT, join(ROOT, TYPINGS));
console.log(`${TYPINGS}/ is written.`);

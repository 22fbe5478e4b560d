import { join } from "node:path";

import { ROOT } from "./checks/root.ts";
import { readReference } from "./reference/reference.ts";

const { problems, write } = await readReference(ROOT);
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;

const folder = join("out", "reference");
await write(join(ROOT, folder));
console.log(`The SDK's reference is in ${join(folder, "index.html")}.`);

/** Writes sdk/vectors: what the SDK's functions answer, for those who write the same in another language. */
import { ROOT } from "./checks/root.ts";
import { writeVectors } from "./vectors/files.ts";

const files = await writeVectors(ROOT);
console.log(`Written: ${files.join(", ")}.`);

/** Writes the parts of sdk/src that follow from the compiled contracts and from the deployed markets. */
import { ROOT } from "./checks/root.ts";
import { writeSdkSources } from "./checks/sdk-sources.ts";

const files = await writeSdkSources(ROOT);
console.log(`Written: ${files.join(", ")}.`);

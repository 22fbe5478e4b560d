/**
 * Deploys the market that deploy/parameters/<chainId>.json describes, or resumes its deployment, and writes its addresses to
 * deploy/addresses/<chainId>.json: npm run deploy -- [--network localhost|sepolia|base|mainnet].
 * With --check it compares tokens and feeds with what the file says, without a key, and sends nothing.
 */
import { runDeploy } from "../deploy/command.ts";
import { oneLine } from "../deploy/errors.ts";

try {
  await runDeploy(process.argv.slice(2), (line) => console.log(line));
} catch (error) {
  console.error(oneLine(error));
  process.exitCode = 1;
}

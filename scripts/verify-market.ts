/**
 * Compares the market at deploy/addresses/<chainId>.json with deploy/parameters/<chainId>.json and this build, and says in plain
 * words what differs: npm run verify-market -- [--network localhost|sepolia|base|mainnet] [--addresses FILE].
 * It sends nothing and needs no key. Ends with 1 if something differs.
 */
import { oneLine } from "../deploy/errors.ts";
import { runVerify } from "../deploy/verify.ts";

try {
  const isSame = await runVerify(process.argv.slice(2), (line) => console.log(line));
  if (!isSame) process.exitCode = 1;
} catch (error) {
  console.error(oneLine(error));
  process.exitCode = 1;
}

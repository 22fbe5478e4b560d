import type { HardhatHooks, HookContext } from "hardhat/types/hooks";
import type { CompilerOutputError } from "hardhat/types/solidity";

/** Where solc says a message comes from: `--> file:line` today, `file:line` at the start before 0.8. */
const IN_A_DEPENDENCY = /(?:-->\s+\.?\/?node_modules\/|^(?:npm|node_modules)\/)/;

/** solc stops listing at 256 warnings; with forge-std imported that limit is reached by forge-std alone. */
const TOO_MANY = "There are more than 256 warnings";

/**
 * Keeps warnings about packages' sources out of the output: nobody here can act on them, and they bury our own.
 * Errors always pass.
 */
export function isWorthShowing(message: CompilerOutputError): boolean {
  if (message.severity === "error") return true;
  const text = message.formattedMessage ?? message.message;
  return !IN_A_DEPENDENCY.test(text) && !text.includes(TOO_MANY);
}

export default (): Promise<Partial<HardhatHooks["solidity"]>> =>
  Promise.resolve({
    async getCompilationJobErrors(context: HookContext, job, output, next) {
      const messages = await next(context, job, output);
      return messages.filter(isWorthShowing);
    },
  });

/** Why a deployment cannot start or go on: one sentence for the person at the terminal, who needs no stack. */
export class DeployError extends Error {
  public override readonly name = "DeployError";
}

/** Any error in one line, for the person at the terminal. */
export function oneLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replaceAll(/\s+/g, " ").trim();
}

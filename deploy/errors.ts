/** Why a deployment cannot start or go on: one sentence for the person at the terminal, who needs no stack. */
export class DeployError extends Error {
  public override readonly name = "DeployError";
}

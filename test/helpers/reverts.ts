/** Whether a call failed in the contract, and not before. */
export function isRevert(error: unknown): boolean {
  return error instanceof Error && error.message.includes("revert");
}

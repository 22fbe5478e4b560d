/** A failure that the user can act on: its message is the one sentence that is shown. */
export class SetupError extends Error {}

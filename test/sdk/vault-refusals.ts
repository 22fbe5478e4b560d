import { expect } from "chai";

import { InvalidInputError } from "../../sdk/src/errors/invalid-input.ts";

/** What the SDK says, or nothing where it refuses the input: as a contract that reverts. */
export function answerOf<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch (error) {
    if (error instanceof InvalidInputError) return undefined;
    throw error;
  }
}

/** The SDK refuses an input, and names it. */
export function expectRefused(field: string, ask: () => unknown): void {
  try {
    ask();
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    expect(error.field).to.equal(field);
    expect(error.message).to.match(new RegExp(`^${field} is .+; expected .+\\.$`, "u"));
    return;
  }
  expect.fail(`${field} was taken.`);
}

import type { SentenceTable } from "./table.ts";

/** Numbers of `Panic`, as Solidity documents them. */
const PANICS: ReadonlyMap<bigint, string> = new Map([
  [0x01n, "an assertion failed"],
  [0x11n, "a figure is out of range"],
  [0x12n, "something was divided by zero"],
  [0x21n, "a number names no member of an enumeration"],
  [0x32n, "a list has no such place"],
  [0x41n, "too much memory was asked for"],
]);

/** What the contracts stand on says: OpenZeppelin's AccessManager and libraries, Solady's mathematics, Solidity itself. */
export const FOUNDATION_SENTENCES = {
  AccessManagedInvalidAuthority: ({ authority }) =>
    `${authority} cannot be the market's authority: name an AccessManager that is deployed.`,
  AccessManagedRequiredDelay: ({ caller, delay }, say) =>
    `${caller} must announce this call ${say.duration(delay)} before: use AccessManager.schedule, then call again.`,
  AccessManagedUnauthorized: ({ caller }) =>
    `${caller} does not hold the role that this call needs: call from an account that does.`,
  AccessManagerAlreadyScheduled: ({ operationId }) =>
    `Operation ${operationId} is scheduled already: execute or cancel it first.`,
  AccessManagerBadConfirmation: () => "A role is given up only by its holder: pass the calling account itself.",
  AccessManagerExpired: ({ operationId }) => `Operation ${operationId} was executed too late: schedule it again.`,
  AccessManagerInvalidInitialAdmin: ({ initialAdmin }) =>
    `${initialAdmin} cannot be the first admin: name an account other than zero.`,
  AccessManagerLockedFunction: ({ selector }) =>
    `The function ${selector} of the AccessManager is not to be reassigned: leave it as it is.`,
  AccessManagerLockedRole: ({ roleId }) =>
    `Role ${roleId} cannot be changed like this: choose another than the admin's and the public one.`,
  AccessManagerNotReady: ({ operationId }) =>
    `Operation ${operationId} is announced and its delay not yet over: execute it at the time that getSchedule gives.`,
  AccessManagerNotScheduled: ({ operationId }) =>
    `Operation ${operationId} is not scheduled: schedule it first, with the same caller, target and data.`,
  AccessManagerUnauthorizedAccount: ({ msgsender, roleId }) =>
    `${msgsender} does not hold role ${roleId}: call from an account that does.`,
  AccessManagerUnauthorizedCall: ({ caller, target, selector }) =>
    `${caller} may not call ${selector} of ${target}, or not so soon: call from an account with the role, or at a later time.`,
  AccessManagerUnauthorizedCancel: ({ msgsender, caller, target, selector }) =>
    `${msgsender} may not cancel what ${caller} scheduled, ${selector} of ${target}: let ${caller} cancel it, the role's guardian or the admin.`,
  AccessManagerUnauthorizedConsume: ({ target }) =>
    `${target} does not say that it is consuming a scheduled call: let the managed contract call it.`,

  AddressEmptyCode: ({ target }) => `There is no contract at ${target}: check the address and the chain.`,
  FailedCall: () => "A call within the call failed without a reason: make its parts one by one to find which.",
  InsufficientBalance: ({ balance, needed }) =>
    `The contract has ${balance} wei and needs ${needed}: send at least that along.`,
  InsufficientGas: ({ available, needed }) =>
    `Reading a feed needs ${needed} gas, and ${available} were left: send the transaction with more.`,
  InvalidShortString: () =>
    "A text in the contract's EIP-712 domain is longer than 31 bytes: deploy it with a shorter name.",
  SafeCastOverflowedUintDowncast: ({ bits, value }) => `${value} does not fit ${bits} bits: use a smaller number.`,
  StringTooLong: ({ str }) => `"${str}" is longer than 31 bytes: use a shorter text.`,

  Error: ({ message }) => `A token or feed refused: "${message}". Look the message up at that contract.`,
  ExpOverflow: () => "The market's rate has left the range of its curve: use a smaller amount.",
  FullMulDivFailed: () => "A product of the amounts does not fit 256 bits: use smaller ones.",
  Panic: ({ code }) =>
    `The contract stopped, as ${PANICS.get(code) ?? "Solidity's checks failed"} (panic 0x${code.toString(16)}): check the amounts and numbers that were passed.`,
} satisfies Partial<SentenceTable>;

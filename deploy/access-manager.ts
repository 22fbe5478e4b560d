import { Interface, type Log, type Provider } from "ethers";

import { DeployError } from "./errors.ts";
import { ADMIN_DELAY, ADMIN_ROLE, ROLES, type RoleName } from "./roles.ts";
import { readLogs } from "./logs.ts";
import type { LenderVault, LoanBook } from "../typechain-types/index.ts";

/** What is used of OpenZeppelin's AccessManager. */
export const accessManager = new Interface([
  "event OperationScheduled(bytes32 indexed operationId, uint32 indexed nonce, uint48 schedule, address caller, address target, bytes data)",
  "event RoleAdminChanged(uint64 indexed roleId, uint64 indexed admin)",
  "event RoleGranted(uint64 indexed roleId, address indexed account, uint32 delay, uint48 since, bool newMember)",
  "event RoleGrantDelayChanged(uint64 indexed roleId, uint32 delay, uint48 since)",
  "event RoleGuardianChanged(uint64 indexed roleId, uint64 indexed guardian)",
  "event TargetAdminDelayUpdated(address indexed target, uint32 delay, uint48 since)",
  "event TargetClosed(address indexed target, bool closed)",
  "event TargetFunctionRoleUpdated(address indexed target, bytes4 selector, uint64 indexed roleId)",
  "function getRoleAdmin(uint64 roleId) view returns (uint64)",
  "function getRoleGuardian(uint64 roleId) view returns (uint64)",
  "function getSchedule(bytes32 id) view returns (uint48)",
  "function getTargetFunctionRole(address target, bytes4 selector) view returns (uint64)",
  "function grantRole(uint64 roleId, address account, uint32 executionDelay)",
  "function hasRole(uint64 roleId, address account) view returns (bool isMember, uint32 executionDelay)",
  "function isTargetClosed(address target) view returns (bool)",
  "function labelRole(uint64 roleId, string label)",
  "function multicall(bytes[] data) returns (bytes[])",
  "function renounceRole(uint64 roleId, address callerConfirmation)",
  "function schedule(address target, bytes data, uint48 when) returns (bytes32 operationId, uint32 nonce)",
  "function setTargetClosed(address target, bool closed)",
  "function setTargetFunctionRole(address target, bytes4[] selectors, uint64 roleId)",
]);

/** Who holds the roles of a market. */
export type Holders = Readonly<Record<RoleName | "admin", string>>;

/** What the roles are about. */
export interface Targets {
  readonly vault: LenderVault;
  readonly vaultAddress: string;
  readonly book: LoanBook;
  readonly bookAddress: string;
}

/**
 * The calls that give out the roles, for one `multicall`: either all of it happens or nothing. The admin comes last, as its
 * delay holds from then on.
 */
export function handover(targets: Targets, holders: Holders, deployer: string): string[] {
  const { vault, book, vaultAddress, bookAddress } = targets;
  const calls: string[] = [];
  const call = (name: string, args: readonly unknown[]): unknown =>
    calls.push(accessManager.encodeFunctionData(name, args));
  for (const role of ROLES) {
    const ofVault = role.vault.map((name) => vault.interface.getFunction(name).selector);
    const ofBook = role.book.map((name) => book.interface.getFunction(name).selector);
    call("labelRole", [role.id, role.name]);
    if (ofVault.length > 0) call("setTargetFunctionRole", [vaultAddress, ofVault, role.id]);
    if (ofBook.length > 0) call("setTargetFunctionRole", [bookAddress, ofBook, role.id]);
    call("grantRole", [role.id, holders[role.name], 0]);
  }
  call("grantRole", [ADMIN_ROLE, holders.admin, ADMIN_DELAY]);
  if (holders.admin !== deployer) call("renounceRole", [ADMIN_ROLE, deployer]);
  return calls;
}

/** A member of a role. */
export interface Member {
  readonly role: bigint;
  readonly account: string;
  /** How long what it does by the role must be announced. [s] */
  readonly delay: number;
}

/** A call that was announced and neither made nor cancelled. */
export interface ScheduledCall {
  readonly caller: string;
  readonly target: string;
  readonly data: string;
  /** From when on it may be made. [s] */
  readonly when: number;
}

/** An AccessManager as it stands: what its events have named, and what it says of it now. */
export interface Access {
  readonly members: readonly Member[];
  /** The role that may call a function. */
  readonly roleOf: (target: string, selector: string) => Promise<bigint>;
  readonly isClosed: (target: string) => Promise<boolean>;
  /** Functions whose role was ever set. */
  readonly functions: readonly { readonly target: string; readonly selector: string }[];
  /** Roles with another admin or guardian than the admin. */
  readonly stewards: readonly { readonly role: bigint; readonly admin: bigint; readonly guardian: bigint }[];
  readonly scheduled: readonly ScheduledCall[];
}

/** Reads an AccessManager whose first event is not older than `fromBlock`. */
export async function readAccess(provider: Provider, manager: string, fromBlock: number): Promise<Access> {
  const events = (await readLogs(provider, manager, fromBlock)).flatMap((log) => decoded(log));
  const view = async (name: string, ...args: readonly unknown[]): Promise<readonly unknown[]> => {
    const data = await provider.call({ to: manager, data: accessManager.encodeFunctionData(name, args) });
    return accessManager.decodeFunctionResult(name, data);
  };
  const members: Member[] = [];
  const granted = events
    .filter(({ name }) => name === "RoleGranted")
    .map(({ args }) => [toBigint(args[0]), String(args[1])] as const);
  for (const [role, account] of unique(granted)) {
    const [isMember, delay] = await view("hasRole", role, account);
    if (isMember === true) members.push({ role, account, delay: Number(delay) });
  }
  const functions = events
    .filter(({ name }) => name === "TargetFunctionRoleUpdated")
    .map(({ args }) => [String(args[0]), String(args[1])] as const);
  const stewards: { role: bigint; admin: bigint; guardian: bigint }[] = [];
  const changed = events.filter(({ name }) => name === "RoleAdminChanged" || name === "RoleGuardianChanged");
  for (const [role] of unique(changed.map(({ args }) => [toBigint(args[0])] as const))) {
    const [[admin], [guardian]] = await Promise.all([view("getRoleAdmin", role), view("getRoleGuardian", role)]);
    if (admin !== ADMIN_ROLE || guardian !== ADMIN_ROLE) {
      stewards.push({ role, admin: toBigint(admin), guardian: toBigint(guardian) });
    }
  }
  const scheduled = new Map<string, ScheduledCall>();
  for (const { name, args } of events) {
    if (name !== "OperationScheduled") continue;
    const [id, , when, caller, target, data] = args;
    const [left] = await view("getSchedule", id);
    if (left === when) {
      scheduled.set(String(id), {
        caller: String(caller),
        target: String(target),
        data: String(data),
        when: Number(when),
      });
    }
  }
  return {
    members,
    roleOf: async (target, selector) => toBigint((await view("getTargetFunctionRole", target, selector))[0]),
    isClosed: async (target) => (await view("isTargetClosed", target))[0] === true,
    functions: unique(functions).map(([target, selector]) => ({ target, selector })),
    stewards,
    scheduled: [...scheduled.values()],
  };
}

interface Decoded {
  readonly name: string;
  readonly args: readonly unknown[];
}

function decoded(log: Log): Decoded[] {
  const event = accessManager.parseLog(log);
  return event === null ? [] : [{ name: event.name, args: [...(event.args as Iterable<unknown>)] }];
}

function unique<Entry extends readonly unknown[]>(entries: readonly Entry[]): Entry[] {
  return [...new Map(entries.map((entry) => [entry.join(), entry])).values()];
}

function toBigint(value: unknown): bigint {
  if (typeof value === "bigint") return value;
  throw new DeployError(`The AccessManager answers ${String(value)} where a number was asked for.`);
}

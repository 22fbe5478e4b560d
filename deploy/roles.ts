import type { LenderVault, LoanBook } from "../typechain-types/index.ts";

/** A function of the vault that some role may call. */
export type VaultFunction = Parameters<LenderVault["interface"]["getFunction"]>[0];

/** A function of the book that some role may call. */
export type BookFunction = Parameters<LoanBook["interface"]["getFunction"]>[0];

export type RoleName = "curator" | "guardian" | "treasurer";

/** What a role of a market's AccessManager may do. Everything that no role may is the admin's, after its delay. */
export interface Role {
  readonly id: bigint;
  readonly name: RoleName;
  readonly vault: readonly VaultFunction[];
  readonly book: readonly BookFunction[];
}

/** Who may do what: the one place that says so. docs/roles.md tells the worst that each can do with it. */
export const ROLES: readonly Role[] = [
  { id: 1n, name: "curator", vault: ["propose", "execute"], book: ["propose", "execute"] },
  {
    id: 2n,
    name: "guardian",
    vault: ["cancel", "cancelAll", "lowerDepositCap", "pause", "unpause"],
    book: ["cancel", "cancelAll", "lowerCap", "retire"],
  },
  { id: 3n, name: "treasurer", vault: ["sweepReserves"], book: [] },
];

/** The AccessManager's own role, which gives out and takes away all others. */
export const ADMIN_ROLE = 0n;

/** How long what the admin wants to do is announced before it can be done. [s] */
export const ADMIN_DELAY = 14 * 24 * 60 * 60;

/** The AccessManager's role that everybody has. */
export const PUBLIC_ROLE = 2n ** 64n - 1n;

/** A role's name in words, also of one that is not a market's. */
export function roleName(id: bigint): string {
  if (id === ADMIN_ROLE) return "admin";
  if (id === PUBLIC_ROLE) return "everybody";
  return ROLES.find((role) => role.id === id)?.name ?? `role ${String(id)}`;
}

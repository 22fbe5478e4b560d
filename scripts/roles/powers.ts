import { ADMIN_DELAY } from "../../deploy/roles.ts";

/** Who may do what: the shape of the tables in docs/roles.md, which the tests hold against the contracts. */
export const CALLERS = [
  "stranger",
  "lender",
  "borrower",
  "operator",
  "liquidator",
  "curator",
  "guardian",
  "treasurer",
  "admin",
  "deployer",
] as const;
export type Caller = (typeof CALLERS)[number];

export const CONTRACTS = ["vault", "book", "manager"] as const;
export type ContractName = (typeof CONTRACTS)[number];

/** What comes of a call: done at once, done after a wait that anyone can watch, or refused with an error. */
export type Outcome = "at once" | `after ${number} s` | `refused: ${string}`;

/** One way of calling a function, and what comes of it. */
export interface Power {
  /** What the call tries. */
  tries: string;
  /** Whose call goes through; "anyone" where a power is nobody's. */
  atOnce?: readonly Caller[] | "anyone";
  /** Whose goes through after how long. [s] */
  later?: { caller: Caller; delay: number };
  /** The error that all others get; "none" for a revert without one. */
  error?: string;
  /** Those who get another one. */
  errors?: Partial<Record<Caller, string>>;
}

/** By function; one that has more than one row names each after a colon. */
export type Powers = Readonly<Record<string, Power>>;

/** A function that the AccessManager gives to an officer: it knows no others, the admin included. */
export function officers(caller: Caller, tries: string): Power {
  return { tries, atOnce: [caller], error: "AccessManagedUnauthorized" };
}

/** What the admin may do to the AccessManager: announced, and done 14 days later. */
export function admins(tries: string): Power {
  return {
    tries,
    later: { caller: "admin", delay: ADMIN_DELAY },
    error: "AccessManagerUnauthorizedAccount",
    errors: { admin: "AccessManagerNotScheduled" },
  };
}

/** What comes of each caller's call. */
export function outcomesOf({ atOnce = [], later, error, errors = {} }: Power): Record<Caller, Outcome> {
  const outcome = (caller: Caller): Outcome => {
    if (atOnce === "anyone" || atOnce.includes(caller)) return "at once";
    if (later?.caller === caller) return `after ${later.delay} s`;
    return `refused: ${errors[caller] ?? error ?? "none"}`;
  };
  const entries = CALLERS.map((caller) => [caller, outcome(caller)] as const);
  return Object.fromEntries(entries) as Record<Caller, Outcome>;
}

/** Refuses what is no event of a market: callers without types, and decoders with other interfaces. */
import { MAX_LISTINGS } from "../constants.ts";
import { InvalidInputError, requireUint } from "../errors/invalid-input.ts";
import { UnknownEventError } from "../errors/state-errors.ts";
import { BOOK_EVENTS, VAULT_EVENTS, type Fields, type FieldTypes, type MarketEvent } from "./events.ts";

/** An event as a decoder brings it. */
export interface RawEvent {
  readonly contract: string;
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

const ACTIVITIES = 3;
const TERMS = ["borrowLtv", "callLtv", "liquidationLtv", "maxBonus", "bonusSlope", "maxDeviation"] as const;

/**
 * The same event, with its type.
 * @throws {@link UnknownEventError} for a contract or a name that a market does not have.
 * @throws {@link InvalidInputError} for a field that is missing or of another kind.
 */
export function requireEvent(event: RawEvent): MarketEvent {
  if (!isEvent(event)) throw new UnknownEventError(event.contract, event.name);
  return event;
}

/**
 * Which fields an event has.
 * @throws {@link UnknownEventError}
 */
export function fieldsOf(contract: string, name: string): Fields {
  const events: Readonly<Record<string, Fields>> = contract === "vault" ? VAULT_EVENTS : BOOK_EVENTS;
  const fields = Object.hasOwn(events, name) ? events[name] : undefined;
  if (fields === undefined || (contract !== "vault" && contract !== "book"))
    throw new UnknownEventError(contract, name);
  return fields;
}

function isEvent(event: RawEvent): event is MarketEvent {
  for (const [field, kind] of Object.entries(fieldsOf(event.contract, event.name))) {
    CHECKS[kind](`${event.name}.${field}`, event.args[field]);
  }
  return true;
}

const CHECKS: Readonly<Record<keyof FieldTypes, (field: string, value: unknown) => void>> = {
  uint: requireUint256,
  listing: (field, value) => requireBelow(field, value, MAX_LISTINGS),
  activity: (field, value) => requireBelow(field, value, ACTIVITIES),
  address: (field, value) => requireText(field, value, /^0x[0-9a-fA-F]{40}$/, "an address"),
  hex: (field, value) => requireText(field, value, /^0x([0-9a-fA-F]{2})*$/, "bytes in hexadecimal"),
  bool: (field, value) => {
    if (typeof value !== "boolean") throw new InvalidInputError(field, value, "true or false");
  },
  feed: (field, value) => {
    const feed = requireFields(field, value);
    requireText(`${field}.feed`, feed.feed, /^0x[0-9a-fA-F]{40}$/, "an address");
    for (const name of ["maxAge", "minAnswer", "maxAnswer"]) requireUint256(`${field}.${name}`, feed[name]);
  },
  terms: (field, value) => {
    const terms = requireFields(field, value);
    for (const name of TERMS) requireUint256(`${field}.${name}`, terms[name]);
  },
};

function requireUint256(field: string, value: unknown): void {
  if (typeof value !== "bigint") throw new InvalidInputError(field, value, "a bigint");
  requireUint(field, value);
}

function requireBelow(field: string, value: unknown, end: number): void {
  if (!Number.isInteger(value) || Number(value) < 0 || Number(value) >= end) {
    throw new InvalidInputError(field, value, `a whole number from 0 to ${end - 1}`);
  }
}

function requireText(field: string, value: unknown, pattern: RegExp, expected: string): void {
  if (typeof value !== "string" || !pattern.test(value)) throw new InvalidInputError(field, value, expected);
}

function requireFields(field: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) throw new InvalidInputError(field, value, "an object");
  return { ...value };
}

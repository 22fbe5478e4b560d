/** From logs of a node to events: the one place of the state that knows ethers. */
import type { Interface } from "ethers";

import { InvalidInputError } from "../errors/invalid-input.ts";
import { UnknownEventError } from "../errors/state-errors.ts";
import type { FieldTypes, MarketEvent } from "./events.ts";
import { fieldsOf, requireEvent } from "./require-event.ts";

/** A log as a node gives it. */
export interface RawLog {
  /** Who emitted it. */
  readonly address: string;
  /** The event, and its indexed fields. */
  readonly topics: readonly string[];
  /** Its other fields. */
  readonly data: string;
  /** Whether a node says that a reorg took its block back, as subscriptions do. */
  readonly removed?: boolean;
}

/** One of a market's two contracts. */
export interface Emitter {
  /** Where it is. */
  readonly address: string;
  /** What it emits, as ethers reads it. */
  readonly interface: Interface;
}

/**
 * Decodes logs of a market.
 * @returns a function from a log to its event; it refuses logs of other addresses and those that a reorg took back with
 * {@link InvalidInputError}, and those that the contract does not emit with {@link UnknownEventError}.
 */
export function decoder(market: { readonly vault: Emitter; readonly book: Emitter }): (log: RawLog) => MarketEvent {
  return (log) => {
    if (log.removed === true) throw new InvalidInputError("removed", true, "false: undo the block that was taken back");
    for (const contract of ["vault", "book"] as const) {
      const emitter = market[contract];
      if (emitter.address.toLowerCase() === log.address.toLowerCase()) return decode(contract, emitter.interface, log);
    }
    throw new InvalidInputError("address", log.address, "that of the market's vault or book");
  };
}

function decode(contract: "vault" | "book", contractInterface: Interface, log: RawLog): MarketEvent {
  const description = contractInterface.parseLog(log);
  if (description === null) throw new UnknownEventError(contract, log.topics[0] ?? "log without a topic");
  const { name, args } = description;
  const fields = Object.entries(fieldsOf(contract, name));
  const read = fields.map(([field, kind]): [string, unknown] => [field, convert(kind, args.getValue(field))]);
  return requireEvent({ contract, name, args: Object.fromEntries(read) });
}

/** Numbers of listings are small, and structures are objects; the rest is as ethers reads it. */
function convert(kind: keyof FieldTypes, value: unknown): unknown {
  if (kind === "listing" || kind === "activity") return Number(value);
  if (kind === "feed" || kind === "terms") return isResult(value) ? value.toObject() : value;
  return value;
}

function isResult(value: unknown): value is { toObject: () => Record<string, unknown> } {
  return typeof value === "object" && value !== null && "toObject" in value && typeof value.toObject === "function";
}

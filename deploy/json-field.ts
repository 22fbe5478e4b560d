import { getAddress, isAddress, parseUnits } from "ethers";

import { DeployError } from "./errors.ts";

/** A key that every object may have, for the people who read the file. */
const COMMENT = "comment";

/**
 * A value of a JSON file with the place where it stands, so that a wrong one can be named: every read either returns what
 * was asked for or throws a {@link DeployError} that says file, field, value and what is allowed.
 */
export class JsonField {
  readonly #file: string;
  readonly #path: string;
  readonly #value: unknown;

  public constructor(file: string, path: string, value: unknown) {
    this.#file = file;
    this.#path = path;
    this.#value = value;
  }

  /** The fields of an object that must have these keys, may have the optional ones (and a comment), and no other. */
  public object<Key extends string, Optional extends string = never>(
    keys: readonly Key[],
    optional: readonly Optional[] = [],
  ): Record<Key, JsonField> & Partial<Record<Optional, JsonField>> {
    const value = this.#value;
    if (typeof value !== "object" || value === null || Array.isArray(value)) this.refuse("an object");
    const entries = new Map<string, unknown>(Object.entries(value));
    const known: readonly string[] = [...keys, ...optional];
    for (const [key, entry] of entries) {
      if (key !== COMMENT && !known.includes(key)) {
        this.#at(key, entry).refuse(`left out; the fields here are ${known.join(", ")}`);
      }
    }
    const fields: Record<string, JsonField> = {};
    for (const key of known) {
      if (entries.has(key)) fields[key] = this.#at(key, entries.get(key));
      else if (keys.some((needed) => needed === key)) {
        throw new DeployError(
          `${this.#file}: ${this.#under(key)} is missing; the fields here are ${known.join(", ")}.`,
        );
      }
    }
    return fields as Record<Key, JsonField> & Partial<Record<Optional, JsonField>>; // every key is set above
  }

  /** A list of `min` to `max` entries. */
  public list(min: number, max: number): JsonField[] {
    const value = this.#value;
    if (!Array.isArray(value) || value.length < min || value.length > max) {
      this.refuse(`a list of ${String(min)} to ${String(max)} entries`);
    }
    return value.map((entry: unknown, index) => new JsonField(this.#file, `${this.#path}[${String(index)}]`, entry));
  }

  /** A text that is not empty. */
  public text(): string {
    const value = this.#value;
    if (typeof value !== "string" || value.trim() === "") this.refuse("a text that is not empty");
    return value;
  }

  /** A whole number, with its unit in words. */
  public integer(min: number, max: number, unit: string): number {
    const value = this.#value;
    if (typeof value !== "number" || !Number.isInteger(value) || value < min || value > max) {
      this.refuse(`a whole number of ${unit} from ${String(min)} to ${String(max)}`);
    }
    return value;
  }

  /**
   * A decimal number above 0, written as a string because JSON numbers are rounded.
   *
   * @param decimals how many decimals the unit has
   * @param max the largest value, in base units
   * @returns the value in base units
   */
  public decimal(decimals: number, max: bigint): bigint {
    const allowed = `a decimal number above 0 in quotes, with at most ${String(decimals)} decimals, such as "1250.5"`;
    const value = this.#value;
    if (typeof value !== "string" || !/^\d+(\.\d+)?$/.test(value)) this.refuse(allowed);
    if ((value.split(".")[1]?.length ?? 0) > decimals) this.refuse(allowed);
    const amount = parseUnits(value, decimals);
    if (amount === 0n) this.refuse(allowed);
    if (amount > max) this.refuse(`at most ${String(max)} base units (it has ${String(decimals)} decimals)`);
    return amount;
  }

  /** An address, checksummed, or one of the given words. */
  public address(...words: readonly string[]): string {
    const value = this.#value;
    if (typeof value === "string" && words.some((word) => word === value)) return value;
    if (typeof value !== "string" || !isAddress(value) || BigInt(value) === 0n) {
      this.refuse(
        ["an address other than zero (0x…, 40 hex digits)", ...words.map((word) => `"${word}"`)].join(" or "),
      );
    }
    return getAddress(value);
  }

  public isNull(): boolean {
    return this.#value === null;
  }

  public isObject(): boolean {
    return typeof this.#value === "object" && this.#value !== null;
  }

  /** True of an object with this key. */
  public has(key: string): boolean {
    return typeof this.#value === "object" && this.#value !== null && Object.hasOwn(this.#value, key);
  }

  /** Ends the reading of the file. */
  public refuse(allowed: string): never {
    throw new DeployError(
      `${this.#file}: ${this.#path || "the file"} is ${shown(this.#value)}, but must be ${allowed}.`,
    );
  }

  #at(key: string, value: unknown): JsonField {
    return new JsonField(this.#file, this.#under(key), value);
  }

  #under(key: string): string {
    return this.#path === "" ? key : `${this.#path}.${key}`;
  }
}

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

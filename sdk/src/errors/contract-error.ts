import { Interface, isHexString } from "ethers";

import { contractErrorsAbi } from "../abi/contract-errors.ts";
import type { ContractErrorArgs, ContractErrorName } from "./contract-error-types.ts";
import { InvalidInputError } from "./invalid-input.ts";
import { sentenceOf } from "./sentences/index.ts";
import { Wording, type MarketLabels } from "./wording.ts";

const ERRORS = new Interface(contractErrorsAbi);

/** How deep libraries wrap what a node said. */
const MAX_DEPTH = 8;

/** What a contract reverted with: its name and figures, and a sentence that says what to do. */
export class ContractErrorOf<Name extends ContractErrorName> extends Error {
  public override readonly name: Name;
  /** By their names in the contract. Amounts are in base units, times in unix seconds. */
  public readonly args: ContractErrorArgs<Name>;
  /** What happened and what to do, for people; the same as `message`. */
  public readonly sentence: string;

  /** @param labels The market's tokens, by which the sentence writes amounts; without them it writes base units. */
  public constructor(name: Name, args: ContractErrorArgs<Name>, labels?: MarketLabels, options?: ErrorOptions) {
    const sentence = sentenceOf(name, args, new Wording(labels));
    super(sentence, options);
    this.name = name;
    this.args = args;
    this.sentence = sentence;
  }
}

/** Any error of a market's contracts. Comparing its `name` tells the compiler what its `args` are. */
export type ContractError = { [Name in ContractErrorName]: ContractErrorOf<Name> }[ContractErrorName];

/** A revert that none of a market's contracts declares: that of a token, a feed or a receiver, or none at all. */
export class UnknownRevertError extends Error {
  public override readonly name = "UnknownRevertError";
  /** The first four bytes, which are those of a declaration; undefined if there are not so many. */
  public readonly selector: string | undefined;
  /** What happened and what to do, for people; the same as `message`. */
  public readonly sentence: string;

  /** @param data What came back, as hex digits. */
  public constructor(
    public readonly data: string,
    options?: ErrorOptions,
  ) {
    const selector = data.length < 10 ? undefined : data.slice(0, 10);
    const sentence =
      selector === undefined
        ? "The call failed without a reason: check that the addresses are this market's on this chain, and that there is enough gas."
        : `The call failed with ${selector}, which is no error of the market: look it up at the token, the feed or the receiver that is called.`;
    super(sentence, options);
    this.selector = selector;
    this.sentence = sentence;
  }
}

/**
 * What revert data means.
 *
 * @param data What a call came back with: `0x` and hex digits, `0x` alone if there was nothing.
 * @param labels The market's tokens, by which the sentence writes amounts; without them it writes base units.
 * @throws {@link InvalidInputError} for anything but whole bytes in hex.
 */
export function decodeRevert(
  data: string,
  labels?: MarketLabels,
  options?: ErrorOptions,
): ContractError | UnknownRevertError {
  if (!isHexString(data) || data.length % 2 !== 0)
    throw new InvalidInputError("data", data, "whole bytes as hex digits");
  const parsed = parse(data);
  if (parsed === undefined) return new UnknownRevertError(data, options);
  const error = new ContractErrorOf<ContractErrorName>(parsed.name, parsed.args, labels, options);
  return error as ContractError; // name and args come from the same entry of the ABI
}

/**
 * The contract's error in whatever a library threw: ethers and viem both keep the revert data somewhere inside.
 *
 * @param error As it was caught. It becomes the `cause` of what is returned.
 * @returns undefined if it holds no revert data, as when a node was not reached or a wallet refused.
 */
export function contractErrorIn(error: unknown, labels?: MarketLabels): ContractError | UnknownRevertError | undefined {
  const data = revertDataIn(error);
  return data === undefined ? undefined : decodeRevert(data, labels, { cause: error });
}

function parse(data: string): { name: ContractErrorName; args: ContractErrorArgs } | undefined {
  try {
    const parsed = ERRORS.parseError(data);
    const entry = contractErrorsAbi.find(({ name }) => name === parsed?.name);
    if (parsed === null || entry === undefined) return undefined;
    // By the names of the ABI: ethers has none for the arguments of `Error` and `Panic`.
    const args = entry.inputs.map(({ name }, place) => [name, parsed.args[place] as unknown]);
    return { name: entry.name, args: Object.fromEntries(args) as ContractErrorArgs };
  } catch {
    return undefined; // the selector of one of them, but other arguments: somebody else's error
  }
}

/** Looks where libraries keep it, outer layers first. A transaction has `data` as well, but in a field of its own. */
export function revertDataIn(error: unknown, depth = 0): string | undefined {
  if (typeof error !== "object" || error === null || depth > MAX_DEPTH) return undefined;
  const { data, raw, info, error: inner, cause } = error as Record<string, unknown>;
  const own = [raw, data].find((value) => isHexString(value) && value.length % 2 === 0);
  if (typeof own === "string") return own;
  for (const layer of [data, info, inner, cause]) {
    const found = revertDataIn(layer, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

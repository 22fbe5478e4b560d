/**
 * Compares what the SDK says with what contracts answer, to the last unit. Both are taken as the words of the ABI, so that no decoder
 * stands between the two, and a view costs one raw request.
 */
import type { Interface } from "ethers";

import { InvalidInputError } from "../../sdk/src/errors/invalid-input.ts";
import { ethers } from "../helpers/chain.ts";
import { isRevert } from "../helpers/reverts.ts";

/**
 * A value of the ABI that fills a word: a figure, a truth value, an address or 32 bytes in hexadecimal; a `number` is an offset, a length
 * or a listing's number, which is compared too but not counted as a figure.
 */
export type Word = bigint | boolean | string | number;

/** A contract whose views are asked. */
export interface Viewed {
  readonly address: string;
  readonly interface: Interface;
}

/** Figures that differ. */
export class DifferenceError extends Error {
  public override readonly name = "DifferenceError";
}

interface Question {
  readonly text: string;
  /** Nothing where the SDK refuses the input. */
  readonly expected: readonly Word[] | undefined;
  readonly answer: Promise<Answer>;
}

/** What was returned, nothing where the contract reverted; or why it could not be asked. */
type Answer = { readonly data: string | undefined } | { readonly failure: unknown };

export class Comparison {
  /** How many figures were equal. */
  public figures = 0;
  /** How many questions both sides refused. */
  public refused = 0;

  readonly #blockTag: string;
  #questions: Question[] = [];

  /** @param block The number of the block at which contracts are asked; the last one by default. */
  public constructor(block?: number) {
    this.#blockTag = block === undefined ? "latest" : `0x${block.toString(16)}`;
  }

  /**
   * Asks a view, and the SDK.
   * @param args Of the view, as words; what the ABI says of a dynamic one in its words.
   * @param sdk What must come back, likewise. It may refuse its input, and then the view must revert.
   */
  public ask(
    { address, interface: abi }: Viewed,
    view: string,
    args: readonly Word[],
    sdk: () => readonly Word[],
  ): void {
    const data = selectorOf(abi, view) + encoded(args);
    const text = `${view}(${args.join()})`;
    this.#questions.push({ text, expected: expectedOf(sdk), answer: this.#call(address, data) });
  }

  /** Waits for all answers. @throws {@link DifferenceError} */
  public async settle(): Promise<void> {
    const questions = this.#questions;
    this.#questions = [];
    const differences: string[] = [];
    for (const { text, expected, answer } of questions) {
      const said = await answer;
      if ("failure" in said) throw said.failure;
      const [own, other] = [expected === undefined ? undefined : encoded(expected), said.data?.slice(2)];
      if (own !== other) differences.push(...differing(text, own, other));
      else if (expected === undefined) this.refused++;
      else this.figures += expected.filter((word) => typeof word !== "number").length;
    }
    if (differences.length !== 0) throw new DifferenceError(differences.join("\n"));
  }

  /** Comes back with a failure instead of being rejected: nobody waits for it until all is asked. */
  async #call(to: string, data: string): Promise<Answer> {
    try {
      return asAnswer(await ethers.provider.send("eth_call", [{ to, data }, this.#blockTag]));
    } catch (failure) {
      return isRevert(failure) ? { data: undefined } : { failure };
    }
  }
}

function asAnswer(data: unknown): Answer {
  return typeof data === "string" ? { data } : { failure: new TypeError("The node did not answer with data.") };
}

const selectors = new WeakMap<Interface, Map<string, string>>();

/** Ethers looks a name up in a list each time. */
function selectorOf(abi: Interface, view: string): string {
  const known = selectors.get(abi) ?? new Map<string, string>();
  selectors.set(abi, known);
  const selector = known.get(view) ?? abi.getFunction(view)?.selector;
  if (selector === undefined) throw new Error(`There is no view ${view}.`);
  known.set(view, selector);
  return selector;
}

export function encoded(words: readonly Word[]): string {
  return words.map((word) => BigInt(word).toString(16).padStart(64, "0")).join("");
}

function expectedOf(sdk: () => readonly Word[]): readonly Word[] | undefined {
  try {
    return sdk();
  } catch (error) {
    if (error instanceof InvalidInputError) return undefined;
    throw error;
  }
}

function differing(text: string, expected: string | undefined, data: string | undefined): string[] {
  if (expected === undefined) return [`${text}: the SDK refuses it, the contract answers 0x${data ?? ""}`];
  if (data === undefined) return [`${text}: the SDK says 0x${expected}, the contract reverts`];
  const lines: string[] = [];
  for (let at = 0; at < Math.max(expected.length, data.length); at += 64) {
    const [own, other] = [expected, data].map((words) => words.slice(at, at + 64));
    if (own !== other) lines.push(`${text}, word ${at / 64}: SDK ${figure(own)}, contract ${figure(other)}`);
  }
  return lines;
}

function figure(word: string | undefined): string {
  return word === undefined || word === "" ? "nothing" : BigInt(`0x${word}`).toString();
}

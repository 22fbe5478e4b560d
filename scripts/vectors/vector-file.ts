/** Cases of a library's functions, as text that any language can read. See sdk/vectors/README.md for the form. */
import { InvalidInputError } from "../../sdk/src/errors/invalid-input.ts";
import { BigRandom } from "./big-random.ts";

/** A function of the SDK, and what it is asked. */
export interface VectorFunction {
  /** The unit of each argument, by its name. */
  readonly arguments: Readonly<Record<string, string>>;
  /** The unit and rounding of the result. */
  readonly result: string;
  /** What the SDK answers; takes arguments as {@link decoded} gives them. */
  readonly answer: (args: object) => unknown;
  /** What is asked: edges, then random cases. */
  readonly asked: (random: BigRandom) => readonly object[];
}

export interface VectorFile {
  /** In sdk/vectors, without its ending. */
  readonly name: string;
  /** The Solidity library or contract that is mirrored. */
  readonly source: string;
  readonly notes: readonly string[];
  readonly functions: Readonly<Record<string, VectorFunction>>;
}

/** A function with the arguments `Args`, so many random cases of it, and the edges. */
export function asking<Args extends object>(spec: {
  arguments: Readonly<Record<keyof Args & string, string>>;
  result: string;
  answer: (args: Args) => unknown;
  draw: (random: BigRandom) => Args;
  count: number;
  edges?: readonly Args[];
}): VectorFunction {
  return {
    arguments: spec.arguments,
    result: spec.result,
    answer: (args) => spec.answer(args as Args),
    asked: (random) => [...(spec.edges ?? []), ...Array.from({ length: spec.count }, () => spec.draw(random))],
  };
}

/** The file's text: one case a line. */
export function textOf({ source, notes, functions }: VectorFile): string {
  const described = Object.fromEntries(
    Object.entries(functions).map(([name, each]) => [name, { arguments: each.arguments, result: each.result }]),
  );
  const cases = Object.entries(functions).flatMap(([name, { asked, answer }]) => {
    return asked(new BigRandom(seedOf(name))).map((args) => {
      return JSON.stringify({ function: name, arguments: encoded(args), result: encoded(orRefused(answer, args)) });
    });
  });
  const head = JSON.stringify({ source, notes, functions: described }, undefined, 2).slice(0, -2);
  return `${head},\n  "cases": [\n    ${cases.join(",\n    ")}\n  ]\n}\n`;
}

/** Undefined where the SDK refuses the input, as the contract does. */
export function orRefused(answer: VectorFunction["answer"], args: object): unknown {
  try {
    return answer(args);
  } catch (error) {
    if (error instanceof InvalidInputError) return undefined;
    throw error;
  }
}

/** Integers as decimal strings, nothing as null, maps as lists of pairs. */
export function encoded(value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (value === undefined) return null;
  if (value instanceof Map) return [...value].map(encoded);
  if (Array.isArray(value)) return value.map(encoded);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, encoded(each)]));
}

/** A function's cases stay the same when another's change. */
function seedOf(name: string): number {
  let seed = 5;
  for (const letter of name) seed = Math.imul(seed, 31) + letter.charCodeAt(0);
  return seed;
}

/** Finds figures of the SDK that do not say what they are counted in. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import {
  Comment,
  ReflectionKind,
  type DeclarationReflection,
  type ProjectReflection,
  type SignatureReflection,
  type SomeType,
} from "typedoc";

import { declarations } from "../reference/declarations.ts";

/** What has no unit, whatever it belongs to; and `now`, which has the one that the header of the types gives it. */
const UNCOUNTED = new Set(["id", "ids", "nonce", "chainId", "now"]);

/** The units that the header of the SDK's types explains: the words in brackets there. */
export async function knownUnits(root: string): Promise<ReadonlySet<string>> {
  const [header = ""] = (await readFile(join(root, "sdk", "src", "types.ts"), "utf8")).split("*/");
  return new Set(unitsIn(header.replaceAll(/\s*\n \* /g, " ")));
}

/**
 * One line for each figure without a known unit in brackets: a field's or a constant's stands in its comment, a result's in `@returns` or
 * in the summary, a parameter's in its `@param` or behind its name in the summary. What has a type without a name of its own may have it
 * in the comment around it.
 */
export function withoutUnit(project: ProjectReflection, known: ReadonlySet<string>): string[] {
  return declarations(project).flatMap((declaration) => figuresOf(declaration, known));
}

function figuresOf(declaration: DeclarationReflection, known: ReadonlySet<string>): string[] {
  const name = declaration.getFullName();
  const { signatures, getSignature, type } = declaration;
  if (signatures !== undefined) return signatures.flatMap((signature) => figuresOfCall(signature, known));
  if (getSignature !== undefined) return figuresOfCall(getSignature, known);
  if (UNCOUNTED.has(declaration.name) || !holdsFigure(type)) return [];
  return isNamed(textOf(declaration.comment), known) ? [] : [`${name} does not name its unit.`];
}

function figuresOfCall(signature: SignatureReflection, known: ReadonlySet<string>): string[] {
  const { comment, parameters = [], type } = signature;
  const name = signature.getFullName();
  const summary = textOf(comment);
  const wanting = parameters.filter((parameter) => {
    if (UNCOUNTED.has(parameter.name) || !holdsFigure(parameter.type)) return false;
    const behindName = new RegExp(`\\b${parameter.name}\`? (\\[[^\\]]+\\])`).exec(summary)?.[1] ?? "";
    return !isNamed(textOf(parameter.comment) + behindName, known);
  });
  const problems = wanting.map((parameter) => `${name} does not name the unit of ${parameter.name}.`);
  if (signature.kindOf(ReflectionKind.ConstructorSignature) || !holdsFigure(type)) return problems;
  // What stands behind a parameter's name is the parameter's.
  const ofParameters = new RegExp(
    `\\b(?:${parameters.map((parameter) => parameter.name).join("|")})\`? \\[[^\\]]+\\]`,
    "g",
  );
  const result = `${parameters.length === 0 ? summary : summary.replaceAll(ofParameters, "")} ${returnsOf(comment)}`;
  return isNamed(result, known) ? problems : [...problems, `${name} does not name the unit of its result.`];
}

function isNamed(text: string, known: ReadonlySet<string>): boolean {
  return unitsIn(text).some((unit) => known.has(unit));
}

function unitsIn(text: string): string[] {
  return [...text.matchAll(/\[([^\]]+)\]/g)].flatMap(([, unit]) => unit ?? []);
}

function textOf(comment: Comment | undefined): string {
  return comment === undefined ? "" : Comment.combineDisplayParts(comment.summary);
}

function returnsOf(comment: Comment | undefined): string {
  return Comment.combineDisplayParts(comment?.getTag("@returns")?.content ?? []);
}

/** True for a bigint and for what is made of some: of a map its values, of a type without a name its fields. */
function holdsFigure(type: SomeType | undefined): boolean {
  switch (type?.type) {
    case "intrinsic":
      return type.name === "bigint";
    case "literal":
      return typeof type.value === "bigint";
    case "union":
    case "intersection":
      return type.types.some(holdsFigure);
    case "array":
      return holdsFigure(type.elementType);
    case "optional":
      return holdsFigure(type.elementType);
    case "tuple":
      return type.elements.some(holdsFigure);
    case "typeOperator":
      return holdsFigure(type.target);
    case "namedTupleMember":
      return holdsFigure(type.element);
    case "reference":
      return type.reflection === undefined && holdsFigure(type.typeArguments?.at(-1));
    case "reflection":
      return (type.declaration.children ?? []).some((field) => !UNCOUNTED.has(field.name) && holdsFigure(field.type));
    default:
      return false;
  }
}

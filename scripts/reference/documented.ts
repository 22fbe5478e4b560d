/** Finds what is exported without a doc comment. */
import { ReflectionKind, type DeclarationReflection, type ProjectReflection } from "typedoc";

import { declarations } from "./declarations.ts";

/** One line for each. What is said of a type without a name is said where it stands. */
export function undocumented(project: ProjectReflection): string[] {
  return declarations(project)
    .filter((declaration) => !isDocumented(declaration) && !namesAnError(declaration))
    .map((declaration) => `${declaration.getFullName()} has no doc comment.`);
}

function isDocumented(declaration: DeclarationReflection): boolean {
  const { signatures, getSignature } = declaration;
  if (declaration.kindOf(ReflectionKind.Constructor)) return true; // its class is
  if (signatures !== undefined) return signatures.every((signature) => signature.hasComment());
  return getSignature === undefined ? declaration.hasComment() : getSignature.hasComment();
}

/** The `name` of an error is that of its class. */
function namesAnError({ name, parent }: DeclarationReflection): boolean {
  return name === "name" && parent?.name.includes("Error") === true;
}

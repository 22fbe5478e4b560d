import { ReflectionKind, type DeclarationReflection, type ProjectReflection } from "typedoc";

const KINDS = [
  ReflectionKind.Module,
  ReflectionKind.Namespace,
  ReflectionKind.Variable,
  ReflectionKind.Function,
  ReflectionKind.Method,
  ReflectionKind.Constructor,
  ReflectionKind.Class,
  ReflectionKind.Interface,
  ReflectionKind.TypeAlias,
  ReflectionKind.Property,
  ReflectionKind.Accessor,
];

/** All that a module offers under a name, with the members of its classes and interfaces; each where it is declared. */
export function declarations(container: ProjectReflection | DeclarationReflection): DeclarationReflection[] {
  return (container.children ?? [])
    .filter(({ inheritedFrom, flags }) => inheritedFrom === undefined && !flags.isPrivate)
    .flatMap((child) => [...(child.kindOf(KINDS) ? [child] : []), ...declarations(child)]);
}

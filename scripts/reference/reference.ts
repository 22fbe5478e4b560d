/** The SDK's API reference, made from its doc comments. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import {
  Application,
  Comment,
  ConsoleLogger,
  IntrinsicType,
  LogLevel,
  ReflectionKind,
  type DeclarationReflection,
  type ProjectReflection,
} from "typedoc";

import { undocumented } from "./documented.ts";
import { knownUnits, withoutUnit } from "../checks/sdk-units.ts";

/** The reference before it is written, and what is wrong with it. */
export interface Reference {
  readonly problems: readonly string[];
  readonly write: (folder: string) => Promise<void>;
}

/** Keeps what TypeDoc warns of. */
class Collector extends ConsoleLogger {
  public readonly problems: string[] = [];

  public override log(message: string, level: Exclude<LogLevel, LogLevel.None>): void {
    if (level >= LogLevel.Warn) this.problems.push(message);
  }
}

/** The SDK's types that are part of others, and shown with them. */
const PARTS = ["Args", "Entry", "EventsOf", "Value"];

/** Reads what each import of the package offers. */
export async function readReference(root: string, parts: readonly string[] = PARTS): Promise<Reference> {
  const sdk = join(root, "sdk");
  const app = await Application.bootstrap({
    name: "ballast-sdk",
    readme: join(sdk, "README.md"),
    entryPoints: await entryPoints(sdk),
    tsconfig: join(sdk, "tsconfig.json"),
    ...{ excludeExternals: true, excludePrivate: true, excludeInternal: true },
    ...{ disableSources: true, disableGit: true },
    // What has no comment is found below, where data need none.
    intentionallyNotExported: [...parts],
    validation: { notExported: true, invalidLink: true, rewrittenLink: true, invalidPath: true, notDocumented: false },
  });
  const collector = new Collector();
  app.logger = collector;
  const project = await app.convert();
  if (project === undefined) return { problems: collector.problems, write: () => Promise.resolve() };
  for (const module of project.children ?? []) await prepare(project, module);
  linkErrors(project);
  app.validate(project);
  return {
    problems: [...collector.problems, ...undocumented(project), ...withoutUnit(project, await knownUnits(root))],
    write: (folder) => app.generateDocs(project, folder),
  };
}

/** The imports that the package's manifest names; the package itself only offers them again. */
async function entryPoints(sdk: string): Promise<string[]> {
  const { exports } = JSON.parse(await readFile(join(sdk, "package.json"), "utf8")) as {
    readonly exports: Readonly<Record<string, string | { readonly default: string }>>;
  };
  return Object.entries(exports).flatMap(([subpath, target]) => {
    if (typeof target === "string" || subpath === ".") return [];
    return join(sdk, target.default.replace("/dist/", "/src/").replace(/\.js$/, ".ts"));
  });
}

/** Names a module as it is imported, and leaves out what lists hold: an ABI is read from the package, not from its type. */
async function prepare(project: ProjectReflection, module: DeclarationReflection): Promise<void> {
  module.name = `ballast-sdk/${module.name}`;
  for (const file of [module, ...module.getChildrenByKind(ReflectionKind.Namespace)]) await introduce(project, file);
  for (const constant of module.getChildrenByKind(ReflectionKind.Variable)) {
    if (constant.type?.type !== "typeOperator") continue;
    project.removeTypeReflections(constant.type);
    constant.type = new IntrinsicType("as const");
  }
}

/** TypeDoc takes the comment at the head of a file for that of the import below it. */
async function introduce(project: ProjectReflection, module: DeclarationReflection): Promise<void> {
  const path = project.getSymbolIdFromReflection(module)?.fileName;
  const [, header] = /^\/\*\*(.*?)\*\//s.exec(path === undefined ? "" : await readFile(path, "utf8")) ?? [];
  if (header === undefined) return;
  const text = header.replaceAll(/^ \* ?/gm, "").replaceAll(/\{@link (\w+)\}/g, "`$1`");
  module.comment = new Comment([{ kind: "text", text: text.trim() }]);
}

/** TypeScript takes what stands in braces behind `@throws` for a type, so that TypeDoc knows no more than the name. */
function linkErrors(project: ProjectReflection): void {
  const errors = new Map(project.getReflectionsByKind(ReflectionKind.Class).map((found) => [found.name, found]));
  const tags = Object.values(project.reflections).flatMap(({ comment }) => comment?.getTags("@throws") ?? []);
  for (const part of tags.flatMap(({ content }) => content)) {
    const error = part.kind === "inline-tag" ? errors.get(part.text) : undefined;
    if (part.kind === "inline-tag" && part.target === undefined && error !== undefined) part.target = error;
  }
}

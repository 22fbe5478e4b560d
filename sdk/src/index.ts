/** All of the package; each folder is an import of its own too. */
export * from "./abi/index.ts";
export * from "./addresses/index.ts";
export * from "./calls/index.ts";
export * from "./errors/index.ts";
export * from "./loans/index.ts";
export * from "./market/index.ts";
export * from "./math/index.ts";
export * from "./monitor/index.ts";
export * from "./plans/index.ts";
export * from "./previews/index.ts";
export * from "./signatures.ts";
export * from "./state/index.ts";

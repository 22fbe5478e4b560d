import type { ContractErrorArgs, ContractErrorName } from "../contract-error-types.ts";
import type { Wording } from "../wording.ts";

/** Says what happened, with the figures, and what to do. */
export type Sentence<Name extends ContractErrorName> = (args: ContractErrorArgs<Name>, say: Wording) => string;

export type SentenceTable = { readonly [Name in ContractErrorName]: Sentence<Name> };

import type { contractErrorsAbi } from "../abi/contract-errors.ts";

type Entry = (typeof contractErrorsAbi)[number];

/** As the contracts declare it; `Error` and `Panic` are Solidity's own. */
export type ContractErrorName = Entry["name"];

type Value<Type extends string> = Type extends `${"u" | ""}int${string}` ? bigint : string;

/** What an error says, by the names of its arguments. Every whole number is a `bigint`, however short. */
export type ContractErrorArgs<Name extends ContractErrorName = ContractErrorName> = {
  readonly [Input in Extract<Entry, { readonly name: Name }>["inputs"][number] as Input["name"]]: Value<Input["type"]>;
};

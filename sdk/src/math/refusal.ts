/** Why a contract refuses a call: the name and the arguments of its error, as `ContractErrorOf` takes them. */
import type { ContractErrorArgs, ContractErrorName } from "../errors/contract-error-types.ts";

/** One error with its arguments. */
export interface RefusalOf<Name extends ContractErrorName> {
  /** As the contract declares it. */
  readonly name: Name;
  /** By their names in the contract. */
  readonly args: ContractErrorArgs<Name>;
}

/** Any error with its own arguments. Comparing its `name` tells the compiler what its `args` are. */
export type Refusal = { [Name in ContractErrorName]: RefusalOf<Name> }[ContractErrorName];

/** Solidity's `require(condition, Error(…))`: the refusal unless the condition holds. Joined by `??` they keep the contract's order. */
export function required<Name extends ContractErrorName>(
  condition: boolean,
  name: Name,
  args: ContractErrorArgs<Name>,
): RefusalOf<Name> | undefined {
  return condition ? undefined : { name, args };
}

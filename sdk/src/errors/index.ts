/** What is refused, by a contract or here, in a sentence that says what to do. */
export { MissingContractError, MissingEventError, WrongChainError } from "./call-errors.ts";
export {
  contractErrorIn,
  ContractErrorOf,
  decodeRevert,
  UnknownRevertError,
  type ContractError,
} from "./contract-error.ts";
export type { ContractErrorArgs, ContractErrorName } from "./contract-error-types.ts";
export { InvalidInputError } from "./invalid-input.ts";
export { StaleScreeningError } from "./stale-screening.ts";
export {
  InconsistentEventError,
  NothingToUndoError,
  UnknownEventError,
  UnknownListingError,
  UnknownLoanError,
  UnlinkedBlockError,
} from "./state-errors.ts";
export type { MarketLabels, TokenLabel } from "./wording.ts";

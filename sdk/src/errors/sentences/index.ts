import type { ContractErrorArgs, ContractErrorName } from "../contract-error-types.ts";
import type { Wording } from "../wording.ts";
import { FOUNDATION_SENTENCES } from "./foundations.ts";
import { GOVERNANCE_SENTENCES } from "./governance.ts";
import { LIQUIDATION_SENTENCES } from "./liquidations.ts";
import { LOAN_SENTENCES } from "./loans.ts";
import type { SentenceTable } from "./table.ts";
import { VAULT_SENTENCES } from "./vault.ts";

/** Its type needs a sentence for every error of the ABIs: one that has none does not compile. */
const SENTENCES: SentenceTable = {
  ...FOUNDATION_SENTENCES,
  ...GOVERNANCE_SENTENCES,
  ...LIQUIDATION_SENTENCES,
  ...LOAN_SENTENCES,
  ...VAULT_SENTENCES,
};

/** What to tell who met the error. */
export function sentenceOf<Name extends ContractErrorName>(
  name: Name,
  args: ContractErrorArgs<Name>,
  wording: Wording,
): string {
  return SENTENCES[name](args, wording);
}

import { readdir, readFile } from "node:fs/promises";

import { expect } from "chai";
import { Interface } from "ethers";
import { artifacts } from "hardhat";

const FOLDER = new URL("./", import.meta.url);

/** In the interface by inheritance, but no call leads there. */
const UNREACHABLE: Record<"book" | "lens" | "product" | "vault", Record<string, string>> = {
  vault: {
    AccessManagedRequiredDelay:
      "who has a delay gets the AccessManager's own errors: not scheduled, not ready, expired",
    ECDSAInvalidSignatureLength: "permit takes v, r and s, never bytes of any length",
    ERC20InvalidSender: "a move from nobody fails at its allowance first (ERC20InvalidApprover)",
    InvalidAccountNonce: "permit reads the nonce itself, it is never given one",
    InvalidShortString: "the name is read from where the constructor put it",
    StringTooLong: "a long name is kept in storage instead",
  },
  book: {
    AccessManagedRequiredDelay:
      "who has a delay gets the AccessManager's own errors: not scheduled, not ready, expired",
    AddressEmptyCode: "multicall calls the book itself, which has code",
  },
  product: {},
  lens: {
    BoundNotRepresentable: "the bounds that it packs come from the book, which has packed them before",
  },
};

/**
 * Assertions that name the contract: revertedWithCustomError(book, "NoDebt"), and whether values follow. Matching the text of
 * the tests finds an error that no test expects, also when only some of the files run.
 */
const ASSERTION =
  /revertedWithCustomError\(\s*(?:(?:market|scene)\.)?(book|lens|product|vault),\s*"(\w+)",?\s*\)\s*(\.withArgs\()?/g;

describe("Custom errors", () => {
  for (const [name, contractName] of [
    ["vault", "LenderVault"],
    ["book", "LoanBook"],
    ["product", "ProductFeed"],
    ["lens", "LoanLens"],
  ] as const) {
    it(`of the ${name} are each expected by a test, with their values`, async () => {
      const asserted = await assertedErrors();
      const missing = errorsOf(await interfaceOf(contractName)).filter(({ error, hasValues }) => {
        if (error in UNREACHABLE[name]) return false;
        return !asserted.has(`${name} ${error}${hasValues ? " with values" : ""}`);
      });
      expect(missing.map(({ error }) => error)).to.deep.equal([]);
    });

    it(`of the ${name} that cannot be reached exist, and no test expects them`, async () => {
      const asserted = await assertedErrors();
      const errors = errorsOf(await interfaceOf(contractName)).map(({ error }) => error);
      for (const error of Object.keys(UNREACHABLE[name])) {
        expect(errors).to.include(error);
        expect([...asserted]).not.to.include(`${name} ${error}`);
      }
    });
  }
});

/** What a contract offers as it compiles now, linked or not. */
async function interfaceOf(name: string): Promise<Interface> {
  return new Interface((await artifacts.readArtifact(name)).abi);
}

function errorsOf(contract: Interface): { error: string; hasValues: boolean }[] {
  const errors: { error: string; hasValues: boolean }[] = [];
  contract.forEachError(({ name, inputs }) => errors.push({ error: name, hasValues: inputs.length > 0 }));
  return errors;
}

/** Each as "book NoDebt", and as "book NoDebt with values" where a test checks them. */
async function assertedErrors(): Promise<Set<string>> {
  const asserted = new Set<string>();
  for (const file of await readdir(FOLDER)) {
    if (!file.endsWith(".ts")) continue;
    const text = await readFile(new URL(file, FOLDER), "utf8");
    for (const [, contract = "", error = "", values] of text.matchAll(ASSERTION)) {
      asserted.add(`${contract} ${error}`);
      if (values !== undefined) asserted.add(`${contract} ${error} with values`);
    }
  }
  return asserted;
}

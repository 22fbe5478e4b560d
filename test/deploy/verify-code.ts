import { expect } from "chai";
import { toBeHex, TypedDataEncoder, zeroPadValue } from "ethers";

import { LINKED_LIBRARIES } from "../../deploy/linked-libraries.ts";
import { deployVerifiedMarket, type VerifiedMarket } from "./verified-market.ts";

/** Thirty-two bytes that differ from whatever stands in their place. */
const ONE = "1".padStart(64, "0");

/** Slots of the book: the loan asset's source, and where `PriceFrame` begins. */
const [LOAN_ASSET, FRAME] = [6n, 169n];

describe("Comparison of the code on the chain with the build", () => {
  let verified: VerifiedMarket;
  let start: string;

  before(async () => {
    verified = await deployVerifiedMarket();
  });

  beforeEach(async () => {
    start = (await verified.connection.provider.request({ method: "evm_snapshot" })) as string;
  });

  afterEach(() => verified.connection.provider.request({ method: "evm_revert", params: [start] }));

  after(() => verified.connection.close());

  it("names code that is not the build's, and believes nothing that it says", async () => {
    const { book } = verified.addresses;
    await setCode(book, changedAtTheEnd(await codeOf(book)));
    expect(await verified.differences()).to.deep.equal([
      `The code of the LoanBook at ${book} is not what this build compiles to.`,
    ]);
  });

  it("names a lens that is gone, or another one", async () => {
    const { lens } = verified.addresses;
    const code = await codeOf(lens);
    await setCode(lens, "0x");
    expect(await verified.differences()).to.deep.equal([
      `There is no contract at ${lens}, where the LoanLens should be.`,
    ]);
    await setCode(lens, changedAtTheEnd(code));
    expect(await verified.differences()).to.deep.equal([
      `The code of the LoanLens at ${lens} is not what this build compiles to.`,
    ]);
  });

  it("names a value in the code that differs, also one without a getter", async () => {
    const bound = verified.parameters.loanAsset.feed.maxAnswer;
    await replaceWord(verified.addresses.book, bound.toString(16).padStart(64, "0"));
    expect(await verified.differences()).to.deep.equal([
      `The LoanBook's HIGHEST_LOAN_ASSET_PRICE is 1, not ${String(bound)}.`,
    ]);
  });

  it("names what is stored of prices without a getter, where it differs", async () => {
    const { book } = verified.addresses;
    const { provider } = verified.connection;
    await provider.request({ method: "hardhat_setStorageAt", params: [book, toBeHex(FRAME + 4n), `0x${ONE}`] });
    expect(await verified.differences()).to.deep.equal(["The price frame's lowest is 1, not 5000000."]);
  });

  it("names a first source of the loan asset in the code that is not the one that is stored", async () => {
    const { book } = verified.addresses;
    const stored = await verified.connection.ethers.provider.getStorage(book, LOAN_ASSET);
    await replaceWord(book, stored.slice(2));
    const expected = `not ${String(BigInt(stored))}.`;
    expect(await verified.differences()).to.deep.equal([`The LoanBook's FIRST_LOAN_ASSET_SOURCE is 1, ${expected}`]);
  });

  it("asks nothing of the first source once another one is stored", async () => {
    const { book } = verified.addresses;
    const { ethers, provider } = verified.connection;
    const stored = await ethers.provider.getStorage(book, LOAN_ASSET);
    await replaceWord(book, stored.slice(2));
    const replaced = toBeHex(BigInt(stored) | (8n << 160n), 32);
    await provider.request({ method: "hardhat_setStorageAt", params: [book, toBeHex(LOAN_ASSET), replaced] });
    expect(await verified.differences()).to.deep.equal([]);
  });

  it("names a domain of signatures that is not the contract's own", async () => {
    const { chainId, vault: verifyingContract } = verified.addresses;
    const { name } = verified.parameters.vault;
    const separator = TypedDataEncoder.hashDomain({ name, version: "1", chainId, verifyingContract });
    await replaceWord(verifyingContract, separator.slice(2));
    expect(await verified.differences()).to.deep.equal([
      `The LenderVault's _cachedDomainSeparator is 1, not ${BigInt(separator).toString()}.`,
    ]);
  });

  for (const library of LINKED_LIBRARIES) {
    it(`names a ${library} that is gone, or another one`, async () => {
      const address = verified.addresses.libraries[library];
      const code = await codeOf(address);
      await setCode(address, "0x");
      expect(await verified.differences()).to.deep.equal([
        `There is no contract at ${address}, where the ${library} should be.`,
      ]);
      await setCode(address, changedAtTheEnd(code));
      expect(await verified.differences()).to.deep.equal([
        `The code of the ${library} at ${address} is not what this build compiles to.`,
      ]);
    });

    it(`names a ${library} that the book is not linked to`, async () => {
      const { addresses, connection, parameters } = verified;
      const other = await (await connection.ethers.deployContract(library)).getAddress();
      const libraries = { ...addresses.libraries, [library]: other };
      expect(await verified.differences(parameters, { ...addresses, libraries })).to.deep.equal([
        `The ${library} that the LoanBook is linked to is ${addresses.libraries[library]}, not ${other}.`,
      ]);
    });

    it(`names a ${library} that takes itself for another`, async () => {
      const address = verified.addresses.libraries[library];
      await replaceWord(address, zeroPadValue(address, 32).slice(2).toLowerCase());
      expect(await verified.differences()).to.deep.equal([
        `The ${library}'s library_deploy_address is 1, not ${address}.`,
      ]);
    });
  }

  async function codeOf(address: string): Promise<string> {
    return verified.connection.ethers.provider.getCode(address);
  }

  async function setCode(address: string, code: string): Promise<void> {
    await verified.connection.provider.request({ method: "hardhat_setCode", params: [address, code] });
  }

  /** Puts another value where thirty-two bytes stand in a code, which must be once. */
  async function replaceWord(address: string, word: string): Promise<void> {
    const code = await codeOf(address);
    expect(code.split(word)).to.have.lengthOf(2);
    await setCode(address, code.replace(word, ONE));
  }
});

function changedAtTheEnd(code: string): string {
  return `${code.slice(0, -2)}${code.endsWith("00") ? "01" : "00"}`;
}

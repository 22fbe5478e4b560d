import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { getAddress, id as hash, Interface } from "ethers";

import { readAddresses, writeAddresses, type MarketAddresses as WrittenAddresses } from "../../deploy/addresses.ts";
import { mapLibraries } from "../../deploy/linked-libraries.ts";
import { loanBookAbi } from "../../sdk/src/abi/index.ts";
import { AddressBook, parseMarketAddresses } from "../../sdk/src/addresses/index.ts";
import { decodeRevert, InvalidInputError } from "../../sdk/src/errors/index.ts";

const address = (number: number): string => getAddress(`0x${number.toString(16).padStart(40, "a")}`);

/** A market as a deployment writes it down. */
const MARKET: WrittenAddresses = {
  chainId: 8453,
  vault: address(1),
  book: address(2),
  lens: address(15),
  accessManager: address(3),
  libraries: mapLibraries(() => address(4)),
  loanAsset: { symbol: "USDC", decimals: 6, token: address(5), feed: address(6), secondFeed: null },
  listings: [
    { number: 0, symbol: "WETH", decimals: 18, token: address(7), feed: address(8), secondFeed: address(9) },
    { number: 1, symbol: "cbBTC", decimals: 8, token: address(10), feed: address(11), secondFeed: null },
  ],
  sequencerFeed: address(12),
  treasury: address(13),
  deployer: address(14),
  fromBlock: 12_345,
  parametersHash: hash("parameters"),
};

describe("SDK: addresses", () => {
  it("reads what a deployment writes, field by field", async () => {
    const folder = await mkdtemp(join(tmpdir(), "ballast-addresses-"));
    try {
      const file = await writeAddresses(MARKET, folder);
      const parsed = parseMarketAddresses(JSON.parse(await readFile(file, "utf8")));
      expect(parsed).to.deep.equal(await readAddresses(MARKET.chainId, file));
      expect(parsed).to.deep.equal(MARKET);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it("finds the market of a chain, however its id is written", () => {
    const book = AddressBook.of(MARKET, { ...MARKET, chainId: 31_337, sequencerFeed: null });
    expect(book.chains).to.deep.equal([8_453, 31_337]);
    expect(book.market(8_453)).to.deep.equal(MARKET);
    expect(book.market(31_337n).sequencerFeed).to.equal(null);
  });

  it("adds markets without changing the book that it began with", () => {
    const first = AddressBook.of(MARKET);
    const both = first.with({ ...MARKET, chainId: 1 });
    expect(both.chains).to.deep.equal([8_453, 1]);
    expect(first.chains).to.deep.equal([8_453]);
    expect(() => both.with(MARKET)).to.throw(InvalidInputError, "chainId is 8453");
  });

  it("says which chains it knows where it has no market", () => {
    expect(() => AddressBook.of(MARKET).market(10)).to.throw(InvalidInputError, "chainId is 10; expected one of 8453.");
    expect(() => AddressBook.of().market(1n)).to.throw(InvalidInputError, "the book has no market");
  });

  it("holds the markets that were deployed from here", () => {
    for (const chain of AddressBook.deployed().chains) {
      expect(AddressBook.deployed().market(chain).chainId).to.equal(chain);
    }
    expect(AddressBook.deployed().chains).not.to.include(31_337);
  });

  it("labels the figures of errors", () => {
    const data = new Interface(loanBookAbi).encodeErrorResult("CapExceeded", [1n, 250_000_000n, 100_000_000n]);
    expect(decodeRevert(data, AddressBook.of(MARKET).market(8_453)).sentence).to.contain("2.5 cbBTC");
  });

  it("names the first field that is wrong", () => {
    const [first, second] = MARKET.listings;
    const wrong: [field: string, json: unknown][] = [
      ["addresses", undefined],
      ["addresses", [MARKET]],
      ["chainId", { ...MARKET, chainId: 0 }],
      ["chainId", { ...MARKET, chainId: "8453" }],
      ["vault", { ...MARKET, vault: address(1).slice(0, -1) }],
      ["vault", { ...MARKET, vault: address(1).slice(2) }],
      ["book", { ...MARKET, book: `0x${"0".repeat(40)}` }],
      ["lens", { ...MARKET, lens: undefined }],
      ["accessManager", { ...MARKET, accessManager: address(3).replace(/[a-f]/, (digit) => digit.toUpperCase()) }],
      ["libraries.TermLogic", { ...MARKET, libraries: { ...MARKET.libraries, TermLogic: 5 } }],
      ["loanAsset.decimals", { ...MARKET, loanAsset: { ...MARKET.loanAsset, decimals: 6.5 } }],
      ["loanAsset.symbol", { ...MARKET, loanAsset: { ...MARKET.loanAsset, symbol: "" } }],
      ["listings", { ...MARKET, listings: {} }],
      ["listings", { ...MARKET, listings: [] }],
      ["listings", { ...MARKET, listings: Array.from({ length: 41 }, (_, number) => ({ ...first, number })) }],
      ["loanAsset.decimals", { ...MARKET, loanAsset: { ...MARKET.loanAsset, decimals: 37 } }],
      ["listings[0].number", { ...MARKET, listings: [second, first] }],
      ["listings[1].secondFeed", { ...MARKET, listings: [first, { ...second, secondFeed: undefined }] }],
      ["sequencerFeed", { ...MARKET, sequencerFeed: "" }],
      ["fromBlock", { ...MARKET, fromBlock: -1 }],
      ["fromBlock", { ...MARKET, fromBlock: Number.NaN }],
      ["parametersHash", { ...MARKET, parametersHash: null }],
    ];
    for (const [field, json] of wrong) {
      expect(() => parseMarketAddresses(json), field)
        .to.throw(InvalidInputError)
        .with.property("field", field);
    }
  });
});
